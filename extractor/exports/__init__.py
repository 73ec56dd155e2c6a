"""Records out: JSONL and its schema."""

from extractor.exports.jsonl import encode_json, encode_line, read_jsonl, write_jsonl
from extractor.exports.schema import policy_schema

__all__ = ["encode_json", "encode_line", "policy_schema", "read_jsonl", "write_jsonl"]
