"""The faults of the files and records of a folder, one sentence each."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Any

from extractor.files import size_and_hash
from extractor.records import Policy


def file_faults(folder: Path, manifest: dict[str, Any], remedy: str) -> Iterator[str]:
    """The files that a manifest lists and that are missing or changed."""
    for name, listed in manifest.get("files", {}).items():
        if not (folder / name).is_file():
            yield f"{name} is missing: {remedy}."
        elif size_and_hash(folder / name) != listed:
            yield f"{name} is not the file that the manifest names: {remedy}."


def policy_faults(policy: Policy) -> Iterator[str]:
    """What is wrong with a record: names that are missing, and segments out of order or with other offsets.

    The offsets of a segment give its text, and segments do not overlap.
    """
    for key, name in (("site", policy.site), ("policy", policy.policy)):
        if not name or PurePath(name).is_absolute():
            yield f"{policy.id}: its {key} is {f'the path {name}' if name else 'empty'}: annotate it again."
    for segment in policy.segments:
        is_of_length = len(segment.text) == segment.end - segment.start  # which a compact record does not say twice
        if policy.text[segment.start : segment.end] != segment.text or not is_of_length:
            yield f"{policy.id}: the offsets of segment {segment.index} do not give its text."
    for before, after in pairwise(policy.segments):
        if after.start < before.end or after.index != before.index + 1:
            yield f"{policy.id}: segments {before.index} and {after.index} overlap or are out of order."
