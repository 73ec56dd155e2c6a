"""`verify`: does a run folder keep what its ledger promises?"""

from __future__ import annotations

import hashlib
import json
import shlex
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from itertools import pairwise
from pathlib import Path
from typing import Any

from extractor.errors import UnreadableError
from extractor.exports import read_jsonl
from extractor.records import Policy
from extractor.run.collect.records import is_whole
from extractor.run.corpus.merge import (
    division,
    divisions,
    hash_of,
    is_of_merge,
    manifests,
    merged_lines,
    read_manifest,
    shard_faults,
)
from extractor.run.corpus.shard import SHARDS, Made
from extractor.run.folder.manifest import COUNTED, count_records, counted, fingerprint
from extractor.run.studies.export import RECORDS
from extractor.warcfile import Indexed, Place, readable
from extractor.warcfile import read as read_record
from extractor.wayback import Entry, Ledger


def verify(folder: Path) -> Iterator[str]:
    """The faults of a run folder, or of a folder of shards, one sentence each; none if it keeps its promises.

    Every planned capture has one outcome; every record is valid, made of the bytes it names, and there once; those
    bytes are in the WARC with that hash, and nothing stands there twice; the manifest's counts and hashes hold, and no
    shard is damaged. Of shards see `_corpus_faults`.
    Raises UnreadableError where `folder` is neither.
    """
    if not (folder / "ledger.sqlite").is_file():
        yield from _corpus_faults(folder)
        return
    with closing(Ledger(folder / "ledger.sqlite", read_only=True)) as ledger:
        settings = ledger.settings()
        files = {file: readable(file, hashed=True) for file in sorted((folder / "archive").glob("*.warc.gz"))}
        hashes = {(file.name, r.place.offset): r.sha256 for file, (records, _) in files.items() for r in records}
        for entry in ledger.entries():
            yield from _entry_faults(entry, folder, settings, hashes)
        yield from _record_faults(ledger.entries("annotated"), folder / "policies.jsonl")
        yield from _warc_faults(ledger.cdxj_places(), files)
        yield from _manifest_faults(folder, ledger)
        yield from _damaged_shards(folder / "shards")


def _entry_faults(
    entry: Entry, folder: Path, settings: dict[str, str], hashes: dict[tuple[str, int], str]
) -> Iterator[str]:
    """What is wrong with a planned capture: no outcome yet, no reason, or bytes that are gone or changed."""
    name = f"{entry.capture.timestamp}/{entry.capture.original}"
    mend = f"`{_command(entry.capture.target, folder, settings)}`"
    if entry.state in ("planned", "fetched"):
        yield f"{name} is {entry.state} and not annotated: {mend} goes on."
    if entry.state == "failed" and not (entry.outcome and entry.reason):
        yield f"{name} failed without a reason."
    if entry.state in ("planned", "failed"):
        return
    try:
        found = hashes.get((entry.place.part, entry.place.offset)) or _hash_at(folder / "archive", entry.place)
    except UnreadableError as error:
        yield f"{name}: {error} Move {folder} away and fetch it anew: {mend}."
        return
    if found != entry.sha256:
        yield f"{name}: its bytes in the WARC are not those that were fetched. Move {folder} away, then {mend}."


def _hash_at(archive: Path, place: Place) -> str:
    """The hash of a record that the way through its WARC did not come to: behind damage, or gone."""
    return hashlib.sha256(read_record(archive / place.part, place).content).hexdigest()


def _command(target: str, folder: Path, settings: dict[str, str]) -> str:
    """The command that fetches what a folder lacks of a target."""
    words = ["archived-policy", "run", target, "-o", str(folder)]
    for option, name in (("--archive-base", "archive"), ("--every", "every"), ("--from", "from"), ("--to", "to")):
        if settings.get(name):
            words += [option, settings[name]]
    return shlex.join(words)


def _record_faults(entries: Iterable[Entry], path: Path) -> Iterator[str]:
    """What is wrong with the records: one too few or too many, one that is invalid or made of other bytes."""
    expected = Counter((f"{e.capture.timestamp}/{e.capture.original}", e.sha256) for e in entries)
    found: Counter[tuple[str, str]] = Counter()
    try:
        for policy in read_jsonl(path):
            found[policy.id, policy.capture.sha256] += 1
            yield from (f"{policy.id}: {fault}" for fault in _policy_faults(policy))
    except UnreadableError as error:
        yield f"{error} Run the same command again."
    yield from (f"{name} has no record: run the same command again." for name, _ in expected - found)
    yield from (f"{name} has a record that the ledger does not know." for name, _ in found - expected)


def _policy_faults(policy: Policy) -> Iterator[str]:
    """Where a record breaks the rule of offsets."""
    for segment in policy.segments:
        if policy.text[segment.start : segment.end] != segment.text:
            yield f"the offsets of segment {segment.index} do not give its text."
    for before, after in pairwise(policy.segments):
        if after.start < before.end or after.index != before.index + 1:
            yield f"segments {before.index} and {after.index} overlap or are out of order."


