"""What the room's judges are given."""

from __future__ import annotations

from dataclasses import dataclass

from extractor.records import Block


@dataclass(frozen=True, slots=True)
class Reading:
    """What was read of a page: `status` is the one it was served with, 0 where unknown; `source` its HTML, "" for
    other media; `notes` what went wrong on the way, for the record."""

    title: str = ""
    blocks: tuple[Block, ...] = ()
    text: str = ""
    language: str = ""
    status: int = 0
    source: str = ""
    notes: tuple[str, ...] = ()
