"""Bytes in the WARC to records: a pure function of the archive folder and the model, shard by shard.

A shard's file is named after what it was made of, so a complete one is never made again and a stale one never kept.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from extractor.atomic import write_atomically
from extractor.errors import UnreadableError
from extractor.exports import write_jsonl
from extractor.records import Snapshot
from extractor.run.annotator import Annotator
from extractor.version import VERSION
from extractor.warcfile import Page, read
from extractor.wayback import Entry

SHARD = 250  # captures


def build_records(entries: Iterator[Entry], folder: Path, annotator: Annotator, *, workers: int) -> Iterator[int]:
    """Writes `policies.jsonl` with a record for each entry, in their order; gives how many are done as it goes."""
    shards = folder / "shards"
    kept: list[Path] = []
    shards.mkdir(exist_ok=True)
    while batch := list(islice(entries, SHARD)):
        kept.append(shards / f"{len(kept):05}-{fingerprint(batch, annotator)}.jsonl")
        if not kept[-1].exists():
            pages = (snapshot_of(entry, folder / "archive") for entry in batch)
            write_jsonl(annotator.pipe(pages, workers=workers if len(batch) == SHARD else 1), kept[-1])
        yield SHARD * (len(kept) - 1) + len(batch)
    merge(kept, folder / "policies.jsonl")
    for stale in set(shards.iterdir()) - set(kept):
        stale.unlink()


def merge(shards: list[Path], path: Path) -> None:
    """Writes the shards one after another to one file."""
    with write_atomically(path) as out:
        for shard in shards:
            with shard.open("rb") as lines:
                shutil.copyfileobj(lines, out)


def fingerprint(batch: list[Entry], annotator: Annotator) -> str:
    """What a shard is made of: the version, the model, and which bytes stand for which captures."""
    digest = hashlib.sha256(f"{VERSION} {annotator.model.sha256}".encode())
    for entry in batch:
        digest.update(
            repr((entry.capture, entry.outcome, entry.sha256, entry.served_url, entry.served_timestamp)).encode()
        )
    return digest.hexdigest()[:16]


def snapshot_of(entry: Entry, archive_folder: Path) -> Snapshot:
    """The snapshot whose bytes the WARC holds; empty where they cannot be read, which `verify` tells apart."""
    try:
        page = read(archive_folder / entry.place.part, entry.place)
    except UnreadableError:
        page = Page(0, "", "", b"")
    return Snapshot(
        page.content,
        entry.capture,
        content_type=page.content_type,
        status=page.status,
        archive_url=entry.archive_url,
        served_url=entry.served_url,
        served_timestamp=entry.served_timestamp,
        outcome=entry.outcome,
    )
