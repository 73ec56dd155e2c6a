"""A cache of documents: a page is often captured several times with the same bytes."""

from __future__ import annotations

from itertools import islice
from typing import NamedTuple

from extractor.clean.content import requested_document
from extractor.clean.document import base_address, clean, selection_address
from extractor.clean.source import UnpackedPage
from extractor.records import Document

_MAX_CACHED_DOCUMENTS = 16  # the versions that a policy goes back and forth between; the oldest are dropped


class PageSignature(NamedTuple):
    """All that the document of a page depends on."""

    content: bytes
    notes: tuple[str, ...]
    error: str
    content_type: str
    status: int
    address: str
    requested: str  # which of several documents on the page

    def __hash__(self) -> int:
        """The hash of the length of the bytes and of the rest: a hash of all bytes would take as long as decoding."""
        return hash((len(self.content), *self[1:]))


DocumentCache = dict[PageSignature, Document]


def clean_with_cache(page: UnpackedPage, cache: DocumentCache) -> Document:
    """The document of a page as `clean` makes it, from the cache if it has one; otherwise it is added there."""
    signature = page_signature(page)
    document = cache.pop(signature, None) or clean(page)
    cache[signature] = document  # at the end
    for oldest in list(islice(cache, max(0, len(cache) - _MAX_CACHED_DOCUMENTS))):
        del cache[oldest]
    return document


def page_signature(page: UnpackedPage) -> PageSignature:
    """What the document of a page depends on."""
    snapshot, content, notes, error = page
    requested = requested_document(selection_address(snapshot))
    return PageSignature(
        content, notes, error, snapshot.content_type, snapshot.status, base_address(snapshot), requested
    )
