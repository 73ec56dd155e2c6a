"""OPP-115 as its authors give it out: `sanitized_policies/` in segments, `annotations/` with a CSV a policy.

A row of the CSVs, which have no header, is an annotation: its number, batch, annotator, policy, segment, category, the
attributes as JSON, date and URL. `consolidation/` is made from these and holds no votes; it is not read.
"""

from __future__ import annotations

import csv
import html
import json
import re
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from extractor.errors import UnreadableError

_POLICIES, _ANNOTATIONS = "sanitized_policies", "annotations"
_BOUNDARY = "|||"
_TAG = re.compile(r"<[^>]*>")
_ANNOTATOR, _SEGMENT, _CATEGORY, _ATTRIBUTES = 2, 4, 5, 6  # places in a row


def is_original(folder: Path) -> bool:
    """Whether a folder is the corpus as it is given out."""
    return (folder / _POLICIES).is_dir()


def original_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """The segments of all policies with their annotations. Raises UnreadableError."""
    policies = sorted((folder / _POLICIES).glob("*.html"))
    if not policies:
        raise UnreadableError(f"{folder / _POLICIES} holds no policies: looked for *.html.")
    for policy in policies:
        yield from _rows_of(policy, folder / _ANNOTATIONS / f"{policy.stem}.csv")


def _rows_of(policy: Path, annotations: Path) -> Iterator[dict[str, Any]]:
    """The segments of one policy with their annotations."""
    try:
        segments = policy.read_text(encoding="utf-8", errors="replace").split(_BOUNDARY)
        given = _annotations_in(annotations)
    except OSError as error:
        raise UnreadableError(f"{error.filename} cannot be read ({error.strerror}): name OPP-115's folder.") from error
    if beyond := [number for number in given if number >= len(segments)]:
        raise UnreadableError(f"{annotations} speaks of segment {beyond[0]}, and {policy.name} has {len(segments)}.")
    for number, segment in enumerate(segments):
        if text := _text_of(segment):
            yield {"policy": policy.stem, "text": text, "split": "train", "annotations": given[number]}


def _annotations_in(path: Path) -> defaultdict[int, list[dict[str, Any]]]:
    """The annotations of a policy by the number of their segment. Raises UnreadableError for a row that is none."""
    given: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        rows = csv.reader(lines)
        for row in rows:
            try:
                given[int(row[_SEGMENT])].append(
                    {
                        "annotator": row[_ANNOTATOR],
                        "category": row[_CATEGORY],
                        "attributes": dict(json.loads(row[_ATTRIBUTES])),
                    }
                )
            except (IndexError, ValueError, TypeError) as error:
                raise UnreadableError(f"{path} has no annotation on line {rows.line_num} ({error}).") from error
    return given


def _text_of(segment: str) -> str:
    """The words of a segment, without tags.

    >>> _text_of("<strong>Cookies</strong> <br> <br> Fish &amp; chips")
    'Cookies Fish & chips'
    """
    return " ".join(html.unescape(_TAG.sub(" ", segment)).split())
