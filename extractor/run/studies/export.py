"""`export`: what a run folder or a file of records holds, in another format."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path

from extractor.errors import UnreadableError, UsageError
from extractor.exports import EXPORTS, Format, write_croissant
from extractor.files import folder_atomically
from extractor.layout import ARCHIVE, MANIFEST
from extractor.progress import Progress, no_progress
from extractor.records import Policy
from extractor.run.folder import read_records
from extractor.wayback import Entrance, write_wacz

_log = logging.getLogger(__name__)


def export(source: Path, name: str, path: Path, *, per_file: int = 0, progress: Progress = no_progress) -> str:
    """Writes the records of a run folder or a `policies.jsonl` in one of EXPORTS; gives a line on what was written.

    With `per_file`, a folder of files with so many policies each. Raises UnreadableError where there are no records or
    one is damaged, and UsageError where a folder that is to be made exists.
    """
    found = EXPORTS[name]
    if per_file and not found.suffix:
        raise UsageError(f"{name} is a folder already: leave --per-file out.")
    left_out: list[str] = []
    policies = _some(_fitting(_counted(read_records(source), progress), found, left_out), source, found, left_out)
    count = _write(_named(found, source) if name == "croissant" else found, policies, path, per_file)
    if left_out:
        _log.warning("Left out, as %s: %d.", found.without, len(left_out))
    return f"{count} {found.unit} in {path}"


def _write(found: Format, policies: Iterable[Policy], path: Path, per_file: int) -> int:
    """Writes policies to a file, or to a folder where the format is one or several files are asked for."""
    if found.suffix and not per_file:
        return found.write(policies, path)
    with folder_atomically(path) as folder:
        return _write_shards(found, policies, folder, per_file) if per_file else found.write(policies, folder)


def _write_shards(found: Format, policies: Iterable[Policy], folder: Path, per_file: int) -> int:
    """Writes policies to `policies-00000` and so on."""
    count = 0
    for number, shard in enumerate(_shards(policies, per_file)):
        count += found.write(shard, folder / f"policies-{number:05}{found.suffix}")
    return count


def _shards(policies: Iterable[Policy], size: int) -> Iterator[Iterator[Policy]]:
    """The policies, so many at a time; each share is to be used up before the next."""
    rest = iter(policies)
    for first in rest:
        yield chain([first], islice(rest, size - 1))


def _named(found: Format, source: Path) -> Format:
    """The format of a corpus to publish, which takes its name and the manifest from the run."""
    name = source.resolve().name.split(".")[0]
    folder = source if source.is_dir() else source.parent
    return Format(partial(write_croissant, name=name, manifest=folder / MANIFEST), found.unit)


def _fitting(policies: Iterable[Policy], found: Format, left_out: list[str]) -> Iterator[Policy]:
    """The policies that a format can hold; the ids of the others are added to `left_out`."""
    for policy in policies:
        if found.fit(policy):
            yield policy
        else:
            left_out.append(policy.id)


def _counted(policies: Iterable[Policy], progress: Progress) -> Iterator[Policy]:
    """The policies, counted as they pass."""
    for number, policy in enumerate(policies, 1):
        yield policy
        progress("export", number, 0)


def _some(policies: Iterator[Policy], source: Path, found: Format, left_out: list[str]) -> Iterator[Policy]:
    """The policies. Raises UnreadableError where there are none."""
    first = next(policies, None)
    if first is None and left_out:
        raise UnreadableError(
            f"There is nothing to export: all {len(left_out)} records of {source} are {found.without}."
        )
    if first is None:
        raise UnreadableError(f"{source} holds no records: there is nothing to export.")
    return chain([first], policies)


def export_wacz(folder: Path, path: Path) -> None:
    """Packs what a run fetched into a WACZ. Raises UnreadableError where `folder` is no run folder."""
    if not (folder / ARCHIVE).is_dir():
        raise UnreadableError(f"{folder} is no run folder: it has no archive/.")
    policies = read_records(folder)
    entrances = (Entrance(p.capture.url, p.capture.timestamp, p.title) for p in policies)
    write_wacz(folder / ARCHIVE, path, entrances, title=f"Privacy policies in {folder.name}")
