"""How a long job reports how far it is."""

from __future__ import annotations

from typing import Protocol


class Progress(Protocol):
    """Called with the name of a stage, how much of it is done, of how much (0 where unknown), and how much failed."""

    def __call__(self, stage: str, done: int, of: int, failed: int = 0, /) -> None:
        """Takes one report."""


def no_progress(stage: str, done: int, of: int, failed: int = 0, /) -> None:
    """Reports nothing."""
