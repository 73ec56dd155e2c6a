"""OPP-115 as its authors published it: `sanitized_policies/` split into segments, and `annotations/`, a CSV per policy.

A row of the CSVs, which have no header, is an annotation: its number, batch, annotator, policy, segment, category, the
attributes as JSON, date and URL. `consolidation/` is derived from these without the votes and is not read.
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
_SEGMENT_BORDER = "|||"
_TAG = re.compile(r"<[^>]*>")
_ANNOTATOR, _SEGMENT, _CATEGORY, _ATTRIBUTES = 2, 4, 5, 6  # columns


def is_published_layout(folder: Path) -> bool:
    """Whether a folder holds the corpus as it was published."""
    return (folder / _POLICIES).is_dir()


def published_rows(folder: Path) -> Iterator[dict[str, Any]]:
    """The segments of all policies with their annotations. Raises UnreadableError."""
    policies = sorted((folder / _POLICIES).glob("*.html"))
    if not policies:
        raise UnreadableError(f"{folder / _POLICIES} holds no policies: looked for *.html.")
    for policy in policies:
        yield from _policy_rows(policy, folder / _ANNOTATIONS / f"{policy.stem}.csv")


def _policy_rows(policy: Path, annotations: Path) -> Iterator[dict[str, Any]]:
    """The segments of one policy with their annotations."""
    try:
        segments = policy.read_text(encoding="utf-8", errors="replace").split(_SEGMENT_BORDER)
        by_segment = _read_annotations(annotations)
    except OSError as error:
        raise UnreadableError(f"{error.filename} cannot be read ({error.strerror}): name OPP-115's folder.") from error
    if beyond := [number for number in by_segment if number >= len(segments)]:
        raise UnreadableError(f"{annotations} annotates segment {beyond[0]}, but {policy.name} has {len(segments)}.")
    for number, segment in enumerate(segments):
        if text := _plain_text(segment):
            yield {"policy": policy.stem, "text": text, "split": "train", "annotations": by_segment[number]}


def _read_annotations(path: Path) -> defaultdict[int, list[dict[str, Any]]]:
    """The annotations of a policy by segment number. Raises UnreadableError if a row is not an annotation."""
    by_segment: defaultdict[int, list[dict[str, Any]]] = defaultdict(list)
    with path.open(encoding="utf-8", errors="replace", newline="") as lines:
        rows = csv.reader(lines)
        for row in rows:
            try:
                by_segment[int(row[_SEGMENT])].append(
                    {
                        "annotator": row[_ANNOTATOR],
                        "category": row[_CATEGORY],
                        "attributes": dict(json.loads(row[_ATTRIBUTES])),
                    }
                )
            except (IndexError, ValueError, TypeError) as error:
                raise UnreadableError(f"{path} has no annotation on line {rows.line_num} ({error}).") from error
    return by_segment


def _plain_text(segment: str) -> str:
    """The words of a segment, without tags.

    >>> _plain_text("<strong>Cookies</strong> <br> <br> Fish &amp; chips")
    'Cookies Fish & chips'
    """
    return " ".join(html.unescape(_TAG.sub(" ", segment)).split())
