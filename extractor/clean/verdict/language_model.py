"""py3langid's model, in less memory: of the 79 MB that it takes, 42 are a table with many equal parts."""

from __future__ import annotations

from array import array
from functools import cache
from typing import Any

import py3langid.langid

_BLOCK_BITS = 5
_BLOCK_LENGTH = 1 << _BLOCK_BITS  # of 8 to 128 numbers, blocks of 16 and 32 take the least memory


def ranked_languages(text: str) -> list[tuple[str, float]]:
    """The languages that py3langid knows, the likeliest first, with their scores."""
    ranking: list[tuple[str, float]] = _identifier().rank(text)
    return ranking


@cache
def _identifier() -> Any:
    """py3langid's own identifier, with its table of transitions in blocks; the first text that needs it loads it."""
    py3langid.rank("")
    identifier = py3langid.langid.IDENTIFIER
    identifier.tk_nextmove = _BlockTable(identifier.tk_nextmove)
    return identifier


class _BlockTable:
    """The numbers of an array, of equal blocks only one."""

    def __init__(self, numbers: array[int]) -> None:
        content, size = memoryview(numbers).cast("B"), _BLOCK_LENGTH * numbers.itemsize
        blocks: dict[bytes, int] = {}
        starts = range(0, len(content), size)
        self._places = array("I", [blocks.setdefault(bytes(content[at : at + size]), len(blocks)) for at in starts])
        self._numbers = array(numbers.typecode, b"".join(blocks))

    def __getitem__(self, index: int) -> int:
        block = self._places[index >> _BLOCK_BITS]
        return self._numbers[block << _BLOCK_BITS | index & (_BLOCK_LENGTH - 1)]
