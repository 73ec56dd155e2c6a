"""`manifest.json`: what a run folder holds, what made it, and the hashes of its outputs."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.files import write_atomically
from extractor.records import PRACTICES, SCHEMA_VERSION, Policy
from extractor.version import VERSION

if TYPE_CHECKING:
    from extractor.label import Model
    from extractor.wayback import Ledger

_LIBRARIES = ("trafilatura", "lxml", "spacy", "scikit-learn", "numpy", "waybackpy", "warcio", "requests")
MADE_BY = f"archived-policy {VERSION}"
COUNTED = ("policies", "usable", "labelled", "segments", *PRACTICES)
_OUTPUTS = ("policies.jsonl", "archive/captures.warc.gz", "archive/captures.cdxj", "report.html")


def describe(ledger: Ledger, model: Model, counts: dict[str, int]) -> dict[str, Any]:
    """What a run folder holds and what made it."""
    return {
        **made_with(model),
        "configuration": ledger.settings(),
        "captures": ledger.counts(),
        "outcomes": ledger.outcomes(),
        "index": ledger.side_counts(),
        "records": counts,
    }


def made_with(model: Model) -> dict[str, Any]:
    """What makes records: the versions of ours and of the libraries, and the model."""
    return {
        "schema_version": SCHEMA_VERSION,
        "made_by": MADE_BY,
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "model": {"name": model.name, "version": model.version, "sha256": model.sha256},
    }


def write_manifest(folder: Path, description: dict[str, Any]) -> None:
    """Writes the manifest of a run folder: its description, and the hashes of its outputs."""
    outputs = {name: fingerprint(folder / name) for name in _OUTPUTS if (folder / name).exists()}
    write_json(folder / "manifest.json", {**description, "files": outputs})


def write_json(path: Path, manifest: dict[str, Any]) -> None:
    """Writes a manifest, to be read by people as well."""
    with write_atomically(path) as out:
        out.write(json.dumps(manifest, indent=2, ensure_ascii=False).encode() + b"\n")


def fingerprint(path: Path) -> dict[str, Any]:
    """The size of a file in bytes and its SHA-256."""
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while chunk := stream.read(1 << 20):
            digest.update(chunk)
    return {"bytes": path.stat().st_size, "sha256": digest.hexdigest()}


def count_records(policies: Iterable[Policy]) -> dict[str, int]:
    """How many records there are, usable, labelled, and with each practice; and how many segments."""
    counts = dict.fromkeys(COUNTED, 0)
    for _ in counted(policies, counts):
        pass
    return counts


def counted(policies: Iterable[Policy], counts: dict[str, int]) -> Iterator[Policy]:
    """The policies, entered as they pass in counts that begin with zeros for COUNTED."""
    for policy in policies:
        spoken_of = {practice for segment in policy.segments for practice in segment.practices}
        counts["policies"] += 1
        counts["usable"] += policy.verdict.usable
        counts["labelled"] += policy.labelled
        counts["segments"] += len(policy.segments)
        for practice in spoken_of:
            counts[practice] += 1
        yield policy
