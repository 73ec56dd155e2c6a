"""JSON files: policies as JSONL, read and written, and the JSONL and JSON arrays that annotation tools import.

Files are compressed if their names end in .gz or .zst.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from extractor.compact import RecordForm, in_form
from extractor.compression import compressed_writer, open_decompressed
from extractor.errors import UnreadableError
from extractor.exports.fields import JsonObject
from extractor.files import write_atomically
from extractor.records import Policy

# Valid in JSON, but many readers take them for the end of a line
_LINE_ENDS = {"\u2028".encode(): b"\\u2028", "\u2029".encode(): b"\\u2029", "\u0085".encode(): b"\\u0085"}


def encode_line(record: object) -> bytes:
    """A record of any kind as a line of JSON, in UTF-8, with its line end."""
    line = msgspec.json.encode(record)
    for raw, escaped in _LINE_ENDS.items():
        if raw[-1:] in line:  # ten times as fast as a search for all bytes
            line = line.replace(raw, escaped)
    return line + b"\n"


def write_jsonl(policies: Iterable[Policy], path: Path, *, form: RecordForm = "full") -> int:
    """Writes policies to a file, one per line, and returns their number. The file appears when it is complete.

    `form` is "full", "compact" (without Markdown) or "compact with Markdown" (docs/records.md).
    """
    return write_lines((encode_line(in_form(policy, form)) for policy in policies), path)


def read_jsonl(path: str | Path) -> Iterator[Policy]:
    """The policies of a file, one by one, in whichever form.

    Raises UnreadableError, with the line number, if one is damaged.
    """
    import jsonlines

    with open_decompressed(Path(path)) as stream, jsonlines.Reader(_lines_of(stream)) as lines:
        number = 0
        try:
            for number, record in enumerate(lines, 1):  # noqa: B007 - used in the error
                yield Policy.from_dict(record)
        except (jsonlines.Error, msgspec.ValidationError, UnicodeDecodeError, OSError, RecursionError) as error:
            raise UnreadableError(f"{path} is damaged at or after line {number}: {error}.") from error


def _lines_of(stream: Iterable[bytes]) -> Iterator[bytes]:
    """The lines of a file. Raises OSError if a compressed file is cut off: jsonlines takes EOFError for the end."""
    try:
        yield from stream
    except (EOFError, zlib.error) as error:
        raise OSError(str(error)) from error


def write_json_lines(records: Iterable[JsonObject], path: Path) -> int:
    """Writes objects as JSONL in ASCII and returns their number."""
    return write_lines((_encode_ascii(record) + b"\n" for record in records), path)


def write_lines(lines: Iterable[bytes], path: Path) -> int:
    """Writes lines and returns their number."""
    count = 0
    with write_atomically(path) as raw, compressed_writer(raw, path) as stream:
        for count, line in enumerate(lines, 1):  # noqa: B007
            stream.write(line)
    return count


def write_json_array(records: Iterable[JsonObject], path: Path, *, start: str = "[", end: str = "]") -> int:
    """Writes objects, one by one, as a JSON array in ASCII and returns their number.

    `start` and `end` are the JSON around the objects; `{count}` in `end` stands for their number.
    """
    count = 0
    with write_atomically(path) as raw, compressed_writer(raw, path) as stream:
        stream.write(start.encode())
        for count, record in enumerate(records, 1):
            stream.write((b",\n" if count > 1 else b"\n") + _encode_ascii(record))
        stream.write(b"\n" + end.replace("{count}", str(count)).encode() + b"\n")
    return count


def _encode_ascii(record: JsonObject) -> bytes:
    """An object as JSON in ASCII: doccano guesses the encoding of a file, and U+2028 ends a line for some readers.

    >>> _encode_ascii({"text": "a\\u2028b"})
    b'{"text": "a\\\\u2028b"}'
    """
    return json.dumps(record).encode()
