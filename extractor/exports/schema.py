"""The JSON Schema (2020-12) of a record, made from the annotations of `Policy`."""

from __future__ import annotations

from typing import Any

import msgspec

from extractor.records import SCHEMA_VERSION, Policy


def policy_schema() -> dict[str, Any]:
    """The schema of a line of `policies.jsonl`: every key is required, no others are allowed.

    >>> policy_schema()["$schema"]
    'https://json-schema.org/draft/2020-12/schema'
    """
    schema = msgspec.json.schema(Policy)
    definitions = {name: _closed(definition) for name, definition in schema["$defs"].items()}
    definitions["Policy"]["properties"]["schema_version"] = {"const": SCHEMA_VERSION}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:archived-policy:policy:{SCHEMA_VERSION}",
        "$ref": schema["$ref"],
        "$defs": definitions,
    }


def _closed(definition: dict[str, Any]) -> dict[str, Any]:
    """A definition of an object with all properties required, no others, and no defaults."""
    properties = {
        name: {key: value for key, value in rule.items() if key != "default"}
        for name, rule in definition["properties"].items()
    }
    return {
        **definition,
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }
