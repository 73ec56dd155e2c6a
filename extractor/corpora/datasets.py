"""Hugging Face datasets on disk: Parquet files, and the Arrow files that `save_to_disk` writes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

from extractor.corpora.columns import OWN_COLUMNS
from extractor.corpora.items import CorpusFilter, CorpusPart
from extractor.corpora.rows import CONTENT_COLUMNS, content_columns, missing_content_message, read_row
from extractor.errors import UnreadableError
from extractor.optional import require

DATASET_SUFFIXES = (".parquet", ".arrow")
_PARQUET_MAGIC = b"PAR1"
_ARROW_MAGIC = b"ARROW1"  # of the file form; the stream form has none
_BATCH_ROWS = 64  # policies of 100 kB make some megabytes


def read_dataset(path: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusPart]:
    """The rows of a file. Raises UnreadableError if it cannot be read or has no column with pages."""
    number = 0
    for batch in _batches(path, corpus_filter):
        for row in batch:
            number += 1
            yield CorpusPart(f"{path}:{number}", partial(read_row, path, f"row {number}", number, row, corpus_filter))


def _batches(path: Path, corpus_filter: CorpusFilter) -> Iterator[list[dict[str, Any]]]:
    """The rows of a file in batches, with the columns that are needed."""
    pyarrow = require("pyarrow", extra="parquet", purpose="Reading Parquet or Arrow")
    try:
        with path.open("rb") as stream:
            is_parquet = stream.read(4) == _PARQUET_MAGIC
        yield from (_parquet_batches if is_parquet else _arrow_batches)(path, corpus_filter)
    except (OSError, pyarrow.ArrowException) as error:
        raise UnreadableError(f"{path} cannot be read: {str(error).splitlines()[0]}.") from error


def _parquet_batches(path: Path, corpus_filter: CorpusFilter) -> Iterator[list[dict[str, Any]]]:
    """The rows of a Parquet file."""
    import pyarrow.parquet

    with pyarrow.parquet.ParquetFile(path) as file:
        columns = _needed_columns(path, file.schema_arrow, corpus_filter)
        for batch in file.iter_batches(_BATCH_ROWS, columns=columns):
            yield batch.to_pylist()


def _arrow_batches(path: Path, corpus_filter: CorpusFilter) -> Iterator[list[dict[str, Any]]]:
    """The rows of an Arrow file in either form: a stream, as `datasets` writes it, or a file."""
    import pyarrow

    with pyarrow.memory_map(str(path)) as source, _open_arrow(source) as reader:
        columns = _needed_columns(path, reader.schema, corpus_filter)
        for batch in _record_batches(reader):
            for start in range(0, batch.num_rows, _BATCH_ROWS):
                yield batch.select(columns).slice(start, _BATCH_ROWS).to_pylist()


def _open_arrow(source: Any) -> Any:
    """The reader for an Arrow file of either form."""
    import pyarrow

    is_file = source.read(len(_ARROW_MAGIC)) == _ARROW_MAGIC
    source.seek(0)
    return pyarrow.ipc.open_file(source) if is_file else pyarrow.ipc.open_stream(source)


def _record_batches(reader: Any) -> Iterator[Any]:
    """The batches of a reader of either form."""
    if hasattr(reader, "num_record_batches"):
        return map(reader.get_batch, range(reader.num_record_batches))
    return iter(reader)


def _needed_columns(path: Path, schema: Any, corpus_filter: CorpusFilter) -> list[str]:
    """The columns to read: those with pages, and those with facts about them.

    Raises UnreadableError, which lists the columns, if none of them holds pages.
    """
    names = schema.names
    columns = content_columns(names, corpus_filter)
    if not columns:
        raise UnreadableError(f"{path} {missing_content_message(names, corpus_filter)}.")
    return [name for name in names if name in columns or name in OWN_COLUMNS or _holds_facts(schema.field(name))]


def _holds_facts(field: Any) -> bool:
    """Whether a column holds numbers, dates or texts other than pages."""
    import pyarrow

    is_values = not (pyarrow.types.is_nested(field.type) or pyarrow.types.is_binary(field.type))
    return is_values and field.name.strip().lower() not in CONTENT_COLUMNS
