"""`verify`: does a run folder keep what its ledger promises?"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Any

from extractor.errors import UnreadableError
from extractor.exports import read_jsonl
from extractor.records import Policy
from extractor.run.manifest import fingerprint
from extractor.warcfile import read
from extractor.wayback import Entry, Ledger


def verify(folder: Path) -> Iterator[str]:
    """The faults of a run folder, one sentence each; none if every planned capture has an outcome, every record is
    valid and made of the bytes it names, those bytes are in the WARC, and the manifest's hashes hold.

    Raises UnreadableError where `folder` is no run folder.
    """
    if not (folder / "ledger.sqlite").is_file():
        raise UnreadableError(f"{folder} is no run folder: it has no ledger.sqlite.")
    with closing(Ledger(folder / "ledger.sqlite", read_only=True)) as ledger:
        entries = list(ledger.entries())
    yield from (fault for entry in entries for fault in entry_faults(entry, folder / "archive"))
    yield from record_faults([entry for entry in entries if entry.state == "annotated"], folder / "policies.jsonl")
    yield from manifest_faults(folder)


def entry_faults(entry: Entry, archive: Path) -> Iterator[str]:
    """What is wrong with a planned capture: no outcome yet, or bytes that are gone or changed."""
    name = f"{entry.capture.timestamp}/{entry.capture.original}"
    if entry.state in ("planned", "fetched"):
        yield f"{name} is {entry.state} and not annotated: run the same command again."
    if entry.state in ("planned", "failed"):
        return
    try:
        content = read(archive / entry.place.part, entry.place).content
    except UnreadableError as error:
        yield f"{name}: {error}"
        return
    if hashlib.sha256(content).hexdigest() != entry.sha256:
        yield f"{name}: its bytes in the WARC are not those that were fetched."


def record_faults(entries: list[Entry], path: Path) -> Iterator[str]:
    """What is wrong with the records: one too few or too many, one that is invalid or made of other bytes."""
    expected = Counter((f"{e.capture.timestamp}/{e.capture.original}", e.sha256) for e in entries)
    found: Counter[tuple[str, str]] = Counter()
    try:
        for policy in read_jsonl(path):
            found[policy.id, policy.capture.sha256] += 1
            yield from (f"{policy.id}: {fault}" for fault in policy_faults(policy))
    except UnreadableError as error:
        yield str(error)
    yield from (f"{name} has no record: run the same command again." for name, _ in expected - found)
    yield from (f"{name} has a record that the ledger does not know." for name, _ in found - expected)


def policy_faults(policy: Policy) -> Iterator[str]:
    """Where a record breaks the rule of offsets."""
    for segment in policy.segments:
        if policy.text[segment.start : segment.end] != segment.text:
            yield f"the offsets of segment {segment.index} do not give its text."
    for before, after in pairwise(policy.segments):
        if after.start < before.end or after.index != before.index + 1:
            yield f"segments {before.index} and {after.index} overlap or are out of order."


def manifest_faults(folder: Path) -> Iterator[str]:
    """Where the files are not those that the manifest names."""
    try:
        manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_bytes())
    except (OSError, ValueError) as error:
        yield f"manifest.json cannot be read ({error}): run the same command again."
        return
    for name, known in manifest.get("files", {}).items():
        if not (folder / name).is_file():
            yield f"{name} is missing: run the same command again."
        elif fingerprint(folder / name) != known:
            yield f"{name} is not the file that the manifest names."
