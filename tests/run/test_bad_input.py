"""Malformed and extreme pages: each has a record, with its text or a reason, within the limits of the sandbox."""

import gzip
import time
import zlib

import pytest
import zstandard
from fpdf import FPDF

from extractor import load
from extractor.clean import is_heavy, unpack
from extractor.records import Capture, Snapshot
from extractor.run.pipeline import sandbox

SENTENCES = (
    "We collect the name and the address you give us when you order, and nothing else that could tell who you are. "
    "Our shop keeps this personal information for as long as the law on bookkeeping asks us to. "
)


def html(body: str, title: str = "Privacy policy") -> bytes:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode("utf-8", "surrogatepass")


def locked_pdf() -> bytes:
    paper = FPDF()
    paper.set_encryption(owner_password="owner", user_password="reader")
    paper.add_page()
    return bytes(paper.output())


def bomb() -> bytes:
    compressor = zlib.compressobj(9, wbits=31)
    return b"".join(compressor.compress(b" " * 1_000_000) for _ in range(100)) + compressor.flush()


POLICY = f"<h1>Privacy policy</h1><p>{SENTENCES}</p><p>We use cookies. You can refuse cookies in your browser.</p>"
MANY = " ".join(f"We collect item {n} from you and share it with partner {n}." for n in range(200))


@pytest.fixture(scope="module")
def annotator():
    return load()


# Readable pages, and words that must be in their text
NESTED = (html("<div>" * 50_000 + POLICY + "</div>" * 50_000), "who you are")
READ = {
    "200 nested divs with text": (html("".join(f"<div>{SENTENCES if n % 50 == 0 else ''}" for n in range(200)) + POLICY), "who you are"),
    "attributes on one tag": (html("<p " + " ".join(f'data-a{n}="x"' for n in range(70_000)) + ">Hello</p>" + POLICY), "who you are"),
    "one long attribute": (html(f'<p title="{"x" * 900_000}">Hello</p>' + POLICY), "who you are"),
    "lone surrogate": (html(f"<p>{SENTENCES}</p><p>A bad \ud800 letter, and on it goes.</p><p>{SENTENCES} And an end.</p>"), "And an end."),
    "surrogate as entity": (html(f"<p>{SENTENCES}</p><p>A bad &#xD800; letter.</p><p>{SENTENCES} And an end.</p>"), "And an end."),
    "NUL bytes": (html(f"<p>{SENTENCES}</p><p>na\x00me</p><p>{SENTENCES} And an end.</p>"), "name"),
    "line separators": (html(f"<p>{SENTENCES}\u2028We sell nothing.\u2029And an end.</p>"), "We sell nothing."),
    "marks of direction": (html(f"<p>{SENTENCES} \u202eNot turned.\u202c And an end.</p>"), "Not turned."),
    "30,000 open brackets": (html(f"<p>{SENTENCES}</p><p>{'(' * 30_000}</p><p>{SENTENCES} And an end.</p>"), "And an end."),
    "gzip in gzip": (gzip.compress(gzip.compress(html(POLICY))), "who you are"),
    "truncated gzip": (gzip.compress(html(f"<h1>Privacy policy</h1><p>{MANY}</p>"))[:-300], "We collect item 0 "),
    "zstd that is cut": (zstandard.compress(html(f"<h1>Privacy policy</h1><p>{MANY * 40}</p>"))[:-30], "We collect item 0 "),
    "PDF header and HTML": (b"\r\n" + html(POLICY), "who you are"),
}  # fmt: skip


def test_annotator_on_50000_nested_elements_keeps_text(annotator):
    policy = annotator(Snapshot(NESTED[0], content_type="text/html"))
    assert NESTED[1] in policy.text


def test_annotator_on_50000_nested_elements_returns_record_in_time(annotator):
    start = time.monotonic()
    policy = annotator(Snapshot(NESTED[0], content_type="text/html"))
    assert policy.verdict.usable or policy.verdict.reasons
    assert time.monotonic() - start < sandbox._MAX_SECONDS + 10


@pytest.mark.parametrize("name", READ)
def test_annotator_on_bad_but_readable_page_keeps_text(annotator, name):
    content, words = READ[name]
    start = time.monotonic()
    policy = annotator(Snapshot(content, content_type="text/html"))
    assert policy.verdict.usable, policy.verdict
    assert words in policy.text
    assert all(policy.text[part.start : part.end] == part.text for part in policy.segments)
    assert not set(policy.text) & set("\x00\u2028\u2029\u202e\u202c\ud800")
    assert time.monotonic() - start < sandbox._MAX_SECONDS + 10


@pytest.mark.parametrize("pack", [bytes, gzip.compress], ids=["plain", "gzip"])
def test_annotator_on_page_that_reader_found_cut_says_truncated(annotator, pack):
    policy = annotator(Snapshot(pack(html(POLICY)), content_type="text/html", outcome="cut"))
    assert policy.verdict.usable
    assert policy.verdict.reasons == ("truncated: its bytes break off",)


def test_annotator_on_zstd_that_is_cut_says_truncated(annotator):
    content = zstandard.compress(html(f"<h1>Privacy policy</h1><p>{MANY * 40}</p>"))[:-30]
    assert annotator(content).verdict.reasons[0] == "truncated: its compressed bytes break off"


