"""Bytes in the WARC to records: a pure function of the archive folder and the model, shard by shard.

A shard's file is named after what it was made of and what it holds, so a whole one is never made again, and neither a
stale nor a damaged one is kept.
"""

from __future__ import annotations

import hashlib
import logging
import shutil
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from extractor.errors import UnreadableError
from extractor.exports import write_jsonl
from extractor.files import write_atomically
from extractor.records import Snapshot
from extractor.run.folder.manifest import fingerprint as sha256_of
from extractor.run.pipeline.annotator import TOGETHER, Annotator
from extractor.version import VERSION
from extractor.warcfile import Page, read
from extractor.wayback import Entry

_log = logging.getLogger(__name__)

_SHARD = 250  # captures
_LETTERS = 16  # of each hash in a shard's name
_LOST = "of-damaged-bytes"  # in the name of a shard of bytes that were not whole, which the next run makes again


def build_records(entries: Iterator[Entry], folder: Path, annotator: Annotator, *, workers: int) -> Iterator[int]:
    """Writes `policies.jsonl` with a record for each entry, in their order; gives how many are done as it goes."""
    shards = folder / "shards"
    kept: list[Path] = []
    shards.mkdir(exist_ok=True)
    while batch := list(islice(entries, _SHARD)):
        name = f"{len(kept):05}-{_fingerprint(batch, annotator)}"
        kept.append(_whole_shard(shards, name) or _build(batch, folder, annotator, name, workers))
        yield _SHARD * (len(kept) - 1) + len(batch)
    _merge(kept, folder / "policies.jsonl")
    for stale in set(shards.iterdir()) - set(kept):
        stale.unlink()


def _whole_shard(shards: Path, name: str) -> Path | None:
    """The shard with a name and all that it held when it was written, None where there is none."""
    for path in shards.glob(f"{name}-*.jsonl"):
        if is_whole(path):
            return path
        _log.warning("%s is damaged and is built again.", path)
    return None


def is_whole(shard: Path) -> bool:
    """Whether a shard holds what its name says."""
    return shard.stem.endswith(f"-{_hash_of(shard)}")


def _hash_of(path: Path) -> str:
    """The beginning of the SHA-256 of a file."""
    return str(sha256_of(path)["sha256"])[:_LETTERS]


def _build(batch: list[Entry], folder: Path, annotator: Annotator, name: str, workers: int) -> Path:
    """Writes the shard of a batch of captures and gives its path."""
    lost: list[str] = []
    pages = (_snapshot_of(entry, folder / "archive", lost) for entry in batch)
    draft = folder / "shards" / f"{name}.jsonl"
    workers = workers if len(batch) == _SHARD else 1
    write_jsonl(annotator.pipe(pages, workers=workers, together=TOGETHER), draft)
    if lost:
        _log.warning("The bytes of %s are not whole in the WARC: `verify` names each capture.", ", ".join(lost[:3]))
        name = f"{name[:5]}-{_LOST}"
    return draft.replace(draft.with_name(f"{name}-{_hash_of(draft)}.jsonl"))


def _merge(shards: list[Path], path: Path) -> None:
    """Writes the shards one after another to one file."""
    with write_atomically(path) as out:
        for shard in shards:
            with shard.open("rb") as lines:
                shutil.copyfileobj(lines, out)


def _fingerprint(batch: list[Entry], annotator: Annotator) -> str:
    """What a shard is made of: the version, the model, and which bytes stand for which captures."""
    digest = hashlib.sha256(f"{VERSION} {annotator.model.version} {annotator.model.sha256}".encode())
    for entry in batch:
        digest.update(
            repr((entry.capture, entry.outcome, entry.sha256, entry.served_url, entry.served_timestamp)).encode()
        )
    return digest.hexdigest()[:_LETTERS]


def _snapshot_of(entry: Entry, archive_folder: Path, lost: list[str]) -> Snapshot:
    """The snapshot whose bytes the WARC holds, empty where they cannot be read.

    Where they are not those that were fetched, the capture is named in `lost`.
    """
    try:
        page = read(archive_folder / entry.place.part, entry.place)
    except UnreadableError:
        page = Page(0, "", "", b"")
    snapshot = Snapshot(
        page.content,
        entry.capture,
        content_type=page.content_type,
        status=page.status,
        archive_url=entry.archive_url,
        served_url=entry.served_url,
        served_timestamp=entry.served_timestamp,
        outcome=entry.outcome,
    )
    if snapshot.sha256 != entry.sha256:
        lost.append(snapshot.id)
    return snapshot
