"""What is kept in memory from page to page."""

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from extractor.clean.content.features import text_stats
from extractor.clean.verdict.language_model import ranked_languages


@pytest.fixture(scope="module")
def identifier():
    return LanguageIdentifier.from_model_file(MODEL_FILE)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Wir geben Ihre Daten nicht weiter.",
        "Nous ne vendons pas vos données personnelles.",
        "我们不会出售您的个人信息。",
        "Мы не продаём ваши данные.",
        "x\udc80\x00 \uffff",
    ],
)
def test_ranked_languages_are_those_of_py3langid_with_the_same_scores(identifier, text):
    assert ranked_languages(text) == identifier.rank(text)


def test_text_stats_of_two_texts_with_a_word_in_common_share_it():
    (first,), (second,) = text_stats("Marmalade?").vocabulary, text_stats("marmalade!").vocabulary
    assert first is second
