"""The progress reports of long jobs."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """A function that takes the name of a stage, the numbers done, of all (0 if unknown) and failed.

    It may be told what is done next: `subject`, such as the name of a site.
    """

    def __call__(self, stage: str, done: int, of: int, failed: int = 0, subject: str = "", /) -> None:
        """Takes one report."""


def no_progress(stage: str, done: int, of: int, failed: int = 0, subject: str = "", /) -> None:
    """Reports nothing."""
