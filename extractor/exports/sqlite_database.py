"""A SQLite database of policies and segments with full-text search, and the metadata for Datasette beside it.

    policies ◁── segments ◁── segment_practices, segment_categories, segment_data_types, segment_evidence
                     └── segments_fts: the full text (FTS5); dated_segments: each segment with its site and date

Datasette (https://datasette.io) shows the database in a browser, with facets and search:

    datasette corpus.sqlite -m corpus.metadata.json
"""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

from extractor.exports.corpus_counts import CorpusCounts
from extractor.exports.datasette import datasette_metadata
from extractor.exports.fields import DATA_TYPE_SCOPES, HEADING_SEPARATOR, JsonObject, evidence_in
from extractor.exports.policy_table import policy_row
from extractor.exports.segment_table import segment_rows
from extractor.exports.sql_columns import SQL_LABEL_TABLES, SQL_POLICY_COLUMNS, SQL_SEGMENT_COLUMNS, SQL_VIEW_COLUMNS
from extractor.files import path_atomically, write_json
from extractor.records import Policy, Segment

_SQL_TYPES = {"bool": "INTEGER", "int16": "INTEGER", "int32": "INTEGER", "float64": "REAL"}  # the others are TEXT


def write_sqlite(policies: Iterable[Policy], path: Path, *, name: str = "") -> int:
    """Writes the database and returns the number of policies. Datasette's metadata are beside it, as `.metadata.json`.

    Raises UsageError if `path` is no file, OSError if it cannot be written.
    """
    counts, numbers = CorpusCounts(), count(1)
    with path_atomically(path) as draft, _new_database(draft, path) as db:
        for record, policy in enumerate(counts.counting(policies), 1):
            _insert(
                db,
                "policies",
                [[record, *_sql_values(SQL_POLICY_COLUMNS, {**policy_row(policy), "text": policy.text})]],
            )
            _insert_segments(db, record, policy, numbers)
        db.execute("INSERT INTO segments_fts (segments_fts) VALUES ('rebuild')")
    write_json(path.resolve().with_suffix(".metadata.json"), datasette_metadata(path.stem, name or path.stem, counts))
    return counts.policies


@contextmanager
def _new_database(draft: Path, path: Path) -> Iterator[sqlite3.Connection]:
    """An empty database in one transaction. What SQLite refuses is raised as an OSError that names `path`."""
    try:
        with closing(sqlite3.connect(draft)) as db, db:
            for setting in ("synchronous", "journal_mode"):  # a draft needs neither: it is synced once, when complete
                db.execute(f"PRAGMA {setting} = OFF")
            for statement in _schema():
                db.execute(statement)
            yield db
    except sqlite3.Error as error:
        number = errno.ENOSPC if "disk is full" in str(error) else errno.EIO
        raise OSError(number, str(error), str(path)) from error


def _schema() -> Iterator[str]:
    """The statements that create tables, view and index."""
    yield _create_table("policies", {"record": "INTEGER PRIMARY KEY", **_sql_types(SQL_POLICY_COLUMNS)})
    yield _create_table(
        "segments",
        {
            "segment": "INTEGER PRIMARY KEY",
            "record": "INTEGER NOT NULL REFERENCES policies (record)",
            **_sql_types(SQL_SEGMENT_COLUMNS),
        },
    )
    for name, types in SQL_LABEL_TABLES.items():
        key = {"segment": "INTEGER NOT NULL REFERENCES segments (segment)"}
        yield _create_table(name, {**key, **{column: f"{kind} NOT NULL" for column, kind in types.items()}})
        yield f"CREATE INDEX {name}_segment ON {name} (segment)"
    yield "CREATE INDEX policies_site ON policies (site, timestamp)"
    yield "CREATE INDEX segments_record ON segments (record)"
    yield (
        "CREATE VIRTUAL TABLE segments_fts USING fts5 "
        '(text, headings, content="segments", content_rowid="segment", tokenize=\'porter unicode61\')'
    )
    columns = ", ".join(f"segments.{name}" if name in SQL_SEGMENT_COLUMNS else name for name in SQL_VIEW_COLUMNS)
    yield f"CREATE VIEW dated_segments AS SELECT {columns} FROM segments JOIN policies USING (record)"


def _create_table(name: str, columns: Mapping[str, str]) -> str:
    """The statement that creates a table."""
    return f"CREATE TABLE {name} ({', '.join(f'{_quoted(column)} {kind}' for column, kind in columns.items())})"


def _sql_types(columns: Mapping[str, str]) -> dict[str, str]:
    """The SQLite type of each column. An unknown date is null, and nothing else."""
    return {
        name: _SQL_TYPES.get(kind, "TEXT") + ("" if kind == "date32" else " NOT NULL") for name, kind in columns.items()
    }


def _quoted(column: str) -> str:
    """The name of a column, quoted as SQL has it: "index" and "end" are words of SQL."""
    return f'"{column}"'


def _insert(db: sqlite3.Connection, table: str, rows: list[list[Any]]) -> None:
    """Inserts rows into a table."""
    if rows:
        db.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def _insert_segments(db: sqlite3.Connection, record: int, policy: Policy, numbers: Iterator[int]) -> None:
    """Inserts the segments of a policy, with the next numbers, and their labels."""
    numbered = [(next(numbers), segment) for segment in policy.segments]
    rows = zip(numbered, segment_rows(policy), strict=True)
    _insert(db, "segments", [[number, record, *_sql_values(SQL_SEGMENT_COLUMNS, row)] for (number, _), row in rows])
    for table, rows_of in _LABEL_ROWS.items():
        _insert(db, table, [[number, *row] for number, segment in numbered for row in rows_of(segment)])


def _practice_rows(segment: Segment) -> Iterator[list[Any]]:
    """The rows of a segment in segment_practices."""
    return ([name, segment.polarity[name] or "unclear", segment.scores[name]] for name in segment.practices)


def _category_rows(segment: Segment) -> Iterator[list[Any]]:
    """The rows of a segment in segment_categories."""
    return ([name, segment.category_scores[name]] for name in segment.categories)


def _data_type_rows(segment: Segment) -> Iterator[list[Any]]:
    """The rows of a segment in segment_data_types."""
    return ([scope, name] for scope in DATA_TYPE_SCOPES for name in segment.data_types[scope])


def _evidence_rows(segment: Segment) -> Iterator[list[Any]]:
    """The rows of a segment in segment_evidence."""
    for name, start, end in evidence_in(segment):
        yield [name, segment.start + start, segment.start + end, segment.text[start:end]]


_LABEL_ROWS: dict[str, Callable[[Segment], Iterator[list[Any]]]] = {
    "segment_practices": _practice_rows,
    "segment_categories": _category_rows,
    "segment_data_types": _data_type_rows,
    "segment_evidence": _evidence_rows,
}


def _sql_values(columns: Iterable[str], row: JsonObject) -> list[Any]:
    """The values of a row as SQLite holds them: a date as text, the headings as a path, another list as JSON."""
    return [_sql_value(column, row[column]) for column in columns]


def _sql_value(column: str, value: Any) -> str | float | None:
    """A value as SQLite holds it."""
    if isinstance(value, list):
        return HEADING_SEPARATOR.join(value) if column == "headings" else json.dumps(value, ensure_ascii=False)
    return value.isoformat() if isinstance(value, date) else value
