"""`annotate -o FILE` goes on where it was interrupted, and writes what an uninterrupted run writes."""

import os
import signal
import subprocess
import sys
import time

import pytest
from filelock import FileLock

import extractor
from extractor import load
from extractor.cli import main
from extractor.compression import compress_block, open_decompressed
from extractor.errors import ConfigurationError
from extractor.exports import record_lines
from extractor.records import Snapshot, Source
from extractor.run.corpus.resume import annotate_into

PAGE = """<html><h1>Privacy policy</h1><p>We use cookies to remember item {} of your basket.</p>
<p>We collect the name and the e-mail address that you give us, and use them to answer you. We do not sell or rent your
personal information to third parties. You may ask us at any time to delete what we have collected.</p></html>"""


def pages(count=6, changed=()):
    for number in range(count):
        words = PAGE.format(number if number not in changed else "changed")
        yield Snapshot(words.encode(), source=Source(f"page{number}.html"), content_type="text/html")


class Counting:
    """An annotator that lists the pages it annotates, and is interrupted at one of them."""

    def __init__(self, stop_at=None):
        self.annotator, self.asked, self.stop_at = load(), [], stop_at
        self.identity = self.annotator.identity

    def pipe(self, some, *, workers=1, batch_size=1):
        for page in some:
            if page.source.path == self.stop_at:
                raise KeyboardInterrupt
            self.asked.append(page.source.path)
            yield self.annotator(page)


def annotate_pages(path, some, annotator=None, on_count=lambda done: None):
    annotator = annotator or Counting()
    annotate_into(path, annotator, some, on_count, workers=1)
    return annotator.asked


@pytest.fixture
def complete_bytes(tmp_path):
    annotate_pages(tmp_path / "complete.jsonl", pages())
    return (tmp_path / "complete.jsonl").read_bytes()


def interrupt(path):
    with pytest.raises(KeyboardInterrupt):
        annotate_pages(path, pages(), Counting(stop_at="page4.html"))
    assert not path.exists()


@pytest.fixture(params=[1, 10_000, 4_000_000])
def block_bytes(request, monkeypatch):
    """How many bytes of lines a draft packs at a time: each by itself, two or three, all."""
    monkeypatch.setattr("extractor.run.corpus.draft._BLOCK_BYTES", request.param)
    return request.param


COMPRESSED = ["out.jsonl.gz", "out.jsonl.zst"]


@pytest.mark.parametrize("name", ["out.jsonl", *COMPRESSED])
def test_annotate_into_after_an_interruption_does_only_the_rest_and_writes_the_same_bytes(
    tmp_path, complete_bytes, block_bytes, name
):
    out = tmp_path / name
    interrupt(out)
    assert annotate_pages(out, pages()) == ["page4.html", "page5.html"]
    with open_decompressed(out) as lines:
        assert lines.read() == complete_bytes
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "complete.jsonl"])
    extractor.write_jsonl(extractor.read_jsonl(out), tmp_path / f"again{name}")
    assert out.read_bytes() == (tmp_path / f"again{name}").read_bytes()  # in one piece, for readers of one frame


def test_annotate_into_parquet_after_an_interruption_does_only_the_rest_and_writes_the_same_bytes(
    tmp_path, complete_bytes, block_bytes
):
    out = tmp_path / "out.parquet"
    interrupt(out)
    assert annotate_pages(out, pages()) == ["page4.html", "page5.html"]
    extractor.write_parquet(extractor.read_jsonl(tmp_path / "complete.jsonl"), tmp_path / "complete.parquet")
    assert out.read_bytes() == (tmp_path / "complete.parquet").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["complete.jsonl", "complete.parquet", "out.parquet"]


def test_annotate_into_parquet_stopped_while_it_is_written_loses_no_record(tmp_path, monkeypatch, block_bytes):
    out = tmp_path / "out.parquet"
    with monkeypatch.context() as patch:
        patch.setattr("extractor.run.corpus.draft.write_record_lines", raise_keyboard_interrupt)
        with pytest.raises(KeyboardInterrupt):
            annotate_pages(out, pages())
    assert not out.exists()
    assert annotate_pages(out, pages()) == []
    assert [policy.source.path for policy in extractor.read_parquet(out)] == [page.source.path for page in pages()]


def raise_keyboard_interrupt(lines, path):
    next(lines)
    raise KeyboardInterrupt


@pytest.mark.parametrize("name", [*COMPRESSED, "out.parquet"])
def test_annotate_into_a_compressed_file_keeps_its_draft_compressed(tmp_path, monkeypatch, name):
    monkeypatch.setattr("extractor.run.corpus.draft._BLOCK_BYTES", 20_000)
    sizes = []
    annotate_pages(
        tmp_path / name,
        pages(40),
        on_count=lambda done: sizes.append(sum(path.stat().st_size for path in tmp_path.iterdir())),
    )
    whole = sum(map(len, record_lines(tmp_path / name)))
    assert max(sizes) < whole / 4


