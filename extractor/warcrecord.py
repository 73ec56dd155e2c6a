"""The records in a stream of WARC or ARC, plain or each in a gzip member of its own, also of files that are damaged.

warcio parses the headers. It is not asked to find the records: a length that is wrong makes it lose those that follow,
and it takes any line of five words for a record of ARC.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Any, BinaryIO, NamedTuple

from extractor.httpbody import GZIP_MAGIC

# warcio is imported where it is used, as most pages are in no WARC

_CHUNK = 1 << 16
_MAX_LINE = 1 << 16  # bytes of a header's line
_MAX_HEAD_LINES = 500
_OVERLAP = 1 << 10  # bytes, more than the first lines of a record have
_SNIFFED = 1 << 12
_WARC_START = re.compile(rb"WARC/\d+\.\d+[ \t]*\r?\n[A-Za-z-]+[ \t]*:")
_ARC_LINE = (  # version 1: URL, IP address, date, media type, length; version 2 has five more fields before the length
    rb"(?P<url>[A-Za-z][\w+.-]*:\S[^\n]*?) (?P<ip>[\w.:-]+) (?P<date>\d{8,17}) (?P<type>[^\s]+(?:;[^\n]*?)?)"
    rb"(?: (?:\d{3}|-|0) \S+ \S+ \d+ \S+)? (?P<length>\d+)[ \t]*\r?\n"
)
_ARC_START = re.compile(_ARC_LINE)
_NEXT_ARC = re.compile(rb"\n" + _ARC_LINE)
_PADDING = b"\r\n\0 "
_BOM = b"\xef\xbb\xbf"
_ZSTD_MAGIC = b"\x28\xb5\x2f\xfd"
_RECORD_END = b"\r\n\r\n"
_CUT = "it is cut"
_HTTP_START = re.compile(rb"(?:HTTP(?:/\d+(?:\.\d+)?)?|ICY)[ \t]+\S", re.IGNORECASE)


class RawRecord(NamedTuple):
    """A record as it stands in a file: its type, headers (names in lower case) and block, and the bytes that it takes.

    `missing` is how many bytes the file lacks of it; of a block that is larger than what was asked for, there is the
    beginning. The type of a record of ARC is "response", and "filedesc" for that on the file itself.
    """

    offset: int
    length: int
    type: str
    headers: dict[str, str]
    block: bytes
    missing: int = 0


class Damage(NamedTuple):
    """Bytes of a file that are no record, from one offset to another, and what is wrong with them."""

    start: int
    end: int
    reason: str


class HttpMessage(NamedTuple):
    """A message in the block of a record: its status (0 where it has none), headers, and the body as it was sent."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def header(self, name: str) -> str:
        """All values of a header, joined as in a list."""
        return ", ".join(value for key, value in self.headers if key.lower() == name)


def is_archive_start(start: bytes) -> bool:
    """Whether a file with these first bytes, decompressed, is a WARC or an ARC.

    >>> is_archive_start(b"WARC/1.0\\r\\nWARC-Type: warcinfo")
    True
    >>> is_archive_start(b"filedesc://IA-1.arc 0.0.0.0 19961212 text/plain 76\\n")
    True
    """
    start = _without_lead(start)
    return bool(_WARC_START.match(start)) or (start.startswith(b"filedesc://") and bool(_ARC_START.match(start)))


def is_record_start(start: bytes) -> bool:
    """Whether a record of WARC or ARC begins with these bytes."""
    return bool(_WARC_START.match(start) or _ARC_START.match(start))


def unzipped_start(start: bytes) -> bytes:
    """The beginning of a file, decompressed if it is gzip."""
    if not start.startswith(GZIP_MAGIC):
        return start
    try:
        return zlib.decompressobj(31).decompress(start, _SNIFFED)
    except zlib.error:
        return b""


def iter_raw_records(stream: BinaryIO, max_block: int, offset: int = 0) -> Iterator[RawRecord | Damage]:
    """The records from an offset on, in the order of the file, and between them what is damaged."""
    stream.seek(offset)
    start = stream.read(_SNIFFED)
    if start.startswith(GZIP_MAGIC):
        yield from _iter_members(stream, max_block, offset)
    elif start.startswith(_ZSTD_MAGIC):
        yield Damage(offset, offset, "it is compressed with zstd: unpack it with `zstd -d`")
    elif start.strip():
        yield from _iter_plain(stream, max_block, offset + len(start) - len(_without_lead(start)))


def _without_lead(start: bytes) -> bytes:
    return start.removeprefix(_BOM).lstrip(b"\r\n")


