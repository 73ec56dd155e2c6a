"""MHTML: a page that a browser saved with its frames and images in one file, as parts of an e-mail message."""

from __future__ import annotations

import codecs
import html
import re
from contextlib import suppress
from datetime import timezone
from email import message_from_bytes
from email.errors import CloseBoundaryNotFoundDefect
from email.message import Message
from email.utils import parsedate_to_datetime
from itertools import chain
from typing import NamedTuple
from urllib.parse import urljoin

MHTML_SUFFIXES = (".mht", ".mhtml")
_HEADER_LINE = re.compile(rb"(?:\xef\xbb\xbf)?\s*[A-Za-z][\w-]*:")
_VERSION = re.compile(rb"^mime-version:", re.IGNORECASE | re.MULTILINE)
_SNIFFED_BYTES = 4096
_PAGE_TYPES = ("text/html", "application/xhtml+xml", "text/plain")  # the first that a file has is the page
_YEARS = range(1996, 2100)  # of a clock that was set
_MULTIPART = re.compile(rb"^content-type:\s*multipart/", re.IGNORECASE | re.MULTILINE)
_MAX_MULTIPARTS = 20  # in one another; Python's parser takes time for each on every line
_FRAMESET = re.compile(rb"<frameset\b", re.IGNORECASE)
_FRAME = re.compile(rb"<i?frame\b[^<>]{0,2000}?\ssrc\s*=\s*[\"']?([^\s\"'<>]+)", re.IGNORECASE)
_CODE = re.compile(rb"<(/?)(?:script|style|head)\b", re.IGNORECASE)
_TAG = re.compile(rb"<[^<>]*>")
_MIN_WORDS = 60  # of a page whose inline frames are not read
_PAGE_TAG = re.compile(rb"<(?:!doctype|/?(?:html|head|body|frameset))\b[^<>]*>", re.IGNORECASE)
_META_CHARSET = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)


class SavedPage(NamedTuple):
    """A page in MHTML: its bytes, media type, URL and the time at which it was saved, "" where unknown.

    `problem` says what is wrong with the file; `is_cut` is true if it ends within the page.
    """

    content: bytes = b""
    content_type: str = ""
    url: str = ""
    timestamp: str = ""
    problem: str = ""
    is_cut: bool = False


def is_mhtml(content: bytes) -> bool:
    """Whether a file begins with the header of a message."""
    start = content[:_SNIFFED_BYTES]
    return bool(_HEADER_LINE.match(start) and _VERSION.search(start))


def read_mhtml(content: bytes) -> SavedPage:
    """The page in a file, with its frames if it is made of frames."""
    if len(_MULTIPART.findall(content)) > _MAX_MULTIPARTS:
        return SavedPage(problem="its parts lie in one another, as in no page that a browser saved")
    message = message_from_bytes(content.removeprefix(codecs.BOM_UTF8).lstrip())
    parts = [part for part in message.walk() if part.get_content_type() in _PAGE_TYPES and _payload(part).strip()]
    if not (root := _root_of(message, parts)):
        return SavedPage(timestamp=_date_of(message), problem="it is cut off or damaged before any page in it")
    pages = _with_frames(root, parts)
    joined = b"\n".join(_PAGE_TAG.sub(b"", _as_utf8(page)) for page in pages) if len(pages) > 1 else b""
    return SavedPage(
        joined or _payload(root),
        "text/html; charset=utf-8" if joined else _content_type_of(root),
        _url_of(root) or _location(message),
        _date_of(message),
        is_cut=_ends_within(message, pages),
    )


def _payload(part: Message) -> bytes:
    """The bytes of a part without its transfer encoding."""
    payload = part.get_payload(decode=True)
    return payload if isinstance(payload, bytes) else b""


def _root_of(message: Message, parts: list[Message]) -> Message | None:
    """The part that is the page: the one that the header names, else the first that is HTML, else text."""
    start, location = _parameter(message, "start").strip("<> "), _location(message)
    ranked = sorted(parts, key=lambda part: _PAGE_TYPES.index(part.get_content_type()))
    named = (part for part in ranked if start and _id_of(part) == start)
    located = (part for part in ranked if location and _location(part) == location)
    return next(chain(named, located, ranked), None)


