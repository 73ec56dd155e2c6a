"""Shards to one corpus, and what is wrong with either."""

from __future__ import annotations

import hashlib
import json
import logging
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from extractor.errors import UnreadableError, UsageError
from extractor.exports import has_parquet_name, require_writable_form, write_record_lines
from extractor.files import remove_drafts, size_and_hash, write_json
from extractor.layout import MANIFEST, RECORD_NAMES, RECORDS, SHARDS
from extractor.run.corpus.pages import ShardPosition
from extractor.run.corpus.shard import (
    ShardManifest,
    is_file_of,
    read_shard_manifest,
    shard_manifest_path,
    shard_path,
)
from extractor.run.folder import read_manifest

_log = logging.getLogger(__name__)

_MANIFEST_NAME = re.compile(r"_?(\d{5,})-of-(\d{5,})\.json")
_MAX_WAITING_BYTES = 256_000_000  # of lines read and not yet merged, over all shards
_MIN_READ_BYTES = 1 << 16  # of one shard
_MAX_NAMED_FAULTS = 5
_LATE_ADVICE = (
    "If another machine has just written them, wait a minute and run this again: a shared folder can show files late."
)


def merge(folder: Path, output: Path | None = None) -> dict[str, Any]:
    """Writes the records of all shards to one file in the order of the corpus, and a manifest beside it; returns that.

    The bytes are those that `annotate -o FILE` would have written; `output` is `policies.jsonl` in the folder if it is
    None. Shards of Parquet stay as they are, and only a manifest is written. Raises UnreadableError where a shard is
    missing or faulty, UsageError where a manifest of another kind lies beside the file.
    """
    shards = _faultless_manifests(folder)
    if has_parquet_name(folder):
        return _describe_parquet(folder, shards, output)
    output = output or folder / RECORDS
    manifest_path = output.with_name(MANIFEST)
    _require_replaceable(manifest_path, output)
    require_writable_form(output, shards[0].form)
    digest = hashlib.sha256()
    write_record_lines(_hashed(merged_lines(folder, shards), digest), output)
    remove_drafts(folder / SHARDS)
    files = {output.name: size_and_hash(output)}
    manifest = {**_describe_shards(shards), "records_sha256": digest.hexdigest(), "files": files}
    write_json(manifest_path, manifest)
    return manifest


def _describe_parquet(folder: Path, shards: list[ShardManifest], output: Path | None) -> dict[str, Any]:
    """Writes the manifest of a folder with shards of Parquet, which are read as they are; returns it."""
    if output:
        raise UsageError(
            f"The shards in {folder} are Parquet, which stay as they are: leave -o out. "
            f"Then `archived-policy export {folder} --format jsonl -o {output}` writes one file."
        )
    description = _describe_shards(shards)
    manifest = {**description, "files": {f"{SHARDS}/{name}": known for name, known in description["shards"].items()}}
    remove_drafts(folder / SHARDS)
    write_json(folder / MANIFEST, manifest)
    return manifest


def _faultless_manifests(folder: Path) -> list[ShardManifest]:
    """The manifests of all shards in a folder, in order. Raises UnreadableError where one is missing or faulty."""
    of = shard_count(folder)
    faults = list(shard_faults(folder, of))
    if faults:
        rest = len(faults) - _MAX_NAMED_FAULTS
        more = f" And {rest} more: `verify` lists them." if rest > 0 else ""
        named = " ".join(faults[:_MAX_NAMED_FAULTS])
        raise UnreadableError(f"The shards in {folder} cannot be merged. {named}{more} {_LATE_ADVICE}")
    return [manifest for _, manifest in shard_manifests(folder, of) if manifest]


def shard_counts(folder: Path) -> Counter[int]:
    """The numbers of shards that the corpus in a folder was divided into, each with its number of manifests."""
    names = (_MANIFEST_NAME.fullmatch(path.name) for path in (folder / SHARDS).glob("*.json"))
    return Counter(int(name[2]) for name in names if name)


def shard_count(folder: Path) -> int:
    """The number of shards that the corpus in a folder was divided into; of several, the one that is complete.

    Raises UnreadableError where there is none, or more than one.
    """
    found = shard_counts(folder)
    if len(found) > 1:
        complete = {of: of for of in found if all(manifest for _, manifest in shard_manifests(folder, of))}
        found = Counter(complete) or found
    if not found:
        remedy = f"`archived-policy annotate PATH... -o {folder} --shards N`"
        raise UnreadableError(f"{folder} holds no shards: {remedy}. {_LATE_ADVICE}")
    if len(found) > 1:
        numbers = " and of ".join(map(str, sorted(found)))
        raise UnreadableError(
            f"{folder} holds shards of {numbers}: keep one division, and remove the files of the others, such as "
            f"{folder / SHARDS}/*-of-{min(found):05}.*"
        )
    return next(iter(found))


def shard_manifests(folder: Path, of: int) -> Iterator[tuple[ShardPosition, ShardManifest | None]]:
    """Each of the shards with its manifest, None where that cannot be read."""
    for number in range(1, of + 1):
        position = ShardPosition(number, of)
        yield position, read_shard_manifest(shard_manifest_path(shard_path(folder, position)))


