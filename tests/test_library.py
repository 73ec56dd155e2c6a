"""The library as documented in the README."""

import multiprocessing
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

import extractor
from extractor.clean import clean
from extractor.errors import UnreadableError
from extractor.records import Capture, Source

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
    pages[3:3] = [b"", b"%PDF-1.4 broken", "<p>" + "Wir verwenden Cookies auf unserer Website. " * 9 + "</p>"]
    assert list(extractor.load().pipe(pages, batch_size=batch_size)) == list(map(extractor.load(), pages))


LINKED = PAGE.encode() + b"<p>We share data with <a href='partners'>partners</a> of our company.</p>"


@pytest.mark.parametrize(
    "other",
    [
        {"status": 404},
        {"content_type": "text/html; charset=koi8-r"},
        {"content_type": "text/plain"},
        {"outcome": "cut"},
        {"served_url": "https://shop.example/elsewhere/privacy"},
        {"capture": Capture("com,example)/legal", "20180101000000", "https://example.com/legal/privacy")},
        {"source": Source("terms.html")},
        {"content": LINKED.replace(b"sell", b"rent")},
    ],
)
def test_annotator_after_a_page_with_the_same_bytes_returns_what_a_new_one_does(other):
    """Documents are remembered; nothing that they depend on may be left out of account."""
    page = replace(extractor.Snapshot(LINKED, content_type="text/html; charset=utf-8"), **other)
    annotator = extractor.load()
    before = annotator(extractor.Snapshot(LINKED, content_type="text/html; charset=utf-8"))
    assert annotator(page) == extractor.load()(page) == annotator(page)
    assert annotator(page).segments[0].scores is not before.segments[0].scores


def test_pipe_with_a_page_many_times_cleans_it_once(annotator, monkeypatch):
    cleaned = []
    monkeypatch.setattr("extractor.clean.cache.clean", lambda page: cleaned.append(page) or clean(page))
    captures = [Capture("com,example)/", f"20{year}0101000000", "https://example.com/") for year in range(10, 18)]
    pages = [extractor.Snapshot(LINKED, capture) for capture in captures]
    policies = list(annotator.pipe(pages, batch_size=3))
    assert [policy.capture.timestamp[:4] for policy in policies] == [f"20{year}" for year in range(10, 18)]
    assert len({policy.text for policy in policies}) == len(cleaned) == 1


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
    "page", [b"", b"\xff\xfe", b"<", "<p>\ud800</p>", "<p>&#0;&#xD800;</p>" * 20, b"\x00" * 5000, "<div>" * 5000]
)
def test_annotator_on_bad_page_returns_record_with_reason(annotator, page):
    policy = annotator(page)
    assert policy.labelled is False
    assert policy.verdict.reasons


def test_annotator_on_tag_with_many_attributes_is_usable(annotator):
    attributes = " ".join(f"a{number}='x'" for number in range(20_000))
    assert annotator(f"<html><div {attributes}>{PAGE * 2}</div></html>").verdict.usable


# Calls that mean what they say ----------------------------------------------------------------------------------------
SENTENCE = "We may share your e-mail address with our partners, who may write to you."


@pytest.mark.parametrize(
    ("page", "error", "says"),
    [
        ([PAGE, PAGE], TypeError, r"this is a list: for several pages call annotator.pipe\(pages\), for texts .*label"),
        ((SENTENCE,), TypeError, r"annotator.label\(texts\)"),
        ((page for page in [PAGE]), TypeError, "this is a generator"),
        (None, TypeError, "this is a NoneType"),
        (3, TypeError, "bytes, a str, a Path or a Snapshot"),
        ("pages/p.html", ValueError, r"is a file, .* give pathlib.Path\('pages/p.html'\)"),
        ("pages", ValueError, "is a folder: give .*read_corpus"),
        ("https://shop.example/privacy", ValueError, "is an address, and nothing is fetched"),
        (SENTENCE, ValueError, r"annotator.label\(\[text\]\)"),
        ("We sell no data. We use no cookies.", ValueError, r"annotator.label\(\[text\]\)"),
        ("nowhere.html", ValueError, "give a page in a file as a Path"),
        ("", ValueError, "an empty page as bytes"),
    ],
)
def test_annotator_on_what_is_no_page_names_right_call(annotator, tmp_path, monkeypatch, page, error, says):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/p.html").write_text(PAGE)
    monkeypatch.chdir(tmp_path)
    with pytest.raises(error, match=says):
        annotator(page)


@pytest.mark.parametrize(
    "page",
    [
        SENTENCE.encode(),
        b"",
        f"<p>{SENTENCE}</p>",
        f"# Privacy\n\n{SENTENCE}",
        f"{SENTENCE} We keep it for a year. Write to us to have it deleted.",
        f"Privacy policy\n\n{SENTENCE} ",
        "個人情報の取り扱いについて。当社は、お客様のお名前とメールアドレスを収集し、ご注文の処理に利用します。第三者には提供しません。",
    ],
)
def test_annotator_on_short_page_returns_record(annotator, page):
    assert annotator(page).text or annotator(page).verdict.reasons


def test_pipe_on_short_text_returns_record_with_reason(annotator):
    """A stream does not stop at a page without words."""
    policies = list(annotator.pipe([SENTENCE[:20], "", PAGE]))
    assert [policy.labelled for policy in policies] == [False, False, True]
    assert all(policy.verdict.reasons for policy in policies[:2])


@pytest.mark.parametrize("pages", [PAGE, PAGE.encode(), Path("pages"), extractor.Snapshot(PAGE.encode())])
def test_pipe_on_one_page_raises_type_error(annotator, pages):
    with pytest.raises(TypeError, match=r"annotator.pipe takes .*(annotator\(page\)|read_corpus)"):
        annotator.pipe(pages)


def test_label_gives_a_segment_for_each_text_by_itself(annotator):
    texts = ["We use cookies.", "", "Our shop is not for children under 13.", SENTENCE]
    segments = annotator.label(text for text in texts)
    assert [segment.text for segment in segments] == texts
    assert "cookies" in segments[0].practices
    assert [segment.practices for segment in segments[1:3]] == [(), ("children",)]
    assert segments == [annotator.label([text])[0] for text in texts]
    assert all(
        text[a:b] for s, text in zip(segments, texts, strict=True) for spans in s.evidence.values() for a, b in spans
    )


def test_label_with_headings_uses_them(annotator):
    text = "You may turn them off in your browser."
    bare, under = annotator.label([text, text], headings=[[], ["Privacy policy", "Cookies"]])
    assert under.headings == ("Privacy policy", "Cookies")
    assert under.scores["cookies"] > bare.scores["cookies"]
    assert annotator.label([text], headings=["Cookies"]) == annotator.label([text], headings=[("Cookies",)])


@pytest.mark.parametrize(
    ("texts", "headings", "error", "says"),
    [
        (SENTENCE, None, TypeError, r"this is one: give a list, annotator.label\(\[text\]\)"),
        (None, None, TypeError, "this is a NoneType: give a list of str"),
        ([SENTENCE, float("nan")], None, TypeError, "Text 1 is a float"),
        ([SENTENCE], "Cookies", TypeError, "give a list with the headings"),
        ([SENTENCE], [3], TypeError, "The headings of text 0 are a int"),
        ([SENTENCE], [], ValueError, "1 texts and headings for 0"),
    ],
)
def test_label_on_what_is_no_list_of_texts_says_what_to_give(annotator, texts, headings, error, says):
    with pytest.raises(error, match=says):
        annotator.label(texts, headings)
