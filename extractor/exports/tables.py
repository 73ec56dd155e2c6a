"""Writers of tables: CSV and Parquet, from rows of values or from dataclasses."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, astuple, fields
from pathlib import Path
from typing import IO, Any, cast

from extractor.compression import compressed_writer
from extractor.files import write_atomically
from extractor.optional import require

_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")  # which spreadsheets take for the start of a formula (OWASP)
_PARQUET_TYPES = {
    "str": "string",
    "int": "int64",
    "float": "float64",
    "float | None": "float64",
}  # by the annotation of a field


def write_csv_table(
    columns: Sequence[str],
    rows: Iterable[Iterable[Any]],
    path: Path,
    *,
    encoding: str = "utf-8",
    errors: str = "strict",
) -> int:
    """Writes rows as CSV under a header, quoted as RFC 4180 says and compressed by the file's suffix. None is empty.

    Returns the number of rows.
    """
    count = 0
    with open_csv_table(columns, path, encoding=encoding, errors=errors) as write_row:
        for count, row in enumerate(rows, 1):  # noqa: B007
            write_row(row)
    return count


@contextmanager
def open_csv_table(
    columns: Sequence[str], path: Path, *, encoding: str = "utf-8", errors: str = "strict"
) -> Iterator[Callable[[Iterable[Any]], Any]]:
    """A CSV under a header, as a function that writes a row. The file appears when the block ends without error."""
    with write_atomically(path) as raw, compressed_writer(raw, path) as stream:
        lines = io.TextIOWrapper(cast(IO[bytes], stream), encoding, errors, newline="", write_through=True)
        table = csv.writer(lines)
        table.writerow(columns)
        yield table.writerow
        lines.detach()


def escape_formula(value: str | float) -> str | float:
    """A value with an apostrophe in front if a spreadsheet would take it for a formula.

    >>> escape_formula("=HYPERLINK(1)"), escape_formula("Privacy"), escape_formula(-1)
    ("'=HYPERLINK(1)", 'Privacy', -1)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA_STARTS) else value


def write_dataclass_csv(dataclass_type: type, rows: Iterable[Any], path: Path) -> None:
    """Writes flat dataclasses as CSV with a column per field."""
    write_csv_table([field.name for field in fields(dataclass_type)], map(astuple, rows), path)


def write_parquet_table(
    columns: Mapping[str, str],
    row_groups: Iterable[list[dict[str, Any]]],
    path: Path,
    *,
    nullable: bool = False,
    compression: str = "snappy",
) -> int:
    """Writes groups of rows as Parquet. `columns` maps names to Arrow types. Returns the number of rows.

    Raises ConfigurationError if pyarrow is not installed.
    """
    count = 0
    with open_parquet_table(columns, path, nullable=nullable, compression=compression) as write_row_group:
        for rows in row_groups:
            write_row_group(rows)
            count += len(rows)
    return count


@contextmanager
def open_parquet_table(
    columns: Mapping[str, str], path: Path, *, nullable: bool = False, compression: str = "snappy"
) -> Iterator[Callable[[list[dict[str, Any]]], None]]:
    """A Parquet table, as a function that writes a group of rows. The file appears when the block ends without error.

    Raises ConfigurationError if pyarrow is not installed.
    """
    pyarrow, parquet = import_pyarrow()
    schema = arrow_schema(columns, nullable=nullable)
    with write_atomically(path) as stream, parquet.ParquetWriter(stream, schema, compression=compression) as table:
        yield lambda rows: table.write_table(pyarrow.Table.from_pylist(rows, schema))


def write_dataclass_parquet(dataclass_type: type, rows: Iterable[Any], path: Path) -> None:
    """Writes flat dataclasses as Parquet with a column per field, typed even if there are no rows.

    Raises ConfigurationError if pyarrow is not installed.
    """
    columns = {field.name: _PARQUET_TYPES.get(str(field.type), "string") for field in fields(dataclass_type)}
    write_parquet_table(columns, [list(map(asdict, rows))], path, nullable=True)


def import_pyarrow() -> tuple[Any, Any]:
    """The modules pyarrow and pyarrow.parquet. Raises ConfigurationError if pyarrow is not installed."""
    return (
        require("pyarrow", extra="parquet", purpose="Parquet"),
        require("pyarrow.parquet", extra="parquet", purpose="Parquet"),
    )


def arrow_schema(columns: Mapping[str, str], *, nullable: bool = False) -> Any:
    """The Arrow schema of columns, given their types. Dates may be null, the others if they are all `nullable`."""
    pyarrow, _ = import_pyarrow()
    return pyarrow.schema(
        [_arrow_field(pyarrow, name, kind, nullable or kind == "date32") for name, kind in columns.items()]
    )


def _arrow_field(pyarrow: Any, name: str, kind: str, nullable: bool) -> Any:
    """A column of an Arrow type or "list<string>"; the elements of a list are never null."""
    if kind == "list<string>":
        element = pyarrow.field("element", pyarrow.string(), nullable=False)
        return pyarrow.field(name, pyarrow.list_(element), nullable=nullable)
    return pyarrow.field(name, pyarrow.type_for_alias(kind), nullable=nullable)
