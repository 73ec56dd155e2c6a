"""Where the time of a page goes, from its bytes to its record: CPU milliseconds a page by stage.

    python -m benchmarks.stages DATA

Each function named in STAGES is timed as it is called by the others; what a function spends in another one of the list
counts for that one alone. The first pass over the pages fills the caches (stems, class names) and is not counted.
"""

from __future__ import annotations

import importlib
import sys
import time
from collections import Counter
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import extractor
from extractor.exports import encode_line
from extractor.records import Snapshot

PASSES = 3
STAGES = {
    "unpack, detect, decode": (
        "extractor.clean.unpack",
        "extractor.clean.is_heavy",
        "extractor.clean.document.detect_media_type",
        "extractor.clean.document.decode",
    ),
    "parse (lexbor)": ("extractor.clean.html.parse_html",),
    "walk to pieces": ("extractor.clean.html.page_pieces",),
    "leave out surroundings": ("extractor.clean.html.without_surroundings",),
    "measure pieces": ("extractor.clean.html.piece_features",),
    "choose the content": ("extractor.clean.html.content_mask", "extractor.clean.html.select_document"),
    "blocks, text, Markdown": (
        "extractor.clean.html.pieces_to_blocks",
        "extractor.clean.document.render_text",
        "extractor.clean.document.render_markdown",
    ),
    "language": ("extractor.clean.document.detect_language",),
    "verdict": ("extractor.clean.document.judge",),
    "segments": ("extractor.segment.segments",),
    "label: words to numbers": ("extractor.label.features.Vocabulary.features",),
    "label: evidence": ("extractor.label.fast.FastModel.with_evidence",),
    "label: polarity, types of data": ("extractor.label.details.Details.of_segments",),
    "label: scores and labels": ("extractor.label.fast.FastModel.label",),
    "record": ("extractor.run.pipeline.annotator.build_policy",),
    "JSON": ("benchmarks.stages.encode_line",),
}


def main(data: str) -> None:
    pages = [Snapshot(path.read_bytes()) for path in sorted(Path(data).glob("extraction/*/*.html"))]
    spent: Counter[str] = Counter()
    watch(spent)
    annotator = extractor.load()
    through(annotator, pages)
    spent.clear()
    began = time.process_time()
    for _ in range(PASSES):
        through(annotator, pages)
    whole = time.process_time() - began
    print(f"{len(pages)} pages, {sum(len(page.content) for page in pages) / len(pages) / 1000:.0f} kB a page\n")
    for stage in (*STAGES, "the rest"):
        seconds = spent[stage] if stage in STAGES else whole - sum(spent.values())
        print(f"| {stage} | {1000 * seconds / PASSES / len(pages):.2f} | {100 * seconds / whole:.0f} % |")
    print(f"| all | {1000 * whole / PASSES / len(pages):.1f} | 100 % |")


def through(annotator: extractor.Annotator, pages: list[Snapshot]) -> None:
    for page in pages:
        encode_line(annotator(page))


def watch(spent: Counter[str]) -> None:
    """Puts a watch around each function of STAGES; the innermost one that runs gets the time."""
    stack: list[str] = []
    last = [time.process_time()]

    def lap() -> None:
        now = time.process_time()
        if stack:
            spent[stack[-1]] += now - last[0]
        last[0] = now

    def watched(function: Callable[..., Any], stage: str) -> Callable[..., Any]:
        @wraps(function)
        def run(*args: Any, **kwargs: Any) -> Any:
            lap()
            stack.append(stage)
            try:
                return function(*args, **kwargs)
            finally:
                lap()
                stack.pop()

        return run

    for stage, names in STAGES.items():
        for name in names:
            owner, attribute = owner_of(name)
            setattr(owner, attribute, watched(getattr(owner, attribute), stage))


def owner_of(name: str) -> tuple[Any, str]:
    """The module or class that holds a function, and the function's name there."""
    path, attribute = name.rsplit(".", 1)
    if path == "benchmarks.stages":
        return sys.modules["__main__"], attribute
    try:
        return importlib.import_module(path), attribute
    except ModuleNotFoundError:
        module, holder = path.rsplit(".", 1)
        return getattr(importlib.import_module(module), holder), attribute


if __name__ == "__main__":
    main(sys.argv[1])
