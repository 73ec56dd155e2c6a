"""Mending a damaged WARC: what is whole in it is copied to another file, and the rest is planned again."""

from __future__ import annotations

import logging
import os
import zlib
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from extractor.layout import warc_files, warc_name, warc_number
from extractor.warcfile import scan_records
from extractor.wayback import Ledger

_log = logging.getLogger(__name__)


def repair_warcs(ledger: Ledger, archive: Path) -> None:
    """Replaces each damaged WARC in the archive folder by one with its whole records, and plans the others again.

    The new file is on disk before the ledger names it, and the old one is removed after that.
    """
    for part, end in ledger.warc.committed_sizes().items():
        if not _is_damaged(archive / part, ledger):
            continue
        new = warc_name(max(warc_number(file.name) for file in warc_files(archive)) + 1)
        moved, new_end = _copy_whole_records(archive / part, archive / new, ledger.warc.starts(part), end)
        planned = ledger.warc.replace_part(part, new, moved, new_end)
        (archive / part).unlink()
        _log.warning("%s was damaged: %s has what is whole, and %d captures are fetched again.", part, new, planned)


def _is_damaged(path: Path, ledger: Ledger) -> bool:
    """Whether a WARC cannot be read to its end, or has other bytes than the ledger says."""
    records, fault = scan_records(path, hashed=True)
    hashes = {record.position.offset: record.sha256 for record in records}
    entries = (entry for entry in ledger.with_bytes() if entry.position.part == path.name)
    return fault is not None or any(hashes.get(entry.position.offset) != entry.sha256 for entry in entries)


def _copy_whole_records(source: Path, target: Path, starts: list[int], end: int) -> tuple[dict[int, int], int]:
    """Copies the records that are whole; returns their new offsets by the old ones, and the size of the copy.

    `starts` are the offsets in the index: what follows such a record up to the next belongs to it.
    """
    moved: dict[int, int] = {}
    with source.open("rb") as read, target.open("wb") as write:
        for start, stop in pairwise(sorted({0, *starts, end})):
            read.seek(start)
            for number, member in enumerate(_whole_members(read.read(stop - start))):
                if not number:
                    moved[start] = write.tell()
                write.write(member)
        write.flush()
        os.fsync(write.fileno())
        return moved, write.tell()


def _whole_members(content: bytes) -> Iterator[bytes]:
    """The gzip members at the beginning of some bytes, up to the first that is damaged or cut."""
    while content:
        unzip = zlib.decompressobj(31)
        try:
            unzip.decompress(content)
        except zlib.error:
            return
        if not unzip.eof:
            return
        yield content[: len(content) - len(unzip.unused_data)]
        content = unzip.unused_data
