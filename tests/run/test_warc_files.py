"""The WARCs of a run: they roll over at a size, and a damaged one is mended by fetching what it lost."""

import zipfile
from contextlib import closing
from threading import Event

import pytest
from replay.scripted import Held, policy, scripted_archive

from extractor import load, read_jsonl
from extractor.cli import main
from extractor.layout import warc_files
from extractor.run.collect import Job, run_job, verify
from extractor.wayback import Ledger, open_archive, read_targets

URL = "http://lamps.example/privacy"


@pytest.fixture(scope="module")
def annotator():
    return load()


@pytest.fixture
def archive():
    held = [Held(URL, f"{year}0401000000", policy(str(year))) for year in range(2001, 2010)]
    moved = [Held(URL, f"{year}0901000000", b"", 301, "http://lamps.example/new") for year in (2001, 2002, 2003)]
    with scripted_archive(*held, *moved) as archive:
        yield archive


def run(folder, base, annotator, **settings):
    client = open_archive(base, rate=0, cdx_rate=0, connections=1)
    job = Job(tuple(read_targets([URL])), folder, every="year", workers=1, **settings)
    return run_job(job, client, annotator, stop=Event(), progress=lambda *_: None)


def ids(folder) -> list[str]:
    return [record.id for record in read_jsonl(folder / "policies.jsonl") if record.verdict.usable]


def names(folder) -> list[str]:
    return [path.name for path in warc_files(folder / "archive")]


def test_warcs_roll_over_at_a_size_and_are_read_and_packed_together(tmp_path, archive, annotator):
    run(tmp_path, archive.base, annotator, warc_size=5000)
    assert names(tmp_path)[:2] == ["captures.warc.gz", "captures-00002.warc.gz"]
    assert all(path.stat().st_size < 8000 for path in warc_files(tmp_path / "archive"))
    assert len(ids(tmp_path)) == 9
    assert list(verify(tmp_path)) == []
    before = names(tmp_path)
    run(tmp_path, archive.base, annotator, warc_size=5000)
    assert names(tmp_path) == before
    packed = tmp_path / "all.wacz"
    assert main(["export", str(tmp_path), "--format", "wacz", "-o", str(packed)]) == 0
    with zipfile.ZipFile(packed) as bag:
        assert {f"archive/{name}" for name in before} <= set(bag.namelist())
    run(tmp_path / "again", str(packed), annotator)
    assert ids(tmp_path / "again") == ids(tmp_path)


@pytest.mark.parametrize("number", [0, 1, -1])
def test_a_warc_that_lost_its_end_is_filled_up_by_the_next_run(tmp_path, archive, annotator, number):
    run(tmp_path, archive.base, annotator, warc_size=5000)
    whole, path = ids(tmp_path), warc_files(tmp_path / "archive")[number]
    path.write_bytes(path.read_bytes()[:-1500])
    run(tmp_path, archive.base, annotator, warc_size=5000)
    assert ids(tmp_path) == whole
    assert list(verify(tmp_path)) == []


def test_captures_skipped_as_redirects_are_counted(tmp_path, archive, annotator, capsys):
    assert run(tmp_path, archive.base, annotator).index["redirects skipped"] == 3
    main(
        ["run", URL, "--every", "year", "-o", str(tmp_path / "cli"), "--archive-base", archive.base, "--cdx-rate", "0"]
    )
    assert "3 of them redirects" in "".join(capsys.readouterr())


def damage(folder, year: str) -> None:
    """Changes a byte of the record of a year."""
    with closing(Ledger(folder / "ledger.sqlite", read_only=True)) as ledger:
        (entry,) = (entry for entry in ledger.entries() if entry.capture.timestamp.startswith(year))
    path = folder / "archive" / entry.position.part
    content = bytearray(path.read_bytes())
    content[entry.position.offset + entry.position.length // 2] ^= 0xFF
    path.write_bytes(content)


def test_captures_damaged_in_the_warc_are_fetched_again_by_option(tmp_path, archive, annotator):
    run(tmp_path, archive.base, annotator)
    whole = (tmp_path / "policies.jsonl").read_bytes()
    for year in ("2003", "2006"):
        damage(tmp_path, year)
    assert len([fault for fault in verify(tmp_path) if "0401000000/" in fault]) >= 2
    archive.paths.clear()
    run(tmp_path, archive.base, annotator, retry=("damaged",))
    assert [path[5:9] for path in archive.paths] == ["2003", "2006"]
    assert (tmp_path / "policies.jsonl").read_bytes() == whole
    assert list(verify(tmp_path)) == []
    archive.paths.clear()
    run(tmp_path, archive.base, annotator, retry=("damaged",))
    assert archive.paths == []
