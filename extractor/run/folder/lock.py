"""The lock on a run folder: one run at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from extractor.errors import ConfigurationError
from extractor.layout import LOCK


@contextmanager
def lock_folder(folder: Path) -> Iterator[None]:
    """Makes the folder and holds its lock. Raises ConfigurationError where another run holds it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with FileLock(folder / LOCK, timeout=0):
            yield
    except Timeout as error:
        raise ConfigurationError(f"Another run is at work in {folder}: wait for it, or use another folder.") from error


def is_locked(folder: Path) -> bool:
    """Whether a run is at work in a folder."""
    try:
        with FileLock(folder / LOCK, timeout=0):
            return False
    except Timeout:
        return True
    except OSError:  # a folder that cannot be written to: nobody works there
        return False
