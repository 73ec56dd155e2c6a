"""Records into a file, so that a run that was interrupted goes on where it stopped.

Records are kept in a draft beside the file until all are there. A second run reads the corpus again, which is quick,
and takes a record out of the draft where it was made from the same bytes by the same model; from the first that was
not, the draft is written anew.
"""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import chain
from pathlib import Path
from typing import BinaryIO

import msgspec
from filelock import FileLock, Timeout

from extractor.compression import packed
from extractor.errors import ConfigurationError
from extractor.exports import encode_line, write_jsonl
from extractor.files import write_atomically
from extractor.records import Policy, Snapshot, Source
from extractor.run.pipeline.annotator import TOGETHER, Annotator
from extractor.version import VERSION

_Count = Callable[[int], None]


class _Made(msgspec.Struct):
    """What a record says of the page it was made from."""

    class Bytes(msgspec.Struct):
        """The part of a record with the page's hash."""

        sha256: str

    id: str
    source: Source
    capture: Bytes


def annotate_into(path: Path, annotator: Annotator, pages: Iterable[Snapshot], count: _Count, *, workers: int) -> int:
    """Writes the policies of pages to a file, whole or not there, and gives their number.

    What an interrupted run left beside it is used. `count` hears how many records there are as it goes on. Raises
    ConfigurationError where another run writes the same file.
    """
    if path.exists() and not path.is_file():  # a pipe, a device: nothing stands beside it
        return write_jsonl(_counted(annotator.pipe(pages, workers=workers), count), path)
    with packed(io.BytesIO(), path), _draft_of(path) as draft:  # `packed` complains before the work and not after it
        rest, kept = _after_kept(draft, annotator, iter(pages))
        policies = annotator.pipe(rest, workers=workers, together=TOGETHER)
        number = kept
        for number, policy in enumerate(policies, kept + 1):
            draft.write(encode_line(policy))
            draft.flush()
            count(number)
        _publish(draft, path)
        return number


def _counted(policies: Iterable[Policy], count: _Count) -> Iterator[Policy]:
    """The policies, counted as they pass."""
    for number, policy in enumerate(policies, 1):
        yield policy
        count(number)


@contextmanager
def _draft_of(path: Path) -> Iterator[BinaryIO]:
    """The draft beside a file, opened as it was left; it goes when the block ends well."""
    goal = Path(os.path.realpath(path))
    draft, lock = goal.with_name(f".{goal.name}.draft"), goal.with_name(f".{goal.name}.lock")
    try:
        draft.touch()  # before the lock, which would make the folders that are missing
        with FileLock(lock, timeout=0):
            draft.touch()
            with draft.open("r+b") as stream:
                yield stream
            draft.unlink()
            lock.unlink(missing_ok=True)
    except Timeout as error:
        raise ConfigurationError(f"Another run writes {path}: wait for it, or name another file.") from error
    except OSError as error:
        if error.filename in (str(draft), str(lock)):
            error.filename = str(path)
        raise


def _after_kept(draft: BinaryIO, annotator: Annotator, pages: Iterator[Snapshot]) -> tuple[Iterator[Snapshot], int]:
    """The pages that have no record in the draft yet, and how many have; the draft is cut behind those."""
    made_by = msgspec.json.encode([VERSION, annotator.model.version, annotator.model.sha256]) + b"\n"
    if draft.readline() != made_by:
        draft.seek(0)
        draft.truncate()
        draft.write(made_by)
        return pages, 0
    end, kept = draft.tell(), 0
    for page in pages:
        line = draft.readline()
        if not is_record_of(line, page):
            draft.seek(end)
            draft.truncate()
            return chain([page], pages), kept
        end, kept = draft.tell(), kept + 1
    draft.truncate(end)
    return iter(()), kept


def is_record_of(line: bytes, page: Snapshot) -> bool:
    """Whether a line of the draft is the whole record of a page."""
    if not line.endswith(b"\n"):
        return False
    try:
        made = msgspec.json.decode(line, type=_Made)
    except msgspec.DecodeError:
        return False
    return (made.id, made.source, made.capture.sha256) == (page.id, page.source, page.sha256)


def _publish(draft: BinaryIO, path: Path) -> None:
    """Writes the records of a finished draft to its file."""
    draft.seek(0)
    draft.readline()
    with write_atomically(path) as raw, packed(raw, path) as out:
        shutil.copyfileobj(draft, out)
