"""Writes records in the formats of other tools, and reads and writes them as JSONL."""

from extractor.exports.doccano import doccano_example
from extractor.exports.fields import HEADING_SEPARATOR
from extractor.exports.formats import EXPORT_FORMATS, ExportFormat, table_format
from extractor.exports.jsonl import encode_line, read_jsonl, write_jsonl
from extractor.exports.labelstudio import labelstudio_choices, labelstudio_interface, labelstudio_task
from extractor.exports.parquet_records import read_parquet, write_parquet
from extractor.exports.rater_sheets import write_rater_csv, write_rater_tasks
from extractor.exports.record_files import (
    has_parquet_name,
    read_record_file,
    record_lines,
    require_writable_form,
    write_record_file,
    write_record_lines,
)
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
    "has_parquet_name",
    "import_pyarrow",
    "labelstudio_choices",
    "labelstudio_interface",
    "labelstudio_task",
    "policy_schema",
    "read_jsonl",
    "read_parquet",
    "read_record_file",
    "record_lines",
    "require_writable_form",
    "table_format",
    "to_arrow",
    "to_pandas",
    "write_dataclass_csv",
    "write_dataclass_parquet",
    "write_jsonl",
    "write_parquet",
    "write_rater_csv",
    "write_rater_tasks",
    "write_record_file",
    "write_record_lines",
    "write_records_parquet",
]
