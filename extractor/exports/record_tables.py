"""Records as flat tables, a row a policy or a row a segment: CSV and Parquet files, Arrow tables, pandas frames."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from extractor.exports.column_descriptions import POLICY_COLUMN_DESCRIPTIONS, SEGMENT_COLUMN_DESCRIPTIONS
from extractor.exports.fields import HEADING_SEPARATOR, JsonObject
from extractor.exports.policy_table import POLICY_COLUMN_TYPES, policy_row
from extractor.exports.segment_table import SEGMENT_COLUMN_TYPES, segment_rows
from extractor.exports.tables import arrow_schema, escape_formula, import_pyarrow, write_csv_table, write_parquet_table
from extractor.optional import require
from extractor.records import Policy

if TYPE_CHECKING:
    import pandas
    import pyarrow

TableRows = Literal["policies", "segments"]
TABLE_ROWS: tuple[TableRows, ...] = get_args(TableRows)
_ROW_GROUP_SIZE = 5_000  # rows, which are held in memory
_LIST_SEPARATOR = "; "
_NUMPY_TYPES = {"string": str, "list<string>": object, "date32": "datetime64[s]"}  # the others have the same names


@dataclass(frozen=True, slots=True)
class RecordTable:
    """A table: the Arrow type of each column, what each column holds, and the rows of a policy."""

    column_types: dict[str, str]
    descriptions: dict[str, str]
    rows_of: Callable[[Policy], list[JsonObject]]


RECORD_TABLES: dict[TableRows, RecordTable] = {
    "policies": RecordTable(POLICY_COLUMN_TYPES, POLICY_COLUMN_DESCRIPTIONS, lambda policy: [policy_row(policy)]),
    "segments": RecordTable(SEGMENT_COLUMN_TYPES, SEGMENT_COLUMN_DESCRIPTIONS, segment_rows),
}


def write_records_csv(policies: Iterable[Policy], path: Path, rows: TableRows = "policies") -> int:
    """Writes a table of policies as CSV and returns the number of rows.

    Truth is 1 or 0, a date YYYY-MM-DD or empty; the parts of a list are joined by "; ", of a path of headings by " › ".
    Text that a spreadsheet would take for a formula has an apostrophe in front.
    """
    table = RECORD_TABLES[rows]
    lines = chain.from_iterable(csv_lines(table, policy) for policy in policies)
    return write_csv_table(list(table.column_types), lines, path)


def write_records_parquet(policies: Iterable[Policy], path: Path, rows: TableRows = "segments") -> int:
    """Writes a table of policies as Parquet, compressed with zstd, and returns the number of rows.

    Nothing but an unknown date is null. Raises ConfigurationError if pyarrow is not installed.
    """
    table = RECORD_TABLES[rows]
    return write_parquet_table(table.column_types, _row_groups(policies, table), path, compression="zstd")


def to_arrow(policies: Iterable[Policy], rows: TableRows = "policies") -> pyarrow.Table:
    """Policies as an Arrow table with a row a policy or a row a segment, in the columns of the Parquet export.

    Raises TypeError for what is no policies, ValueError for other rows, ConfigurationError if pyarrow is not installed.
    """
    table = _table_named(rows)
    module, _ = import_pyarrow()
    schema = arrow_schema(table.column_types)
    groups = _row_groups(_checked_policies(policies), table)
    return module.Table.from_batches((module.RecordBatch.from_pylist(group, schema) for group in groups), schema)


def to_pandas(policies: Iterable[Policy], rows: TableRows = "policies") -> pandas.DataFrame:
    """Policies as a pandas frame with a row a policy or a row a segment, in the columns of the Parquet export.

    `date` is a datetime64, NaT where it is unknown; lists are Python lists. Raises TypeError for what is no policies,
    ValueError for other rows, ConfigurationError if pandas is not installed.
    """
    table = _table_named(rows)
    frames = require("pandas", extra="pandas", purpose="A pandas frame")
    columns: dict[str, list[Any]] = {name: [] for name in table.column_types}
    for policy in _checked_policies(policies):
        for row in table.rows_of(policy):
            for name, values in columns.items():
                values.append(row[name])
    types = {name: _NUMPY_TYPES.get(kind, kind) for name, kind in table.column_types.items()}
    series = {name: frames.Series(values, dtype=types[name]) for name, values in columns.items()}
    frame: pandas.DataFrame = frames.DataFrame(series)
    return frame


def _row_groups(policies: Iterable[Policy], table: RecordTable) -> Iterator[list[JsonObject]]:
    """The rows in row groups."""
    rows = chain.from_iterable(map(table.rows_of, policies))
    return iter(lambda: list(islice(rows, _ROW_GROUP_SIZE)), [])


def csv_lines(table: RecordTable, policy: Policy) -> Iterator[list[str | float]]:
    """The rows of a policy as CSV holds them."""
    return ([_csv_value(name, row[name]) for name in table.column_types] for row in table.rows_of(policy))


def _csv_value(column: str, value: Any) -> str | float:
    """A value as CSV holds it."""
    if isinstance(value, list):
        value = (HEADING_SEPARATOR if column == "headings" else _LIST_SEPARATOR).join(value)
    if isinstance(value, date):
        return value.isoformat()
    return "" if value is None else int(value) if isinstance(value, bool) else escape_formula(value)


def _table_named(rows: str) -> RecordTable:
    """The table with such rows. Raises ValueError if there is none."""
    for name, table in RECORD_TABLES.items():
        if name == rows:
            return table
    raise ValueError(f'There is no table with the rows {rows!r}: ask for "policies" or "segments".')


def _checked_policies(policies: Iterable[Policy]) -> Iterator[Policy]:
    """The policies. Raises TypeError if they are something else."""
    if isinstance(policies, Policy):
        raise TypeError("A table is made of several policies, and this is one: give a list of it, [policy].")
    if isinstance(policies, (str, bytes, Path)):
        raise TypeError("A table is made of policies: for those in a file give extractor.read_jsonl(path).")
    for policy in policies:
        if not isinstance(policy, Policy):
            kind = type(policy).__name__
            raise TypeError(f"A table is made of policies, and this is a {kind}: see extractor.Policy.from_dict.")
        yield policy
