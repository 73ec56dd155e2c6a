"""The names of the files in a run folder and a folder of shards."""

from __future__ import annotations

from pathlib import Path

LEDGER = "ledger.sqlite"
RECORDS = "policies.jsonl"
RECORD_NAMES = (RECORDS, f"{RECORDS}.gz", f"{RECORDS}.zst", "policies.parquet")
MANIFEST = "manifest.json"
REPORT = "report.html"
LOCK = ".lock"
ARCHIVE = "archive"
WARC = "captures.warc.gz"  # the first of a run's; see `warc_name`
CDXJ = "captures.cdxj"
SHARDS = "shards"
HISTORY = "history"
AUDIT = "audit"
TERMS = "terms"


def warc_name(number: int) -> str:
    """The name of a WARC of a run, numbered from 1.

    >>> warc_name(1), warc_name(2)
    ('captures.warc.gz', 'captures-00002.warc.gz')
    """
    return WARC if number == 1 else f"captures-{number:05}.warc.gz"


def warc_number(name: str) -> int:
    """The number of the WARC with a name; see `warc_name`."""
    return 1 if name == WARC else int(name.removeprefix("captures-").removesuffix(".warc.gz"))


def warc_files(archive: Path) -> list[Path]:
    """The WARCs in a run's archive folder, in their order."""
    return sorted(archive.glob("captures*.warc.gz"), key=lambda path: warc_number(path.name))


def is_run_folder(folder: Path) -> bool:
    """Whether `archived-policy run` made a folder."""
    return (folder / LEDGER).is_file()


def records_folder(place: Path) -> Path:
    """The folder that holds the records: a run folder itself, or the parent of a file of records."""
    return place if place.is_dir() else place.parent


def shard_file_name(number: int, count: int) -> str:
    """The name of the file with the records of a shard. Its manifest has the same name with .json.

    >>> shard_file_name(3, 8)
    '00003-of-00008.jsonl'
    """
    return f"{number:05}-of-{count:05}.jsonl"