class _Member(NamedTuple):
    """A gzip member: its content up to a maximum, how much there is, where it ends, and whether it does."""

    content: bytes
    size: int
    end: int
    is_whole: bool
    error: str = ""


class _Source:
    """A stream that is read forward, as going back is slow within a zip, and into which bytes can be put back."""

    def __init__(self, stream: BinaryIO, offset: int) -> None:
        stream.seek(offset)
        self._stream, self._pending, self.offset = stream, b"", offset

    def read(self) -> bytes:
        """Some of the next bytes, b"" at the end."""
        chunk, self._pending = self._pending or self._stream.read(_CHUNK), b""
        self.offset += len(chunk)
        return chunk

    def put_back(self, rest: bytes) -> None:
        """Puts the end of what was read last back."""
        self._pending = rest
        self.offset -= len(rest)

    def skip_padding(self) -> bool:
        """Goes on to the next byte that is no padding. Returns whether there is one."""
        while chunk := self.read():
            if rest := chunk.lstrip(_PADDING):
                self.put_back(rest)
                return True
        return False


def _read_member(source: _Source, max_bytes: int) -> _Member:
    """The gzip member at which a source stands."""
    decompressor, content, size = zlib.decompressobj(31), bytearray(), 0
    while not decompressor.eof:
        if not (compressed := source.read()):
            return _Member(bytes(content), size, source.offset, is_whole=False)
        while compressed and not decompressor.eof:
            try:
                output = decompressor.decompress(compressed, _CHUNK << 4)
            except zlib.error as error:
                return _Member(bytes(content), size, source.offset, is_whole=False, error=str(error))
            size += len(output)
            content += output[: max(0, max_bytes - len(content))]
            compressed = decompressor.unconsumed_tail
    source.put_back(decompressor.unused_data)
    return _Member(bytes(content), size, source.offset, is_whole=True)


def _iter_members(stream: BinaryIO, max_block: int, offset: int) -> Iterator[RawRecord | Damage]:
    """The records of a file in which each is a gzip member."""
    source = _Source(stream, offset)
    while source.skip_padding():
        start = source.offset
        member = _read_member(source, max_block + _SNIFFED)
        record = _record_in_member(member, start, max_block)
        if isinstance(record, RawRecord):
            yield record
        elif not member.error:
            yield Damage(start, member.end, record)
        if member.is_whole:
            continue
        if not member.error:
            return
        found = _find_member(stream, start + 1)
        yield Damage(start, found or _end_of(stream), member.error)
        if found is None:
            return
        source = _Source(stream, found)


def _find_member(stream: BinaryIO, offset: int) -> int | None:
    """The offset of the next gzip member that is a record, None if there is none."""
    for found in _find_all(stream, re.compile(re.escape(GZIP_MAGIC)), offset):
        stream.seek(found)
        start = unzipped_start(stream.read(_SNIFFED))
        if is_record_start(start):
            return found
    return None


def _find_all(stream: BinaryIO, pattern: re.Pattern[bytes], offset: int) -> Iterator[int]:
    """The offsets at which a pattern is found from an offset on."""
    while True:
        stream.seek(offset)
        chunk = stream.read(_CHUNK)
        yield from (offset + match.start() for match in pattern.finditer(chunk) if match.start() < _CHUNK - _OVERLAP)
        if len(chunk) < _CHUNK:
            yield from (offset + m.start() for m in pattern.finditer(chunk) if m.start() >= _CHUNK - _OVERLAP)
            return
        offset += _CHUNK - _OVERLAP


def _record_in_member(member: _Member, offset: int, max_block: int) -> RawRecord | str:
    """The record that a gzip member is, or the reason why it is none.

    The member says where its record ends: a stated length that is another is wrong.
    """
    head = _parse_head(BytesIO(member.content))
    if head is None:
        return "it is no record of WARC or ARC" if member.is_whole else _CUT
    block = member.content[head.size :]
    stated = head.length
    if stated is not None and _WARC_START.match(block[stated:].lstrip(b"\r\n")):
        return "its records are not compressed one by one; `warcio recompress` mends that"
    if member.is_whole:
        is_right = stated is not None and not block[stated:].strip(b"\r\n") and len(block) >= stated
        block = block[:stated] if is_right else block.removesuffix(_RECORD_END)
        missing = 0
    else:
        missing = max(0, (stated or 0) - (member.size - head.size))
        block = block[:stated]
    return RawRecord(offset, member.end - offset, head.type, head.headers, block[: max_block + 1], missing)


