"""The types of options that several commands have."""

from __future__ import annotations

import argparse
from pathlib import Path


def nonempty_path(word: str) -> Path:
    """A path; an empty word would mean the current folder."""
    if not word:
        raise argparse.ArgumentTypeError("is empty: name a file or folder")
    return Path(word)


def positive_int(word: str) -> int:
    """A whole number of 1 or more."""
    if not word.isdecimal() or int(word) < 1:
        raise argparse.ArgumentTypeError("must be a whole number of 1 or more")
    return int(word)


def nonnegative_float(word: str) -> float:
    """A number of 0 or more."""
    try:
        number = float(word)
    except ValueError:
        number = -1.0
    if not number >= 0:
        raise argparse.ArgumentTypeError("must be a number of 0 or more")
    return number