def _parameter(part: Message, name: str) -> str:
    """A parameter of a part's content type."""
    value = part.get_param(name)
    return value if isinstance(value, str) else ""


def _id_of(part: Message) -> str:
    """The content id of a part."""
    return str(part.get("Content-ID", "")).strip("<> ")


def _location(part: Message) -> str:
    """The address that a part was loaded from, "" where there is none."""
    location = part.get("Snapshot-Content-Location") or part.get("Content-Location") or ""
    return "".join(str(location).split())


def _url_of(part: Message) -> str:
    """The address of a part if it is one on the web."""
    location = _location(part)
    return location if location.lower().startswith(("http://", "https://")) else ""


def _content_type_of(part: Message) -> str:
    """The media type of a part with the encoding of its characters."""
    charset = _parameter(part, "charset")
    return f"{part.get_content_type()}; charset={charset}" if charset else part.get_content_type()


def _date_of(message: Message) -> str:
    """The time in a message's header as 14 digits in UTC, "" if there is none that a clock could have shown."""
    try:
        moment = parsedate_to_datetime(str(message.get("Date", "")))
        moment = moment.astimezone(timezone.utc) if moment.tzinfo else moment
    except (TypeError, ValueError, OverflowError, IndexError):
        return ""
    return f"{moment:%Y%m%d%H%M%S}" if moment.year in _YEARS else ""


def _with_frames(root: Message, parts: list[Message]) -> list[Message]:
    """A page, and the pages in its frames if it is a frameset or has hardly any words of its own."""
    pages = [root]
    for page in pages:
        if _has_content_in_frames(_payload(page)):
            pages += [frame for frame in _frames_of(page, parts) if frame not in pages]
    return pages


def _has_content_in_frames(page: bytes) -> bool:
    """Whether a page is a frameset, or has inline frames and hardly any words."""
    return bool(_FRAMESET.search(page) or (_FRAME.search(page) and _word_count(page) < _MIN_WORDS))


def _word_count(page: bytes) -> int:
    """The number of words outside of scripts, styles and the head."""
    text, *rest = _CODE.split(page)
    visible = [text, *(after for slash, after in zip(rest[::2], rest[1::2], strict=True) if slash)]
    return len(_TAG.sub(b" ", b" ".join(visible)).split())


def _frames_of(page: Message, parts: list[Message]) -> list[Message]:
    """The parts that the frames of a page show, in the order of the frames."""
    by_address = {f"cid:{_id_of(part)}": part for part in parts} | {_location(part): part for part in parts}
    sources = [html.unescape(source.decode("utf-8", "replace")) for source in _FRAME.findall(_payload(page))]
    frames = (by_address.get(source) or by_address.get(_join(_location(page), source)) for source in sources)
    return list(dict.fromkeys(filter(None, frames)))


def _join(base: str, address: str) -> str:
    """An absolute address, "" if the two make none."""
    try:
        return urljoin(base, address)
    except ValueError:
        return ""


def _as_utf8(part: Message) -> bytes:
    """The characters of a part in UTF-8."""
    payload = _payload(part)
    meta = _META_CHARSET.search(payload[:8192])
    for charset in ("utf-8", _parameter(part, "charset"), meta[1].decode("ascii", "replace") if meta else ""):
        with suppress(LookupError, UnicodeError):
            return payload.decode(charset or "utf-8").encode()
    return payload.decode("cp1252", "replace").encode()


def _ends_within(message: Message, pages: list[Message]) -> bool:
    """Whether a file ends before the end of one of these parts: it is the last, and nothing closes it."""
    *_, last = message.walk()
    is_open = any(isinstance(defect, CloseBoundaryNotFoundDefect) for part in message.walk() for defect in part.defects)
    return is_open and last in pages
