"""One page from bytes to document."""

from __future__ import annotations

from typing import NamedTuple

from extractor.clean.archived import without_toolbar
from extractor.clean.decode import Decoded, Media, decode, media_of
from extractor.clean.html import extractor_of_html, html_blocks
from extractor.clean.language import language_of
from extractor.clean.marked import markdown_blocks
from extractor.clean.pdf import pdf_blocks
from extractor.clean.printed import text_blocks
from extractor.clean.reading import Reading
from extractor.clean.render import render_markdown, render_text
from extractor.clean.unpack import undo_unmarked, unpack
from extractor.clean.verdict import judge, unusable
from extractor.errors import UnreadableError
from extractor.records import Block, Document, Snapshot

_MOST_BYTES = 20_000_000
_EXTRACTORS: dict[Media, str] = {"markdown": "markdown-it", "pdf": "pypdfium2", "text": "plain text"}


def clean(snapshot: Snapshot) -> Document:
    """The document of a snapshot. A page that cannot be used gives one too; its verdict says why."""
    try:
        content, notes = unpack(snapshot.content)
    except UnreadableError as error:
        return Document(unusable(str(error)))
    media, name = media_of(content, snapshot.content_type.lower())
    if media == "binary" and (below := undo_unmarked(content)):
        content = below.content
        media, name = media_of(content, snapshot.content_type.lower())
    if media == "empty":
        return Document(judge(Reading(status=snapshot.status, notes=notes)))
    if media == "binary":
        return Document(unusable(f"{name}, not a page of text"))
    if media != "pdf" and len(content) > _MOST_BYTES:
        return Document(unusable(f"the page has {len(content) / 1e6:.0f} MB, and no more than 20 MB are read"))
    try:
        found = read_blocks(media, content, snapshot)
    except UnreadableError as error:
        return Document(unusable(str(error)), extractor=_extractor_of(media))
    return _document(found, snapshot.status, _extractor_of(media), notes)


def _extractor_of(media: Media) -> str:
    """What reads a kind of page, as it stands in a record's provenance."""
    return extractor_of_html() if media == "html" else _EXTRACTORS[media]


class _Found(NamedTuple):
    """What was read of a page: its title, its blocks, what was noticed, and the characters they were made from."""

    title: str
    blocks: list[Block]
    notes: tuple[str, ...] = ()
    page: Decoded = Decoded("", "")
    source: str = ""  # the HTML, "" for other media


def read_blocks(media: Media, content: bytes, snapshot: Snapshot) -> _Found:
    """The title and the blocks of a readable page."""
    if media == "pdf":
        return _Found(*pdf_blocks(content))
    page = decode(content, snapshot.content_type)
    base = snapshot.served_url or snapshot.capture.original
    if media == "text":
        return _Found(*text_blocks(page.text), page=page)
    if media == "markdown":
        return _Found(*markdown_blocks(page.text, base), page=page)
    source = without_toolbar(page.text)
    return _Found(*html_blocks(source, base, _address_of(snapshot)), page, source)


def _address_of(snapshot: Snapshot) -> str:
    """The address that may tell which of several documents on a page is wanted: its URL, else the name of its file. Of
    a domain it is the privacy policy, whatever the page is called that holds it; then "".
    """
    target = snapshot.capture.target
    return "" if target and "/" not in target else snapshot.capture.original or snapshot.source.path


def _document(found: _Found, status: int, extractor: str, notes: tuple[str, ...] = ()) -> Document:
    """The document that a page's blocks make."""
    text, spans = render_text(found.blocks)
    title, blocks = " ".join(found.title.split()), tuple(found.blocks)
    language = language_of(text)
    return Document(
        verdict=judge(
            Reading(title, blocks, text, language, status, found.source, (*notes, *found.page.notes, *found.notes))
        ),
        title=title,
        language=language,
        blocks=blocks,
        text=text,
        spans=spans,
        markdown=render_markdown(found.blocks),
        extractor=extractor,
        encoding=found.page.encoding,
    )
