"""Hugging Face `datasets` on disk: Parquet files, and the Arrow files that `save_to_disk` writes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from extractor.corpora.reading import (
    ADDRESSES,
    DATES,
    Item,
    Part,
    Unread,
    Wanted,
    content_field,
    facts_of,
    field_of,
    lacking,
    name_of,
    row_snapshot,
)
from extractor.errors import ConfigurationError, UnreadableError
from extractor.records import Source

SUFFIXES = (".parquet", ".arrow")
_PARQUET = b"PAR1"
_ROWS = 64  # at a time: policies of 100 kB make some megabytes


def read_table(path: Path, wanted: Wanted) -> Iterator[Part]:
    """The rows of a file. Raises UnreadableError where it cannot be read or lacks the column."""
    number = 0
    for batch in _batches(path, wanted):
        for row in batch:
            number += 1
            yield Part(f"{path}:{number}", partial(_read_row, path, number, row, wanted))


def _batches(path: Path, wanted: Wanted) -> Iterator[list[dict[str, Any]]]:
    """The rows of a file, a few at a time, with the columns that are needed."""
    pyarrow = _arrow()
    try:
        with path.open("rb") as stream:
            is_parquet = stream.read(4) == _PARQUET
        yield from (_parquet_batches if is_parquet else _arrow_batches)(path, wanted)
    except (OSError, pyarrow.ArrowException) as error:
        raise UnreadableError(f"{path} cannot be read: {str(error).splitlines()[0]}.") from error


def _parquet_batches(path: Path, wanted: Wanted) -> Iterator[list[dict[str, Any]]]:
    """The rows of a Parquet file."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        columns = _columns_of(path, file.schema_arrow.names, wanted)
        for batch in file.iter_batches(_ROWS, columns=columns):
            yield batch.to_pylist()


def _arrow_batches(path: Path, wanted: Wanted) -> Iterator[list[dict[str, Any]]]:
    """The rows of an Arrow file, in either of its forms: a stream, as `datasets` writes it, or a file."""
    import pyarrow

    with pyarrow.memory_map(str(path)) as source, _reader_of(source) as reader:
        columns = _columns_of(path, reader.schema.names, wanted)
        for batch in _record_batches(reader):
            for start in range(0, batch.num_rows, _ROWS):
                yield batch.select(columns).slice(start, _ROWS).to_pylist()


def _reader_of(source: Any) -> Any:
    """The reader for an Arrow file of either form."""
    import pyarrow

    is_file = source.read(6) == b"ARROW1"
    source.seek(0)
    return pyarrow.ipc.open_file(source) if is_file else pyarrow.ipc.open_stream(source)


def _record_batches(reader: Any) -> Iterator[Any]:
    """The batches of a reader of either form."""
    if hasattr(reader, "num_record_batches"):
        return map(reader.get_batch, range(reader.num_record_batches))
    return iter(reader)


def _columns_of(path: Path, names: list[str], wanted: Wanted) -> list[str]:
    """The columns to read. Raises UnreadableError, with the names there are, where the text is not among them."""
    column = content_field(names, wanted)
    if not column:
        raise UnreadableError(f"{path} {lacking(names, wanted)}.")
    others = {*ADDRESSES, *DATES, "id", "capture"}
    return [name for name in names if name == column or name.lower() in others]


def _read_row(path: Path, number: int, row: dict[str, Any], wanted: Wanted) -> Iterator[Item]:
    """The page of a row, and what is wrong with it."""
    facts = facts_of(row)
    source = Source(name_of(path), field_of(row, ("id",)) or str(number))
    try:
        snapshot = row_snapshot(row, content_field(row, wanted), source, facts)
    except ValueError as error:
        yield Unread(f"{path}: row {number}: {error}.")
        return
    if wanted.has_url(facts.url):
        if facts.fault:
            yield Unread(f"{path}: row {number}: {facts.fault}.")
        yield snapshot


def _arrow() -> Any:
    """The pyarrow package. Raises ConfigurationError where the extra is not installed."""
    try:
        import pyarrow
    except ImportError as error:
        raise ConfigurationError("Parquet and Arrow need the extra: pip install 'archived-policy[parquet]'.") from error
    return pyarrow
