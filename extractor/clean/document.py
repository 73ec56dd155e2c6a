"""A page, from its bytes to its clean document."""

from __future__ import annotations

from typing import NamedTuple

from extractor.clean.html import html_blocks, html_extractor_name
from extractor.clean.markdown import markdown_blocks
from extractor.clean.pdf import pdf_blocks
from extractor.clean.plain_text import plain_text_blocks
from extractor.clean.render import render_markdown, render_text
from extractor.clean.source import (
    DecodedPage,
    MediaType,
    UnpackedPage,
    decode,
    decompress_unmarked,
    detect_media_type,
    unpack,
)
from extractor.clean.tree import hidden_texts, remove_toolbar
from extractor.clean.verdict import PageContent, detect_language, judge, unusable_verdict
from extractor.errors import UnreadableError
from extractor.records import Block, Document, Snapshot

_MAX_BYTES = 20_000_000
_MIN_OWN_CHARACTERS = 2_000  # a page that shows as much of a policy has it
_MIN_TIMES_LONGER = 2
_POLICY_SCORE = 0.5
_EXTRACTORS: dict[MediaType, str] = {"markdown": "markdown-it", "pdf": "pypdfium2", "text": "plain text"}


def clean(page: Snapshot | UnpackedPage) -> Document:
    """The document of a page. An unusable page also has one; its verdict has the reason."""
    snapshot, content, notes, failure = unpack(page) if isinstance(page, Snapshot) else page
    if failure:
        return Document(unusable_verdict(failure))
    media, description = detect_media_type(content, snapshot.content_type.lower())
    if media == "binary" and (decompressed := decompress_unmarked(content)):
        content = decompressed.content
        media, description = detect_media_type(content, snapshot.content_type.lower())
    if media == "empty":
        return Document(judge(PageContent(status=snapshot.status, notes=notes)).verdict)
    if media == "binary":
        return Document(unusable_verdict(f"{description}, not a page of text"))
    if media != "pdf" and len(content) > _MAX_BYTES:
        return Document(unusable_verdict(f"the page has {len(content) / 1e6:.0f} MB, and no more than 20 MB are read"))
    try:
        extracted = extract_blocks(media, content, snapshot)
    except UnreadableError as error:
        return Document(unusable_verdict(str(error)), extractor=_extractor_name(media))
    document = _build_document(extracted, snapshot, _extractor_name(media), notes)
    return _with_hidden_text(document, extracted, snapshot, notes) if media == "html" else document


def _with_hidden_text(
    document: Document, extracted: _ExtractedBlocks, snapshot: Snapshot, notes: tuple[str, ...]
) -> Document:
    """The document of an HTML page; if it has little text, the policy that the page holds out of sight."""
    if _is_policy(document) and len(document.text) >= _MIN_OWN_CHARACTERS:
        return document
    for hidden in hidden_texts(extracted.source):
        title, blocks, about = html_blocks(hidden.page, base_address(snapshot), selection_address(snapshot))
        revealed = extracted._replace(title=title, blocks=blocks, notes=about, source=hidden.page)
        note = f"the text was read from {hidden.place}"
        other = _build_document(revealed, snapshot, document.extractor, (*notes, note))
        if _replaces(other, document):
            return other
    return document


def _is_policy(document: Document) -> bool:
    """Whether a document can be used and reads like a policy."""
    return document.verdict.usable and document.verdict.is_policy >= _POLICY_SCORE


def _replaces(hidden: Document, shown: Document) -> bool:
    """Whether the text that a page holds out of sight is what the page is about, not the text that it shows."""
    if not hidden.verdict.usable:
        return False
    if _is_policy(hidden):
        return len(hidden.text) >= _MIN_TIMES_LONGER * len(shown.text) or not _is_policy(shown)
    return not shown.verdict.usable and len(hidden.text) >= _MIN_OWN_CHARACTERS / 2


def _extractor_name(media: MediaType) -> str:
    """The name of what extracts the content of a media type, for a record's provenance."""
    return html_extractor_name() if media == "html" else _EXTRACTORS[media]


class _ExtractedBlocks(NamedTuple):
    """The title and blocks of a page, notes for the reader, and the decoded characters that they were made from."""

    title: str
    blocks: list[Block]
    notes: tuple[str, ...] = ()
    decoded: DecodedPage = DecodedPage("", "")
    source: str = ""  # the HTML, "" for other media


def extract_blocks(media: MediaType, content: bytes, snapshot: Snapshot) -> _ExtractedBlocks:
    """The title and the blocks of a readable page. Raises UnreadableError."""
    if media == "pdf":
        return _ExtractedBlocks(*pdf_blocks(content))
    decoded = decode(content, snapshot.content_type)
    base = base_address(snapshot)
    if media == "text":
        return _ExtractedBlocks("", plain_text_blocks(decoded.text), decoded=decoded)
    if media == "markdown":
        return _ExtractedBlocks(*markdown_blocks(decoded.text, base), decoded=decoded)
    source = remove_toolbar(decoded.text)
    encoded = decoded.utf8 if source is decoded.text else b""
    return _ExtractedBlocks(*html_blocks(encoded or source, base, selection_address(snapshot)), decoded, source)


def base_address(snapshot: Snapshot) -> str:
    """The URL that a page's relative links start from, "" if it is unknown."""
    if snapshot.outcome == "same-digest":  # the bytes may have been served for the same page of another site
        return snapshot.capture.original
    return snapshot.served_url or snapshot.capture.original


def selection_address(snapshot: Snapshot) -> str:
    """The address that may say which of several documents on a page is requested: its URL, else its file name.

    If the target is a domain it is "", which selects the privacy policy, whatever the page is called. A URL that only
    the page itself tells says nothing against the name that a person gave its file.
    """
    target, source = snapshot.capture.target, snapshot.source
    if target and "/" not in target:
        return ""
    return source.path if source.url_from else snapshot.capture.original or source.path


def _build_document(
    extracted: _ExtractedBlocks, snapshot: Snapshot, extractor: str, notes: tuple[str, ...]
) -> Document:
    """The document made of a page's blocks."""
    text, spans = render_text(extracted.blocks)
    title, blocks = " ".join(extracted.title.split()), tuple(extracted.blocks)
    language = detect_language(text)
    all_notes = (*notes, *extracted.decoded.notes, *extracted.notes)
    source, address = extracted.source, base_address(snapshot)
    judgment = judge(PageContent(title, blocks, text, language, snapshot.status, source, all_notes, address))
    return Document(
        verdict=judgment.verdict,
        title=title,
        language=language,
        blocks=blocks,
        text=text,
        spans=spans,
        markdown=render_markdown(extracted.blocks),
        extractor=extractor,
        encoding=extracted.decoded.encoding,
        elsewhere=judgment.elsewhere,
    )
