"""OPP-115's annotations of polarity: whether a segment says that a practice is done or is not done, and in which words.

A first or third party's practice has an attribute "Does/Does Not". Do Not Track, access and choices express it by other
attributes, and children have none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from extractor.label import may_deny, mentions_group, passage_text, plain_statements
from extractor.records import PRACTICES, Practice, Segment
from extractor.text import statements
from extractor.training.data.eras import EraPassage
from extractor.training.data.opp115 import MAJORITY, Annotation, attribute_value, practices_of
from extractor.training.data.passages import ERAS, OPP115, text_segment

MarkPolarity = Literal["does", "does_not"]
GoldPolarity = Literal["does", "does_not", "mixed"]
_PARTIES = ("First Party Collection/Use", "Third Party Sharing/Collection")
_POLARITY_OF_VALUE: dict[str, MarkPolarity] = {"Does": "does", "Does Not": "does_not"}
_POLARITY_OF_ATTRIBUTE: dict[tuple[str, str, str], MarkPolarity] = {  # by category, attribute and value
    ("Do Not Track", "Do Not Track policy", "Not honored"): "does",  # they continue to track
    ("User Access, Edit and Deletion", "Access Type", "None"): "does_not",
}
_DENIED: dict[str, GoldPolarity] = {"does_not": "does_not", "mixed": "mixed"}
_CUE_ATTRIBUTES = ("Does/Does Not", "Action First-Party", "Action Third Party")  # their words are the verb or its "not"


@dataclass(frozen=True, slots=True)
class _Mark:
    """The polarity that one annotator gave to a practice, and the sentence, -1 if no words were marked."""

    annotator: str
    practice: Practice
    polarity: MarkPolarity
    sentence: int


@dataclass(frozen=True, slots=True)
class MarkedSegment:
    """A segment split into sentences, with the marks on it, and the number of annotators who gave each practice."""

    policy: str
    text: str
    sentences: tuple[str, ...]
    marks: tuple[_Mark, ...]
    votes: dict[str, int]

    def polarity_by_annotator(self, practice: Practice) -> dict[str, GoldPolarity]:
        """The polarity of a practice over the whole segment, by annotator."""
        polarities: dict[str, set[MarkPolarity]] = {}
        for mark in self.marks:
            if mark.practice == practice:
                polarities.setdefault(mark.annotator, set()).add(mark.polarity)
        return {annotator: "mixed" if len(both) > 1 else next(iter(both)) for annotator, both in polarities.items()}

    def agreed_polarity(self, practice: Practice) -> GoldPolarity | None:
        """The polarity on which two or more annotators agree, if a majority gave the practice.

        For children one annotator is enough if nobody contradicts, since most marked no more than the audience.
        """
        counts = Counter(self.polarity_by_annotator(practice).values()).most_common()
        if self.votes.get(practice, 0) < MAJORITY or not counts:
            return None
        polarity, count = counts[0]
        return polarity if count >= MAJORITY or (practice == "children" and len(counts) == 1) else None


@dataclass(frozen=True, slots=True)
class MarkedPassage:
    """A passage of which only the whole is marked: the polarities that those who marked a practice gave to it.

    `sentences` are its plain statements, none if it has no word that can deny anything. `agreed` is what counts.
    """

    source: str
    policy: str
    sentences: tuple[str, ...]
    polarities: dict[Practice, list[GoldPolarity]]
    agreed: dict[Practice, GoldPolarity]


def segment_passage(segment: MarkedSegment) -> MarkedPassage:
    """A segment of OPP-115 as a passage."""
    given = {practice: list(segment.polarity_by_annotator(practice).values()) for practice in PRACTICES}
    agreed = {practice: polarity for practice in PRACTICES if (polarity := segment.agreed_polarity(practice))}
    return MarkedPassage(
        OPP115,
        segment.policy,
        _text_statements(segment.text),
        {name: own for name, own in given.items() if own},
        agreed,
    )


def era_marks(passages: Iterable[EraPassage]) -> list[MarkedPassage]:
    """The labelled passages of all eras with what they deny."""
    marked = []
    for passage in passages:
        agreed = {
            name: _DENIED.get(passage.denied.get(name, ""), "does") for name in PRACTICES if name in passage.labels
        }
        given = {practice: [polarity] for practice, polarity in agreed.items()}
        marked.append(MarkedPassage(ERAS, passage.policy, _possible_denials(passage.segment), given, agreed))
    return marked


@lru_cache(maxsize=10_000)
def _text_statements(text: str) -> tuple[str, ...]:
    """The plain statements of a text without headings, none if it has no word that can deny anything."""
    return _possible_denials(text_segment(text))


def _possible_denials(segment: Segment) -> tuple[str, ...]:
    """The plain statements of a segment, none if it has no word that can deny anything."""
    return tuple(plain_statements(segment)) if may_deny(passage_text(segment)) else ()


def read_marked_segments(rows: Iterable[dict[str, Any]]) -> list[MarkedSegment]:
    """The labelled segments of OPP-115 with their marks."""
    return [_marked_segment(row) for row in rows if row["annotations"] is not None]


def _marked_segment(row: dict[str, Any]) -> MarkedSegment:
    """A segment with its marks."""
    sentences = tuple(statements(row["text"]))
    ends = _sentence_ends(row["text"], sentences)
    marks = tuple(mark for annotation in row["annotations"] for mark in _marks_in(annotation, sentences, ends))
    votes = {
        (annotation["annotator"], practice)
        for annotation in row["annotations"]
        for practice in practices_of(annotation)
    }
    return MarkedSegment(row["policy"], row["text"], sentences, marks, Counter(practice for _, practice in votes))


def _sentence_ends(text: str, sentences: Sequence[str]) -> list[int]:
    """Where each sentence ends in the text."""
    ends, start = [], 0
    for sentence in sentences:
        start = text.index(sentence, start) + len(sentence)
        ends.append(start)
    return ends


def _marks_in(annotation: Annotation, sentences: Sequence[str], ends: Sequence[int]) -> Iterator[_Mark]:
    """The marks of one annotation; a party's practice in a sentence about children is a mark of "children" too."""
    polarity = _stated_polarity(annotation)
    if polarity is None:
        return
    start = _cue_start(annotation)
    sentence = next((k for k, end in enumerate(ends) if 0 <= start < end), -1)
    stated = practices_of(annotation)
    if annotation["category"] in _PARTIES and sentence >= 0 and mentions_group(sentences[sentence], "child"):
        stated.add("children")
    for practice in sorted(name for name in PRACTICES if name in stated):
        yield _Mark(str(annotation["annotator"]), practice, polarity, sentence)


def _stated_polarity(annotation: Annotation) -> MarkPolarity | None:
    """The polarity that an annotation states, None if it states none."""
    category = annotation["category"]
    if category in _PARTIES:
        return _POLARITY_OF_VALUE.get(attribute_value(annotation, "Does/Does Not"))
    for (of, name, value), polarity in _POLARITY_OF_ATTRIBUTE.items():
        if of == category and attribute_value(annotation, name) == value:
            return polarity
    return "does" if category.startswith("User ") else None


def _cue_start(annotation: Annotation) -> int:
    """Where an annotation's cue starts in the segment: its "not", its verb, or its shortest words; -1 if none."""
    spans = {
        name: (int(attribute["startIndexInSegment"]), int(attribute["endIndexInSegment"]))
        for name, attribute in annotation["attributes"].items()
        if 0 <= attribute.get("startIndexInSegment", -1) < attribute.get("endIndexInSegment", -1)
    }
    cues = [spans[name] for name in _CUE_ATTRIBUTES if name in spans]
    shortest = min(spans.values(), key=lambda span: span[1] - span[0], default=(-1, -1))
    return (cues or [shortest])[0][0]