def test_annotator_keeps_identical_paragraphs(annotator):
    policy = annotator(html(f"<h1>A</h1><p>{SENTENCES}</p><h1>B</h1><p>{SENTENCES}</p><h1>C</h1><p>{SENTENCES}</p>"))
    assert policy.text.count("who you are") == 3


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"\x1f\x8b\x08\x00" + b"broken" * 20, "a binary file"),
        (bomb(), "more than 50 MB"),
        (locked_pdf(), "encrypted"),
        (b"%PDF-1.7\n" + b"\x00garbage" * 50, "cannot be opened"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "a PNG image"),
        (
            b"<html><frameset cols='20%,80%'><frame src=menu.html><frame src=policy.html></frameset></html>",
            "policy.html",
        ),
        (b"<html><body></body></html>", "no text"),
        (b"", "no text"),
        (b"<p>" + b"We collect your name. " * 1_000_000, "no more than 20 MB are read"),
    ],
    ids=["bad gzip", "bomb", "encrypted", "damaged PDF", "image", "frames", "empty body", "nothing", "22 MB"],
)
def test_annotator_on_unreadable_page_returns_reason(annotator, content, reason):
    policy = annotator(Snapshot(content, content_type="text/html"))
    assert not policy.verdict.usable
    assert reason in policy.verdict.reasons[0]
    assert (policy.labelled, policy.segments) == (False, ())


def test_annotator_keeps_identical_paragraphs_without_headings(annotator):
    assert annotator(html(f"<h1>A</h1>{f'<p>{SENTENCES}</p>' * 3}")).text.count("who you are") == 3


def test_annotator_on_11_megabytes_stays_within_limits(annotator):
    words = "".join(f"We collect item {n} from you and keep it for {n % 9} years. " for n in range(200_000))
    start = time.monotonic()
    policy = annotator(html(words))
    assert time.monotonic() - start < sandbox._MAX_SECONDS + 10
    assert "We collect item 0" in policy.text or policy.verdict.reasons[0].startswith(
        "stopped: reading it took more than"
    )


HEAVY = html(POLICY + "<br>" * 20_001)  # more tags than a light page may have


@pytest.mark.parametrize("before", ["", "<p>", "<p>" + "x" * 9_990, "x" * 9_999, "x" * 10_000, "<br>" + "x" * 25_000])
def test_is_heavy_finds_a_tag_with_very_many_attributes_wherever_it_stands(before):
    attributes = "".join(f" a{number:04}=1" for number in range(2_600))
    for page, is_long in ((f"<p{attributes}>We", True), (f"<p{attributes[:19_990]}>We", False), ("We" * 20_000, False)):
        assert is_heavy(unpack(Snapshot(f"{before}{page}".encode()))) == is_long


def test_annotator_on_heavy_page_returns_same_record_as_without_sandbox(annotator, monkeypatch):
    assert is_heavy(unpack(Snapshot(HEAVY)))
    assert not is_heavy(unpack(Snapshot(html(POLICY))))
    in_sandbox = annotator(HEAVY)
    monkeypatch.setattr("extractor.clean.is_heavy", lambda page: False)
    assert annotator(HEAVY) == in_sandbox
    assert in_sandbox.labelled


def test_annotator_on_heavy_page_stops_at_time_limit(monkeypatch):
    monkeypatch.setattr(sandbox, "_MAX_SECONDS", 0.01)
    policy = load()(HEAVY)
    assert policy.verdict.reasons == ("stopped: reading it took more than 0.01 seconds",)


def test_annotator_on_captures_of_a_heavy_page_processes_it_once(monkeypatch):
    captures = [
        Snapshot(HEAVY, Capture("com,shop)/", f"20{year}0101000000", "https://shop.com/"), followed_from=followed_from)
        for year, followed_from in ((10, ()), (11, ()), (12, ("20110101000000/https://shop.example/",)))
    ]
    each = [load()(capture) for capture in captures]
    process, processed = sandbox.annotate_in_sandbox, []
    monkeypatch.setattr(
        "extractor.run.pipeline.annotator.annotate_in_sandbox",
        lambda snapshot, *model: processed.append(snapshot) or process(snapshot, *model),
    )
    policies = list(load().pipe(captures))
    assert policies == each
    assert processed == captures[:1]
    assert policies[0].segments[0].scores is not policies[1].segments[0].scores


def test_annotators_reuse_sandbox_process_until_it_dies():
    def sandbox_pid() -> int:
        return sandbox._idle_processes["fast",].program.pid

    first = load()(HEAVY)
    pid = sandbox_pid()
    assert (load()(HEAVY), sandbox_pid()) == (first, pid)
    sandbox._idle_processes["fast",].program.kill()
    sandbox._idle_processes["fast",].program.wait()
    assert load()(HEAVY) == first
    assert sandbox_pid() != pid


def test_limit_memory_raises_memory_error():
    """The limit itself, in a process that allocates more."""
    import subprocess
    import sys

    code = "from extractor.run.pipeline.sandbox_worker import _limit_memory; _limit_memory(); bytearray(1_200_000_000)"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert "MemoryError" in result.stderr


def test_pipe_with_dying_sandbox_process_affects_one_page_only(monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    monkeypatch.setattr(sandbox, "_idle_processes", {})
    policies = list(load().pipe([HEAVY, html(POLICY)]))
    assert policies[0].verdict.reasons == ("stopped: reading it broke down (exit code 1)",)
    assert policies[1].verdict.usable
