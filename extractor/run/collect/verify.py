"""`verify`: whether a run folder keeps what its ledger promises."""

from __future__ import annotations

import hashlib
import json
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import msgspec

from extractor.errors import UnreadableError
from extractor.exports import read_jsonl
from extractor.layout import ARCHIVE, LEDGER, MANIFEST, RECORDS, is_run_folder
from extractor.run.collect.follow import pages_elsewhere
from extractor.run.collect.plan import describe_failed_lookup
from extractor.run.collect.stand_ins import pending_stand_ins
from extractor.run.corpus import corpus_faults
from extractor.run.folder import count_records, file_faults, policy_faults
from extractor.warcfile import IndexedRecord, RecordPosition, read_record, scan_records
from extractor.wayback import Ledger, LedgerEntry

_RERUN = "run the same command again"


def verify(folder: Path) -> Iterator[str]:
    """The faults of a run folder or of a folder of shards, one sentence each.

    In a run folder every target was looked up, and every planned capture has one outcome; every record is valid, made
    of the bytes it names, and there once; those bytes are in the WARC with that hash, and nothing is in it twice;
    addresses that pages name for their policies were looked up; the manifest's counts and hashes hold. For shards see
    `corpus_faults`. Raises UnreadableError where `folder` is neither.
    """
    if not is_run_folder(folder):
        yield from corpus_faults(folder)
        return
    with closing(Ledger(folder / LEDGER, read_only=True)) as ledger:
        settings = ledger.settings()
        files = {file: scan_records(file, hashed=True) for file in sorted((folder / ARCHIVE).glob("*.warc.gz"))}
        hashes = {(file.name, r.position.offset): r.sha256 for file, (records, _) in files.items() for r in records}
        yield from _lookup_faults(ledger, folder, settings)
        for entry in ledger.entries():
            yield from _entry_faults(entry, folder, settings, hashes)
        yield from _record_faults(ledger.entries("annotated"), folder / RECORDS)
        yield from _link_faults(ledger, folder / RECORDS)
        yield from _stand_in_faults(ledger, folder)
        yield from _warc_faults(ledger.warc.offsets(), files)
        yield from _manifest_faults(folder, ledger)


def _lookup_faults(ledger: Ledger, folder: Path, settings: dict[str, str]) -> Iterator[str]:
    """The targets whose look-up failed or was not begun: the folder is not complete."""
    for name, reason in ledger.lookups.targets():
        fault = describe_failed_lookup(name, reason) if reason else f"{name} was not looked up."
        yield f"{fault} `{_run_command(name, folder, settings)}` goes on."


def _entry_faults(
    entry: LedgerEntry, folder: Path, settings: dict[str, str], hashes: dict[tuple[str, int], str]
) -> Iterator[str]:
    """The faults of a planned capture: no outcome yet, no reason, or bytes that are gone or changed."""
    name = f"{entry.capture.timestamp}/{entry.capture.original}"
    command = f"`{_run_command(entry.capture.target, folder, settings)}`"
    if entry.state in ("planned", "fetched"):
        yield f"{name} is {entry.state} and not annotated: {command} goes on."
    if entry.state == "failed" and not (entry.outcome and entry.reason):
        yield f"{name} failed without a reason."
    if entry.state in ("planned", "failed"):
        return
    try:
        found = hashes.get((entry.position.part, entry.position.offset)) or _hash_at(folder / ARCHIVE, entry.position)
    except UnreadableError as error:
        yield f"{name}: {error} Move {folder} away and fetch it anew: {command}."
        return
    if found != entry.sha256:
        yield f"{name}: its bytes in the WARC are not those that were fetched. Move {folder} away, then {command}."


def _hash_at(archive: Path, position: RecordPosition) -> str:
    """The hash of a record that reading through its WARC did not reach, as it lies behind damage or is gone."""
    return hashlib.sha256(read_record(archive / position.part, position).content).hexdigest()


