"""Fixity: whether the bytes of a page match the digest in the index.

The index's digest is the SHA-1, in base 32, of the bytes as stored, with the content encoding that the site used. The
archive may send them compressed or decompressed; then a difference means nothing.
"""

from __future__ import annotations

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Literal

from extractor.warcfile import EMPTY_DIGEST

_DIGEST = re.compile("[A-Z2-7]{32}")

Fixity = Literal["equal", "differs", "not comparable", "not checked"]


@dataclass(frozen=True, slots=True)
class CandidateDigests:
    """The digests that the stored bytes may have; `comparable` is false where they may have had another encoding."""

    values: tuple[str, ...] = ()
    comparable: bool = False


NO_DIGESTS = CandidateDigests()
MIN_SHARED_BYTES = 100  # of a page that may share its bytes: smaller bodies are those of errors and of servers' slips


@dataclass(slots=True)
class FixityRecheck:
    """Counts that say whether to request bytes that do not match the index's digest a second time.

    That is worthwhile while such bytes are the exception: an archive whose index has other digests throughout is not
    asked twice for every page.
    """

    equal: int = 0
    confirmed: int = 0

    def is_worthwhile(self) -> bool:
        """Whether few second answers so far confirmed the first."""
        return self.confirmed < 3 + self.equal / 10


def check_fixity(digest: str, candidates: CandidateDigests) -> Fixity:
    """The fixity of a page whose index row has this digest.

    >>> check_fixity("3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ", CandidateDigests((sha1_base32(b""),), comparable=True))
    'equal'
    >>> check_fixity("-", CandidateDigests((sha1_base32(b""),), comparable=True))
    'not checked'
    """
    if not _DIGEST.fullmatch(digest):
        return "not checked"
    if digest in candidates.values:
        return "equal"
    return "differs" if candidates.comparable else "not comparable"


def names_content(digest: str) -> bool:
    """Whether a digest of the index names content: rows with the digest of nothing are not of one page.

    >>> names_content("3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"), names_content("-"), names_content("A" * 32)
    (False, False, True)
    """
    return bool(_DIGEST.fullmatch(digest)) and digest != EMPTY_DIGEST


def sha1_base32(content: bytes) -> str:
    """The SHA-1 of bytes in the form of the index.

    >>> sha1_base32(b"")
    '3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ'
    """
    return base64.b32encode(hashlib.sha1(content).digest()).decode()
