"""One page from bytes to document."""

from __future__ import annotations

from extractor.clean.decode import Media, decode, media_of, undo_gzip
from extractor.clean.html import EXTRACTOR, html_blocks
from extractor.clean.marked import markdown_blocks
from extractor.clean.printed import pdf_blocks, text_blocks
from extractor.clean.render import render_markdown, render_text
from extractor.clean.verdict import judge, language_of, unusable
from extractor.errors import UnreadableError
from extractor.records import Block, Document, Snapshot

EXTRACTORS: dict[Media, str] = {"html": EXTRACTOR, "markdown": "markdown-it", "pdf": "pypdfium2", "text": "plain text"}


def clean(snapshot: Snapshot) -> Document:
    """The document of a snapshot. A page that cannot be used gives one too; its verdict says why."""
    content = undo_gzip(snapshot.content)
    media, name = media_of(content, snapshot.content_type.lower())
    if media == "empty":
        return Document(judge("", "", language="", status=snapshot.status))
    if media == "binary":
        return Document(unusable(f"{name}, not a page of text"))
    try:
        title, blocks = read_blocks(media, content, snapshot)
    except UnreadableError as error:
        return Document(unusable(str(error)), extractor=EXTRACTORS[media])
    return document(title, blocks, snapshot.status, EXTRACTORS[media])


def read_blocks(media: Media, content: bytes, snapshot: Snapshot) -> tuple[str, list[Block]]:
    """The title and the blocks of a readable page."""
    if media == "pdf":
        return pdf_blocks(content)
    page, _ = decode(content, snapshot.content_type)
    base = snapshot.served_url or snapshot.capture.original
    if media == "text":
        return text_blocks(page)
    return markdown_blocks(page, base) if media == "markdown" else html_blocks(page, base)


def document(title: str, blocks: list[Block], status: int, extractor: str) -> Document:
    """The document that blocks make."""
    text, spans = render_text(blocks)
    language = language_of(text)
    return Document(
        verdict=judge(title, text, language=language, status=status),
        title=" ".join(title.split()),
        language=language,
        blocks=tuple(blocks),
        text=text,
        spans=spans,
        markdown=render_markdown(blocks),
        extractor=extractor,
    )
