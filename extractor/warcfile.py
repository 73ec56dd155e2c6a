"""Reading WARC, ARC and WACZ files: an index of their records, and one record by its position.

It belongs to no room, because an archive file is both an archive to fetch from and a corpus to annotate.
"""

from __future__ import annotations

import base64
import gzip
import hashlib
import json
import logging
import re
import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO, cast

from extractor.errors import UnreadableError
from extractor.httpbody import BodyHeaders, DecodedBody, decode_http_body, header_list
from extractor.mediatypes import media_type
from extractor.records import Capture
from extractor.timestamps import is_timestamp, timestamp_of_date
from extractor.warcrecord import (
    Damage,
    HttpMessage,
    RawRecord,
    http_message,
    is_archive_start,
    is_record_start,
    iter_raw_records,
    unzipped_start,
)

# surt is imported where it is used, as it loads libraries for the web and most pages are in no WARC

_log = logging.getLogger(__name__)

_PAGE_RECORD_TYPES = ("response", "revisit", "resource")
_NO_PAGE_SCHEMES = re.compile(r"(?:dns|whois|ntp|urn|filedesc|metadata|about|data):", re.IGNORECASE)
_HTTP_TYPES = ("application/http", "application/http-response")
_MAX_RECORD_BYTES = 20_000_000  # of one page, decompressed: untrusted archives may hold gzip bombs
_MAX_HEAD_BYTES = 1 << 20  # of a page's HTTP headers
_MAX_PARTS = 10_000  # WARCs in a WACZ
_MAX_RATIO = 200  # of a decompressed WARC in a WACZ to its size; text compresses to a tenth
_SNIFFED_BYTES = 1 << 12
_CHECKED_URL_BYTES = 1000
EMPTY_DIGEST = "3I42H3S6NNFQ2MSVX7XZKYAYSCX5QBYJ"  # of no bytes; revisits of "not modified" bear it
_NAME = re.compile(r"\.(?:w?arc)(?:\.gz)?(?:\.open)?$|\.wacz$", re.IGNORECASE)  # .open: a crawler did not close it


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

    `sha256` is that of its bytes without encodings, "" unless it was asked for; `refers_to` is what a revisit names as
    the record that it repeats: its WARC-Record-ID, and its URL and timestamp, "" each where it does not.
    """

    capture: Capture
    position: RecordPosition
    record_id: str
    sha256: str = ""
    refers_to: tuple[str, str, str] = ("", "", "")

    @property
    def is_revisit(self) -> bool:
        """Whether the record only says that a page was captured again unchanged."""
        return self.capture.mime == "warc/revisit"


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


@dataclass(slots=True)
class _Problems:
    """What is wrong with a file, and what its records are.

    `without_url` are the offsets of such records, `types` is how many there are of each, `pages` how many are pages;
    `end` is where the last one ends.
    """

    without_url: list[int] = field(default_factory=list)
    types: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    damage: list[Damage] = field(default_factory=list)
    pages: int = 0
    end: int = 0


def is_warc(path: Path) -> bool:
    """Whether a file is a WARC or ARC (plain or gzip) or a WACZ, by its name.

    >>> is_warc(Path("a/sample.warc.gz")), is_warc(Path("IA-1.arc.gz")), is_warc(Path("page.html.gz"))
    (True, True, False)
    """
    return bool(_NAME.search(path.name))


def has_warc_start(start: bytes) -> bool:
    """Whether a file with these first bytes is a WARC or ARC, plain or gzip, whatever its name."""
    return is_archive_start(unzipped_start(start))


def iter_records(path: Path, *, hashed: bool = False, without: Collection[str] = ()) -> Iterator[IndexedRecord]:
    """The responses, resources and revisits of a file, in its order; `hashed` adds their SHA-256.

    `without` are WARCs in a WACZ that are passed over. A record without a date that exists has "" as its timestamp.

    Raises UnreadableError for a file that is no WARC, ARC or WACZ and, after the records that can be read, for one that
    is cut or damaged, or has records that cannot be read.
    """
    faults = []
    for part in _part_names(path):
        if part in without:
            continue
        try:
            with _open_part(path, part) as stream:
                yield from _iter_stream(stream, path, part, hashed=hashed)
        except UnreadableError as error:
            faults.append(error)
    if faults:
        raise faults[0] if len(faults) == 1 else UnreadableError(" ".join(map(str, faults)))


def scan_records(path: Path, *, hashed: bool = False) -> tuple[list[IndexedRecord], UnreadableError | None]:
    """The records of a file that can be read, and what is wrong with the file, None where nothing is."""
    return _collect(iter_records(path, hashed=hashed))


def _collect(found: Iterator[IndexedRecord]) -> tuple[list[IndexedRecord], UnreadableError | None]:
    """Records, and the error that ended them."""
    records: list[IndexedRecord] = []
    try:
        for record in found:
            records.append(record)
    except UnreadableError as error:
        return records, error
    return records, None


def list_records(path: Path) -> tuple[list[IndexedRecord], UnreadableError | None]:
    """The same as `scan_records`, but from an index in CDXJ where there is one, so that the file is not read twice.

    The index is in the WACZ, or beside the WARC or in pywb's `indexes/`, names the WARC and is no older than it. A WARC
    in a WACZ that its index does not name is read through.
    """
    try:
        if records := list(_records_from_cdxj(path)):
            listed = {record.position.part for record in records}
            others, fault = (
                _collect(iter_records(path, without=listed)) if listed < {*_part_names(path)} else ([], None)
            )
            return sorted([*records, *others], key=lambda one: (one.position.part, one.position.offset)), fault
    except UnreadableError as error:
        return [], error
    except (OSError, EOFError, ValueError, TypeError, KeyError, zlib.error, zipfile.BadZipFile) as error:
        _log.warning("The index of %s cannot be used (%s): the file is read through instead.", path, error)
    return scan_records(path)


def _records_from_cdxj(path: Path) -> Iterator[IndexedRecord]:
    """The records in the index of a file, without their WARC-Record-IDs; none where there is no index.

    Raises ValueError where the index says something of a record that is not so.
    """
    members = {name.rpartition("/")[2] or path.name: name for name in _part_names(path)}
    for lines in _cdxj_indexes(path):
        records = [record for line in lines if (record := _record_from_line(line, members)) is not None]
        for part in sorted({record.position.part for record in records}):
            with _open_part(path, part) as stream:
                own = [record for record in records if record.position.part == part]
                yield from (_checked(stream, record) for record in sorted(own, key=lambda one: one.position.offset))


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

    Fields may be numbers or texts, and times more precise than a second. Raises ValueError, KeyError or TypeError where
    the line does not have the position of a record.
    """
    key, time, fields = [*line.decode().split(" ", 2), "", ""][:3]
    if key.startswith("!") or not time.isdigit():
        return None
    row = json.loads(fields)
    part = members.get(str(row["filename"]).rpartition("/")[2])
    if part is None:
        return None
    timestamp = time[:14]
    if not is_timestamp(timestamp):
        raise ValueError(f"{time!r} is no time")
    position = RecordPosition(part, int(row["offset"]), int(row.get("length") or 0))
    mime, status = str(row.get("mime") or "unk"), str(row.get("status") or "-")
    digest = str(row.get("digest") or "").split(":")[-1]
    capture = Capture(key, timestamp, str(row["url"]), mime, status, digest, str(position.length))
    return IndexedRecord(capture, position, "")


