"""Writing a run's archive as a WACZ file (WACZ 1.1.1), which replayweb.page and pywb replay."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from warcio.timeutils import timestamp_to_iso_date

from extractor.files import write_atomically
from extractor.layout import CDXJ, warc_files
from extractor.version import VERSION

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class PageEntry:
    """A page in the list that a reader of the WACZ is shown."""

    url: str
    timestamp: str
    title: str


def write_wacz(archive: Path, path: Path, pages: Iterable[PageEntry], *, title: str) -> None:
    """Packs the WARCs and the CDXJ of an archive folder, and a list of its pages, into a WACZ.

    The WARCs are stored without compression, since a reader seeks in them.
    """
    with write_atomically(path) as out, zipfile.ZipFile(out, "w") as wacz:
        resources = [
            *(_add_file(wacz, file, f"archive/{file.name}", zipfile.ZIP_STORED) for file in warc_files(archive)),
            _add_file(wacz, archive / CDXJ, "indexes/index.cdx", zipfile.ZIP_DEFLATED),
            _add_text(wacz, "pages/pages.jsonl", _pages_jsonl(pages)),
        ]
        package = _add_text(wacz, "datapackage.json", json.dumps(_datapackage(resources, title), indent=2))
        digest = {"path": package["path"], "hash": package["hash"]}
        _add_text(wacz, "datapackage-digest.json", json.dumps(digest))


def _add_file(wacz: zipfile.ZipFile, source: Path, name: str, compression: int) -> dict[str, Any]:
    """Adds a file; returns its entry in the package's list."""
    digest = hashlib.sha256()
    info = zipfile.ZipInfo(name, date_time=datetime.now(timezone.utc).timetuple()[:6])
    info.compress_type = compression
    with source.open("rb") as read, wacz.open(info, "w", force_zip64=True) as write:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            write.write(chunk)
    return _resource(name, digest.hexdigest(), source.stat().st_size)


def _add_text(wacz: zipfile.ZipFile, name: str, text: str) -> dict[str, Any]:
    """Adds a text; returns its entry in the package's list."""
    content = text.encode()
    wacz.writestr(name, content, zipfile.ZIP_DEFLATED)
    return _resource(name, hashlib.sha256(content).hexdigest(), len(content))


def _resource(path: str, sha256: str, size: int) -> dict[str, Any]:
    """The entry of a file in the package's list."""
    return {"name": path.rpartition("/")[2], "path": path, "hash": f"sha256:{sha256}", "bytes": size}


def _pages_jsonl(pages: Iterable[PageEntry]) -> str:
    """The list of pages, one a line."""
    lines: list[dict[str, str]] = [{"format": "json-pages-1.0", "id": "pages", "title": "Policies"}]
    for number, page in enumerate(pages, 1):
        time = timestamp_to_iso_date(page.timestamp)
        lines.append({"id": str(number), "url": page.url, "ts": time, "title": page.title or page.url})
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def _datapackage(resources: list[dict[str, Any]], title: str) -> dict[str, Any]:
    """The description of the package."""
    return {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": title,
        "software": f"archived-policy {VERSION}",
        "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resources": resources,
    }
