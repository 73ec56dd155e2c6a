"""The columns of the tables in the SQLite export."""

from __future__ import annotations

from extractor.exports.fields import CAPTURE_COLUMN_TYPES
from extractor.exports.policy_table import POLICY_COLUMN_TYPES
from extractor.exports.segment_table import SEGMENT_COLUMN_TYPES
from extractor.records import PRACTICES

SQL_POLICY_COLUMNS = {**POLICY_COLUMN_TYPES, "text": "string"}
# Lists of a segment have tables of their own; only the headings, which are a path, are a text
SQL_SEGMENT_COLUMNS = {
    name: kind
    for name, kind in SEGMENT_COLUMN_TYPES.items()
    if name not in CAPTURE_COLUMN_TYPES and (kind != "list<string>" or name == "headings")
}
SQL_VIEW_COLUMNS = (  # of dated_segments
    *("segment", "site", "policy", "date", "year", "headings", "text", "kind"),
    *(*PRACTICES, "uncertain", "url", "archive_url", "record"),
)
SQL_LABEL_TABLES = {
    "segment_practices": {"practice": "TEXT", "polarity": "TEXT", "score": "REAL"},
    "segment_categories": {"category": "TEXT", "score": "REAL"},
    "segment_data_types": {"practice": "TEXT", "data_type": "TEXT"},
    "segment_evidence": {"practice": "TEXT", "start": "INTEGER", "end": "INTEGER", "text": "TEXT"},
}
