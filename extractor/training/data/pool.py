"""What is learned from: passages with a target for each of the seventeen labels, from people or from the teacher."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import GroupKFold

from extractor.errors import UnreadableError
from extractor.label import LABELS, ModelInput
from extractor.records import CATEGORIES, PRACTICES
from extractor.training.data.opp115 import Corpus, Example, key

FOLDS = 5
BY_VOTES = (0.0, 0.15, 0.9, 1.0)  # the target of a label by how many of three annotators gave it
_YES, _NO = 0.9, 0.3  # the least and the most where the benchmark says yes, or no
UNKNOWN = float("nan")
Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Passage:
    """A passage with its targets, 0 to 1 in the order of LABELS, NaN where nobody said; `policy` is "" if unknown."""

    text: str
    targets: tuple[float, ...]
    policy: str = ""
    split: str = ""
    headings: str = ""

    @property
    def reading(self) -> ModelInput:
        """What the model reads of it; the headings of OPP-115's segments stand in their text."""
        return self.text, self.headings


def gold_pool(corpus: Corpus, exclude: str = "") -> list[Passage]:
    """The labelled passages without what is held out, nor anything of the same words."""
    everything = [*_segments_with_targets(corpus), *_benchmark_without_segment(corpus)]
    out = {key(row.text) for row in held_out(corpus, exclude)}
    return [row for row in everything if key(row.text) not in out]


def held_out(corpus: Corpus, exclude: str) -> list[Passage]:
    """What to measure a build on: the benchmark's "validation" set with its segments, a "fold" of policies, nothing."""
    everything = [*_segments_with_targets(corpus), *_benchmark_without_segment(corpus)]
    if exclude == "validation":
        benchmark = {key(row.text) for row in corpus.validation}
        return [row for row in everything if row.split == "validation" or key(row.text) in benchmark]
    if exclude == "fold":
        known = [row for row in everything if row.policy]
        return [known[place] for place in next(iter(policy_folds(known)))[1]]
    return []


def _segments_with_targets(corpus: Corpus) -> Iterator[Passage]:
    """The segments of OPP-115: practices by votes, categories by the benchmark where it has the text."""
    known = {key(row.text): row for row in (*corpus.train, *corpus.validation)}
    for practices, categories in zip(corpus.practices, corpus.categories, strict=True):
        benchmark = known.get(key(practices.text))
        targets = (*_by_votes(practices, PRACTICES), *_category_targets(categories, benchmark))
        yield Passage(practices.text, targets, practices.policy, practices.split)


def _benchmark_without_segment(corpus: Corpus) -> Iterator[Passage]:
    """The benchmark's texts that no segment has."""
    known = {key(row.text) for row in corpus.practices}
    for row in (*corpus.train, *corpus.validation):
        if key(row.text) not in known:
            targets = (*[UNKNOWN] * len(PRACTICES), *(float(label in row.labels) for label in CATEGORIES))
            yield Passage(row.text, targets, row.policy, row.split)


def _by_votes(row: Example, labels: Sequence[str]) -> list[float]:
    """The targets of an example by its votes."""
    return [BY_VOTES[min(row.votes.get(label, 0), 3)] for label in labels]


def _category_targets(row: Example, benchmark: Example | None) -> list[float]:
    """The targets of a segment's categories; without a majority for any, and without the benchmark, nobody said."""
    if benchmark is None:
        return _by_votes(row, CATEGORIES) if row.labels else [UNKNOWN] * len(CATEGORIES)
    votes = zip(CATEGORIES, _by_votes(row, CATEGORIES), strict=True)
    return [max(vote, _YES) if label in benchmark.labels else min(vote, _NO) for label, vote in votes]


def targets_of(pool: Sequence[Passage]) -> Array:
    """The targets of passages, (passages, labels)."""
    return np.array([row.targets for row in pool]).reshape(len(pool), len(LABELS))


def policy_folds(pool: Sequence[Passage]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows to train on and to test on, no policy on both sides; a passage of no known policy stands for itself.

    Raises UnreadableError where there are fewer policies than folds.
    """
    return folds_by_policy([row.policy or key(row.text) for row in pool])


def folds_by_policy(groups: Sequence[str]) -> Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]]:
    """Rows to train on and to test on, no group on both sides. Raises UnreadableError for fewer groups than folds."""
    if len(set(groups)) < FOLDS:
        raise UnreadableError(f"There are only {len(set(groups))} policies; training takes {FOLDS} or more.")
    folds: Iterator[tuple[NDArray[np.intp], NDArray[np.intp]]] = GroupKFold(FOLDS).split(groups, groups=groups)
    return folds
