"""From what a user calls an archive to the archive."""

from __future__ import annotations

import re
from pathlib import Path

from extractor.errors import UsageError
from extractor.wayback.archive import Archive
from extractor.wayback.file import FileArchive
from extractor.wayback.machine import WaybackMachine


def open_archive(base: str, *, rate: float, cdx_rate: float, connections: int) -> Archive:
    """The archive at `base`: the URL of one that answers as web.archive.org does, or a WARC or WACZ file.

    `rate` is in pages a second, `cdx_rate` in index queries a second, 0 for no limit; a file knows no limits. Raises
    UsageError where the name is neither, UnreadableError where the file is none of these.
    """
    if re.match(r"https?://[^/]", base):
        return WaybackMachine(base, rate=rate, cdx_rate=cdx_rate, connections=connections)
    if "://" in base or not base:
        raise UsageError(f"{base!r} is no archive: name an http or https address, or a WARC or WACZ file.")
    if Path(base).is_dir():
        raise UsageError(f"{base} is a folder: name the WARC or WACZ file in it.")
    return FileArchive(Path(base))
