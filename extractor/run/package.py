"""`export --format wacz`: a run folder's archive in one file."""

from __future__ import annotations

from pathlib import Path

from extractor.errors import UnreadableError
from extractor.exports import read_jsonl
from extractor.wayback import Entrance, write_wacz


def export_wacz(folder: Path, path: Path) -> None:
    """Packs what a run fetched into a WACZ. Raises UnreadableError where `folder` is no run folder."""
    if not (folder / "archive").is_dir():
        raise UnreadableError(f"{folder} is no run folder: it has no archive/.")
    policies = read_jsonl(folder / "policies.jsonl")
    entrances = (Entrance(p.capture.url, p.capture.timestamp, p.title) for p in policies)
    write_wacz(folder / "archive", path, entrances, title=f"Privacy policies in {folder.name}")