def shard_faults(folder: Path, of: int) -> Iterator[str]:
    """The faults of the shards, one sentence each: missing, damaged, or made differently from the others."""
    found = list(shard_manifests(folder, of))
    usual = Counter(_origin_of(manifest) for _, manifest in found if manifest).most_common(1)
    for position, manifest in found:
        name, again = f"Shard {position.number} of {of}", f"run --shards {of} --shard {position.number} again"
        if not manifest:
            yield f"{name} is missing: {again}."
        elif not is_file_of(manifest, shard_path(folder, position)):
            yield f"{name} is damaged: {again}."
        elif _origin_of(manifest) != usual[0][0]:
            yield f"{name} was made {_difference_from(manifest, usual[0][0])}: {again}."
        elif not _has_record_of_each_page(manifest):
            yield f"{name} does not have one record for each of its pages: {again}."


def _has_record_of_each_page(manifest: ShardManifest) -> bool:
    """Whether a shard has a record for each page of each of its parts, by its manifest."""
    parts = range(manifest.shard - 1, manifest.parts, manifest.shards)
    return len(manifest.pages) == len(parts) and sum(manifest.pages) == manifest.records["policies"]


def _origin_of(manifest: ShardManifest) -> tuple[str, str, str, str]:
    """What all shards of a corpus must share: the version, the model, the form of the records, the corpus."""
    model = f"{manifest.model['version']} {manifest.model['sha256']}"
    corpus = f"{manifest.corpus} {manifest.parts} {json.dumps(manifest.configuration)}"
    return manifest.made_by, model, manifest.form, corpus


def _difference_from(manifest: ShardManifest, usual: tuple[str, str, str, str]) -> str:
    """How a shard was made differently from the others."""
    version, model, form, _ = _origin_of(manifest)
    if version != usual[0]:
        return f"by {version} and others by {usual[0]}"
    if model != usual[1]:
        return "with another model than others"
    return f"with {form} records and others with {usual[2]}" if form != usual[2] else "of another corpus than others"


def merged_lines(folder: Path, shards: list[ShardManifest]) -> Iterator[bytes]:
    """The lines of all shards in the order of the corpus, part by part."""
    size = max(_MIN_READ_BYTES, _MAX_WAITING_BYTES // len(shards))
    positions = (ShardPosition(manifest.shard, manifest.shards) for manifest in shards)
    lines = [_read_lines(shard_path(folder, position), size) for position in positions]
    for part in range(shards[0].parts):
        turn, index = part % len(shards), part // len(shards)
        for _ in range(shards[turn].pages[index]):
            yield next(lines[turn])


def _read_lines(path: Path, size: int) -> Iterator[bytes]:
    """The lines of a file, read about `size` bytes at a time; it is closed in between, as there may be thousands."""
    offset = 0
    while block := _read_block(path, offset, size):
        offset += sum(map(len, block))
        yield from block


def _read_block(path: Path, offset: int, size: int) -> list[bytes]:
    """The lines of a file from an offset on, until they have `size` bytes."""
    with path.open("rb") as stream:
        stream.seek(offset)
        return stream.readlines(size)


def _require_replaceable(manifest: Path, output: Path) -> None:
    """Raises UsageError where the manifest is not of a merge, or the folder holds another corpus."""
    if output.exists() and not output.is_file():
        raise UsageError(f"{output} is not a file: name one in a folder where manifest.json can be written.")
    if manifest.exists() and not is_merge_manifest(read_manifest(manifest)):
        raise UsageError(f"{manifest} was not written by merge: name a file in another folder.")
    others = [
        output.with_name(name) for name in RECORD_NAMES if name != output.name and output.with_name(name).exists()
    ]
    if others and output.name in RECORD_NAMES:
        raise UsageError(f"{others[0]} is there already: remove it, or name a file in another folder.")


def is_merge_manifest(manifest: dict[str, Any]) -> bool:
    """Whether `merge` wrote a manifest."""
    return "shards" in manifest


def _describe_shards(shards: list[ShardManifest]) -> dict[str, Any]:
    """What the manifest of a merged corpus says about its shards."""
    first = shards[0]
    if any(manifest.libraries != first.libraries for manifest in shards):
        _log.warning(
            "The machines had different versions of libraries: records may differ with the machine that made them."
        )
    counts: Counter[str] = Counter()
    for manifest in shards:
        counts.update(manifest.records)
    return {
        "schema_version": first.schema_version,
        "made_by": first.made_by,
        "python": first.python,
        "libraries": first.libraries,
        "model": first.model,
        "configuration": first.configuration,
        "form": first.form,
        "corpus": first.corpus,
        "parts": first.parts,
        "records": {name: counts[name] for name in first.records},
        "unread": sum(len(manifest.unread) for manifest in shards),
        "shards": shard_files(shards),
    }


def shard_files(shards: Iterable[ShardManifest]) -> dict[str, dict[str, Any]]:
    """The files of shards, each with its size and hash."""
    return {name: known for manifest in shards for name, known in manifest.files.items()}


def sha256_of_lines(lines: Iterable[bytes]) -> str:
    """The SHA-256 of lines, in hexadecimal."""
    digest = hashlib.sha256()
    for _ in _hashed(lines, digest):
        pass
    return digest.hexdigest()


def _hashed(lines: Iterable[bytes], digest: hashlib._Hash) -> Iterator[bytes]:
    """The same lines, added to a hash as they pass."""
    for line in lines:
        digest.update(line)
        yield line