@pytest.mark.parametrize("name", COMPRESSED)
@pytest.mark.parametrize(
    ("packed", "tail", "again"),
    [
        ("whole block", "", "page4.html"),
        ("whole block", "the same lines", "page4.html"),  # stopped before the tail was cut
        ("half a block", "the same lines", "page4.html"),  # stopped while the block was written
        ("half a block", "", "page0.html"),
        ("no block", "", "page0.html"),
        ("", "the same lines", "page4.html"),
    ],
)
def test_annotate_into_after_a_crash_while_a_block_was_packed_loses_no_line(
    tmp_path, complete_bytes, name, packed, tail, again
):
    out, lines = tmp_path / name, b"".join(complete_bytes.splitlines(keepends=True)[:4])
    block = compress_block(lines, out)
    contents = {"": b"", "whole block": block, "half a block": block[:-9], "no block": b"half a li"}
    (tmp_path / f".{name}.packed").write_bytes(contents[packed])
    (tmp_path / f".{name}.draft").write_bytes(lines if tail else b"")
    assert annotate_pages(out, pages())[0] == again
    with open_decompressed(out) as stream:
        assert stream.read() == complete_bytes


@pytest.mark.parametrize("name", COMPRESSED)
def test_annotate_into_with_a_page_changed_within_a_block_keeps_the_lines_before_it(tmp_path, block_bytes, name):
    out = tmp_path / name
    interrupt(out)
    annotator = Counting(stop_at="page4.html")
    with pytest.raises(KeyboardInterrupt):
        annotate_pages(out, pages(changed=[1]), annotator)
    assert annotator.asked == ["page1.html", "page2.html", "page3.html"]
    assert annotate_pages(out, pages(changed=[1])) == ["page4.html", "page5.html"]
    assert [policy.source.path for policy in extractor.read_jsonl(out)] == [page.source.path for page in pages()]


def test_annotate_into_with_an_unfinished_line_in_the_draft_makes_its_record_again(tmp_path, complete_bytes):
    out = tmp_path / "out.jsonl"
    interrupt(out)
    draft = tmp_path / ".out.jsonl.draft"
    draft.write_bytes(draft.read_bytes()[:-10])
    assert annotate_pages(out, pages())[0] == "page3.html"
    assert out.read_bytes() == complete_bytes


def test_annotate_into_with_changed_pages_makes_their_records_again(tmp_path):
    out = tmp_path / "out.jsonl"
    interrupt(out)
    assert annotate_pages(out, pages(changed=[1]))[0] == "page1.html"
    assert len(out.read_text().splitlines()) == 6
    assert "item changed" in out.read_text()


def test_annotate_into_with_fewer_pages_leaves_no_record_of_the_others(tmp_path):
    out = tmp_path / "out.jsonl"
    interrupt(out)
    assert annotate_pages(out, pages(2)) == []
    assert len(out.read_text().splitlines()) == 2


def test_annotate_into_with_another_version_of_the_package_keeps_no_record(tmp_path, monkeypatch):
    out = tmp_path / "out.jsonl"
    interrupt(out)
    monkeypatch.setattr("extractor.run.corpus.resume.VERSION", "9.9")
    assert len(annotate_pages(out, pages())) == 6


def test_annotate_into_with_another_version_of_the_model_keeps_no_record(tmp_path):
    out, other = tmp_path / "out.jsonl", Counting()
    interrupt(out)
    assert all(policy.labelled for policy in map(other.annotator, pages()))
    other.identity = other.identity._replace(version="9.9")
    assert len(annotate_pages(out, pages(), other)) == 6


def test_annotate_into_a_file_that_another_run_writes_is_refused(tmp_path):
    with FileLock(tmp_path / ".out.jsonl.lock"), pytest.raises(ConfigurationError, match="Another run writes"):
        annotate_pages(tmp_path / "out.jsonl", pages())


def test_annotate_after_a_kill_goes_on_and_writes_the_same_bytes(tmp_path):
    folder = tmp_path / "pages"
    folder.mkdir()
    for number in range(400):
        (folder / f"{number:03}.html").write_text(PAGE.format(number))
    words = [
        sys.executable,
        "-m",
        "extractor.cli.main",
        "annotate",
        str(folder),
        "-o",
        str(tmp_path / "out.jsonl"),
        "--quiet",
    ]
    words[1:3] = ["-c", "import sys; from extractor.cli import main; sys.exit(main(sys.argv[1:]))"]
    running = subprocess.Popen(words, env={**os.environ})
    draft = tmp_path / ".out.jsonl.draft"
    while not (draft.exists() and draft.stat().st_size > 50_000) and running.poll() is None:
        time.sleep(0.01)
    running.send_signal(signal.SIGKILL)
    running.wait()
    kept = draft.read_bytes().count(b"\n")
    assert 0 < kept < 400
    assert main(words[3:]) == 0
    out = (tmp_path / "out.jsonl").read_bytes()
    assert main(["annotate", str(folder), "-o", str(tmp_path / "again.jsonl"), "--quiet"]) == 0
    assert out == (tmp_path / "again.jsonl").read_bytes()
