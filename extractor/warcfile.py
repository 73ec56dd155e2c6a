"""Reading WARC and WACZ files: an index of their records, and one record by its position.

It belongs to no room, because an archive file is both an archive to fetch from and a corpus to annotate.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import logging
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, BinaryIO, cast

from extractor.errors import UnreadableError
from extractor.records import Capture

# warcio and surt are imported where they are used, as they load libraries for the web and most pages are in no WARC

_log = logging.getLogger(__name__)

_PAGE_RECORD_TYPES = ("response", "revisit")
_MAX_RECORD_BYTES = 20_000_000  # of one page, decompressed: untrusted archives may hold gzip bombs
_MAX_PARTS = 10_000  # WARCs in a WACZ
_MAX_RATIO = 200  # of a decompressed WARC in a WACZ to its size; text compresses to a tenth
_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class RecordPosition:
    """The position of a record: the name of its WARC (in a folder or a WACZ), the offset and the length in bytes."""

    part: str
    offset: int
    length: int

    def __str__(self) -> str:
        """The form that the manifests of shards hash, also those of older releases.

        >>> str(RecordPosition("", 7, 42))
        "Place(part='', offset=7, length=42)"
        """
        return f"Place(part={self.part!r}, offset={self.offset}, length={self.length})"


@dataclass(frozen=True, slots=True)
class IndexedRecord:
    """A record of a WARC file as a row of an index, with its position and its WARC-Record-ID.

    `sha256` is that of its bytes without encodings, "" unless it was asked for.
    """

    capture: Capture
    position: RecordPosition
    record_id: str
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class ArchivedResponse:
    """An archived response: its bytes without transfer and content encodings, headers and WARC-Record-ID.

    `is_cut` is true if the bytes break off, because the record does or because its content encoding does.
    """

    status: int
    content_type: str
    location: str
    content: bytes
    headers: tuple[tuple[str, str], ...] = ()
    record_id: str = ""
    is_cut: bool = False


def is_warc(path: Path) -> bool:
    """Whether a file is a WARC (plain or gzip) or a WACZ, by its name.

    >>> is_warc(Path("a/sample.warc.gz")), is_warc(Path("page.html.gz"))
    (True, False)
    """
    return path.name.lower().endswith((".warc", ".warc.gz", ".wacz"))


def iter_records(path: Path, *, hashed: bool = False) -> Iterator[IndexedRecord]:
    """The responses and revisits of a file, in its order; `hashed` adds their SHA-256.

    Raises UnreadableError for a file that is no WARC or WACZ and, after the records that can be read, for one that is
    cut or damaged.
    """
    faults = []
    for part in _part_names(path):
        try:
            with _open_part(path, part) as stream:
                yield from _iter_stream(stream, path, part, hashed=hashed)
        except UnreadableError as error:
            faults.append(error)
    if faults:
        raise faults[0]


def scan_records(path: Path, *, hashed: bool = False) -> tuple[list[IndexedRecord], UnreadableError | None]:
    """The records of a file that can be read, and what is wrong with the file, None where nothing is."""
    records: list[IndexedRecord] = []
    try:
        for record in iter_records(path, hashed=hashed):
            records.append(record)
    except UnreadableError as error:
        return records, error
    return records, None


def list_records(path: Path) -> tuple[list[IndexedRecord], UnreadableError | None]:
    """The same as `scan_records`, but from an index in CDXJ where there is one, so that the file is not read twice.

    The index is in the WACZ, or beside the WARC or in pywb's `indexes/`, names the WARC and is no older than it.
    """
    try:
        if records := sorted(
            _records_from_cdxj(path), key=lambda record: (record.position.part, record.position.offset)
        ):
            return records, None
    except UnreadableError as error:
        return [], error
    except (OSError, EOFError, ValueError, TypeError, KeyError, zlib.error, zipfile.BadZipFile) as error:
        _log.warning("The index of %s cannot be used (%s): the file is read through instead.", path, error)
    return scan_records(path)


def _records_from_cdxj(path: Path) -> Iterator[IndexedRecord]:
    """The records in the index of a file, without their WARC-Record-IDs; none where there is no index."""
    members = {name.rpartition("/")[2] or path.name: name for name in _part_names(path)}
    for lines in _cdxj_indexes(path):
        for line in lines:
            if (record := _record_from_line(line, members)) is not None:
                yield record


def _cdxj_indexes(path: Path) -> Iterator[Iterable[bytes]]:
    """The lines of each CDXJ index of a file."""
    if path.suffix.lower() == ".wacz":
        with zipfile.ZipFile(path) as wacz:
            for name in wacz.namelist():
                if name.startswith("indexes/") and name.endswith((".cdx", ".cdxj", ".cdx.gz", ".cdxj.gz")):
                    with wacz.open(name) as stream:
                        yield gzip.GzipFile(fileobj=stream) if name.endswith(".gz") else stream
        return
    for file in sorted([*path.parent.glob("*.cdxj"), *path.parent.parent.glob("indexes/*.cdxj")]):
        if file.stat().st_mtime >= path.stat().st_mtime:
            with file.open("rb") as stream:
                yield stream


def _record_from_line(line: bytes, members: Mapping[str, str]) -> IndexedRecord | None:
    """The record in a line of CDXJ, None where it is of another WARC or not of a record ("!meta …").

    Raises ValueError, KeyError or TypeError where the line does not have the position of a record.
    """
    key, timestamp, fields = [*line.decode().split(" ", 2), "", ""][:3]
    if key.startswith("!") or not timestamp.isdigit():
        return None
    row = json.loads(fields)
    part = members.get(str(row["filename"]).rpartition("/")[2])
    if part is None:
        return None
    position = RecordPosition(part, int(row["offset"]), int(row.get("length") or 0))
    values = row.get("mime") or "unk", row.get("status") or "-", str(row.get("digest", "")).split(":")[-1]
    return IndexedRecord(Capture(key, timestamp, row["url"], *values, length=str(position.length)), position, "")


def _iter_stream(stream: BinaryIO, path: Path, part: str, *, hashed: bool) -> Iterator[IndexedRecord]:
    """The responses and revisits of one WARC."""
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    records = ArchiveIterator(stream)
    end = 0
    try:
        for record in records:
            if record.format != "warc":  # warcio takes any line of words for a record of the older ARC format
                raise ArchiveLoadFailed("it does not begin with WARC/1.0 or WARC/1.1")
            capture = _capture_or_none(record, path)
            sha256 = _sha256_of(record) if capture and hashed else ""
            position = RecordPosition(part, records.get_record_offset(), records.get_record_length())
            end = max(0, position.offset + position.length)
            if capture:
                yield IndexedRecord(
                    replace(capture, length=str(position.length)),
                    position,
                    record.rec_headers.get_header("WARC-Record-ID") or "",
                    sha256,
                )
            if record.raw_stream.limit > 0:
                raise EOFError
    except (ArchiveLoadFailed, OSError, EOFError, ValueError, AttributeError, zlib.error) as error:
        # AttributeError: raised by warcio where the file ends within a record's headers
        raise UnreadableError(_fault_message(path, end, error)) from error
    if not end:
        raise UnreadableError(f"{path} is no readable WARC: there is no record in it.")
    if _has_trailing_data(stream, end):
        raise UnreadableError(_fault_message(path, end, EOFError()))


def _fault_message(path: Path, end: int, error: Exception) -> str:
    """The message for a file that can be read up to the byte `end`."""
    reason = " ".join(str(error).split())[:200]
    if not end:
        return f"{path} is no readable WARC ({reason}); `warcio recompress` may mend it."
    if isinstance(error, (EOFError, AttributeError)):
        return f"{path} ends in the middle of a record: it was cut, and what followed is not in it."
    return f"{path} is damaged after byte {end}: the records from there on could not be read ({reason})."


def _has_trailing_data(stream: BinaryIO, end: int) -> bool:
    """Whether anything but line ends and padding follows the last record."""
    stream.seek(end)
    return bool(stream.read(1 << 16).strip(b"\r\n\0 "))


def _capture_or_none(record: Any, path: Path) -> Capture | None:
    """The row of an index for a response or revisit; None for others, and with a warning for a date that is none."""
    url = record.rec_headers.get_header("WARC-Target-URI")
    if record.rec_type not in _PAGE_RECORD_TYPES or not url:
        return None
    try:
        return _capture_of(record)
    except (ValueError, TypeError) as error:  # one bad record must not cost those after it
        _log.warning("A record of %s in %s was left out: %s.", url, path, error)
        return None


def _capture_of(record: Any) -> Capture:
    """The row of an index for a record; a revisit has status "-", as in the Wayback Machine's index."""
    from surt import surt
    from warcio.timeutils import iso_date_to_timestamp

    url = record.rec_headers.get_header("WARC-Target-URI").strip("<>")
    timestamp = iso_date_to_timestamp(record.rec_headers.get_header("WARC-Date") or "no date")
    if record.rec_type == "revisit":
        return Capture(surt(url), timestamp, url, "warc/revisit", "-", _digest_of(record))
    http = record.http_headers
    mime = ((http and http.get_header("Content-Type")) or "unk").split(";")[0].strip().lower()
    status = (http and http.get_statuscode()) or "-"
    return Capture(surt(url), timestamp, url, mime, status, _digest_of(record))


