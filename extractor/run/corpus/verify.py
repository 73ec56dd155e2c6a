"""`verify`: whether shards are complete, and whether the corpus that was merged from them has their records."""

from __future__ import annotations

import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from extractor.errors import UnreadableError
from extractor.exports import has_parquet_name, read_record_file
from extractor.layout import LEDGER, MANIFEST, RECORD_NAMES, SHARDS
from extractor.run.corpus.merge import (
    is_merge_manifest,
    merged_lines,
    sha256_of_lines,
    shard_count,
    shard_counts,
    shard_faults,
    shard_files,
    shard_manifests,
)
from extractor.run.corpus.shard import ShardManifest
from extractor.run.folder import file_faults, policy_faults, read_manifest, with_counts, zero_counts


def corpus_faults(folder: Path) -> Iterator[str]:
    """The faults of the shards in a folder, and of the corpus that was merged from them, one sentence each.

    Every shard is there, whole, and made like the others, and every part of the corpus is in one of them; every record
    is valid; the merged corpus has the records of the shards, and the counts and hashes of its manifest.
    Raises UnreadableError where the folder has neither.
    """
    manifest = read_manifest(folder / MANIFEST)
    merged = is_merge_manifest(manifest)
    if not merged and not shard_counts(folder):
        raise UnreadableError(f"{folder} is no run folder: it has no {LEDGER}, and it holds no shards.")
    shards: list[ShardManifest] = []
    if shard_counts(folder):
        of = shard_count(folder)
        faults = list(shard_faults(folder, of))
        yield from faults
        shards = [] if faults else [found for _, found in shard_manifests(folder, of) if found]
    if merged and has_parquet_name(folder):
        if shards and shard_files(shards) != manifest["shards"]:
            yield f"The shards changed since they were merged: {_merge_again(folder)}."
        if not shard_counts(folder):
            yield from file_faults(folder, manifest, _merge_again(folder))
    elif merged:
        yield from _merge_faults(folder, manifest, shards)
        return
    for name in RECORD_NAMES:
        if (folder / name).exists():
            yield f"{name} has no {MANIFEST} that can be read: merge again."
    for shard in shards:
        yield from _content_faults(folder / SHARDS, shard.files, shard.records)


def _merge_faults(folder: Path, manifest: dict[str, Any], shards: list[ShardManifest]) -> Iterator[str]:
    """The faults of a merged corpus."""
    remedy = _merge_again(folder)
    if shards and sha256_of_lines(merged_lines(folder, shards)) != manifest["records_sha256"]:
        yield f"The shards changed since they were merged: {remedy}."
    faults = list(file_faults(folder, manifest, remedy))
    yield from faults or _content_faults(folder, manifest["files"], manifest["records"])


def _merge_again(folder: Path) -> str:
    """The command that merges shards again."""
    return f"`archived-policy merge {shlex.quote(str(folder))}` again"


def _content_faults(folder: Path, names: Iterable[str], counts: dict[str, int]) -> Iterator[str]:
    """Where the records of files are not valid, or not as many as their manifest says."""
    for name in names:
        found = zero_counts()
        try:
            for policy in with_counts(read_record_file(folder / name), found):
                yield from policy_faults(policy)
        except UnreadableError as error:
            yield str(error)
        else:
            if {name: found.get(name) for name in counts} != counts:  # earlier versions counted less
                yield f"The manifest of {name} counts {counts}, not {found}."