def _checked(stream: BinaryIO, record: IndexedRecord) -> IndexedRecord:
    """A record of an index, and of a revisit what it repeats. Raises ValueError where it is not at its position."""
    stream.seek(record.position.offset)
    start = unzipped_start(stream.read(_SNIFFED_BYTES))
    if not is_record_start(start) or record.capture.original.encode()[:_CHECKED_URL_BYTES] not in start:
        raise ValueError(f"{record.capture.original} is not at byte {record.position.offset}")
    if not record.is_revisit:
        return record
    raw = next(iter_raw_records(stream, _MAX_HEAD_BYTES, record.position.offset))
    return record if isinstance(raw, Damage) else replace(record, refers_to=_refers_to(raw))


def originals_of(records: Iterable[IndexedRecord]) -> dict[RecordPosition, IndexedRecord]:
    """The record with the bytes of each revisit, by the position of the revisit.

    A revisit names the record that it repeats, by its id or by its URL and time, or else its bytes, by their digest.
    One that names neither, or itself, repeats the record of the same URL before it.
    """
    records = list(records)
    by_id: dict[str, IndexedRecord] = {}
    by_place: dict[tuple[str, str], IndexedRecord] = {}
    by_digest: dict[tuple[str, str], IndexedRecord] = {}
    by_key: dict[str, list[IndexedRecord]] = defaultdict(list)
    for record in records:
        capture = record.capture
        if not record.is_revisit:
            by_id.setdefault(record.record_id, record)
            by_place.setdefault((capture.original, capture.timestamp), record)
            by_digest.setdefault((capture.urlkey, capture.digest), record)
            by_digest.setdefault(("", capture.digest), record)
            by_key[capture.urlkey].append(record)
    found = {}
    for record in filter(lambda one: one.is_revisit, records):
        record_id, url, timestamp = record.refers_to
        digest = record.capture.digest
        if (url, timestamp) == (record.capture.original, record.capture.timestamp):
            url = ""  # some writers name the revisit itself
        original = (record_id and by_id.get(record_id)) or by_place.get((url, timestamp))
        if not original and digest not in ("", "-", EMPTY_DIGEST):
            original = by_digest.get((record.capture.urlkey, digest)) or by_digest.get(("", digest))
        elif not original and not url:
            original = _latest_before(by_key[record.capture.urlkey], record.capture.timestamp)
        if original:
            found[record.position] = original
    return found


