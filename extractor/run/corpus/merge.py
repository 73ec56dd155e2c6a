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

from extractor.compression import packed
from extractor.errors import UnreadableError, UsageError
from extractor.files import drop_drafts, write_atomically
from extractor.run.corpus.pages import Share
from extractor.run.corpus.shard import SHARDS, Made, is_whole, read_made, shard_path
from extractor.run.folder.manifest import fingerprint, write_json

_log = logging.getLogger(__name__)

_NAME = re.compile(r"(\d{5,})-of-(\d{5,})\.json")
_MEMORY = 256_000_000  # bytes of lines that wait to be merged, over all shards
_LEAST = 1 << 16  # bytes of them from one shard
_SHOWN = 5  # faults


def merge(folder: Path, output: Path) -> dict[str, Any]:
    """Writes the records of all shards to one file, in the order of the corpus; gives the manifest, written beside it.

    They are the bytes that `annotate -o FILE` would have written. Raises UnreadableError where a shard is missing or
    wrong, UsageError where a manifest of another kind stands beside the file.
    """
    made = _sound_shards(folder)
    beside = output.parent / "manifest.json"
    _check_free(beside, output)
    digest = hashlib.sha256()
    with write_atomically(output) as raw, packed(raw, output) as out:
        for line in merged_lines(folder, made):
            digest.update(line)
            out.write(line)
    drop_drafts(folder / SHARDS)
    manifest = {**_summary_of(made), "records_sha256": digest.hexdigest(), "files": {output.name: fingerprint(output)}}
    write_json(beside, manifest)
    return manifest


def _sound_shards(folder: Path) -> list[Made]:
    """The manifests of all shards in a folder, in order. Raises UnreadableError where one is missing or wrong."""
    of = division(folder)
    faults = list(shard_faults(folder, of))
    if faults:
        more = f" And {len(faults) - _SHOWN} more: `verify` lists them." if len(faults) > _SHOWN else ""
        raise UnreadableError(f"The shards in {folder} cannot be merged. {' '.join(faults[:_SHOWN])}{more}")
    return [made for _, made in manifests(folder, of) if made]


def divisions(folder: Path) -> Counter[int]:
    """Into how many shards the corpus in a folder was divided, with the number of manifests of each division."""
    names = (_NAME.fullmatch(path.name) for path in (folder / SHARDS).glob("*.json"))
    return Counter(int(name[2]) for name in names if name)


def division(folder: Path) -> int:
    """Into how many shards the corpus in a folder was divided: the division that is complete where there are several.

    Raises UnreadableError where there is none, or no single one.
    """
    found = divisions(folder)
    if len(found) > 1:
        found = Counter({of: number for of, number in found.items() if number == of}) or found
    if not found:
        raise UnreadableError(f"{folder} holds no shards: `archived-policy annotate PATH... -o {folder} --shards N`.")
    if len(found) > 1:
        numbers = " and of ".join(map(str, sorted(found)))
        raise UnreadableError(
            f"{folder} holds shards of {numbers}: keep one division, and remove the files of the others, such as "
            f"{folder / SHARDS}/*-of-{min(found):05}.*"
        )
    return next(iter(found))


def manifests(folder: Path, of: int) -> Iterator[tuple[Share, Made | None]]:
    """Each shard of a division with its manifest, None where it has none that can be read."""
    for number in range(1, of + 1):
        share = Share(number, of)
        yield share, read_made(shard_path(folder, share).with_suffix(".json"))


def shard_faults(folder: Path, of: int) -> Iterator[str]:
    """What is wrong with the shards of a division, one sentence each: missing, damaged, or not made as the others."""
    found = list(manifests(folder, of))
    usual = Counter(_origin_of(made) for _, made in found if made).most_common(1)
    for share, made in found:
        name, again = f"Shard {share.number} of {of}", f"run --shards {of} --shard {share.number} again"
        if not made:
            yield f"{name} is missing: {again}."
        elif not is_whole(made, shard_path(folder, share)):
            yield f"{name} is damaged: {again}."
        elif _origin_of(made) != usual[0][0]:
            yield f"{name} was made {_difference(made, usual[0][0])}: {again}."
        elif len(made.pages) != len(range(share.number - 1, made.parts, of)) or sum(made.pages) != _records_in(made):
            yield f"{name} has not one record for each of its pages: {again}."


