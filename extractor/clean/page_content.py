"""The content of a page, as the verdict's rules need it."""

from __future__ import annotations

from dataclasses import dataclass

from extractor.records import Block


@dataclass(frozen=True, slots=True)
class PageContent:
    """What was extracted from a page.

    `status` is the HTTP status, 0 if unknown; `source` the HTML, "" for other media; `notes` the problems on the way,
    for the record.
    """

    title: str = ""
    blocks: tuple[Block, ...] = ()
    text: str = ""
    language: str = ""
    status: int = 0
    source: str = ""
    notes: tuple[str, ...] = ()
