"""The reference that drift is measured against: OPP-115 in numbers, and how far its own policies lie apart."""

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
from extractor.training.data.opp115 import Corpus
from extractor.training.evaluation.evaluate import FIVE, scores_by_fold
from extractor.training.models.fast import UNCLEAR

_SIZES = (1, 2, 4, 8, 16, 32)  # policies in a group
_SPLITS, _GROUPS = 400, 5  # halves of the corpus, and groups of one half held against the other
_QUANTILE = 0.99
_MIN_POLICIES = 2  # that a stem stands in; names of single sites say nothing of others

_Counts = Mapping[str, Counter[str]]  # stems by policy


def build_reference(corpus: Corpus) -> DriftReference:
    """The reference of a corpus: the same each time. Raises UnreadableError where there are too few policies."""
    counts = stems_by_policy(corpus)
    if len(counts) < 4:
        raise UnreadableError(f"There are only {len(counts)} policies; a reference takes 4 or more.")
    known, words = known_stems(counts.values())
    uncertain, tops = _scores_of(corpus)
    sizes = [size for size in _SIZES if size <= len(counts) // 2]
    return DriftReference(
        "OPP-115 (Wilson et al. 2016), the segments that are not withheld",
        len(counts),
        words,
        known,
        tuple(_limits(counts, sizes)),
        uncertain,
        tops,
    )


def save_reference(reference: DriftReference, folder: Path) -> None:
    """Writes a reference as JSON, a stem a line."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = msgspec.json.decode(msgspec.json.encode(reference))
    (folder / "reference.json").write_bytes(json.dumps(plain, indent=0, ensure_ascii=False).encode() + b"\n")


def stems_by_policy(corpus: Corpus) -> _Counts:
    """The stems of each policy."""
    counts: dict[str, Counter[str]] = {}
    for row in corpus.practices:
        counts.setdefault(row.policy, Counter()).update(stems(row.text))
    return dict(sorted(counts.items()))


def known_stems(policies: Iterable[Counter[str]]) -> tuple[dict[str, int], int]:
    """The stems that stand in enough policies, with their counts, and the number of all words."""
    total, spread = Counter[str](), Counter[str]()
    for counts in policies:
        total.update(counts)
        spread.update(counts.keys())
    return {stem: total[stem] for stem in sorted(total) if spread[stem] >= _MIN_POLICIES}, total.total()


def _limits(counts: _Counts, sizes: Sequence[int]) -> Iterator[DriftLimit]:
    """The limit for each size: what 99 of 100 groups of so many policies keep to, held against the other half."""
    found: dict[int, list[tuple[float, float]]] = {size: [] for size in sizes}
    generator, names = np.random.default_rng(0), list(counts)
    for _ in range(_SPLITS):
        order = generator.permutation(names).tolist()
        half, rest = order[: len(order) // 2], order[len(order) // 2 :]
        known, words = known_stems(counts[name] for name in half)
        for size in sizes:
            groups = [generator.choice(rest, size, replace=False).tolist() for _ in range(_GROUPS)]
            found[size] += [_apart([counts[name] for name in group], known, words) for group in groups]
    for size, pairs in found.items():
        yield DriftLimit(size, *(round(float(bound), 4) for bound in np.quantile(np.array(pairs), _QUANTILE, axis=0)))


def _apart(group: Sequence[Counter[str]], known: Mapping[str, int], words: int) -> tuple[float, float]:
    """How far a group lies from a half: the share of unknown words, and the distance."""
    total = Counter[str]()
    for counts in group:
        total.update(counts)
    frequent = sorted(known, key=lambda stem: (-known[stem], stem))[:FREQUENT_STEMS]
    return unknown_share(total, known), frequency_distance(total, known, words, frequent)


def _scores_of(corpus: Corpus) -> tuple[float, tuple[float, ...]]:
    """The share of uncertain segments, and the histogram of the highest score, on policies not seen in training."""
    fold = scores_by_fold(corpus, [])
    scores, margins = fold.scores, np.abs((fold.scores - fold.limits).max(axis=1))
    tops = Counter(map(score_bin, scores[:, FIVE].max(axis=1).tolist()))
    return round(float((margins < UNCLEAR).mean()), 4), tuple(round(tops[k] / len(scores), 4) for k in range(10))
