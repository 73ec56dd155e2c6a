"""The files of a run folder and of a folder of shards, by name. Only this file spells them."""

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


def is_run_folder(folder: Path) -> bool:
    """Whether `archived-policy run` made a folder."""
    return (folder / LEDGER).is_file()


def folder_of_records(place: Path) -> Path:
    """The folder that holds the records: a run folder itself, or the one that a file of records is in."""
    return place if place.is_dir() else place.parent


def shard_name(number: int, of: int) -> str:
    """The name of a shard's file of records; its manifest has the same name with .json.

    >>> shard_name(3, 8)
    '00003-of-00008.jsonl'
    """
    return f"{number:05}-of-{of:05}.jsonl"
