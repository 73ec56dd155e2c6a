"""Opening an archive by its URL or file name."""

from __future__ import annotations

import re
from pathlib import Path

from extractor.errors import UsageError
from extractor.wayback.archive import Archive
from extractor.wayback.file_archive import FileArchive
from extractor.wayback.politeness import Politeness, state_path
from extractor.wayback.wayback_machine import ClientOptions, WaybackMachine

_DEFAULT_CLIENT = ClientOptions()


def open_archive(
    base: str, *, rate: float, cdx_rate: float, connections: int, client: ClientOptions = _DEFAULT_CLIENT
) -> Archive:
    """The archive at `base`: the URL of a server that answers like web.archive.org, or a WARC or WACZ file.

    `rate` is in pages a second, `cdx_rate` in index queries a second, 0 for no limit; a file has no limits.
    Raises UsageError where `base` is neither, UnreadableError for a file of another kind.
    """
    if _is_server_url(base):
        return WaybackMachine(base, rate=rate, cdx_rate=cdx_rate, connections=connections, client=client)
    if "://" in base or not base:
        raise UsageError(f"{base!r} is no archive: name an http or https address, or a WARC or WACZ file.")
    if Path(base).is_dir():
        raise UsageError(f"{base} is a folder: name the WARC or WACZ file in it.")
    return FileArchive(Path(base))


def _is_server_url(base: str) -> bool:
    """Whether an archive is reached over the network."""
    return bool(re.match(r"https?://[^/]", base))


def current_wait(base: str) -> str:
    """Why requests to an archive wait, from any process on this machine; "" while they do not."""
    path = state_path(base)
    return Politeness(path).wait_reason() if _is_server_url(base) and path.exists() else ""