def _latest_before(records: Iterable[IndexedRecord], timestamp: str) -> IndexedRecord | None:
    """The last record up to a time."""
    earlier = [record for record in records if record.capture.timestamp <= timestamp]
    return max(earlier, key=lambda record: record.capture.timestamp, default=None)


def _iter_stream(stream: BinaryIO, path: Path, part: str, *, hashed: bool) -> Iterator[IndexedRecord]:
    """The pages of one WARC or ARC. Raises UnreadableError after them, with all that is wrong."""
    problems = _Problems()
    for raw in iter_raw_records(stream, _MAX_RECORD_BYTES + _MAX_HEAD_BYTES):
        if isinstance(raw, Damage):
            problems.damage.append(raw)
            continue
        problems.types[raw.type] += 1
        problems.end = raw.offset + raw.length
        if (record := _indexed(raw, part, problems, hashed=hashed)) is not None:
            problems.pages += 1
            yield record
        if raw.missing:
            problems.damage.append(Damage(raw.offset, problems.end, ""))
    if sentences := list(_fault_messages(path, problems)):
        raise UnreadableError(" ".join(sentences))


def _indexed(raw: RawRecord, part: str, problems: _Problems, *, hashed: bool) -> IndexedRecord | None:
    """The row of an index for a record, None where it is no page; what is wrong with it is counted."""
    if raw.type not in _PAGE_RECORD_TYPES:
        return None
    url = _url_of(raw)
    if not url:
        problems.without_url.append(raw.offset)
        return None
    if _NO_PAGE_SCHEMES.match(url):
        return None
    capture = _capture_of(raw, url, _timestamp_of(raw))
    position = RecordPosition(part, raw.offset, raw.length)
    record_id = raw.headers.get("warc-record-id", "")
    sha256 = hashlib.sha256(_body_of(raw)[0].content).hexdigest() if hashed else ""
    return IndexedRecord(capture, position, record_id, sha256, _refers_to(raw))


def _url_of(raw: RawRecord) -> str:
    """The URL of a record; Wget wrote it in angle brackets."""
    return raw.headers.get("warc-target-uri", "").strip().removeprefix("<").removesuffix(">").replace(" ", "%20")


def _timestamp_of(raw: RawRecord) -> str:
    """The time of a record, "" where it states none that exists."""
    with suppress(ValueError):
        return timestamp_of_date(raw.headers.get("warc-date", ""))
    return ""


def _refers_to(raw: RawRecord) -> tuple[str, str, str]:
    """What a revisit names as the record that it repeats."""
    url = raw.headers.get("warc-refers-to-target-uri", "").strip().removeprefix("<").removesuffix(">")
    timestamp = ""
    with suppress(ValueError):
        timestamp = timestamp_of_date(raw.headers.get("warc-refers-to-date", ""))
    return raw.headers.get("warc-refers-to", ""), url, timestamp


def _capture_of(raw: RawRecord, url: str, timestamp: str) -> Capture:
    """The row of an index for a record; a revisit has status "-", as in the Wayback Machine's index."""
    digest = _digest_of(raw)
    length = str(raw.length)
    if raw.type == "revisit":
        return Capture(urlkey_of(url), timestamp, url, "warc/revisit", "-", digest, length)
    http = http_message(raw.block)
    mime = media_type(_content_type(raw, http)) or "unk"
    status = "200" if raw.type == "resource" else str((http and http.status) or "-")
    return Capture(urlkey_of(url), timestamp, url, mime, status, digest, length)


