"""C3PA: passages of recent policies that annotators marked, as examples of practices.

Musa et al., "C3PA: An Open Dataset of Expert-Annotated and Regulation-Aware Privacy Policies", 2024: policies of 2023
under the California Consumer Privacy Act. A mark says that a passage is about a topic, but not that it is about no
other, so recall can be measured and precision cannot.
"""

from __future__ import annotations

from pathlib import Path

from extractor.training.data.opp115 import LabelledText, read_jsonl_rows

_PRACTICE_OF_MARK = (  # the beginning of a mark, and its practice
    ("Categories of Personal Information Collected", "collection"),
    ("Categories of Personal Information Shared", "sharing"),
    ("Categories of Personal Information Sold", "sharing"),
    ("Methods to exercise rights", "rights"),
    ("Description of Right to", "rights"),
)


def read_c3pa(folder: Path) -> list[LabelledText]:
    """The passages with a practice in a folder's `*.spans.jsonl`; none if the folder does not exist."""
    examples = (
        LabelledText(row["text"], _practices(row["labels"]), path.name.split(".spans")[0])
        for path in sorted(folder.glob("*.spans.jsonl"))
        for row in read_jsonl_rows(path, {"text", "labels"})
    )
    return [example for example in examples if example.labels]


def _practices(marks: list[str]) -> frozenset[str]:
    """The practices of marks.

    >>> sorted(_practices(["Description of Right to Delete", "Categories of Personal Information Sold", "Others"]))
    ['rights', 'sharing']
    """
    return frozenset(practice for mark in marks for start, practice in _PRACTICE_OF_MARK if mark.startswith(start))
