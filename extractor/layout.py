"""The names of the files in a run folder and a folder of shards."""

from __future__ import annotations

from pathlib import Path

LEDGER = "ledger.sqlite"
RECORDS = "policies.jsonl"
RECORD_NAMES = (RECORDS, f"{RECORDS}.gz", f"{RECORDS}.zst")
MANIFEST = "manifest.json"
REPORT = "report.html"
LOCK = ".lock"
ARCHIVE = "archive"
WARC = "captures.warc.gz"
CDXJ = "captures.cdxj"
SHARDS = "shards"
HISTORY = "history"
AUDIT = "audit"
TERMS = "terms"


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