def _iter_plain(stream: BinaryIO, max_block: int, offset: int) -> Iterator[RawRecord | Damage]:
    """The records of a file without compression."""
    size = _end_of(stream)
    while (start := _after_padding(stream, offset)) < size:
        stream.seek(start)
        head = _parse_head(stream)
        if head is None:
            found = _next_plain(stream, start + 1)
            yield Damage(start, found or size, "it is no record of WARC or ARC" if found else _CUT)
            offset = size if found is None else found
            continue
        body = start + head.size
        end, missing = _end_of_plain(stream, body, head, size)
        stream.seek(body)
        block = stream.read(min(end - body, max_block + 1))
        if head.length is None or end - body != head.length:
            block = block.removesuffix(_RECORD_END)
        yield RawRecord(start, end - start, head.type, head.headers, block, missing)
        offset = end


def _after_padding(stream: BinaryIO, offset: int) -> int:
    """The offset of the next byte that is no padding."""
    source = _Source(stream, offset)
    source.skip_padding()
    return source.offset


def _end_of_plain(stream: BinaryIO, body: int, head: _Head, size: int) -> tuple[int, int]:
    """Where the block of a record ends that begins at an offset, and how many bytes of it the file lacks.

    That is where the stated length says, if a record may end there; else it is the next record, or the end of the file.
    """
    if head.length is not None and (end := body + head.length) <= size:
        stream.seek(end)
        following = stream.read(_SNIFFED)
        if following.startswith(_RECORD_END) or not (rest := following.lstrip(_PADDING)) or is_record_start(rest):
            return end, 0
    found = _next_plain(stream, body)
    if found is not None:
        return found, 0
    return size, max(0, body + (head.length or 0) - size)


def _next_plain(stream: BinaryIO, offset: int) -> int | None:
    """The offset of the next record, of ARC at the beginning of a line; None if there is none."""
    if (found := next(_find_all(stream, _WARC_START, offset), None)) is not None:
        return found
    found = next(_find_all(stream, _NEXT_ARC, max(0, offset - 1)), None)
    return None if found is None else found + 1


def _end_of(stream: BinaryIO) -> int:
    return stream.seek(0, 2)


class _Head(NamedTuple):
    """The head of a record: its type and headers, the length that it states, None without one, and its own size."""

    type: str
    headers: dict[str, str]
    length: int | None
    size: int


def _parse_head(stream: BinaryIO) -> _Head | None:
    """The head of the record at which a stream stands, None if there is none, or not all of it."""
    first = stream.readline(_MAX_LINE)
    if _ARC_START.match(first):
        return _parse_arc_head(first)
    if not first.startswith(b"WARC/"):
        return None
    lines = [first]
    while (line := stream.readline(_MAX_LINE)).strip(b"\r\n"):
        lines.append(line)
        if len(lines) > _MAX_HEAD_LINES:
            return None
    if not line:
        return None
    headers = dict(_parse_headers(b"".join([*lines, b"\r\n"])).headers[::-1])  # the first of several counts
    named = {name.lower(): value for name, value in headers.items()}
    length = named.get("content-length", "").strip()
    size = sum(map(len, lines)) + len(line)
    number = int(length) if length.isascii() and length.isdigit() else None
    return _Head(named.get("warc-type", "").strip().lower(), named, number, size)


def _parse_arc_head(line: bytes) -> _Head:
    """The head of a record of ARC, with the names that its fields have in a WARC."""
    match = _ARC_START.match(line)
    fields = (
        {} if match is None else {name: value.decode("utf-8", "replace") for name, value in match.groupdict().items()}
    )
    kind = (
        "filedesc"
        if fields["url"].startswith("filedesc:")
        else "dns"
        if fields["url"].startswith("dns:")
        else "response"
    )
    headers = {"warc-target-uri": fields["url"], "warc-date": fields["date"], "content-type": fields["type"]}
    return _Head(kind, headers, int(fields["length"]), len(line))


def _parse_headers(head: bytes) -> Any:
    """The first line and the headers in some bytes, as warcio has them."""
    from warcio.statusandheaders import StatusAndHeadersParser

    return StatusAndHeadersParser(["HTTP/"], verify=False).parse(BytesIO(head))


def http_message(block: bytes) -> HttpMessage | None:
    """The HTTP response in a block, None if it is none.

    The block decides, not the address of the record or its media type: some crawlers write neither as the standard has
    it.
    """
    from warcio.statusandheaders import StatusAndHeadersParser

    if not _HTTP_START.match(block):
        return None
    stream = BytesIO(block)
    head = StatusAndHeadersParser(["HTTP/"], verify=False).parse(stream)
    code = head.statusline.split(" ", 1)[0]
    status = int(code) if code.isascii() and code.isdigit() and len(code) == 3 else 0
    return HttpMessage(status, tuple(head.headers), block[stream.tell() :])
