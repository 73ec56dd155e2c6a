"""Files and folders that are written completely or not at all, and hashes of files."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any, BinaryIO

from extractor.errors import UsageError

_BUSY_WAITS = (0.1, 0.2, 0.4, 0.8, 1.6, 3.2)  # seconds, between tries to replace a file that a reader has open
_STALE_TRIES = 2  # to read a file that another machine replaced


@contextmanager
def write_atomically(path: Path) -> Iterator[BinaryIO]:
    """A file to write to, which replaces `path` when the block ends without error: temporary file, fsync, rename.

    A link stays a link, to the new file. A device or pipe such as `/dev/stdout` is written to directly, as renaming
    would replace it by a file. Raises OSError, which names `path`.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            yield stream
        return
    with _open_draft(path) as stream:
        yield stream


def remove_drafts(folder: Path) -> None:
    """Removes temporary files that killed writers left in a folder. Nobody may be writing there."""
    for draft in folder.glob(".*.part"):
        draft.unlink(missing_ok=True)  # a network file system may list what is gone


def _draft_path(path: Path) -> Path:
    """A path beside another that no other writer uses, on this machine or another one that shares the folder."""
    return path.with_name(f".{path.name}.{os.getpid()}-{secrets.token_hex(4)}.part")


@contextmanager
def _open_draft(path: Path) -> Iterator[BinaryIO]:
    """A temporary file beside `path`, which replaces it when the block ends without error."""
    with _draft_of(path) as draft, draft.open("wb") as stream:
        yield stream
        stream.flush()
        os.fsync(stream.fileno())


@contextmanager
def _draft_of(path: Path) -> Iterator[Path]:
    """A path beside `path`; the file there replaces it when the block ends without error. Errors name `path`."""
    target = Path(os.path.realpath(path))
    draft = _draft_path(target)
    try:
        yield draft
        _replace(draft, target)
    except OSError as error:
        if error.filename == str(draft):
            error.filename = str(path)
        raise
    finally:
        draft.unlink(missing_ok=True)


def _replace(draft: Path, target: Path) -> None:
    """Renames a file to the name of another; waits a while where that is open on a file system that then refuses."""
    for seconds in _BUSY_WAITS:
        try:
            draft.replace(target)
        except OSError as error:
            if error.errno != errno.EBUSY:
                raise
            time.sleep(seconds)
        else:
            return
    draft.replace(target)


@contextmanager
def path_atomically(path: Path) -> Iterator[Path]:
    """A path beside another, for libraries that open files themselves; what is written there becomes `path` at the end.

    Raises OSError, and UsageError if `path` is a device or a folder.
    """
    if path.exists() and not path.is_file():
        raise UsageError(f"{path} is no file, and this format can only be written to one: name a file.")
    with _draft_of(path) as draft:
        draft.touch()
        yield draft
        with draft.open("rb") as stream:
            os.fsync(stream.fileno())


@contextmanager
def folder_atomically(path: Path) -> Iterator[Path]:
    """A folder to fill, which becomes `path` when the block ends without error. Raises UsageError if `path` exists."""
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise UsageError(f"{path} exists already: name a new folder, or remove that one.")
    draft = _draft_path(path)
    try:
        draft.mkdir()
        yield draft
        draft.replace(path)
    except OSError as error:
        if error.filename and str(error.filename).startswith(str(draft)):
            error.filename = str(path)
        raise
    finally:
        rmtree(draft, ignore_errors=True)


def write_text(path: Path, text: str) -> None:
    """Writes a text as UTF-8, whole or not at all."""
    with write_atomically(path) as stream:
        stream.write(text.encode())


def write_json(path: Path, value: Any, *, indent: int = 2, ensure_ascii: bool = False) -> None:
    """Writes a value as indented JSON."""
    write_text(path, json.dumps(value, indent=indent, ensure_ascii=ensure_ascii) + "\n")


def size_and_hash(path: Path) -> dict[str, Any]:
    """The size of a file in bytes and its SHA-256 in hexadecimal.

    Where another machine replaces the file meanwhile, those of the new one.
    """
    for _ in range(_STALE_TRIES):
        try:
            return _read_size_and_hash(path)
        except OSError as error:
            if error.errno != errno.ESTALE:
                raise
    return _read_size_and_hash(path)


def _read_size_and_hash(path: Path) -> dict[str, Any]:
    """`size_and_hash`, tried once."""
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
            size += len(chunk)  # a network file system may tell the size of a former file
    return {"bytes": size, "sha256": digest.hexdigest()}
