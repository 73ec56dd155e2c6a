"""The JSON Schemas (2020-12) of a record, of a compact one and of an event, made from their annotations."""

from __future__ import annotations

from typing import Any

import msgspec

from extractor.compact import CompactDataTypes, CompactEvidence, CompactPolarity, CompactPolicy, CompactSegment
from extractor.records import SCHEMA_VERSION, Event, Policy

_MAY_LACK_KEYS = {
    kind.__name__ for kind in (CompactPolicy, CompactSegment, CompactPolarity, CompactEvidence, CompactDataTypes)
}


def policy_schema() -> dict[str, Any]:
    """The schema of a line of `policies.jsonl`: every key is required, no others are allowed.

    >>> policy_schema()["$schema"]
    'https://json-schema.org/draft/2020-12/schema'
    """
    schema = _schema_of(Policy, "policy")
    schema["$defs"]["Policy"]["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    return schema


def compact_schema() -> dict[str, Any]:
    """The schema of a compact record: what is empty is absent, and no other keys are allowed.

    >>> compact_schema()["$defs"]["CompactPolicy"]["properties"]["form"]
    {'const': 'compact'}
    """
    schema = _schema_of(CompactPolicy, "compact-policy")
    schema["$defs"]["CompactPolicy"]["properties"] |= {
        "schema_version": {"const": SCHEMA_VERSION},
        "form": {"const": "compact"},
    }
    return schema


def event_schema() -> dict[str, Any]:
    """The schema of a line of `events.jsonl`: every key is required, no others are allowed.

    >>> sorted(event_schema()["$defs"]["Event"]["required"])[:3]
    ['after', 'before', 'confidence']
    """
    return _schema_of(Event, "event")


def _schema_of(kind: type, name: str) -> dict[str, Any]:
    """The schema of a record type, as JSON Schema 2020-12 has it."""
    schema = msgspec.json.schema(kind)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:archived-policy:{name}:{SCHEMA_VERSION}",
        "$ref": schema["$ref"],
        "$defs": {
            key: _closed(definition, may_lack_keys=key in _MAY_LACK_KEYS) for key, definition in schema["$defs"].items()
        },
    }


def _closed(definition: dict[str, Any], *, may_lack_keys: bool) -> dict[str, Any]:
    """A definition of an object with all properties required, or only those without a default; and no others."""
    properties = {
        name: {key: value for key, value in rule.items() if key != "default"}
        for name, rule in definition["properties"].items()
    }
    return {
        **definition,
        "properties": properties,
        "required": definition["required"] if may_lack_keys else list(properties),
        "additionalProperties": False,
    }
