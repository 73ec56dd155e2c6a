"""Passages of modern policies that annotators marked, as examples of practices.

Musa et al., "C3PA: An Open Dataset of Expert-Annotated and Regulation-Aware Privacy Policies", 2024: policies of 2023
under the California Consumer Privacy Act. A mark says that a passage speaks of something; that it speaks of nothing
else it does not say, so that recall can be measured and precision cannot.
"""

from __future__ import annotations

from pathlib import Path

from extractor.training.data.opp115 import Example, read_lines

_PRACTICE_OF = (  # what a mark begins with, and the practice that it stands for
    ("Categories of Personal Information Collected", "collection"),
    ("Categories of Personal Information Shared", "sharing"),
    ("Categories of Personal Information Sold", "sharing"),
    ("Methods to exercise rights", "rights"),
    ("Description of Right to", "rights"),
)


def read_c3pa(folder: Path) -> list[Example]:
    """The passages in a folder's `*.spans.jsonl` that stand for a practice; none where there is no folder."""
    rows = (
        (path, row) for path in sorted(folder.glob("*.spans.jsonl")) for row in read_lines(path, {"text", "labels"})
    )
    examples = (Example(row["text"], _practices(row["labels"]), path.name.split(".spans")[0]) for path, row in rows)
    return [one for one in examples if one.labels]


def _practices(marks: list[str]) -> frozenset[str]:
    """The practices of marks.

    >>> sorted(_practices(["Description of Right to Delete", "Categories of Personal Information Sold", "Others"]))
    ['rights', 'sharing']
    """
    return frozenset(practice for mark in marks for begin, practice in _PRACTICE_OF if mark.startswith(begin))