def _digest_of(record: Any) -> str:
    """The SHA-1 of the payload in base 32, as the record states it, else computed."""
    stated = record.rec_headers.get_header("WARC-Payload-Digest") or ""
    if stated:
        return str(stated.split(":")[-1])
    digest = hashlib.sha1()
    while chunk := record.raw_stream.read(_CHUNK):
        digest.update(chunk)
    return base64.b32encode(digest.digest()).decode()


def _sha256_of(record: Any) -> str:
    """The SHA-256 of a record's bytes without encodings."""
    digest, stream = hashlib.sha256(), record.content_stream()
    while chunk := stream.read(_CHUNK):
        digest.update(chunk)
    return digest.hexdigest()


def read_record(path: Path, position: RecordPosition, *, keep_cut: bool = False) -> ArchivedResponse:
    """The response at a position; with `keep_cut` also one of which the file has only the beginning.

    Raises UnreadableError where there is none.
    """
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    try:
        with _open_part(path, position.part) as stream:
            stream.seek(position.offset)
            record = next(iter(ArchiveIterator(stream)))
            return _response_of(record, keep_cut=keep_cut)
    except (ArchiveLoadFailed, OSError, EOFError, ValueError, StopIteration) as error:
        raise UnreadableError(f"No record can be read at byte {position.offset} of {path} ({error}).") from error