def urlkey_of(url: str) -> str:
    """The URL key of an address, or the address itself where it cannot be parsed."""
    from surt import surt

    try:
        return str(surt(url))
    except ValueError:
        return url


def _content_type(raw: RawRecord, http: HttpMessage | None) -> str:
    """The media type of a page: that of its HTTP headers, or where it has none that of its record."""
    if http:
        return http.header("content-type")
    own = raw.headers.get("content-type", "")
    return "" if media_type(own) in _HTTP_TYPES else own


def _digest_of(raw: RawRecord) -> str:
    """The SHA-1 of the payload in base 32, as the record states it, else computed; "" for a revisit without one."""
    stated = raw.headers.get("warc-payload-digest", "")
    if stated or raw.type == "revisit":
        return stated.split(":")[-1].strip()
    http = http_message(raw.block)
    return base64.b32encode(hashlib.sha1(http.body if http else raw.block).digest()).decode()


def _fault_messages(path: Path, problems: _Problems) -> Iterator[str]:
    """Sentences on what is wrong with a file."""
    if not problems.types and (not problems.damage or not problems.end):
        reason = problems.damage[0].reason if problems.damage else "there is no record in it"
        yield f"{path} is no readable WARC or ARC ({reason})."
        return
    for damage in problems.damage[:1]:
        if damage.end >= problems.end and damage.reason in ("", "it is cut"):
            yield f"{path} ends in the middle of a record: it was cut, and what followed is not in it."
        else:
            yield (
                f"{path} is damaged: {len(problems.damage)} parts of it could not be read, the first from byte "
                f"{damage.start} to {damage.end} ({damage.reason or 'a record breaks off'})."
            )
    if offsets := problems.without_url:
        yield f"{len(offsets)} records of {path} have no URL and were left out, the first at byte {offsets[0]}."
    if number := problems.types["conversion"]:
        yield (
            f"{number} conversion records of {path} were not read: they hold text that was made of pages, as in Common "
            "Crawl's WET files. Name the WARC with the pages."
        )
    elif not problems.pages and not problems.damage and not problems.without_url:
        kinds = ", ".join(f"{number} {kind or 'without type'}" for kind, number in problems.types.items() if number)
        yield f"{path} has no record of a page, only others ({kinds})."


def read_record(path: Path, position: RecordPosition, *, keep_cut: bool = False) -> ArchivedResponse:
    """The response at a position; with `keep_cut` also one of which the file has only the beginning.

    Raises UnreadableError where there is none.
    """
    where = f"at byte {position.offset} of {path}"
    try:
        with _open_part(path, position.part) as stream:
            raw = next(iter_raw_records(stream, _MAX_RECORD_BYTES + _MAX_HEAD_BYTES, position.offset), None)
    except (OSError, EOFError, ValueError) as error:
        raise UnreadableError(f"No record can be read {where} ({error}).") from error
    if raw is None or isinstance(raw, Damage):
        reason = raw.reason if raw else "the file ends before it"
        raise UnreadableError(f"No record can be read {where} ({reason}).")
    if raw.missing and not keep_cut:
        raise UnreadableError(f"No record can be read {where} (the record ends {raw.missing} bytes early).")
    return _response_of(raw, where)


def _response_of(raw: RawRecord, where: str) -> ArchivedResponse:
    """The response in a record. Raises UnreadableError where it is too large, or in a coding that cannot be undone."""
    body, http = _body_of(raw)
    if body.fault == "too large" or len(body.content) > _MAX_RECORD_BYTES:
        raise UnreadableError(f"No record can be read {where} (the page is larger than {_MAX_RECORD_BYTES:,} bytes).")
    if body.fault and not body.content:
        raise UnreadableError(f"No page can be read {where}: {body.reason}.")
    return ArchivedResponse(
        http.status if http else 200 if raw.type == "resource" else 0,
        _content_type(raw, http),
        http.header("location") if http else "",
        body.content,
        http.headers if http else (),
        raw.headers.get("warc-record-id", ""),
        bool(raw.missing or body.fault),
    )


def _body_of(raw: RawRecord) -> tuple[DecodedBody, HttpMessage | None]:
    """The bytes of the page in a record without their codings, and the message that they come in."""
    http = http_message(raw.block)
    if http is None:
        return DecodedBody(raw.block), None
    headers = BodyHeaders(
        http.header("content-encoding"),
        is_chunked="chunked" in header_list(http.header("transfer-encoding")),
        content_type=http.header("content-type"),
    )
    return decode_http_body(http.body, headers, max_bytes=_MAX_RECORD_BYTES), http


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
