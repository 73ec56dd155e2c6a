"""`annotate -o FILE` goes on where it was interrupted, and gives what an uninterrupted run gives."""

import gzip
import os
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import pytest
from filelock import FileLock

from extractor import load
from extractor.cli import main
from extractor.errors import ConfigurationError
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
    """An annotator that counts what it is asked, and stops at a page if told."""

    def __init__(self, stop_at=None):
        self.annotator, self.asked, self.stop_at = load(), [], stop_at
        self.model = self.annotator.model

    def pipe(self, some, *, workers=1, together=1):
        for page in some:
            if page.source.path == self.stop_at:
                raise KeyboardInterrupt
            self.asked.append(page.source.path)
            yield self.annotator(page)


def into(path, some, annotator=None):
    annotator = annotator or Counting()
    annotate_into(path, annotator, some, lambda done: None, workers=1)
    return annotator.asked


@pytest.fixture
def whole(tmp_path):
    into(tmp_path / "whole.jsonl", pages())
    return (tmp_path / "whole.jsonl").read_bytes()


def interrupted(path):
    with pytest.raises(KeyboardInterrupt):
        into(path, pages(), Counting(stop_at="page4.html"))
    assert not path.exists()


@pytest.mark.parametrize("name", ["out.jsonl", "out.jsonl.gz"])
def test_a_second_run_does_only_the_rest_and_gives_the_same_bytes(tmp_path, whole, name):
    out = tmp_path / name
    interrupted(out)
    assert into(out, pages()) == ["page4.html", "page5.html"]
    assert (gzip.decompress(out.read_bytes()) if name.endswith(".gz") else out.read_bytes()) == whole
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([name, "whole.jsonl"])


def test_a_line_that_was_not_finished_is_made_again(tmp_path, whole):
    out = tmp_path / "out.jsonl"
    interrupted(out)
    draft = tmp_path / ".out.jsonl.draft"
    draft.write_bytes(draft.read_bytes()[:-10])
    assert into(out, pages())[0] == "page3.html"
    assert out.read_bytes() == whole


def test_pages_that_changed_are_made_again(tmp_path):
    out = tmp_path / "out.jsonl"
    interrupted(out)
    assert into(out, pages(changed=[1]))[0] == "page1.html"
    assert len(out.read_text().splitlines()) == 6
    assert "item changed" in out.read_text()


def test_fewer_pages_leave_no_record_behind(tmp_path):
    out = tmp_path / "out.jsonl"
    interrupted(out)
    assert into(out, pages(2)) == []
    assert len(out.read_text().splitlines()) == 2


def test_another_model_makes_all_again(tmp_path, monkeypatch):
    out = tmp_path / "out.jsonl"
    interrupted(out)
    monkeypatch.setattr("extractor.run.corpus.resume.VERSION", "9.9")
    assert len(into(out, pages())) == 6


def test_annotate_into_with_another_version_of_the_model_keeps_no_record(tmp_path):
    out, other = tmp_path / "out.jsonl", Counting()
    interrupted(out)
    assert all(policy.labelled for policy in map(other.annotator, pages()))
    other.model = SimpleNamespace(name=other.model.name, version="9.9", sha256=other.model.sha256)
    assert len(into(out, pages(), other)) == 6


def test_two_runs_do_not_write_one_file(tmp_path):
    with FileLock(tmp_path / ".out.jsonl.lock"), pytest.raises(ConfigurationError, match="Another run writes"):
        into(tmp_path / "out.jsonl", pages())


def test_a_run_that_is_killed_goes_on(tmp_path):
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
