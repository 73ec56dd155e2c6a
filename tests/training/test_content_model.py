"""The content model, trained on pages of a few paragraphs."""

import json

import numpy as np
import pytest

from extractor.errors import UnreadableError
from extractor.training import TrainingInputs, train
from extractor.training.models.content import read_annotated_pages

MENU = '<ul><li><a href="/">Home</a></li><li><a href="/shop">Shop</a></li><li><a href="/news">News</a></li></ul>'
SENTENCE = "We collect the personal data that you give us for order {} and use cookies to remember it for {} days."


def write_page(folder, number, suffix, gold):
    """A page with a menu around a policy of six paragraphs, and its gold file."""
    sentences = [SENTENCE.format(number, days) for days in range(6)]
    body = "".join(f"<p>{sentence}</p>" for sentence in sentences)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"site{number}.html").write_text(f"<html><body>{MENU}<div>{body}</div>{MENU}</body></html>")
    (folder / f"site{number}{suffix}").write_text(gold(sentences))


@pytest.fixture
def data(tmp_path):
    """The folder of OPP-115, with pages of the three collections beside it."""
    collections = tmp_path / "extraction"
    for number in range(4):
        write_page(collections / "opp115", number, ".gold.txt", "\n".join)
        write_page(collections / "ota", number, ".gold.md", "\n\n".join)
        write_page(
            collections / "c3pa",
            number,
            ".spans.jsonl",
            lambda sentences: "".join(json.dumps({"text": sentence}) + "\n" for sentence in sentences[1:5]),
        )
    return tmp_path / "opp115"


def test_train_content_saves_the_same_bytes_each_time(data, tmp_path):
    assert train("content", TrainingInputs(data), tmp_path / "one") == f"12 pages: saved in {tmp_path / 'one'}."
    train("content", TrainingInputs(data), tmp_path / "two")
    assert (tmp_path / "one/model.json").read_bytes() == (tmp_path / "two/model.json").read_bytes()
    assert {"features", "roots", "threshold"} <= set(json.loads((tmp_path / "one/model.json").read_bytes()))


def test_labels_of_a_page_are_its_paragraphs_and_not_its_menus(data):
    pages = list(read_annotated_pages(data.parent / "extraction"))
    assert [page.collection for page in pages] == ["opp115"] * 4 + ["ota"] * 4 + ["c3pa"] * 4
    for page in pages:
        is_sentence = np.array([piece.text.startswith("We collect") for piece in page.pieces])
        assert is_sentence.sum() == 6
        assert ((page.labels == 1) == is_sentence).all()


def test_train_content_without_pages_is_unreadable(tmp_path):
    with pytest.raises(UnreadableError, match="extraction holds no pages"):
        train("content", TrainingInputs(tmp_path / "opp115"), tmp_path / "out")
