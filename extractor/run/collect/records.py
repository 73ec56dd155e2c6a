"""The bytes in the WARC to `policies.jsonl`: the records depend on the archive folder and the model alone."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Generator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from extractor.errors import UnreadableError
from extractor.layout import ARCHIVE, RECORDS, SHARDS
from extractor.records import Snapshot
from extractor.run.corpus import Origin, append_records, open_draft, origin_of, skip_recorded
from extractor.run.folder import is_listed_unchanged
from extractor.run.pipeline import BATCH_SIZE, Annotator
from extractor.warcfile import ArchivedResponse, read_record
from extractor.wayback import Ledger, LedgerEntry

_log = logging.getLogger(__name__)

_MIN_PAGES_FOR_WORKERS = 250  # fewer are annotated before several processes have loaded the model
_MAX_NAMED_CAPTURES = 3


def build_records(ledger: Ledger, folder: Path, annotator: Annotator, *, workers: int) -> Generator[int, None, None]:
    """Writes `policies.jsonl` with a record for each capture that has bytes; yields how many are done as it goes on.

    They are in the order of the plan. Records that an earlier run made from the same bytes are kept.
    """
    path = folder / RECORDS
    damaged: list[str] = []
    with open_draft(path) as draft:
        if is_listed_unchanged(path):
            draft.begin_with(path)
        paths = ledger.followed.paths()
        rest, kept = skip_recorded(ledger.with_bytes(), draft, annotator.identity, partial(_origin_of_entry, paths))
        if kept:
            yield kept
        first = list(islice(rest, _MIN_PAGES_FOR_WORKERS))
        workers = workers if len(first) == _MIN_PAGES_FOR_WORKERS else 1
        pages = (
            replace(_read_snapshot(entry, folder / ARCHIVE, damaged), followed_from=paths.get(entry.id, ()))
            for entry in chain(first, rest)
        )
        yield from append_records(annotator.pipe(pages, workers=workers, batch_size=BATCH_SIZE), draft, kept)
        draft.publish()
    if damaged:
        names = ", ".join(damaged[:_MAX_NAMED_CAPTURES])
        _log.warning("The bytes of %s are not whole in the WARC: `verify` names each capture.", names)
    shutil.rmtree(folder / SHARDS, ignore_errors=True)  # where releases before this one kept the records again


def _origin_of_entry(paths: Mapping[int, tuple[str, ...]], entry: LedgerEntry) -> Origin:
    """The origin that the record of an entry has, by the ledger and the ids of the pages that led to it."""
    origin = origin_of(snapshot_without_bytes(entry, paths))
    return origin._replace(capture=replace(origin.capture, sha256=entry.sha256))


def _read_snapshot(entry: LedgerEntry, archive: Path, damaged: list[str]) -> Snapshot:
    """The snapshot of an entry with its bytes from the WARC, empty where they cannot be read.

    Where they are not those that were fetched, the capture is added to `damaged`.
    """
    try:
        page = read_record(archive / entry.position.part, entry.position)
    except UnreadableError:
        page = ArchivedResponse(0, "", "", b"")
    snapshot = _snapshot(entry, page)
    if snapshot.sha256 != entry.sha256:
        damaged.append(snapshot.id)
    return snapshot


def snapshot_without_bytes(entry: LedgerEntry, paths: Mapping[int, tuple[str, ...]]) -> Snapshot:
    """The snapshot of an entry without its bytes; `paths` are the ids of the pages that led to each entry."""
    snapshot = _snapshot(entry, ArchivedResponse(0, "", "", b""))
    return replace(snapshot, followed_from=paths.get(entry.id, ()))


def _snapshot(entry: LedgerEntry, page: ArchivedResponse) -> Snapshot:
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
