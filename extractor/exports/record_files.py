"""Files of whole records, read and written in the format that their names say: JSONL, compressed or not, or Parquet."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from extractor.compact import RecordForm
from extractor.compression import compressed_writer, open_decompressed
from extractor.errors import UsageError
from extractor.exports.jsonl import encode_line, read_jsonl, write_jsonl, write_lines
from extractor.exports.parquet_records import parquet_rows, read_parquet, write_parquet, write_parquet_rows
from extractor.exports.tables import import_pyarrow
from extractor.records import Policy


def has_parquet_name(path: Path) -> bool:
    """Whether a file is Parquet, or a folder is one of Parquet files, by its name."""
    return path.suffix.lower() == ".parquet"


def require_writable_form(path: Path, form: RecordForm = "full") -> None:
    """Raises ConfigurationError where a package to write a file is missing, UsageError where it has no such form."""
    if not has_parquet_name(path):
        with compressed_writer(io.BytesIO(), path):
            return
    if form != "full":
        raise UsageError(f"{path} is to be Parquet, which holds full records, not compact ones: name a .jsonl.")
    import_pyarrow()


def read_record_file(path: Path) -> Iterator[Policy]:
    """The policies of a file. Raises UnreadableError if it is damaged."""
    return read_parquet(path) if has_parquet_name(path) else read_jsonl(path)


def record_lines(path: Path, columns: Iterable[str] = ()) -> Iterator[bytes]:
    """The records of a file as lines of JSON; of Parquet with all keys or some of them."""
    if has_parquet_name(path):
        yield from map(encode_line, parquet_rows(path, columns))
        return
    with open_decompressed(path) as stream:
        yield from stream


def write_record_file(policies: Iterable[Policy], path: Path, form: RecordForm) -> int:
    """Writes policies to a file and returns their number."""
    return write_parquet(policies, path) if has_parquet_name(path) else write_jsonl(policies, path, form=form)


def write_record_lines(lines: Iterable[bytes], path: Path) -> int:
    """Writes records, given as lines of JSON, to a file and returns their number."""
    if has_parquet_name(path):
        return write_parquet_rows(map(msgspec.json.decode, lines), path)
    return write_lines(lines, path)