def _origin_of(made: Made) -> tuple[str, str, str]:
    """What all shards of a corpus must have in common: the version, the model, the corpus."""
    model = f"{made.model['version']} {made.model['sha256']}"
    return made.made_by, model, f"{made.corpus} {made.parts} {json.dumps(made.configuration)}"


def _difference(made: Made, usual: tuple[str, str, str]) -> str:
    """How a shard was made otherwise than the others."""
    version, model, _ = _origin_of(made)
    if version != usual[0]:
        return f"by {version} and others by {usual[0]}"
    return "with another model than others" if model != usual[1] else "of another corpus than others"


def _records_in(made: Made) -> int:
    """The number of records in a shard."""
    return made.records["policies"]


def merged_lines(folder: Path, shards: list[Made]) -> Iterator[bytes]:
    """The lines of all shards in the order of the corpus: part by part, each from the shard whose turn it is."""
    size = max(_LEAST, _MEMORY // len(shards))
    lines = [_lines_of(shard_path(folder, Share(made.shard, made.shards)), size) for made in shards]
    for part in range(shards[0].parts):
        turn, index = part % len(shards), part // len(shards)
        for _ in range(shards[turn].pages[index]):
            yield next(lines[turn])


def _lines_of(path: Path, size: int) -> Iterator[bytes]:
    """The lines of a file, about `size` bytes at a time; it is closed meanwhile, as there may be thousands."""
    offset = 0
    while block := _lines_at(path, offset, size):
        offset += sum(map(len, block))
        yield from block


def _lines_at(path: Path, offset: int, size: int) -> list[bytes]:
    """The lines of a file from an offset on, as many as make `size` bytes."""
    with path.open("rb") as stream:
        stream.seek(offset)
        return stream.readlines(size)


def _check_free(manifest: Path, output: Path) -> None:
    """Raises UsageError where a manifest may not be replaced, or its folder holds another corpus."""
    if output.exists() and not output.is_file():
        raise UsageError(f"{output} is no file: name one, which a manifest.json can stand beside.")
    if manifest.exists() and not is_of_merge(read_manifest(manifest)):
        raise UsageError(f"{manifest} is not of a merge: name a file in another folder.")
    others = [path for path in output.parent.glob("policies.jsonl*") if path.name != output.name]
    if others and output.name.startswith("policies.jsonl"):
        raise UsageError(f"{others[0]} is there already: remove it, or name a file in another folder.")


def read_manifest(path: Path) -> dict[str, Any]:
    """What a manifest says, {} where it cannot be read."""
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def is_of_merge(manifest: dict[str, Any]) -> bool:
    """Whether a manifest was written by `merge`."""
    return "records_sha256" in manifest


def _summary_of(shards: list[Made]) -> dict[str, Any]:
    """What the manifest of a merged corpus says of its shards."""
    first = shards[0]
    if any(made.libraries != first.libraries for made in shards):
        _log.warning("The machines had different versions of libraries: records may differ by where they were made.")
    counts: Counter[str] = Counter()
    for made in shards:
        counts.update(made.records)
    return {
        "schema_version": first.schema_version,
        "made_by": first.made_by,
        "python": first.python,
        "libraries": first.libraries,
        "model": first.model,
        "configuration": first.configuration,
        "corpus": first.corpus,
        "parts": first.parts,
        "records": {name: counts[name] for name in first.records},
        "unread": sum(len(made.unread) for made in shards),
        "shards": {name: known for made in shards for name, known in made.files.items()},
    }


def hash_of(lines: Iterable[bytes]) -> str:
    """The SHA-256 of lines."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line)
    return digest.hexdigest()
