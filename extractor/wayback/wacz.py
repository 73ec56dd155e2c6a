"""A run's archive as one WACZ file, which replayweb.page and pywb replay (WACZ 1.1.1)."""

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
from extractor.version import VERSION
from extractor.wayback.warc import INDEX_FILE, STORE_FILE

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Entrance:
    """A page to begin with: what a reader of the WACZ is shown a list of."""

    url: str
    timestamp: str
    title: str


def write_wacz(archive: Path, path: Path, entrances: Iterable[Entrance], *, title: str) -> None:
    """Packs the WARC and CDXJ of an archive folder, and a list of pages to begin with, into a WACZ.

    The WARC is stored as it is, since a reader seeks in it.
    """
    with write_atomically(path) as out, zipfile.ZipFile(out, "w") as bag:
        resources = [
            _add_file(bag, archive / STORE_FILE, f"archive/{STORE_FILE}", zipfile.ZIP_STORED),
            _add_file(bag, archive / INDEX_FILE, "indexes/index.cdx", zipfile.ZIP_DEFLATED),
            _add_text(bag, "pages/pages.jsonl", _pages_jsonl(entrances)),
        ]
        package = _add_text(bag, "datapackage.json", json.dumps(_datapackage(resources, title), indent=2))
        digest = {"path": package["path"], "hash": package["hash"]}
        _add_text(bag, "datapackage-digest.json", json.dumps(digest))


def _add_file(bag: zipfile.ZipFile, source: Path, name: str, compression: int) -> dict[str, Any]:
    """Adds a file to the bag; gives its line in the package's list."""
    digest = hashlib.sha256()
    info = zipfile.ZipInfo(name, date_time=datetime.now(timezone.utc).timetuple()[:6])
    info.compress_type = compression
    with source.open("rb") as read, bag.open(info, "w", force_zip64=True) as write:
        while chunk := read.read(_CHUNK):
            digest.update(chunk)
            write.write(chunk)
    return _resource(name, digest.hexdigest(), source.stat().st_size)


def _add_text(bag: zipfile.ZipFile, name: str, text: str) -> dict[str, Any]:
    """Adds a text to the bag; gives its line in the package's list."""
    content = text.encode()
    bag.writestr(name, content, zipfile.ZIP_DEFLATED)
    return _resource(name, hashlib.sha256(content).hexdigest(), len(content))


def _resource(path: str, sha256: str, size: int) -> dict[str, Any]:
    """A file as the package lists it."""
    return {"name": path.rpartition("/")[2], "path": path, "hash": f"sha256:{sha256}", "bytes": size}


def _pages_jsonl(entrances: Iterable[Entrance]) -> str:
    """The list of pages, a line each."""
    lines: list[dict[str, str]] = [{"format": "json-pages-1.0", "id": "pages", "title": "Policies"}]
    for number, page in enumerate(entrances, 1):
        time = timestamp_to_iso_date(page.timestamp)
        lines.append({"id": str(number), "url": page.url, "ts": time, "title": page.title or page.url})
    return "".join(f"{json.dumps(line)}\n" for line in lines)


def _datapackage(resources: list[dict[str, Any]], title: str) -> dict[str, Any]:
    """What the package says of itself."""
    return {
        "profile": "data-package",
        "wacz_version": "1.1.1",
        "title": title,
        "software": f"archived-policy {VERSION}",
        "created": datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "resources": resources,
    }
