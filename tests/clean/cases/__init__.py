"""Pages of every kind with what a careful reader wants of them: one folder a case, no code to add one.

A folder holds `page.*`, where it needs one a `meta.json` (`url`, `content_type`, `status`), and `expected.json`. Each
key of that is compared if it is there:

    about      what the case is about
    usable     true or false; `policy`: whether it is taken for a privacy policy
    reasons    the reasons of the verdict, in order, each by some of its words
    title, language, encoding
    blocks     [what it is, its text]; what it is: "heading 2", "paragraph", "item 1 -", "row", "header row"
    markdown   lines or parts of lines that stand in the Markdown
    segments   {"holds": words of a segment, and any of "kind", "headings", "context" of that segment}
    absent     words that are in neither text nor Markdown
    known_failing   why the product does not do it yet: the test then has to fail

`python -m tests.clean.cases NAME...` writes what comes out into `expected.json`, for review by `git diff`: it says what
is, not what should be. Notes (`about`, `absent`, `known_failing`) stay as they are.
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
    """The type that a server would have given the file."""
    return mimetypes.guess_type(page.name.split(".gz")[0])[0] or "text/markdown"


def expected(name: str) -> dict[str, Any]:
    """What a case's page should give."""
    path = CASES / name / "expected.json"
    return json.loads(path.read_text("utf-8")) if path.exists() else {}


def observed(document: Document, wanted: dict[str, Any]) -> dict[str, Any]:
    """What a document gives, in the form of `expected.json`; where words are wanted that are there, these words."""
    verdict, everything = document.verdict, document.text + document.markdown
    return {
        "usable": verdict.usable,
        "policy": verdict.is_policy >= 0.5,
        "reasons": told(verdict.reasons, wanted.get("reasons", [])),
        "title": document.title,
        "language": document.language,
        "encoding": document.encoding,
        "blocks": [[what(block), block.text] for block in document.blocks],
        "markdown": [line if line in document.markdown else "" for line in wanted.get("markdown", [])],
        "segments": [placed(part, segments(document)) for part in wanted.get("segments", [])],
        "absent": [words for words in wanted.get("absent", []) if words not in everything],
    }


def told(reasons: tuple[str, ...], wanted: list[str]) -> list[str]:
    """The reasons, each as the words that are wanted of it where it holds them."""
    padded = [*wanted, *[""] * len(reasons)]
    return [words if words and words in reason else reason for words, reason in zip(padded, reasons, strict=False)]


def what(block: Block) -> str:
    """What a block is, in a few words."""
    if block.kind == "row":
        return "header row" if block.header else "row"
    return " ".join(filter(None, [block.kind, str(block.level or ""), block.marker]))


def placed(part: dict[str, Any], found: tuple[Segment, ...]) -> dict[str, Any]:
    """What is said of a segment, of the one that holds the words."""
    segment = next((segment for segment in found if part["holds"] in segment.text), None)
    values = {"kind": segment.kind, "headings": [*segment.headings], "context": segment.context} if segment else {}
    return {"holds": part["holds"], **{key: values.get(key) for key in part if key != "holds"}}
