"""Detects the media type of a page, and decodes its bytes to characters."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from itertools import chain
from typing import Literal, NamedTuple

from extractor.clean.verdict import detect_language, unusual_characters

MediaType = Literal["html", "markdown", "text", "pdf", "empty", "binary"]

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
    codecs.BOM_UTF32_LE: "utf-32-le",  # starts like that of UTF-16, so it is tested first
    codecs.BOM_UTF32_BE: "utf-32-be",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_HTML_MARK = re.compile(
    rb"<\s*(!doctype\s+html|html|head|body|title|meta|table|div|p|h[1-6]|font|center|a\s|br|ul|frameset)\b",
    re.IGNORECASE,
)
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")
_NO_CONTROLS = bytes({*range(256)} - {*range(9), *range(0x0E, 0x1B), *range(0x1C, 0x20)})
_META_CHARSET = re.compile(rb"<meta[^>]{0,200}?charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_HEADER_CHARSET = re.compile(r"charset\s*=\s*[\"']?\s*([\w:.-]+)", re.IGNORECASE)
_MAX_DETECTION_BYTES = 100_000  # bytes
# The encodings that browsers use for some names (WHATWG Encoding Standard); each is a superset of the named one
_LATIN = ("iso-8859-1", "iso8859-1", "latin1", "latin-1", "us-ascii", "ascii", "x-ansi", "windows-1252", "iso_8859-1")
_CHINESE = ("gb2312", "gbk", "x-gbk", "gb_2312-80")
_JAPANESE = ("shift_jis", "shift-jis", "sjis", "x-sjis", "windows-31j", "ms_kanji")
_KOREAN = ("euc-kr", "ks_c_5601-1987", "ksc5601", "korean", "windows-949")
_BROWSER_ENCODINGS = (
    dict.fromkeys(_LATIN, "cp1252")
    | dict.fromkeys(_CHINESE, "gb18030")
    | dict.fromkeys(_JAPANESE, "cp932")
    | dict.fromkeys(_KOREAN, "cp949")
    | {"big5": "big5hkscs", "iso-8859-9": "cp1254", "tis-620": "cp874", "iso-8859-11": "cp874", "utf8": "utf-8"}
)
_MULTIBYTE_ENCODINGS = ("gb18030", "cp932", "cp949", "big5hkscs", "euc_jp", "euc-jp", "utf-8")
# Languages that windows-1252 cannot encode, with their usual code pages: one with, one without bytes 0x80-0x9f
_CODE_PAGES = {
    **dict.fromkeys(("pl", "cs", "sk", "hu", "sl", "hr", "ro", "bs"), ("cp1250", "iso8859_2")),
    **dict.fromkeys(("lt", "lv", "et"), ("cp1257", "iso8859_13")),
    "tr": ("cp1254", "cp1254"),
}
_C1_AS_WINDOWS = {code: bytes([code]).decode("cp1252", "ignore") for code in range(0x80, 0xA0)}
_WINDOWS_AS_C1 = {ord(char): code for code, char in _C1_AS_WINDOWS.items() if char}
_CONTINUATION = "[\u0080-\u00bf\u0152-\u02dc\u2013-\u2122]"  # continuation bytes of UTF-8 read as windows-1252
_MOJIBAKE = re.compile(f"[ÃÂ]{_CONTINUATION}|â[€\u0080]{_CONTINUATION}")
_MIN_MOJIBAKE = 5
# Lone surrogates, control characters, and direction marks, which an extract of the text would leave open
_REMOVED_CODES = (*range(9), 0x0B, *range(0x0E, 0x20), 0x7F, 0x200E, 0x200F, 0x061C, *range(0x202A, 0x202F),
           *range(0x2066, 0x206A), 0xFEFF, *range(0xD800, 0xE000))  # fmt: skip
_LINE_ENDS = {0x2028: "\n", 0x2029: "\n", 0x0C: "\n"}
_REPLACEMENTS = _C1_AS_WINDOWS | _LINE_ENDS | dict.fromkeys(_REMOVED_CODES, "")
_REPLACED = re.compile(f"[{''.join(map(re.escape, map(chr, _REPLACEMENTS)))}]")


class DecodedPage(NamedTuple):
    """The characters of a page, the name of its encoding, and notes for the reader.

    `utf8` are the same characters in UTF-8 where the page has them so: encoding them again would take as long as
    decoding. It is b"" where the page has other bytes.
    """

    text: str
    encoding: str
    notes: tuple[str, ...] = ()
    utf8: bytes = b""


def detect_media_type(content: bytes, content_type: str) -> tuple[MediaType, str]:
    """The media type of a page, and its description for readers. The bytes have precedence over the header."""
    start = content[:4096]
    if not content or content.isspace():
        return "empty", "an empty page"
    if start.lstrip().startswith(b"%PDF-"):
        return "pdf", "a PDF"
    for magic, name in _MAGIC.items():
        if start.startswith(magic):
            return "binary", name
    if not _wide_encoding(content) and _count_controls(start) > len(start) // 50:
        return "binary", "a binary file"
    return _text_media_type(content, content_type)


def _text_media_type(content: bytes, content_type: str) -> tuple[MediaType, str]:
    """The media type of a page of text, and its description."""
    if content_type.startswith("text/markdown"):
        return "markdown", "Markdown"
    if "html" in content_type or _HTML_MARK.search(content[:65536].replace(b"\x00", b"")):
        return "html", "HTML"
    return "text", "plain text"


def decode(content: bytes, content_type: str) -> DecodedPage:
    """The characters of a page.

    The encoding is the first that applies: by the byte order mark, by NULs as in UTF-16 and UTF-32, UTF-8 if the bytes
    are valid (other encodings rarely are by chance), by the HTTP header, by the meta element, UTF-8 with a few damaged
    characters, by detection. A declared encoding that does not fit the bytes is ignored.
    """
    bom = next(filter(content.startswith, _BOMS), b"")
    content = content[len(bom) :]
    if encoding := _BOMS[bom] if bom else _wide_encoding(content):
        text = content.decode(encoding, "replace")
    else:
        text, encoding = _decode_by_declaration(content, content_type)
    utf8 = content if encoding == "utf-8" and "\ufffd" not in text else b""
    unusual = unusual_characters(utf8 or text)
    if _has_mojibake(unusual) and (repaired := _undo_mojibake(text)) is not None:
        note = "its characters were UTF-8 read as windows-1252 and saved again: repaired"
        return DecodedPage(_normalize_characters(repaired), encoding, (note,))
    if _REPLACED.search(unusual):
        return DecodedPage(_normalize_characters(text), encoding)
    return DecodedPage(text, encoding, utf8=utf8)


def _wide_encoding(content: bytes) -> str:
    """The variant of UTF-16 or UTF-32 of bytes, "" for neither, by the positions of NULs in its ASCII characters."""
    for bom in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        if content.startswith(bom):
            return _BOMS[bom]
    if b"\0" not in content:
        return ""
    start = content[: _MAX_DETECTION_BYTES // 4 * 4]
    return next((encoding for encoding in _candidates_by_nuls(start) if _looks_like_text(start, encoding)), "")


def _candidates_by_nuls(start: bytes) -> Iterator[str]:
    """The encodings that have NULs in the same positions as these bytes."""
    shares = [start[offset::4].count(0) / max(1, len(start) // 4) for offset in range(4)]
    if min(shares[2:]) > 0.9:
        yield "utf-32-le"
    if min(shares[:2]) > 0.9:
        yield "utf-32-be"
    even, odd = (shares[0] + shares[2]) / 2, (shares[1] + shares[3]) / 2
    if max(even, odd) > 0.1 and min(even, odd) < 0.02:
        yield "utf-16-le" if odd > even else "utf-16-be"


def _looks_like_text(start: bytes, encoding: str) -> bool:
    """Whether the decoded bytes have few control characters."""
    text = start.decode(encoding, "replace")
    return _count_controls(text.encode("utf-8", "replace")) <= len(text) // 50


def _count_controls(content: bytes) -> int:
    """The number of control characters in bytes, other than those of white space and escape."""
    return len(content.translate(None, _NO_CONTROLS))


def _decode_by_declaration(content: bytes, content_type: str) -> tuple[str, str]:
    """The characters of bytes without a byte order mark, and their encoding."""
    # one byte is found several times as fast as two
    if b"\x1b" not in content or b"\x1b$" not in content[:_MAX_DETECTION_BYTES]:
        for name in chain(["utf-8"], _declared_encodings(content, content_type)):
            if (text := _decode_in(name, content)) is not None:
                return text, name
        name = _detect_encoding(content)
    else:
        name = "iso2022_jp"
    return content.decode(name, "replace"), name


def _declared_encodings(content: bytes, content_type: str) -> Iterator[str]:
    """The encodings that the header and the page declare, interpreted as browsers do."""
    meta = _META_CHARSET.search(content[:8192])
    for name in [*_HEADER_CHARSET.findall(content_type), *([meta[1].decode("ascii", "replace")] if meta else [])]:
        # a page whose meta element is readable as ASCII is not UTF-16, whatever it declares
        if not name.lower().startswith(("utf-16", "utf-32", "utf-7")) and _is_text_encoding(name):
            yield _BROWSER_ENCODINGS.get(name.lower(), name.lower())


def _is_text_encoding(name: str) -> bool:
    """Whether Python has a text encoding with that name."""
    try:
        return codecs.lookup(name)._is_text_encoding
    except LookupError:
        return name.lower() in _BROWSER_ENCODINGS


def _decode_in(encoding: str, content: bytes) -> str | None:
    """The characters of bytes in an encoding, None if they cannot be in it.

    In a multibyte encoding one non-ASCII character in twenty may be damaged.
    """
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        text = content.decode(encoding, "replace")
        if encoding == "cp1252":  # browsers decode its five unassigned bytes as controls
            return text
        bad = text.count("\ufffd")
        return text if encoding in _MULTIBYTE_ENCODINGS and bad * 20 <= len(_NOT_ASCII.findall(text)) - bad else None


def _detect_encoding(content: bytes) -> str:
    """The likeliest encoding of bytes that are not UTF-8 and have no valid declaration.

    If most bytes are ASCII, the language of the ASCII words decides, else charset-normalizer.
    """
    start = content[:_MAX_DETECTION_BYTES]
    non_ascii = len(start) - len(start.translate(None, bytes(range(0x80, 0x100))))
    if non_ascii >= max(20, 0.1 * len(start)):
        from charset_normalizer import from_bytes  # few pages need it

        best = from_bytes(start).best()
        return best.encoding if best else "cp1252"
    words = re.sub(r"<[^<>]*>", " ", start.decode("cp1252", "replace"))
    windows, iso = _CODE_PAGES.get(detect_language(words), ("cp1252", "cp1252"))
    return windows if any(0x80 <= byte < 0xA0 for byte in start) else iso


def _has_mojibake(text: str) -> bool:
    """Whether there are many signs that the UTF-8 of a text was read as windows-1252.

    The unusual characters of a text have all signs that are in it, and perhaps more.
    """
    return len(_MOJIBAKE.findall(text)) >= _MIN_MOJIBAKE


def _undo_mojibake(text: str) -> str | None:
    """The text before its UTF-8 was read as windows-1252; None if that is not certain.

    It is certain if there are many signs of it, and the whole text converts back to valid UTF-8.

    >>> _undo_mojibake("CafÃ© " * 5), _undo_mojibake("CafÃ©"), _undo_mojibake("Café " + "CafÃ© " * 5)
    ('Café Café Café Café Café ', None, None)
    """
    if not _has_mojibake(text):
        return None
    try:
        return text.translate(_WINDOWS_AS_C1).encode("latin-1").decode("utf-8")
    except UnicodeError:
        return None


def _normalize_characters(text: str) -> str:
    """Text without control characters, lone surrogates and direction marks, and with "\\n" as the only line end.

    C1 controls become the windows-1252 characters that they were meant to be.

    >>> _normalize_characters("a\\x00b\\u2028c\\u202e \\x93d\\x94")
    'ab\\nc “d”'
    """
    for character in set(_REPLACED.findall(unusual_characters(text))):
        text = text.replace(character, _REPLACEMENTS[ord(character)])
    return text
