"""`manifest.json`: what a folder holds, what made it, and the hashes of its files."""

from __future__ import annotations

import json
import platform
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from extractor.files import size_and_hash, write_json
from extractor.layout import ARCHIVE, CDXJ, MANIFEST, RECORDS, REPORT, warc_files
from extractor.modelcard import ModelIdentity
from extractor.records import SCHEMA_VERSION
from extractor.version import VERSION

if TYPE_CHECKING:
    from extractor.wayback import Ledger

MADE_BY = f"archived-policy {VERSION}"
_LIBRARIES = ("selectolax", "trafilatura", "spacy", "scikit-learn", "numpy", "waybackpy", "warcio", "requests")
_OUTPUTS = (RECORDS, f"{ARCHIVE}/{CDXJ}", REPORT)


def describe_run(ledger: Ledger, model: ModelIdentity) -> dict[str, Any]:
    """What made a run folder, and what its ledger counts."""
    return {
        **describe_software(model),
        "configuration": ledger.settings(),
        "targets": ledger.counts.targets(),
        "captures": ledger.counts.by_state(),
        "outcomes": ledger.counts.by_outcome(),
        "index": ledger.counts.index_rows(),
    }


def describe_software(model: ModelIdentity) -> dict[str, Any]:
    """What makes records: the versions of this package, of Python and of the libraries, and the model."""
    return {
        "schema_version": SCHEMA_VERSION,
        "made_by": MADE_BY,
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in _LIBRARIES},
        "model": {"name": model.name, "version": model.version, "sha256": model.sha256},
    }


def write_manifest(folder: Path, description: dict[str, Any]) -> None:
    """Writes the manifest of a run folder: its description, and the sizes and hashes of its outputs."""
    names = [*_OUTPUTS, *(f"{ARCHIVE}/{file.name}" for file in warc_files(folder / ARCHIVE))]
    outputs = {name: size_and_hash(folder / name) for name in names if (folder / name).exists()}
    write_json(folder / MANIFEST, {**description, "files": outputs})


def read_manifest(path: Path) -> dict[str, Any]:
    """The contents of a manifest, {} where it cannot be read."""
    try:
        manifest = json.loads(path.read_bytes())
    except (OSError, ValueError):
        return {}
    return manifest if isinstance(manifest, dict) else {}


def is_listed_unchanged(file: Path) -> bool:
    """Whether a file is, byte for byte, the one that the manifest beside it lists."""
    listed = read_manifest(file.with_name(MANIFEST)).get("files", {})
    return file.is_file() and listed.get(file.name) == size_and_hash(file)
