"""Writes records in the formats of other tools, and reads and writes them as JSONL."""

from extractor.exports.doccano import doccano_example
from extractor.exports.fields import HEADING_SEPARATOR
from extractor.exports.formats import EXPORT_FORMATS, ExportFormat, table_format
from extractor.exports.jsonl import encode_line, read_jsonl, write_jsonl
from extractor.exports.labelstudio import labelstudio_choices, labelstudio_interface, labelstudio_task
from extractor.exports.rater_sheets import write_rater_csv, write_rater_tasks
from extractor.exports.record_tables import (
    TABLE_ROWS,
    TableRows,
    to_arrow,
    to_pandas,
    write_records_parquet,
)
from extractor.exports.schema import compact_schema, event_schema, policy_schema
from extractor.exports.tables import import_pyarrow, write_dataclass_csv, write_dataclass_parquet

__all__ = [
    "EXPORT_FORMATS",
    "HEADING_SEPARATOR",
    "TABLE_ROWS",
    "ExportFormat",
    "TableRows",
    "compact_schema",
    "doccano_example",
    "encode_line",
    "event_schema",
    "import_pyarrow",
    "labelstudio_choices",
    "labelstudio_interface",
    "labelstudio_task",
    "policy_schema",
    "read_jsonl",
    "table_format",
    "to_arrow",
    "to_pandas",
    "write_dataclass_csv",
    "write_dataclass_parquet",
    "write_jsonl",
    "write_rater_csv",
    "write_rater_tasks",
    "write_records_parquet",
]
