"""What Datasette shows of the SQLite export: descriptions of tables and columns, facets, what rows can be sorted by.

The keys are those of Datasette's documentation of metadata (https://docs.datasette.io/en/stable/metadata.html).
"""

from __future__ import annotations

from extractor.exports.column_descriptions import POLICY_COLUMN_DESCRIPTIONS, SEGMENT_COLUMN_DESCRIPTIONS
from extractor.exports.corpus_counts import CORPUS_CITATION, CorpusCounts
from extractor.exports.fields import JsonObject
from extractor.exports.sql_columns import SQL_LABEL_TABLES, SQL_POLICY_COLUMNS, SQL_SEGMENT_COLUMNS, SQL_VIEW_COLUMNS

_DESCRIPTIONS = {
    "policies": "One row for each capture of a policy.",
    "segments": "One row for each segment of a capture. The search looks in the text and in the headings.",
    "dated_segments": "The segments with the site, the policy and the date of their captures.",
    "segment_practices": "The practices that segments mention, and whether they say that they are done.",
    "segment_categories": "The categories of OPP-115 that segments belong to.",
    "segment_data_types": "The types of data that segments name for a practice.",
    "segment_evidence": "The words that are evidence of a practice.",
}
_KEY_DESCRIPTIONS = {
    "record": "The number of the capture of a policy in this database.",
    "segment": "The number of the segment in this database.",
}
_LABEL_DESCRIPTIONS = {
    "practice": "collection, sharing, cookies, rights or children.",
    "polarity": "does, does_not, mixed or unclear: whether the segment says that the practice is done.",
    "category": "One of the twelve categories of OPP-115.",
    "score": "The score of the label, 0 to 1.",
    "data_type": "The type of data.",
    "start": "Where the words begin in the text of the policy, in Unicode code points.",
    "end": "Where they end.",
    "text": "The words.",
}
_TABLE_COLUMNS = {
    "policies": ("record", *SQL_POLICY_COLUMNS),
    "segments": ("segment", "record", *SQL_SEGMENT_COLUMNS),
    "dated_segments": SQL_VIEW_COLUMNS,
}
_FACETS = {
    "policies": ["site", "year", "language", "sharing"],
    "segments": ["kind", "sharing", "cookies"],
    "dated_segments": ["site", "year", "sharing"],
    "segment_practices": ["practice", "polarity"],
    "segment_categories": ["category"],
    "segment_data_types": ["practice", "data_type"],
    "segment_evidence": ["practice"],
}
_SORTABLE_KINDS = ("int16", "int32", "float64", "date32")


def datasette_metadata(database: str, title: str, counts: CorpusCounts) -> JsonObject:
    """The metadata of a database, which Datasette calls by the name of its file without suffix."""
    tables: dict[str, JsonObject] = {
        table: {"description": text, "facets": _FACETS[table], "columns": _column_descriptions(table)}
        for table, text in _DESCRIPTIONS.items()
    }
    tables["policies"] |= {"label_column": "id", "sortable_columns": ["id", *_sortable(SQL_POLICY_COLUMNS)]}
    tables["segments"] |= {"sortable_columns": ["segment", *_sortable(SQL_SEGMENT_COLUMNS)]}
    tables["dated_segments"] |= {"fts_table": "segments_fts", "fts_pk": "segment"}
    return {
        "title": title,
        "description": counts.sentence,
        "source": CORPUS_CITATION,
        "databases": {database: {"description": counts.sentence, "tables": tables}},
    }


def _column_descriptions(table: str) -> dict[str, str]:
    """What each column of a table or view holds."""
    if table in SQL_LABEL_TABLES:
        return {
            "segment": "The segment.",
            **{column: _LABEL_DESCRIPTIONS[column] for column in SQL_LABEL_TABLES[table]},
        }
    of_table = POLICY_COLUMN_DESCRIPTIONS if table == "policies" else SEGMENT_COLUMN_DESCRIPTIONS
    return {column: {**of_table, **_KEY_DESCRIPTIONS}[column] for column in _TABLE_COLUMNS[table]}


def _sortable(columns: dict[str, str]) -> list[str]:
    """The columns of numbers and dates."""
    return [name for name, kind in columns.items() if kind in _SORTABLE_KINDS]
