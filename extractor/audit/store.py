"""Designs and audits as files of JSON."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, cast

import msgspec

from extractor.audit.estimate import Audit
from extractor.errors import UnreadableError
from extractor.files import write_atomically


def write_json(record: Any, path: Path) -> None:
    """Writes a record as JSON that a person can read; sets are in order."""
    plain = msgspec.json.decode(msgspec.json.encode(record, order="deterministic"))
    with write_atomically(path) as stream:
        stream.write(json.dumps(plain, indent=1).encode() + b"\n")


def read_json(path: Path, kind: type[Any], advice: str) -> Any:
    """A file of ours. Raises UnreadableError where it is missing or another one."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except FileNotFoundError as error:
        raise UnreadableError(f"There is no {path}: {advice}.") from error
    except (OSError, msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UnreadableError(f"{path} cannot be read ({error}): {advice}.") from error


def read_audit(path: Path) -> Audit:
    """An audit. Raises UnreadableError."""
    return cast(Audit, read_json(path, Audit, "make one with `audit`"))
