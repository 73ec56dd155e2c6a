"""One page without labels, and labels without a page: the work of `extract` and `label`."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NoReturn

from extractor.records import Policy, Segment
from extractor.run.pipeline.annotator import annotate, read_single_page
from extractor.run.pipeline.own_texts import as_passage
from extractor.run.pipeline.sandbox import annotate_in_sandbox

if TYPE_CHECKING:
    from extractor.label import LabelCache, Model

_Scheme = Literal["practices", "opp115"]
_LINES_AT_A_TIME = 256


def extract_page(path: Path) -> Policy:
    """The policy of one page, cleaned and segmented but not labelled. Raises UnreadableError."""
    from extractor.clean import is_heavy, unpack

    page = unpack(read_single_page(path))
    return annotate_in_sandbox(page.snapshot) if is_heavy(page) else annotate(page, None)


def label_lines(lines: Iterable[bytes], model: Model, scheme: _Scheme, problems: list[str]) -> Iterator[dict[str, Any]]:
    """Lines of JSON with a `text` (and optional `headings`, `context`), with `labels` and `scores` added.

    An invalid line becomes {"error": …}, so that the order is kept, and its error is added to `problems`.
    """
    from extractor.label import label_with_cache

    numbered = ((number, line) for number, line in enumerate(lines, 1) if line.strip())
    cache: LabelCache = {}
    while batch := list(islice(numbered, _LINES_AT_A_TIME)):
        records = [_parse_line(number, line) for number, line in batch]
        problems += [record["error"] for record in records if _is_error(record)]
        passages = [_as_segment(record) for record in records if not _is_error(record)]
        labelled = iter(label_with_cache(passages, model, cache))
        for record in records:
            yield record if _is_error(record) else {**record, **_labels_of(next(labelled), scheme)}


def _parse_line(number: int, line: bytes) -> dict[str, Any]:
    """The object on a line, or {"error": the reason} if there is none."""
    try:
        record = json.loads(line, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        return {"error": f"line {number} is not JSON ({error})"}
    if not isinstance(record, dict) or not isinstance(record.get("text"), str):
        return {"error": f'line {number} has no text: write {{"text": "…"}}'}
    return record


def _refuse_constant(name: str) -> NoReturn:
    """Raises ValueError for NaN and Infinity, which Python accepts as JSON and other readers do not."""
    raise ValueError(f"{name} is no number of JSON")


def _is_error(record: dict[str, Any]) -> bool:
    """Whether a line was invalid."""
    return "text" not in record


def _as_segment(record: dict[str, Any]) -> Segment:
    """A line as a segment."""
    headings = record.get("headings") or ()
    path = tuple(map(str, headings)) if isinstance(headings, list) else (str(headings),) if headings else ()
    return as_passage(record["text"], path, str(record.get("context") or ""))


def _labels_of(segment: Segment, scheme: _Scheme) -> dict[str, Any]:
    """The labels and scores of a segment in a scheme; for practices also the polarity and the data types."""
    if scheme == "practices":
        details = {"polarity": dict(segment.polarity), "data_types": dict(segment.data_types)}
        return {"labels": list(segment.practices), "scores": dict(segment.scores), **details}
    return {"labels": list(segment.categories), "scores": dict(segment.category_scores)}
