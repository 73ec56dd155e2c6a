"""Pages of all kinds with what a careful reader expects of them: one folder per case, no code to add one.

A folder has `page.*`, if needed a `meta.json` (`url`, `content_type`, `status`), and `expected.json`. Each key of the
last one is compared if it is there:

    about      what the case is about
    usable     true or false
    policy     whether it is a privacy policy
    reasons    the reasons of the verdict, in order, each by some of its words
    title, language, encoding
    blocks     [description, text] of each, where the description is "heading 2", "paragraph", "item 1 -", "row" or
               "header row"
    markdown   lines or parts of lines of the Markdown
    segments   {"holds": words of a segment, and any of "kind", "headings", "context" of that segment}
    absent     words that are in neither text nor Markdown
    known_failing   why the product fails this case: the test then has to fail

`python -m tests.clean.cases NAME...` writes the actual results into `expected.json`, for review by `git diff`: they are
not necessarily right. Notes (`about`, `absent`, `known_failing`) are kept.
"""

from __future__ import annotations

import json
import mimetypes
from pathlib import Path
from typing import Any

from extractor.clean import clean
from extractor.records import Block, Capture, Document, Segment, Snapshot
from extractor.segment import segments

CASES = Path(__file__).parent
NAMES = sorted(path.parent.name for path in CASES.glob("*/page.*"))
META = {"url": "http://site.example/privacy", "status": 200}


def document_of(name: str) -> Document:
    """The document of a case's page."""
    page = next((CASES / name).glob("page.*"))
    given = CASES / name / "meta.json"
    meta = {
        "content_type": media_type(page),
        **META,
        **(json.loads(given.read_text("utf-8")) if given.exists() else {}),
    }
    capture = Capture("", "20050101000000", meta["url"])
    return clean(Snapshot(page.read_bytes(), capture, content_type=meta["content_type"], status=meta["status"]))


def media_type(page: Path) -> str:
    """The content type that a server would send for the file."""
    return mimetypes.guess_type(page.name.split(".gz")[0])[0] or "text/markdown"


def expected(name: str) -> dict[str, Any]:
    """The expected results of a case."""
    path = CASES / name / "expected.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def observed(document: Document, wanted: dict[str, Any]) -> dict[str, Any]:
    """The actual results in the form of `expected.json`; expected words that are found stand for what holds them."""
    verdict, everything = document.verdict, document.text + document.markdown
    return {
        "usable": verdict.usable,
        "policy": verdict.is_policy >= 0.5,
        "reasons": reasons_by_words(verdict.reasons, wanted.get("reasons", [])),
        "title": document.title,
        "language": document.language,
        "encoding": document.encoding,
        "blocks": [[describe(block), block.text] for block in document.blocks],
        "markdown": [line if line in document.markdown else "" for line in wanted.get("markdown", [])],
        "segments": [segment_values(part, segments(document)) for part in wanted.get("segments", [])],
        "absent": [words for words in wanted.get("absent", []) if words not in everything],
    }


def reasons_by_words(reasons: tuple[str, ...], wanted: list[str]) -> list[str]:
    """The reasons, each as the expected words if it has them."""
    padded = [*wanted, *[""] * len(reasons)]
    return [words if words and words in reason else reason for words, reason in zip(padded, reasons, strict=False)]


def describe(block: Block) -> str:
    """A description of a block in a few words."""
    if block.kind == "row":
        return "header row" if block.header else "row"
    return " ".join(filter(None, [block.kind, str(block.level or ""), block.marker]))


def segment_values(part: dict[str, Any], candidates: tuple[Segment, ...]) -> dict[str, Any]:
    """The actual values of the expected keys, of the segment that holds the expected words."""
    segment = next((segment for segment in candidates if part["holds"] in segment.text), None)
    values = {"kind": segment.kind, "headings": [*segment.headings], "context": segment.context} if segment else {}
    return {"holds": part["holds"], **{key: values.get(key) for key in part if key != "holds"}}
