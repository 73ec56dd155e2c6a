"""Passages to learn from, with a target for each of the seventeen labels, from people or from the teacher."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from extractor.errors import UnreadableError
from extractor.label import CATEGORY_COLUMNS, LABELS, FloatArray, ModelInput
from extractor.records import CATEGORIES, PRACTICES, Segment
from extractor.training.data.opp115 import LabelledText, Opp115Corpus, text_key

FOLD_COUNT = 5
TARGET_BY_VOTES = (0.0, 0.15, 0.9, 1.0)  # the target of a label that 0 to 3 annotators gave
_MIN_POSITIVE_TARGET, _MAX_NEGATIVE_TARGET = 0.9, 0.3  # where the benchmark has the label, and where it does not
UNKNOWN_TARGET = float("nan")
OPP115, ERAS, TEACHER, WRITTEN = "OPP-115", "eras", "teacher", "self-written"  # where targets come from
_Fold = tuple[NDArray[np.intp], NDArray[np.intp]]  # the rows to train on, and to test on


@dataclass(frozen=True, slots=True)
class TrainingPassage:
    """A passage with its targets, 0 to 1 in the order of LABELS, NaN if unknown; `policy` is "" if unknown.

    `source` is where the targets come from: OPP115, ERAS, TEACHER or WRITTEN.
    """

    text: str
    targets: tuple[float, ...]
    policy: str = ""
    split: str = ""
    headings: str = ""
    source: str = OPP115

    @property
    def model_input(self) -> ModelInput:
        """What the models read; in OPP-115 the headings are part of the text."""
        return self.text, self.headings


def text_segment(text: str, headings: Sequence[str] = (), context: str = "") -> Segment:
    """A passage of a corpus as the segment of a policy that holds nothing else."""
    return Segment(0, 0, len(text), text, headings=tuple(headings), context=context)


def gold_passages(corpus: Opp115Corpus, exclude: str = "") -> list[TrainingPassage]:
    """The labelled passages, without what is held out and without other passages of the same words."""
    excluded = held_out_keys(corpus, exclude)
    return [passage for passage in _labelled_passages(corpus) if text_key(passage.text) not in excluded]


def held_out_passages(corpus: Opp115Corpus, exclude: str) -> list[TrainingPassage]:
    """What to measure a build on: the benchmark's "validation" set with its segments, a "fold" of policies, or none."""
    passages = _labelled_passages(corpus)
    if exclude == "validation":
        benchmark = {text_key(example.text) for example in corpus.validation}
        return [row for row in passages if row.split == "validation" or text_key(row.text) in benchmark]
    if exclude == "fold":
        known = [row for row in passages if row.policy]
        return [known[place] for place in next(iter(policy_folds(known)))[1]]
    return []


def held_out_keys(corpus: Opp115Corpus, exclude: str) -> set[str]:
    """The `text_key` of each held-out passage."""
    return {text_key(passage.text) for passage in held_out_passages(corpus, exclude)}


def _labelled_passages(corpus: Opp115Corpus) -> list[TrainingPassage]:
    """The segments of OPP-115, and the benchmark's texts that are not among them."""
    return [*_segments_with_targets(corpus), *_benchmark_texts_without_segment(corpus)]


def _segments_with_targets(corpus: Opp115Corpus) -> Iterator[TrainingPassage]:
    """The segments of OPP-115: practices by votes, categories by the benchmark where it has the text."""
    benchmark = {text_key(example.text): example for example in (*corpus.train, *corpus.validation)}
    for practices, categories in zip(corpus.practices, corpus.categories, strict=True):
        category_targets = _category_targets(categories, benchmark.get(text_key(practices.text)))
        targets = (*_targets_by_votes(practices, PRACTICES), *category_targets)
        yield TrainingPassage(practices.text, targets, practices.policy, practices.split)


def _benchmark_texts_without_segment(corpus: Opp115Corpus) -> Iterator[TrainingPassage]:
    """The benchmark's texts that are in no segment; their practices are unknown."""
    segments = {text_key(example.text) for example in corpus.practices}
    for example in (*corpus.train, *corpus.validation):
        if text_key(example.text) not in segments:
            targets = (*[UNKNOWN_TARGET] * len(PRACTICES), *(float(label in example.labels) for label in CATEGORIES))
            yield TrainingPassage(example.text, targets, example.policy, example.split)


def _targets_by_votes(example: LabelledText, labels: Sequence[str]) -> list[float]:
    """The targets of an example by its votes."""
    return [TARGET_BY_VOTES[min(example.votes.get(label, 0), 3)] for label in labels]


def _category_targets(example: LabelledText, benchmark: LabelledText | None) -> list[float]:
    """The targets of a segment's categories; unknown if no category has a majority and the benchmark lacks the text."""
    by_votes = _targets_by_votes(example, CATEGORIES)
    if benchmark is None:
        return by_votes if example.labels else [UNKNOWN_TARGET] * len(CATEGORIES)
    return [
        max(target, _MIN_POSITIVE_TARGET) if label in benchmark.labels else min(target, _MAX_NEGATIVE_TARGET)
        for label, target in zip(CATEGORIES, by_votes, strict=True)
    ]


def target_matrix(passages: Sequence[TrainingPassage]) -> FloatArray:
    """The targets of passages, (passages, labels)."""
    return np.array([passage.targets for passage in passages]).reshape(len(passages), len(LABELS))


def has_own_bias(passages: Sequence[TrainingPassage]) -> NDArray[np.bool_]:
    """Whether each target, (passages, labels), is of a source with a bias of its own for the label.

    The labels of all eras are more generous than OPP-115's. Their categories have a bias, so that the models give
    those of OPP-115; in the practices, for which both have the same guidelines, they count as much as OPP-115's.
    """
    own = np.zeros((len(passages), len(LABELS)), dtype=bool)
    own[[passage.source == ERAS for passage in passages], CATEGORY_COLUMNS] = True
    return own


def policy_folds(passages: Sequence[TrainingPassage]) -> Iterator[_Fold]:
    """Rows to train on and to test on, no policy on both sides; a passage without a known policy is a group of its own.

    Raises UnreadableError if there are fewer policies than folds.
    """
    return group_folds([passage.policy or text_key(passage.text) for passage in passages])


def group_folds(groups: Sequence[str]) -> Iterator[_Fold]:
    """Rows to train on and to test on, no group on both sides. Raises UnreadableError for fewer groups than folds."""
    if len(set(groups)) < FOLD_COUNT:
        raise UnreadableError(f"There are only {len(set(groups))} policies; training takes {FOLD_COUNT} or more.")
    folds: Iterator[_Fold] = GroupKFold(FOLD_COUNT).split(groups, groups=groups)
    return folds