def _response_of(record: Any, *, keep_cut: bool) -> ArchivedResponse:
    """The response in a record of warcio.

    Raises EOFError where the file ends within it and that is not to be kept, ValueError where it is larger than
    _MAX_RECORD_BYTES.
    """
    http = record.http_headers
    status = (http and http.get_statuscode()) or "0"
    content_type, location = ((http and http.get_header(name)) or "" for name in ("Content-Type", "Location"))
    stream = record.content_stream()
    content, missing = _read_capped(stream), record.raw_stream.limit
    if missing > 0 and not keep_cut:
        raise EOFError(f"the record ends {missing} bytes early")
    headers = tuple(http.headers) if http else ()
    record_id = record.rec_headers.get_header("WARC-Record-ID") or ""
    code, is_cut = (
        int(status) if status.isdigit() else 0,
        missing > 0 or (bool(content) and _is_within_encoding(stream)),
    )
    return ArchivedResponse(code, content_type, location, content, headers, record_id, is_cut)


def _is_within_encoding(stream: Any) -> bool:
    """Whether a stream that was read to its end, and undoes a content encoding, has not come to the end of that."""
    return not getattr(getattr(stream, "decompressor", None), "eof", True)


def _read_capped(stream: Any) -> bytes:
    """All bytes of a stream. Raises ValueError where there are more than _MAX_RECORD_BYTES."""
    content = bytearray()
    while chunk := stream.read(_CHUNK):
        content += chunk
        if len(content) > _MAX_RECORD_BYTES:
            raise ValueError(f"the page is larger than {_MAX_RECORD_BYTES:,} bytes")
    return bytes(content)


def _part_names(path: Path) -> list[str]:
    """The names of the WARCs in a WACZ, or "" for a file that is itself a WARC."""
    if path.suffix.lower() != ".wacz":
        return [""]
    try:
        with zipfile.ZipFile(path) as wacz:
            members = [info for info in wacz.infolist() if _is_warc_member(info.filename)]
    except (OSError, zipfile.BadZipFile) as error:
        raise UnreadableError(f"{path} is no readable WACZ: {error}.") from error
    if not members or len(members) > _MAX_PARTS:
        raise UnreadableError(f"{path} is no readable WACZ: it has {len(members)} WARCs in archive/.")
    if any(info.file_size > _MAX_RATIO * max(1, info.compress_size) for info in members):
        raise UnreadableError(f"{path} is no WACZ to trust: it unpacks to more than {_MAX_RATIO} times its size.")
    return sorted(info.filename for info in members)


def _is_warc_member(name: str) -> bool:
    """Whether a member of a WACZ is one of its WARCs. Members are read in place, never extracted to a path."""
    return name.startswith("archive/") and is_warc(Path(name))


@contextmanager
def _open_part(path: Path, part: str) -> Iterator[BinaryIO]:
    """A WARC, or a part of a WACZ, as a seekable stream."""
    try:
        if path.suffix.lower() != ".wacz":
            with path.open("rb") as stream:
                yield stream
        else:
            with zipfile.ZipFile(path) as wacz, wacz.open(part) as stream:
                yield cast(BinaryIO, stream)
    except FileNotFoundError as error:
        raise UnreadableError(f"There is no file {path}: check the path.") from error
    except (zipfile.BadZipFile, KeyError, RuntimeError, NotImplementedError) as error:  # encrypted, unknown packing
        raise UnreadableError(f"{path} is no readable WACZ: {error}.") from error