def _run_command(target: str, folder: Path, settings: dict[str, str]) -> str:
    """The command that fetches what a folder lacks of a target."""
    words = ["archived-policy", "run", target, "-o", str(folder)]
    for option, name in (("--archive-base", "archive"), ("--every", "every"), ("--from", "from"), ("--to", "to")):
        if settings.get(name):
            words += [option, settings[name]]
    return shlex.join(words)


def _record_faults(entries: Iterable[LedgerEntry], path: Path) -> Iterator[str]:
    """The faults of the records: one too few or too many, one that is invalid or made from other bytes."""
    expected = Counter((f"{e.capture.timestamp}/{e.capture.original}", e.sha256) for e in entries)
    found: Counter[tuple[str, str]] = Counter()
    try:
        for policy in read_jsonl(path):
            found[policy.id, policy.capture.sha256] += 1
            yield from policy_faults(policy)
    except UnreadableError as error:
        yield f"{error} Run the same command again."
    yield from (f"{name} has no record: {_RERUN}." for name, _ in expected - found)
    yield from (f"{name} has a record that the ledger does not know." for name, _ in found - expected)


def _link_faults(ledger: Ledger, path: Path) -> Iterator[str]:
    """The pages that name another address for the policy, if that was not looked up in the archive."""
    with suppress(OSError, msgspec.DecodeError):  # reported as a fault of the records
        pages = {page.id: page.provenance.elsewhere for page in pages_elsewhere(path)}
        looked_up = ledger.followed.pages()
        left = ((name, address) for name, address in pages.items() if name not in looked_up)
        yield from (f"{name} names {address}, which was not looked up: {_RERUN}." for name, address in left)


def _stand_in_faults(ledger: Ledger, folder: Path) -> Iterator[str]:
    """The periods without a usable page of which another capture was not tried."""
    with suppress(OSError, msgspec.DecodeError):  # reported as a fault of the records
        for choice in pending_stand_ins(folder, ledger):
            name = f"{choice.capture.timestamp}/{choice.capture.original}"
            yield f"{name} was not tried ({choice.why}): {_RERUN}."


def _warc_faults(
    indexed: set[tuple[str, str, int]], files: dict[Path, tuple[list[IndexedRecord], UnreadableError | None]]
) -> Iterator[str]:
    """Where the WARC and its index differ: a record that is there twice, one that is missing, one nobody planned."""
    for file, (records, fault) in files.items():
        if fault and (records or indexed):
            yield f"{fault} Run the same command again."
        found = Counter((record.capture.original, record.capture.timestamp) for record in records)
        yield from (f"{stamp}/{url} is in {file.name} {n} times." for (url, stamp), n in found.items() if n > 1)
        places = {(r.capture.original, r.capture.timestamp, r.position.offset) for r in records}
        yield from (f"{stamp}/{url} is not in {file.name}, where its index says." for url, stamp, _ in indexed - places)
        yield from (f"{stamp}/{url} is in {file.name} and not in the ledger." for url, stamp, _ in places - indexed)


def _manifest_faults(folder: Path, ledger: Ledger) -> Iterator[str]:
    """Where the files or the counts are not those in the manifest."""
    try:
        manifest: dict[str, Any] = json.loads((folder / MANIFEST).read_bytes())
    except (OSError, ValueError) as error:
        yield f"{MANIFEST} cannot be read ({error}): {_RERUN}."
        return
    yield from file_faults(folder, manifest, _RERUN)
    yield from _count_faults(manifest, ledger, folder)


def _count_faults(manifest: dict[str, Any], ledger: Ledger, folder: Path) -> Iterator[str]:
    """Where the manifest's counts are not those of the ledger and of the records."""
    found = {"captures": ledger.counts.by_state(), "outcomes": ledger.counts.by_outcome()}
    if "targets" in manifest:  # not in those of earlier versions
        found["targets"] = ledger.counts.targets()
    with suppress(UnreadableError):  # reported as a fault of the records
        counts = count_records(read_jsonl(folder / RECORDS))
        found["records"] = {name: counts[name] for name in counts if name in manifest.get("records", counts)}
    for name, counts in found.items():
        if manifest.get(name) != counts:
            yield f"{MANIFEST} counts {name} as {manifest.get(name)}, not {counts}: {_RERUN}."
