"""Whole records as Parquet: a row a record, with the keys of the JSONL as columns, lists and structs within each other.

Nothing is null. `source.fields`, whose keys differ between corpora, is a map.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from itertools import islice
from pathlib import Path
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints, is_typeddict

import msgspec

from extractor.errors import UnreadableError
from extractor.exports.tables import import_pyarrow
from extractor.files import write_atomically
from extractor.records import Policy

_BATCH_RECORDS = 16  # which are Python objects at one time
_ROW_GROUP_BYTES = 16_000_000  # in Arrow, which is a little less than the JSON; held in memory
_ZSTD_LEVEL = 3
_ARROW_NAMES = {str: "string", int: "int32", float: "float64", bool: "bool"}


def write_parquet(policies: Iterable[Policy], path: Path) -> int:
    """Writes whole policies as Parquet, compressed with zstd, and returns their number. The file appears when complete.

    Raises ConfigurationError if pyarrow is not installed.
    """
    return write_parquet_rows(map(msgspec.to_builtins, policies), path)


def write_parquet_rows(records: Iterable[dict[str, Any]], path: Path) -> int:
    """Writes records, as plain dicts and lists, as Parquet and returns their number."""
    pyarrow, parquet = import_pyarrow()
    schema, count = _record_schema(pyarrow), 0
    options = {"compression": "zstd", "compression_level": _ZSTD_LEVEL}
    with write_atomically(path) as stream, parquet.ParquetWriter(stream, schema, **options) as writer:
        for table in _row_groups(pyarrow, records, schema):
            writer.write_table(table, row_group_size=table.num_rows)
            count += table.num_rows
    return count


def _row_groups(pyarrow: Any, records: Iterable[dict[str, Any]], schema: Any) -> Iterator[Any]:
    """The records as Arrow tables of about the size of a row group."""
    rest, batches = map(_with_pairs, records), []
    while rows := list(islice(rest, _BATCH_RECORDS)):
        batches.append(pyarrow.RecordBatch.from_pylist(rows, schema))
        if sum(batch.nbytes for batch in batches) >= _ROW_GROUP_BYTES:
            yield pyarrow.Table.from_batches(batches, schema)
            batches = []
    if batches:
        yield pyarrow.Table.from_batches(batches, schema)


def _with_pairs(record: dict[str, Any]) -> dict[str, Any]:
    """A record with the fields of its source as the pairs that Arrow makes a map of."""
    source = record["source"]
    return {**record, "source": {**source, "fields": list(source["fields"].items())}}


def read_parquet(path: str | Path) -> Iterator[Policy]:
    """The policies that `write_parquet` wrote, one by one.

    Raises UnreadableError if the file is damaged or holds no whole records, ConfigurationError if pyarrow is not
    installed.
    """
    try:
        yield from map(Policy.from_dict, parquet_rows(Path(path)))
    except msgspec.ValidationError as error:
        raise UnreadableError(f"{path} is damaged: {error}.") from error


def parquet_rows(path: Path, columns: Iterable[str] = ()) -> Iterator[dict[str, Any]]:
    """The records in a Parquet file as plain dicts and lists, with all keys or some of them."""
    pyarrow, parquet = import_pyarrow()
    try:
        with parquet.ParquetFile(path) as file:
            if not set(_record_schema(pyarrow).names) <= set(file.schema_arrow.names):
                raise UnreadableError(
                    f"{path} is a table of something else than whole records, such as `export --format parquet` "
                    "writes: name the records that it was made of."
                )
            for batch in file.iter_batches(_BATCH_RECORDS, columns=list(columns) or None):
                yield from map(_with_dict, batch.to_pylist())
    except (OSError, pyarrow.ArrowException) as error:
        raise UnreadableError(f"{path} cannot be read: {str(error).splitlines()[0].rstrip('.')}.") from error


def _with_dict(row: dict[str, Any]) -> dict[str, Any]:
    """A record with the fields of its source as a dict again."""
    source = row["source"]
    if not isinstance(source, dict) or not isinstance(source.get("fields"), list):
        return row  # written by another program; msgspec says what is wrong with it
    return {**row, "source": {**source, "fields": dict(source["fields"])}}


def _record_schema(pyarrow: Any) -> Any:
    """The Arrow schema of a record, made from the annotations of `Policy`."""
    return pyarrow.schema(list(_arrow_type(pyarrow, Policy)))


def _arrow_type(pyarrow: Any, annotation: Any) -> Any:
    """The Arrow type of an annotation."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        return _arrow_type(pyarrow, arguments[0])
    if origin is Literal:
        return pyarrow.string()
    if origin is tuple:
        return pyarrow.list_(_arrow_field(pyarrow, "element", arguments[0]))
    if origin is dict:
        return pyarrow.map_(pyarrow.string(), _arrow_field(pyarrow, "value", arguments[1]))
    if is_dataclass(annotation) or is_typeddict(annotation):
        hints: Mapping[str, Any] = get_type_hints(annotation, include_extras=True)
        return pyarrow.struct([_arrow_field(pyarrow, name, hint) for name, hint in hints.items()])
    return pyarrow.type_for_alias(_ARROW_NAMES[annotation])


def _arrow_field(pyarrow: Any, name: str, annotation: Any) -> Any:
    """A field that is never null."""
    return pyarrow.field(name, _arrow_type(pyarrow, annotation), nullable=False)
