"""What is kept in memory from page to page."""

import pytest
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from extractor.clean import clean_with_cache, unpack
from extractor.clean.content.features import text_stats
from extractor.clean.verdict.language_model import ranked_languages
from extractor.records import Snapshot


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


def test_clean_with_cache_of_two_pages_of_one_length_has_a_document_for_each():
    cache = {}
    pages = [unpack(Snapshot(f"<p>We keep your {what}.".encode())) for what in ("name", "mail")]
    first, second = [clean_with_cache(page, cache) for page in pages]
    assert (first.text, second.text) == ("We keep your name.", "We keep your mail.")
    assert [clean_with_cache(page, cache) for page in pages] == [first, second]
    assert clean_with_cache(pages[0], cache) is first
