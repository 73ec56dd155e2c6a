"""Files and folders that are written whole or not at all, and the hashes of files."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from shutil import rmtree
from typing import Any, BinaryIO

from extractor.errors import UsageError


@contextmanager
def write_atomically(path: Path) -> Iterator[BinaryIO]:
    """A file to write to that takes the place of `path` when the block ends well: temporary file, fsync, rename.

    A link stays a link, to the new file. What is no file (`/dev/stdout`, a pipe) is written to as it is: renaming
    would put a file in a device's place. Raises OSError, named after `path`.
    """
    if path.exists() and not path.is_file():
        with path.open("wb") as stream:
            yield stream
        return
    with _draft_of(path) as stream:
        yield stream


def drop_drafts(folder: Path) -> None:
    """Removes the temporary files that writers left in a folder when they were killed; nobody may be writing there."""
    for draft in folder.glob(".*.part"):
        draft.unlink()


def _draft_name(goal: Path) -> Path:
    """A name beside a path that no other writer has, on this machine or another one that shares the folder."""
    return goal.with_name(f".{goal.name}.{os.getpid()}-{secrets.token_hex(4)}.part")


@contextmanager
def _draft_of(path: Path) -> Iterator[BinaryIO]:
    """The temporary file beside `path`, which becomes it when the block ends well."""
    goal = Path(os.path.realpath(path))
    draft = _draft_name(goal)
    try:
        with draft.open("wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        draft.replace(goal)
    except OSError as error:
        if error.filename == str(draft):
            error.filename = str(path)
        raise
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def folder_atomically(path: Path) -> Iterator[Path]:
    """A new folder to fill, which becomes `path` when the block ends well. Raises UsageError where `path` is taken."""
    if path.exists() and not (path.is_dir() and not any(path.iterdir())):
        raise UsageError(f"{path} exists already: name a new folder, or remove that one.")
    draft = _draft_name(path)
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


def write_json(path: Path, value: Any) -> None:
    """Writes a value as indented JSON, for people to read as well."""
    with write_atomically(path) as stream:
        stream.write(json.dumps(value, indent=2, ensure_ascii=False).encode() + b"\n")


def fingerprint(path: Path) -> dict[str, Any]:
    """The size of a file in bytes and its SHA-256 in hexadecimal."""
    with path.open("rb") as stream:
        digest = hashlib.sha256()
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}
