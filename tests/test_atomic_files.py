"""Files on file systems that refuse, or answer late, as network file systems do."""

import errno
import hashlib
import os
from pathlib import Path

import pytest

from extractor.cli import main
from extractor.files import remove_drafts, size_and_hash, write_text


def fail_first(function, code: int, times: int):
    """The same function, which fails the first times with an error of the operating system."""
    left = [code] * times

    def call(*arguments, **options):
        if left:
            raise OSError(left.pop(), os.strerror(code), *map(str, arguments[:1]))
        return function(*arguments, **options)

    return call


@pytest.fixture
def waits(monkeypatch) -> list[float]:
    """The seconds that were waited, which pass at once."""
    found: list[float] = []
    monkeypatch.setattr("extractor.files.time.sleep", found.append)
    return found


def test_write_atomically_over_a_file_that_is_open_elsewhere_waits_and_replaces_it(tmp_path, monkeypatch, waits):
    (tmp_path / "a").write_text("old")
    monkeypatch.setattr(Path, "replace", fail_first(Path.replace, errno.EBUSY, 3))
    write_text(tmp_path / "a", "new")
    assert (tmp_path / "a").read_text() == "new"
    assert waits == [0.1, 0.2, 0.4]
    assert list(tmp_path.iterdir()) == [tmp_path / "a"]


def test_write_atomically_over_a_file_that_stays_open_elsewhere_fails_and_keeps_it(tmp_path, monkeypatch, waits):
    (tmp_path / "a").write_text("old")
    monkeypatch.setattr(Path, "replace", fail_first(Path.replace, errno.EBUSY, 99))
    with pytest.raises(OSError, match="busy") as found:
        write_text(tmp_path / "a", "new")
    assert found.value.filename == str(tmp_path / "a")
    assert sum(waits) < 10
    assert [(path.name, path.read_text()) for path in tmp_path.iterdir()] == [("a", "old")]


def test_remove_drafts_of_a_draft_that_is_listed_and_gone_removes_the_others(tmp_path, monkeypatch):
    (tmp_path / ".b.part").touch()
    monkeypatch.setattr(Path, "glob", lambda *_: iter([tmp_path / ".a.part", tmp_path / ".b.part"]))
    remove_drafts(tmp_path)
    assert not (tmp_path / ".b.part").exists()


@pytest.mark.parametrize("times", [1, 2])
def test_size_and_hash_of_a_file_that_is_replaced_meanwhile_reads_the_new_one(tmp_path, monkeypatch, times):
    (tmp_path / "a").write_bytes(b"new")
    monkeypatch.setattr(Path, "open", fail_first(Path.open, errno.ESTALE, times))
    assert size_and_hash(tmp_path / "a") == {"bytes": 3, "sha256": hashlib.sha256(b"new").hexdigest()}


def test_size_and_hash_where_the_former_size_is_still_known_counts_the_bytes(tmp_path, monkeypatch):
    (tmp_path / "a").write_bytes(b"longer")
    (tmp_path / "former").write_bytes(b"a")
    former = (tmp_path / "former").stat()
    monkeypatch.setattr(Path, "stat", lambda *_, **__: former)
    assert size_and_hash(tmp_path / "a")["bytes"] == 6


@pytest.mark.parametrize(
    ("code", "advice"),
    [
        (errno.EBUSY, "another program has it open; when that has ended, run this again."),
        (errno.ESTALE, "another machine replaced or removed the file; run this again."),
        (errno.ENOLCK, "the file system has no locks for files; name a place on a local disk."),
    ],
)
def test_a_command_that_a_network_file_system_refuses_says_what_to_do(tmp_path, monkeypatch, capsys, code, advice):
    (tmp_path / "page.html").write_text("<p>We use cookies.</p>")
    monkeypatch.setattr("extractor.cli.commands.extract.run", fail_first(None, code, 1))
    assert main(["extract", str(tmp_path / "page.html")]) == 1
    message = " ".join(capsys.readouterr().err.split())
    assert message.endswith(advice)
