"""What OPP-115's annotators said of each practice in a segment: that it is done, or that it is not, and in which words.

The category of a first or third party's practice has an attribute "Does/Does Not"; that of a Do Not Track policy, of
access, and of choices says it in other words, and that of children not at all.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from extractor.label import mentions_group
from extractor.records import PRACTICES, Practice
from extractor.text import statements
from extractor.training.data.opp115 import MAJORITY, Annotation, practice_rules

Said = Literal["does", "does_not"]
Gold = Literal["does", "does_not", "mixed"]
_PARTIES = ("First Party Collection/Use", "Third Party Sharing/Collection")
_CUE_ATTRIBUTES = (
    "Does/Does Not",
    "Action First-Party",
    "Action Third Party",
)  # whose words are the verb, or its "not"
_OTHERWISE: dict[
    tuple[str, str, str], Said
] = {  # category, attribute, value: what else tells that something is not done
    ("Do Not Track", "Do Not Track policy", "Not honored"): "does",  # they go on tracking
    ("User Access, Edit and Deletion", "Access Type", "None"): "does_not",
}
_SPOKEN: dict[str, Said] = {"Does": "does", "Does Not": "does_not"}


@dataclass(frozen=True, slots=True)
class _Mark:
    """One annotation as one statement: who made it, of which practice, what it says, and the sentence it lies in.

    `sentence` is -1 where the annotator marked no words.
    """

    annotator: str
    practice: Practice
    said: Said
    sentence: int


@dataclass(frozen=True, slots=True)
class Marked:
    """A segment cut into sentences, with the marks on it and how many annotators gave each practice."""

    policy: str
    text: str
    sentences: tuple[str, ...]
    marks: tuple[_Mark, ...]
    votes: dict[str, int]

    def by_annotator(self, practice: Practice) -> dict[str, Gold]:
        """What each annotator says of a practice over the whole segment."""
        said: dict[str, set[Said]] = {}
        for mark in self.marks:
            if mark.practice == practice:
                said.setdefault(mark.annotator, set()).add(mark.said)
        return {who: "mixed" if len(some) > 1 else next(iter(some)) for who, some in said.items()}

    def agreed(self, practice: Practice) -> Gold | None:
        """What two annotators or more say of a practice that a majority gave.

        Of children, one is enough whom nobody contradicts, since most marked no more than the audience.
        """
        said = Counter(self.by_annotator(practice).values()).most_common()
        if self.votes.get(practice, 0) < MAJORITY or not said:
            return None
        enough = said[0][1] >= MAJORITY or (practice == "children" and len(said) == 1)
        return said[0][0] if enough else None


def read_marks(rows: Iterable[dict[str, Any]]) -> list[Marked]:
    """The segments of OPP-115 that somebody labelled, with their marks."""
    practices_of = practice_rules()
    return [_marked(row, practices_of) for row in rows if row["annotations"] is not None]


def _marked(row: dict[str, Any], practices_of: Callable[[Annotation], set[str]]) -> Marked:
    """A segment with its marks."""
    cut = tuple(statements(row["text"]))
    ends = _ends_of(row["text"], cut)
    marks = tuple(mark for annotation in row["annotations"] for mark in _marks_of(annotation, practices_of, cut, ends))
    given = {(some["annotator"], practice) for some in row["annotations"] for practice in practices_of(some)}
    return Marked(row["policy"], row["text"], cut, marks, Counter(practice for _, practice in given))


def _ends_of(text: str, cut: Sequence[str]) -> list[int]:
    """Where each sentence ends in the text."""
    ends, start = [], 0
    for part in cut:
        start = text.index(part, start) + len(part)
        ends.append(start)
    return ends


def _marks_of(
    annotation: Annotation, practices_of: Callable[[Annotation], set[str]], cut: Sequence[str], ends: Sequence[int]
) -> Iterator[_Mark]:
    """The marks that one annotation makes; children's are what is said of either party in a sentence on children."""
    said = _said_in(annotation)
    if said is None:
        return
    start = _start_of(annotation)
    place = next((k for k, end in enumerate(ends) if 0 <= start < end), -1)
    found = {practice for practice in PRACTICES if practice in practices_of(annotation)}
    if annotation["category"] in _PARTIES and place >= 0 and mentions_group(cut[place], "child"):
        found.add("children")
    yield from (_Mark(str(annotation["annotator"]), practice, said, place) for practice in sorted(found))


def _said_in(annotation: Annotation) -> Said | None:
    """What an annotation says of its practice; None where it says neither."""
    attributes, category = annotation["attributes"], annotation["category"]
    if category in _PARTIES:
        return _SPOKEN.get(value_of(attributes, "Does/Does Not"))
    for (of, name, value), said in _OTHERWISE.items():
        if of == category and value_of(attributes, name) == value:
            return said
    return "does" if category.startswith("User ") else None


def value_of(attributes: dict[str, Any], name: str) -> str:
    """The value of an attribute, "" where there is none."""
    return str(attributes.get(name, {}).get("value", ""))


def _start_of(annotation: Annotation) -> int:
    """Where an annotation's cue begins in the segment: its "not", its verb, else its shortest words; -1 if none."""
    spans = {
        name: (int(some["startIndexInSegment"]), int(some["endIndexInSegment"]))
        for name, some in annotation["attributes"].items()
        if 0 <= some.get("startIndexInSegment", -1) < some.get("endIndexInSegment", -1)
    }
    named = [spans[name] for name in _CUE_ATTRIBUTES if name in spans]
    shortest = min(spans.values(), key=lambda span: span[1] - span[0], default=(-1, -1))
    return (named or [shortest])[0][0]
