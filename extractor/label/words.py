"""The words of many passages at once, found in numpy: those of `extractor.text.lowercase_words`, and their places."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractor.text import lower_case

IntArray = NDArray[np.int64]
_SPACE, _LETTER = ord(" "), 0xE9  # the second stands for every letter and digit beyond ASCII
_APOSTROPHE, _HYPHEN = ord("'"), ord("-")  # inside a word they belong to it
_WITH_SPACES = bytes(  # characters as themselves, those between words as spaces
    code if chr(code).isalnum() or chr(code) in "_'-" else _SPACE for code in range(256)
)


class WordPlaces(NamedTuple):
    """The words of texts in lower case and in order, where each starts and ends, and where the texts do.

    Places count from the start of all texts, joined with one character between them: text i starts at `offsets[i]`, and
    its words are those from `first[i]` up to `first[i + 1]`.
    """

    words: list[str]
    starts: IntArray
    ends: IntArray
    offsets: IntArray
    first: IntArray

    @property
    def rows(self) -> IntArray:
        """The text of each word."""
        return np.repeat(np.arange(len(self.first) - 1), np.diff(self.first))


def locate_words(texts: Sequence[str]) -> WordPlaces:
    """The words of texts and their places.

    >>> found = locate_words(["- We don't.", "", "SELL 'e-mail'"])
    >>> found.words, found.starts.tolist(), found.ends.tolist()
    (['we', "don't", 'sell', 'e-mail'], [2, 5, 13, 19], [4, 10, 17, 25])
    >>> found.offsets.tolist(), found.first.tolist()
    ([0, 12, 13, 27], [0, 2, 2, 4])
    """
    lower, text = "\n".join(map(lower_case, texts)), "\n".join(texts)
    words, starts, ends = _lowercase_words(lower)
    if len(lower) != len(text):
        origin = np.array([place for place, char in enumerate(text) for _ in char.lower()])
        starts, ends = origin[starts], origin[ends - 1] + 1
    offsets = np.array([0, *accumulate(len(text) + 1 for text in texts)])
    return WordPlaces(words, starts, ends, offsets, np.searchsorted(starts, offsets))


def _lowercase_words(text: str) -> tuple[list[str], IntArray, IntArray]:
    """The words of a text in lower case, their starts and ends."""
    spaced = np.frombuffer(bytearray(_one_byte_each(text).translate(_WITH_SPACES)), dtype=np.uint8)
    is_joiner = (spaced == _APOSTROPHE) | (spaced == _HYPHEN)
    others = np.flatnonzero(~is_joiner)
    in_word = np.concatenate([[False], spaced[others] != _SPACE, [False]])
    borders = np.flatnonzero(in_word[1:] != in_word[:-1])
    starts, ends = others[borders[::2]], others[borders[1::2] - 1] + 1
    joiners = np.flatnonzero(is_joiner)
    is_outside = np.searchsorted(starts, joiners) == np.searchsorted(ends, joiners, side="right")
    spaced[joiners[is_outside]] = _SPACE
    words = spaced.tobytes().decode("latin-1").split()
    if not text.isascii():
        for place in np.unique(np.searchsorted(ends, np.flatnonzero(spaced == _LETTER), side="right")).tolist():
            words[place] = text[starts[place] : ends[place]]
    return words, starts, ends


def _one_byte_each(text: str) -> bytes:
    """The characters of a text in ASCII, and for each one beyond that a letter or a space."""
    if text.isascii():
        return text.encode()
    codes = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), dtype="<u4")
    beyond = np.flatnonzero(codes >= 128)
    distinct, which = np.unique(codes[beyond], return_inverse=True)
    kinds = np.array([_LETTER if chr(code).isalnum() else _SPACE for code in distinct.tolist()], dtype=np.uint8)
    letters = codes.astype(np.uint8)
    letters[beyond] = kinds[which]
    return letters.tobytes()