def _warc_faults(
    indexed: set[tuple[str, str, int]], files: dict[Path, tuple[list[Indexed], UnreadableError | None]]
) -> Iterator[str]:
    """Where the WARC and its index differ: a record that is there twice, one that is missing, one nobody planned."""
    for file, (records, fault) in files.items():
        if fault and (records or indexed):
            yield f"{fault} Run the same command again."
        found = Counter((record.capture.original, record.capture.timestamp) for record in records)
        yield from (f"{stamp}/{url} stands in {file.name} {n} times." for (url, stamp), n in found.items() if n > 1)
        places = {(r.capture.original, r.capture.timestamp, r.place.offset) for r in records}
        yield from (f"{stamp}/{url} is not in {file.name}, where its index says." for url, stamp, _ in indexed - places)
        yield from (f"{stamp}/{url} is in {file.name} and not in the ledger." for url, stamp, _ in places - indexed)


def _damaged_shards(shards: Path) -> Iterator[str]:
    """Which shards are not as they were written. One that is missing is built again where it is needed."""
    for shard in sorted(shards.glob("*.jsonl")):
        if not is_whole(shard):
            yield f"shards/{shard.name} is damaged: run the same command again."


def _manifest_faults(folder: Path, ledger: Ledger) -> Iterator[str]:
    """Where the files are not those that the manifest names, or not as many."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError) as error:
        yield f"manifest.json cannot be read ({error}): run the same command again."
        return
    yield from _file_faults(folder, manifest, "run the same command again")
    yield from _count_faults(manifest, ledger, folder)


def _file_faults(folder: Path, manifest: dict[str, Any], mend: str) -> Iterator[str]:
    """Where the files are not those that a manifest names."""
    for name, known in manifest.get("files", {}).items():
        if not (folder / name).is_file():
            yield f"{name} is missing: {mend}."
        elif fingerprint(folder / name) != known:
            yield f"{name} is not the file that the manifest names: {mend}."


def _count_faults(manifest: dict[str, Any], ledger: Ledger, folder: Path) -> Iterator[str]:
    """Where the manifest's counts are not those of the ledger and of the records."""
    found = {"captures": ledger.counts(), "outcomes": ledger.outcomes()}
    with suppress(UnreadableError):  # said before
        found["records"] = count_records(read_jsonl(folder / "policies.jsonl"))
    for name, counts in found.items():
        if manifest.get(name) != counts:
            yield f"manifest.json counts {name} as {manifest.get(name)}, not {counts}: run the same command again."


def _corpus_faults(folder: Path) -> Iterator[str]:
    """What is wrong with the shards in a folder, and with the corpus that was merged of them, if it was.

    Every shard is there, whole, and made as the others, and every part of the corpus is in one of them; every record is
    valid; the merged corpus has the records of the shards, and the counts and hashes of its manifest.
    Raises UnreadableError where the folder has neither.
    """
    manifest = read_manifest(folder / "manifest.json")
    merged = is_of_merge(manifest)
    if not merged and not divisions(folder):
        raise UnreadableError(f"{folder} is no run folder: it has no ledger.sqlite, and it holds no shards.")
    made: list[Made] = []
    if divisions(folder):
        of = division(folder)
        faults = list(shard_faults(folder, of))
        yield from faults
        made = [] if faults else [found for _, found in manifests(folder, of) if found]
    if merged:
        yield from _merge_faults(folder, manifest, made)
    yield from (
        f"{name} has no manifest.json that can be read: merge again."
        for name in RECORDS
        if not merged and (folder / name).exists()
    )
    for shard in () if merged else made:
        yield from _holding_faults(folder / SHARDS, shard.files, shard.records)


def _merge_faults(folder: Path, manifest: dict[str, Any], made: list[Made]) -> Iterator[str]:
    """What is wrong with a merged corpus."""
    again = f"`archived-policy merge {shlex.quote(str(folder))}` again"
    if made and hash_of(merged_lines(folder, made)) != manifest["records_sha256"]:
        yield f"The shards changed since they were merged: {again}."
    faults = list(_file_faults(folder, manifest, again))
    yield from faults or _holding_faults(folder, manifest["files"], manifest["records"])


def _holding_faults(folder: Path, names: Iterable[str], counts: dict[str, int]) -> Iterator[str]:
    """Where the records of files are not valid, or not as many as their manifest says."""
    for name in names:
        found = dict.fromkeys(COUNTED, 0)
        try:
            for policy in counted(read_jsonl(folder / name), found):
                yield from (f"{policy.id}: {fault}" for fault in _policy_faults(policy))
        except UnreadableError as error:
            yield str(error)
        else:
            if found != counts:
                yield f"The manifest of {name} counts {counts}, not {found}."
