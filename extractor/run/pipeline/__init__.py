"""One page, or a stream of pages, to labelled policies. Importing it loads no cleaning or labelling code."""

from extractor.run.pipeline.annotator import (
    BATCH_SIZE,
    Annotator,
    load,
    load_long_lived,
    policy_capture,
    policy_identity,
)
from extractor.run.pipeline.single import extract_page, label_lines

__all__ = [
    "BATCH_SIZE",
    "Annotator",
    "extract_page",
    "label_lines",
    "load",
    "load_long_lived",
    "policy_capture",
    "policy_identity",
]
