"""What kind of page the bytes are, and the characters they stand for."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import chain
from typing import Literal, NamedTuple

from charset_normalizer import from_bytes

from extractor.clean.language import language_of, uncommon

Media = Literal["html", "markdown", "text", "pdf", "empty", "binary"]

_MAGIC = {
    b"\x89PNG": "a PNG image",
    b"GIF8": "a GIF image",
    b"\xff\xd8\xff": "a JPEG image",
    b"RIFF": "a RIFF file (image, sound or film)",
    b"PK\x03\x04": "a ZIP or office file",
    b"\xd0\xcf\x11\xe0": "an old office file",
    b"FWS": "a Flash film",
    b"CWS": "a Flash film",
    b"\x7fELF": "a program",
}
_BOMS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF32_LE: "utf-32-le",  # begins like UTF-16's, so it is asked for first
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_HTML_MARK = re.compile(
    rb"<\s*(!doctype\s+html|html|head|body|title|meta|table|div|p|h[1-6]|font|center|a\s|br|ul|frameset)\b",
    re.IGNORECASE,
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_LOOKED_AT = 100_000  # bytes
# The encodings that browsers take some names for (WHATWG Encoding Standard); each contains the one it is taken for
_LATIN = ("iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii", "x-ansi", "windows-1252", "iso_8859-1")
_CHINESE = ("gb2312", "gbk", "x-gbk", "gb_2312-80")
_JAPANESE = ("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji")
_KOREAN = ("euc-kr", "ks_c_5601-1987", "ksc5601", "korean", "windows-949")
_BROWSERS = (
    dict.fromkeys(_LATIN, "cp1252")
    | dict.fromkeys(_CHINESE, "gb18030")
    | dict.fromkeys(_JAPANESE, "cp932")
    | dict.fromkeys(_KOREAN, "cp949")
    | {"big5": "big5hkscs", "iso-8859-9": "cp1254", "tis-620": "cp874", "iso-8859-11": "cp874", "utf8": "utf-8"}
)
_SEVERAL_BYTES = ("gb18030", "cp932", "cp949", "big5hkscs", "euc_jp", "euc-jp", "utf-8")
# Languages that fit into no windows-1252, with the code pages that their sites used: one with, one without 0x80-0x9f
_CODE_PAGES = {
    **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "ro", "bs"), ("cp1250", "iso8859_2")),
    **dict.fromkeys(("lt", "lv", "et"), ("cp1257", "iso8859_13")),
    "tr": ("cp1254", "cp1254"),
}
_C1_AS_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_WINDOWS_AS_C1 = {ord(char): code for code, char in _C1_AS_WINDOWS.items() if char}
_FOLLOWING = "[\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]"  # what windows-1252 makes of the later bytes of UTF-8
_MOJIBAKE = re.compile(f"[ÃÂ]{_FOLLOWING}|â[€\u0080]{_FOLLOWING}")
_PLENTIFUL = 5
# Lone surrogates, controls, and marks that turn the direction of what follows them, which an extract would not close
_REMOVED = (*range(9), 0x0B, *range(0x0E, 0x20), 0x7F, 0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F),
           *range(0x2066, 0x206A), 0xFEFF, *range(0xD800, 0xE000))  # fmt: skip
_LINE_ENDS = {0x2028: "\n", 0x2029: "\n", 0x0C: "\n"}
_TIDY = _C1_AS_WINDOWS | _LINE_ENDS | dict.fromkeys(_REMOVED, "")
_UNTIDY = re.compile(f"[{''.join(map(re.escape, map(chr, _TIDY)))}]")


class Decoded(NamedTuple):
    """The characters of a page, the name of the encoding they were read by, and what a reader should know of it."""

    text: str
    encoding: str
    notes: tuple[str, ...] = ()


def media_of(content: bytes, content_type: str) -> tuple[Media, str]:
    """The kind of a page, and what to call it to a reader. The bytes are believed before the header."""
    start = content[:4096]
    if not content.strip():
        return "empty", "an empty page"
    if start.lstrip().startswith(b"%PDF-"):
        return "pdf", "a PDF"
    for magic, name in _MAGIC.items():
        if start.startswith(magic):
            return "binary", name
    if not _wide(content) and len(_CONTROL.findall(start)) > len(start) // 50:
        return "binary", "a binary file"
    return _text_media(content, content_type)


def _text_media(content: bytes, content_type: str) -> tuple[Media, str]:
    """Which of the kinds of text it is."""
    if content_type.startswith("text/markdown"):
        return "markdown", "Markdown"
    if "html" in content_type or _HTML_MARK.search(content[:65536].replace(b"\x00", b"")):
        return "html", "HTML"
    return "text", "plain text"


def decode(content: bytes, content_type: str) -> Decoded:
    """The characters of a page.

    In this order: byte order mark, NULs that only UTF-16 and UTF-32 have, UTF-8 where it fits (no other encoding does
    so by chance), HTTP header, meta element, UTF-8 with a few damaged characters, detection. A declaration that does
    not fit the bytes is passed over.
    """
    bom = next((mark for mark in _BOMS if content.startswith(mark)), b"")
    encoding = _BOMS[bom] if bom else _wide(content) or _encoding_of(content, content_type)
    text = content[len(bom) :].decode(encoding, "replace")
    repaired = _undo_mojibake(text)
    notes = () if repaired is None else ("its characters were UTF-8 read as windows-1252 and saved again: repaired",)
    return Decoded(_tidy_characters(text if repaired is None else repaired), encoding, notes)


def _wide(content: bytes) -> str:
    """The form of UTF-16 or UTF-32 that bytes are in, "" for none: told by where the NULs of its ASCII stand."""
    start = content[: _LOOKED_AT // 4 * 4]
    if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _BOMS[codecs.BOM_UTF16_LE if start.startswith(codecs.BOM_UTF16_LE) else codecs.BOM_UTF16_BE]
    return next((form for form in _forms_by_nuls(start) if _reads_as_text(start, form)), "") if b"\0" in start else ""


def _forms_by_nuls(start: bytes) -> Iterator[str]:
    """The forms that put NULs where these bytes have them."""
    share = [start[place::4].count(0) / max(1, len(start) // 4) for place in range(4)]
    if min(share[2:]) > 0.9:
        yield "utf-32-le"
    if min(share[:2]) > 0.9:
        yield "utf-32-be"
    even, odd = (share[0] + share[2]) / 2, (share[1] + share[3]) / 2
    if max(even, odd) > 0.1 and min(even, odd) < 0.02:
        yield "utf-16-le" if odd > even else "utf-16-be"


def _reads_as_text(start: bytes, encoding: str) -> bool:
    """Whether there is hardly a control among the characters."""
    text = start.decode(encoding, "replace")
    return len(_CONTROL.findall(text.encode("utf-8", "replace"))) <= len(text) // 50


def _encoding_of(content: bytes, content_type: str) -> str:
    """The encoding of bytes without a byte order mark."""
    if b"\x1b$" in content[:_LOOKED_AT]:
        return "iso2022_jp"
    names = chain(["utf-8"], _declared(content, content_type))
    return next((name for name in names if _fits(content, name)), "") or _detected(content)


def _declared(content: bytes, content_type: str) -> Iterator[str]:
    """The encodings that the header and the page name, read as browsers read them."""
    in_page = _META_CHARSET.search(content[:8192])
    for name in [*_HEADER_CHARSET.findall(content_type), *([in_page[1].decode("ascii", "replace")] if in_page else [])]:
        # a page that could be read as ASCII to find its meta element is not UTF-16, whatever it says
        if not name.lower().startswith(("utf-16", "utf-32", "utf-7")) and _is_text_encoding(name):
            yield _BROWSERS.get(name.lower(), name.lower())


def _is_text_encoding(name: str) -> bool:
    """Whether Python knows an encoding by that name and it makes characters of bytes."""
    try:
        return codecs.lookup(name)._is_text_encoding
    except LookupError:
        return name.lower() in _BROWSERS


def _fits(content: bytes, encoding: str) -> bool:
    """Whether bytes can be read by an encoding; in one with several bytes a character, but for one in twenty."""
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        if encoding == "cp1252":  # browsers read its five empty places as controls
            return True
        text = content.decode(encoding, "replace")
        bad = text.count("\ufffd")
        return encoding in _SEVERAL_BYTES and bad * 20 <= len(_NOT_ASCII.findall(text)) - bad
    return True


def _detected(content: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8 and say nothing true of themselves.

    Where few bytes are not ASCII the language decides, which the ASCII letters tell, else charset-normalizer.
    """
    start = content[:_LOOKED_AT]
    foreign = len(start) - len(start.translate(None, bytes(range(0x80, 0x100))))
    if foreign >= max(20, 0.1 * len(start)):
        best = from_bytes(start).best()
        return best.encoding if best else "cp1252"
    words = re.sub(r"<[^<>]*>", " ", start.decode("cp1252", "replace"))
    windows, iso = _CODE_PAGES.get(language_of(words), ("cp1252", "cp1252"))
    return windows if any(0x80 <= byte < 0xA0 for byte in start) else iso


def _undo_mojibake(text: str) -> str | None:
    """The text before UTF-8 was taken for windows-1252, None where that is not certain: the marks of it are many and
    all of the text goes back to bytes that are UTF-8.

    >>> _undo_mojibake("CafÃ© " * 5), _undo_mojibake("CafÃ©"), _undo_mojibake("Café " + "CafÃ© " * 5)
    ('Café Café Café Café Café ', None, None)
    """
    if not ("Ã" in text or "Â" in text or "â" in text) or len(_MOJIBAKE.findall(text)) < _PLENTIFUL:
        return None
    try:
        return text.translate(_WINDOWS_AS_C1).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None


def _tidy_characters(text: str) -> str:
    """Text without controls, lone surrogates and marks of direction; line ends in one form, windows-1252's characters
    in the place of the C1 controls that they were taken for.

    >>> _tidy_characters("a\\x00b\\u2028c\\u202e \\x93d\\x94")
    'ab\\nc “d”'
    """
    return _UNTIDY.sub(lambda char: _TIDY[ord(char[0])], text) if _UNTIDY.search(uncommon(text)) else text
