"""Are the bytes those that the index names?

The index's digest is the SHA-1, in base 32, of the bytes as they are stored, so with the content encoding that the site
used. What the archive sends may have been packed or unpacked on the way; where that is so, a difference says nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Literal

Fixity = Literal["equal", "differs", "not comparable", "not checked"]


@dataclass(frozen=True, slots=True)
class Digests:
    """The digests that the stored bytes may have; `comparable` is false where they may have had another encoding."""

    seen: tuple[str, ...] = ()
    comparable: bool = False


UNKNOWN = Digests()


@dataclass(slots=True)
class Doubt:
    """Whether bytes that are not those the index names are worth asking for again.

    They are as long as that is the exception: an archive whose index has other digests throughout is not asked twice
    for every page.
    """

    equal: int = 0
    confirmed: int = 0

    def is_reasonable(self) -> bool:
        """Whether so few second answers confirmed the first that another may not."""
        return self.confirmed < 3 + self.equal / 10


def fixity(digest: str, found: Digests) -> Fixity:
    """The state of a page whose index row has this digest.

    >>> fixity("3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", Digests((sha1(b""),), comparable=True))
    'equal'
    >>> fixity("-", Digests((sha1(b""),), comparable=True))
    'not checked'
    """
    if not re.fullmatch("[A-Z2-7]{32}", digest):
        return "not checked"
    if digest in found.seen:
        return "equal"
    return "differs" if found.comparable else "not comparable"


def sha1(content: bytes) -> str:
    """The SHA-1 of bytes as an index writes it.

    >>> sha1(b"")
    '3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ'
    """
    return base64.b32encode(hashlib.sha1(content).digest()).decode()
