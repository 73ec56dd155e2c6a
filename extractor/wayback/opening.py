"""From what a user calls an archive to the archive."""

from __future__ import annotations

import re
from pathlib import Path

from extractor.errors import UsageError
from extractor.wayback.archive import Archive
from extractor.wayback.file import FileArchive
from extractor.wayback.machine import Visitor, WaybackMachine
from extractor.wayback.politeness import Politeness, state_path

_ANYBODY = Visitor()


def open_archive(base: str, *, rate: float, cdx_rate: float, connections: int, visitor: Visitor = _ANYBODY) -> Archive:
    """The archive at `base`: the URL of one that answers as web.archive.org does, or a WARC or WACZ file.

    `rate` is in pages a second, `cdx_rate` in index queries a second, 0 for no limit; a file knows no limits.
    Raises UsageError where the name is neither, UnreadableError where the file is none of these.
    """
    if _is_server(base):
        return WaybackMachine(base, rate=rate, cdx_rate=cdx_rate, connections=connections, visitor=visitor)
    if "://" in base or not base:
        raise UsageError(f"{base!r} is no archive: name an http or https address, or a WARC or WACZ file.")
    if Path(base).is_dir():
        raise UsageError(f"{base} is a folder: name the WARC or WACZ file in it.")
    return FileArchive(Path(base))


def _is_server(base: str) -> bool:
    """Whether an archive is one to ask over the network."""
    return bool(re.match(r"https?://[^/]", base))


def waiting_for(base: str) -> str:
    """What requests to an archive wait for, from any process on this machine; "" while they do not."""
    path = state_path(base)
    return Politeness(path).waiting() if _is_server(base) and path.exists() else ""
