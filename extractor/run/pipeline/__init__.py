"""One page, or a stream of pages, to labelled policies."""

from extractor.run.pipeline.annotator import TOGETHER, Annotator, load, load_to_stay, policy_capture, registered_domain
from extractor.run.pipeline.single import extract_page, label_lines

__all__ = [
    "TOGETHER",
    "Annotator",
    "extract_page",
    "label_lines",
    "load",
    "load_to_stay",
    "policy_capture",
    "registered_domain",
]
