"""The library as the README shows it."""

import multiprocessing
import threading
import time
from pathlib import Path

import pytest

import extractor
from extractor.errors import UnreadableError

PAGE = (
    "<title>Privacy</title><h1>Privacy policy</h1><p>We collect your name and e-mail address when you order. We do not "
    "sell personal information to third parties.</p><h2>Cookies</h2><p>We use cookies; you may refuse them.</p>"
)


@pytest.fixture(scope="module")
def annotator():
    return extractor.load()


def test_a_page_may_be_bytes_text_a_path_or_a_snapshot(annotator, tmp_path):
    (tmp_path / "p.html").write_text(PAGE)
    pages = [PAGE.encode(), PAGE, tmp_path / "p.html", extractor.Snapshot(PAGE.encode())]
    texts = {annotator(page).text for page in pages}
    assert len(texts) == 1
    assert "We collect your name" in texts.pop()


def test_pipe_gives_the_same_as_one_by_one(annotator):
    pages = [PAGE.replace("name", f"name number {n}") for n in range(20)]
    assert list(annotator.pipe(pages)) == list(map(annotator, pages)) == list(annotator.pipe(pages, workers=2))


@pytest.mark.parametrize("together", [1, 3, 8, 100])
def test_pages_together_give_the_same_as_one_by_one(together):
    """Those that have no passages to label, or cannot be read at all, cost their neighbours nothing."""
    pages = [PAGE.replace("name", f"name number {n % 4}") for n in range(10)]
    pages[3:3] = ["", "%PDF-1.4 broken", "<p>" + "Wir verwenden Cookies auf unserer Website. " * 9 + "</p>"]
    assert list(extractor.load().pipe(pages, together=together)) == list(map(extractor.load(), pages))


def test_passages_that_cannot_be_labelled_cost_their_page_only(monkeypatch):
    annotator = extractor.load()
    label = type(annotator.model).label

    def breaks(model, segments):
        if any("number 2" in segment.text for segment in segments):
            raise ValueError("this one")
        return label(model, segments)

    monkeypatch.setattr(type(annotator.model), "label", breaks)
    policies = list(annotator.pipe([PAGE.replace("name", f"name number {n}") for n in range(5)], together=5))
    assert [policy.labelled for policy in policies] == [True, True, False, True, True]
    assert "could not be read: ValueError: this one" in policies[2].verdict.reasons


@pytest.mark.parametrize("deaths", [1, 2])
def test_a_worker_that_dies_costs_nothing(annotator, deaths, caplog):
    """The second to die is the one that does the work of the first again."""
    pages = [PAGE.replace("name", f"name number {n}") for n in range(20)]
    killer = threading.Thread(target=kill_workers, args=(deaths,))
    killer.start()
    assert list(annotator.pipe(pages, workers=2)) == list(map(annotator, pages))
    killer.join()
    assert "A worker process died" in caplog.text


def kill_workers(deaths: int) -> None:
    killed: set[int] = set()
    while len(killed) < deaths:
        time.sleep(0.05)
        for child in [one for one in multiprocessing.active_children() if one.pid not in killed][:1]:
            child.kill()
            child.join()
            killed |= {one.pid for one in (child, *multiprocessing.active_children())}


def test_pipe_takes_pages_as_they_come(annotator):
    taken = []

    def pages():
        for number in range(1000):
            taken.append(number)
            yield PAGE

    next(annotator.pipe(pages()))
    assert len(taken) == 1


def test_a_page_of_another_language_is_not_labelled(annotator):
    policy = annotator(
        "<p>" + "Wir verwenden Cookies, um unsere Website für Sie angenehmer zu gestalten. " * 5 + "</p>"
    )
    assert (policy.language, policy.labelled) == ("de", False)
    assert policy.provenance.model == ""


def test_a_round_trip_through_a_dict(annotator):
    policy = annotator(PAGE)
    assert extractor.Policy.from_dict(policy.to_dict()) == policy


def test_a_missing_path_is_an_error(annotator):
    with pytest.raises(UnreadableError, match="cannot be read"):
        annotator(Path("/nowhere/p.html"))


@pytest.mark.parametrize(
    "page", [b"", b"\xff\xfe", b"<", "\ud800", "<p>&#0;&#xD800;</p>" * 20, b"\x00" * 5000, "<div>" * 5000]
)
def test_no_page_is_too_bad_for_a_record(annotator, page):
    policy = annotator(page)
    assert policy.labelled is False
    assert policy.verdict.reasons


def test_a_tag_with_countless_attributes_does_not_hold_up_the_others(annotator):
    attributes = " ".join(f"a{number}='x'" for number in range(20_000))
    assert annotator(f"<html><div {attributes}>{PAGE * 2}</div></html>").verdict.usable
