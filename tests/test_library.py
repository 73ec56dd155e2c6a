"""The library as documented in the README."""

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


def test_annotator_accepts_bytes_str_path_and_snapshot(annotator, tmp_path):
    (tmp_path / "p.html").write_text(PAGE)
    pages = [PAGE.encode(), PAGE, tmp_path / "p.html", extractor.Snapshot(PAGE.encode())]
    texts = {annotator(page).text for page in pages}
    assert len(texts) == 1
    assert "We collect your name" in texts.pop()


def test_pipe_with_any_workers_returns_the_same_policies(annotator):
    pages = [PAGE.replace("name", f"name number {n}") for n in range(20)]
    assert list(annotator.pipe(pages)) == list(map(annotator, pages)) == list(annotator.pipe(pages, workers=2))


@pytest.mark.parametrize("batch_size", [1, 3, 8, 100])
def test_pipe_with_any_batch_size_returns_the_same_policies(batch_size):
    """Pages without passages to label and unreadable pages do not affect the others."""
    pages = [PAGE.replace("name", f"name number {n % 4}") for n in range(10)]
    pages[3:3] = ["", "%PDF-1.4 broken", "<p>" + "Wir verwenden Cookies auf unserer Website. " * 9 + "</p>"]
    assert list(extractor.load().pipe(pages, batch_size=batch_size)) == list(map(extractor.load(), pages))


def test_pipe_with_labelling_error_affects_one_page_only(monkeypatch):
    annotator = extractor.load()
    label = type(annotator.model).label

    def label_or_fail(model, segments):
        if any("number 2" in segment.text for segment in segments):
            raise ValueError("this one")
        return label(model, segments)

    monkeypatch.setattr(type(annotator.model), "label", label_or_fail)
    policies = list(annotator.pipe([PAGE.replace("name", f"name number {n}") for n in range(5)], batch_size=5))
    assert [policy.labelled for policy in policies] == [True, True, False, True, True]
    assert "could not be read: ValueError: this one" in policies[2].verdict.reasons


@pytest.mark.parametrize("deaths", [1, 2])
def test_pipe_with_dying_workers_returns_all_policies(annotator, deaths, caplog):
    """The second worker to die is the one that repeats the work of the first."""
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
        for child in [child for child in multiprocessing.active_children() if child.pid not in killed][:1]:
            child.kill()
            child.join()
            killed |= {process.pid for process in (child, *multiprocessing.active_children())}


def test_pipe_takes_pages_lazily(annotator):
    taken = []

    def pages():
        for number in range(1000):
            taken.append(number)
            yield PAGE

    next(annotator.pipe(pages()))
    assert len(taken) == 1


def test_annotator_does_not_label_other_languages(annotator):
    policy = annotator(
        "<p>" + "Wir verwenden Cookies, um unsere Website für Sie angenehmer zu gestalten. " * 5 + "</p>"
    )
    assert (policy.language, policy.labelled) == ("de", False)
    assert policy.provenance.model == ""


def test_policy_from_dict_of_to_dict_is_equal(annotator):
    policy = annotator(PAGE)
    assert extractor.Policy.from_dict(policy.to_dict()) == policy


def test_annotator_with_missing_path_raises_unreadable_error(annotator):
    with pytest.raises(UnreadableError, match="cannot be read"):
        annotator(Path("/nowhere/p.html"))


@pytest.mark.parametrize(
    "page", [b"", b"\xff\xfe", b"<", "\ud800", "<p>&#0;&#xD800;</p>" * 20, b"\x00" * 5000, "<div>" * 5000]
)
def test_annotator_on_bad_page_returns_record_with_reason(annotator, page):
    policy = annotator(page)
    assert policy.labelled is False
    assert policy.verdict.reasons


def test_annotator_on_tag_with_many_attributes_is_usable(annotator):
    attributes = " ".join(f"a{number}='x'" for number in range(20_000))
    assert annotator(f"<html><div {attributes}>{PAGE * 2}</div></html>").verdict.usable
