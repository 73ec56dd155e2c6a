"""One page without labels, and labels without a page: what `extract` and `label` do."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from extractor.records import Policy, Segment
from extractor.run.pipeline.annotator import annotate, only_page
from extractor.run.pipeline.sandbox import annotate_apart, is_heavy

if TYPE_CHECKING:
    from extractor.label import Model

_Scheme = Literal["practices", "opp115"]
_BATCH = 256  # lines


def extract_page(path: Path) -> Policy:
    """The policy of one page, clean and cut into segments but not labelled. Raises UnreadableError."""
    snapshot = only_page(path)
    return annotate_apart(snapshot) if is_heavy(snapshot) else annotate(snapshot, None)


def label_lines(lines: Iterable[bytes], model: Model, scheme: _Scheme, problems: list[str]) -> Iterator[dict[str, Any]]:
    """Lines of JSON, each with `text` (and perhaps `headings`, `context`), with `labels` and `scores` added.

    A line that is none gives {"error": …} in its place, so that the order stays, and is named in `problems`.
    """
    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    while batch := list(islice(numbered, _BATCH)):
        records = [_parse_line(number, line) for number, line in batch]
        problems += [record["error"] for record in records if _is_error(record)]
        labelled = iter(model.label([_segment_of(record) for record in records if not _is_error(record)]))
        for record in records:
            yield record if _is_error(record) else {**record, **_labels_of(next(labelled), scheme)}


def _parse_line(number: int, line: bytes) -> dict[str, Any]:
    """The object on a line, or {"error": why there is none}."""
    try:
        record = json.loads(line, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        return {"error": f"line {number} is not JSON ({error})"}
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        return {"error": f'line {number} has no text: write {{"text": "…"}}'}
    return record


def _no_constant(name: str) -> NoReturn:
    """Refuses NaN and Infinity, which Python takes for JSON and other readers do not."""
    raise ValueError(f"{name} is no number of JSON")


def _is_error(record: dict[str, Any]) -> bool:
    """Whether a line could not be read."""
    return "text" not in record


def _segment_of(record: dict[str, Any]) -> Segment:
    """A line as a segment."""
    headings = record.get("headings") or ()
    path = tuple(map(str, headings)) if isinstance(headings, list) else (str(headings),) if headings else ()
    return Segment(0, 0, len(record["text"]), record["text"], headings=path, context=str(record.get("context") or ""))


def _labels_of(segment: Segment, scheme: _Scheme) -> dict[str, Any]:
    """The labels and scores of a segment by a scheme; with the practices, whether they are done and with which data."""
    if scheme == "practices":
        details = {"polarity": dict(segment.polarity), "data_types": dict(segment.data_types)}
        return {"labels": list(segment.practices), "scores": dict(segment.scores), **details}
    return {"labels": list(segment.categories), "scores": dict(segment.category_scores)}
