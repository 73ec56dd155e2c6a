"""Designs and audits as JSON files."""

from __future__ import annotations

from pathlib import Path
from typing import Any, TypeVar

import msgspec

from extractor.audit.estimate import Audit
from extractor.errors import UnreadableError
from extractor.files import write_json

_T = TypeVar("_T")


def write_json_record(path: Path, record: Any) -> None:
    """Writes a record as indented JSON, with sets in order."""
    write_json(path, msgspec.to_builtins(record, order="deterministic"), indent=1, ensure_ascii=True)


def read_json_record(path: Path, record_type: type[_T], advice: str) -> _T:
    """A record that `write_json_record` wrote. Raises UnreadableError, whose message ends with the advice."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=record_type)
    except FileNotFoundError as error:
        raise UnreadableError(f"There is no {path}: {advice}.") from error
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path} cannot be read ({error}): {advice}.") from error


def read_audit(path: Path) -> Audit:
    """An audit. Raises UnreadableError."""
    return read_json_record(path, Audit, "make one with `audit`")
