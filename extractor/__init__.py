"""From "these sites, these years" to labelled, citable privacy policies.

>>> import extractor
>>> annotator = extractor.load()
>>> policy = annotator("<html><h1>Privacy</h1><h2>Cookies</h2><p>We use cookies to remember what is in your basket.</p>"
...     "<h2>Children</h2><p>We do not knowingly collect information from children under 13.</p></html>")
>>> for segment in policy.segments:
...     print(segment.headings[-1], "children" in segment.practices, "cookies" in segment.practices)
Cookies False True
Children True False
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from extractor.errors import ArchivedPolicyError
from extractor.exports import (
    compact_schema,
    event_schema,
    policy_schema,
    read_jsonl,
    read_parquet,
    to_arrow,
    to_pandas,
    write_jsonl,
    write_parquet,
)
from extractor.records import Capture, Policy, Segment, Snapshot
from extractor.run.corpus import read_corpus
from extractor.run.pipeline import Annotator, load
from extractor.version import VERSION as __version__

if TYPE_CHECKING:
    from extractor import history

__all__ = [
    "Annotator",
    "ArchivedPolicyError",
    "Capture",
    "Policy",
    "Segment",
    "Snapshot",
    "__version__",
    "compact_schema",
    "event_schema",
    "history",
    "load",
    "policy_schema",
    "read_corpus",
    "read_jsonl",
    "read_parquet",
    "to_arrow",
    "to_pandas",
    "write_jsonl",
    "write_parquet",
]


def __getattr__(name: str) -> Any:
    """The room of `history`, loaded when it is first asked for: few programs want it, and it takes a while."""
    if name == "history":
        return import_module("extractor.history")
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
