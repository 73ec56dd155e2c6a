"""Whether a page could take more than its share of time or memory."""

from __future__ import annotations

import re

import numpy as np

from extractor.clean.source.unpacking import UnpackedPage
from extractor.clean.tree import overlong_tag_starts

_LIGHT_BYTES = 1_000_000
_LIGHT_MARKDOWN_BYTES = 200_000  # markdown-it takes 20 times as long as libxml2
_MAX_COUNTS = {
    "<": 20_000,  # at most 6,606 on a given page
    **dict.fromkeys("([{", 12_000),  # at most 8,129 of one kind on a given page
    "\n": 60_000,
}
_LONG_TAG = re.compile(rb"<[a-zA-Z][\w:-]*\s[^<>]{20000,}")
_ATTRIBUTE = re.compile(rb"\s[\w:-]+(?:=[\"']|=\w|\s)")
_MAX_ATTRIBUTES = 2_000


def is_heavy(page: UnpackedPage) -> bool:
    """Whether a page is large, a PDF, or built as pages rarely are. One that cannot be unpacked is not heavy."""
    content = page.content
    return (
        len(content) > (_LIGHT_MARKDOWN_BYTES if "markdown" in page.snapshot.content_type else _LIGHT_BYTES)
        or content.lstrip().startswith(b"%PDF-")
        or _has_too_many_characters(content)
        or _has_too_many_attributes(content)
    )


def _has_too_many_characters(content: bytes) -> bool:
    """Whether a page has more tags, brackets of one kind, or lines than pages usually have."""
    codes = np.frombuffer(content, np.uint8)  # counts five times as fast as bytes do
    return any(
        len(content) > maximum and np.count_nonzero(codes == ord(char)) > maximum
        for char, maximum in _MAX_COUNTS.items()
    )


def _has_too_many_attributes(content: bytes) -> bool:
    """Whether a tag has more attributes than tags usually have."""
    tags = filter(None, (_LONG_TAG.match(content, start) for start in overlong_tag_starts(content)))
    return any(len(_ATTRIBUTE.findall(tag[0])) > _MAX_ATTRIBUTES for tag in tags)
