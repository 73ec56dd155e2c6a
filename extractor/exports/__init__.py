"""Records out: JSONL and its schema, and the formats of other tools."""

from extractor.exports.croissant import write_croissant
from extractor.exports.formats import EXPORTS, Format
from extractor.exports.jsonl import encode_line, read_jsonl, write_jsonl
from extractor.exports.schema import policy_schema

__all__ = [
    "EXPORTS",
    "Format",
    "encode_line",
    "policy_schema",
    "read_jsonl",
    "write_croissant",
    "write_jsonl",
]
