"""Builds the reference that drift is measured against: the word counts of OPP-115, and how far its policies differ."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np

from extractor.errors import UnreadableError
from extractor.label import (
    FREQUENT_STEMS,
    DriftLimit,
    DriftReference,
    frequency_distance,
    score_bin,
    stems,
    unknown_share,
)
from extractor.training.data import Opp115Corpus
from extractor.training.evaluation.evaluate import out_of_fold_scores
from extractor.training.models import UNCERTAIN_MARGIN

_GROUP_SIZES = (1, 2, 4, 8, 16, 32)  # in policies
_SPLIT_COUNT, _GROUPS_PER_SPLIT = 400, 5  # splits of the corpus into halves; groups of one half against the other
_QUANTILE = 0.99
_MIN_POLICIES = 2  # with a stem; names of single sites say nothing about others

_Counts = Mapping[str, Counter[str]]  # stems by policy


def build_drift_reference(corpus: Opp115Corpus) -> DriftReference:
    """The reference of a corpus, the same each time. Raises UnreadableError if there are too few policies."""
    counts = stems_by_policy(corpus)
    if len(counts) < 4:
        raise UnreadableError(f"There are only {len(counts)} policies; a reference takes 4 or more.")
    known, words = known_stems(counts.values())
    uncertain, tops = _unseen_scores(corpus)
    sizes = [size for size in _GROUP_SIZES if size <= len(counts) // 2]
    return DriftReference(
        "OPP-115 (Wilson et al. 2016), the segments that are not withheld",
        len(counts),
        words,
        known,
        tuple(_limits(counts, sizes)),
        uncertain,
        tops,
    )


def save_drift_reference(reference: DriftReference, folder: Path) -> None:
    """Writes a reference as JSON, with one stem per line."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = msgspec.json.decode(msgspec.json.encode(reference))
    (folder / "reference.json").write_bytes(json.dumps(plain, indent=0, ensure_ascii=False).encode() + b"\n")


def stems_by_policy(corpus: Opp115Corpus) -> _Counts:
    """The counts of stems in each policy."""
    counts: dict[str, Counter[str]] = {}
    for row in corpus.practices:
        counts.setdefault(row.policy, Counter()).update(stems(row.text))
    return dict(sorted(counts.items()))


def known_stems(policies: Iterable[Counter[str]]) -> tuple[dict[str, int], int]:
    """The stems that are in enough policies, with their counts, and the number of all words."""
    total, spread = Counter[str](), Counter[str]()
    for counts in policies:
        total.update(counts)
        spread.update(counts.keys())
    return {stem: total[stem] for stem in sorted(total) if spread[stem] >= _MIN_POLICIES}, total.total()


def _limits(counts: _Counts, sizes: Sequence[int]) -> Iterator[DriftLimit]:
    """The limit for each group size: 99 of 100 groups of that size are within it of the other half of the corpus."""
    distances: dict[int, list[tuple[float, float]]] = {size: [] for size in sizes}
    generator, names = np.random.default_rng(0), list(counts)
    for _ in range(_SPLIT_COUNT):
        order = generator.permutation(names).tolist()
        half, rest = order[: len(order) // 2], order[len(order) // 2 :]
        known, words = known_stems(counts[name] for name in half)
        for size in sizes:
            groups = [generator.choice(rest, size, replace=False).tolist() for _ in range(_GROUPS_PER_SPLIT)]
            distances[size] += [_group_distance([counts[name] for name in group], known, words) for group in groups]
    for size, pairs in distances.items():
        yield DriftLimit(size, *(round(float(bound), 4) for bound in np.quantile(np.array(pairs), _QUANTILE, axis=0)))


def _group_distance(group: Sequence[Counter[str]], known: Mapping[str, int], words: int) -> tuple[float, float]:
    """How far a group is from a half: the share of unknown words, and the distance of the frequent ones."""
    total = Counter[str]()
    for counts in group:
        total.update(counts)
    frequent = sorted(known, key=lambda stem: (-known[stem], stem))[:FREQUENT_STEMS]
    return unknown_share(total, known), frequency_distance(total, known, words, frequent)


def _unseen_scores(corpus: Opp115Corpus) -> tuple[float, tuple[float, ...]]:
    """The share of uncertain segments and the histogram of the highest score, on policies not seen in training."""
    folds = out_of_fold_scores(corpus, [])
    bins = Counter(map(score_bin, folds.scores.max(axis=1).tolist()))
    uncertain = round(float((folds.margins < UNCERTAIN_MARGIN).mean()), 4)
    return uncertain, tuple(round(bins[number] / len(folds.scores), 4) for number in range(10))
