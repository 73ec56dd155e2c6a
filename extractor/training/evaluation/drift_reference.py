"""Builds the reference that drift is measured against: words, how far policies differ, and how right labels were."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping
from itertools import product
from pathlib import Path

import msgspec
import numpy as np

from extractor.errors import UnreadableError
from extractor.label import (
    FREQUENT_STEMS,
    DriftLimit,
    DriftReference,
    MeasuredEra,
    frequency_distance,
    score_bin,
    stems,
    unknown_share,
)
from extractor.training.data import ERA_NAMES, OPP115, Opp115Corpus, read_era_passages, read_opp115
from extractor.training.evaluation.folds import FoldScores, fold_metrics_by_era, out_of_fold_scores
from extractor.training.evaluation.measurement import ERA_SOURCES

_GROUP_SIZES = (1, 2, 4, 8, 16, 32)  # in policies
_SPLIT_COUNT, _GROUPS_PER_SPLIT = 200, 5  # splits of the policies; groups of each corpus and size
_QUANTILE = 0.99
_WHOLE_SHARE = 0.75  # of the words of an average policy; shorter ones are excerpts
_MIN_POLICIES = 2  # with a stem; names of single sites say nothing about others
_SOURCE = "OPP-115 (Wilson et al. 2016), the segments that are not withheld, and labelled passages of 1999-2026"

_Counts = Mapping[str, Counter[str]]  # stems by policy


def build_drift_reference(data: Path) -> DriftReference:
    """The reference of the texts that models learn from, the same each time.

    Raises UnreadableError if there are too few policies.
    """
    corpus = read_opp115(data)
    counts = stems_by_group(data, corpus)
    policies = [own for group in counts.values() for own in group.values()]
    if len(policies) < 4:
        raise UnreadableError(f"There are only {len(policies)} policies; a reference takes 4 or more.")
    known, words = _known_stems(policies)
    folds = out_of_fold_scores(data, corpus)
    bins = Counter(map(score_bin, folds.scores.max(axis=1).tolist()))
    return DriftReference(
        _SOURCE,
        len(policies),
        words,
        known,
        tuple(_limits(counts, int(_WHOLE_SHARE * words / len(policies)))),
        round(float(folds.uncertain.mean()), 4),
        tuple(round(bins[number] / len(folds.scores), 4) for number in range(10)),
        tuple(_measured_eras(folds)),
    )


def save_drift_reference(reference: DriftReference, folder: Path) -> None:
    """Writes a reference as JSON, with one stem per line."""
    folder.mkdir(parents=True, exist_ok=True)
    plain = msgspec.json.decode(msgspec.json.encode(reference))
    (folder / "reference.json").write_bytes(json.dumps(plain, indent=0, ensure_ascii=False).encode() + b"\n")


def stems_by_group(data: Path, corpus: Opp115Corpus) -> dict[str, _Counts]:
    """The counts of stems in each policy of OPP-115 and of each era."""
    counts: dict[str, dict[str, Counter[str]]] = {name: {} for name in (OPP115, *ERA_NAMES)}
    rows = [(OPP115, row.policy, row.text) for row in corpus.practices]
    rows += [(passage.era, passage.policy, passage.segment.text) for passage in read_era_passages(data)]
    for group, policy, text in rows:
        counts[group].setdefault(policy, Counter()).update(stems(text))
    return {group: dict(sorted(policies.items())) for group, policies in counts.items()}


def _known_stems(policies: Iterable[Counter[str]]) -> tuple[dict[str, int], int]:
    """The stems that are in enough policies, with their counts, and the number of all words."""
    total, spread = Counter[str](), Counter[str]()
    for counts in policies:
        total.update(counts)
        spread.update(counts.keys())
    return {stem: total[stem] for stem in sorted(total) if spread[stem] >= _MIN_POLICIES}, total.total()


def _limits(counts: Mapping[str, _Counts], min_words: int) -> Iterator[DriftLimit]:
    """The limit for each group size: of each corpus and era, 99 of 100 groups are within it of what is not held out.

    A year is of one era, so a group is too. Policies with fewer than `min_words` are excerpts, and not drawn. Half of
    the others are held out in each split. Sizes that few of the corpora and eras have policies for are left out.
    """
    whole = {group: [name for name in own if own[name].total() >= min_words] for group, own in counts.items()}
    whole = {group: names for group, names in whole.items() if len(names) > 1}
    groups_of = {size: [group for group, names in whole.items() if len(names) // 2 >= size] for size in _GROUP_SIZES}
    groups_of = {size: groups for size, groups in groups_of.items() if len(groups) > len(whole) / 2}
    drawn = [(size, group) for size, groups in groups_of.items() for group in groups]
    distances = defaultdict[tuple[int, str], list[tuple[float, float]]](list)
    generator = np.random.default_rng(0)
    for _ in range(_SPLIT_COUNT):
        held_out = {group: generator.permutation(names)[: len(names) // 2] for group, names in whole.items()}
        known, words = _known_stems(
            own for group in counts for name, own in counts[group].items() if name not in held_out.get(group, ())
        )
        for (size, group), _ in product(drawn, range(_GROUPS_PER_SPLIT)):
            names = generator.choice(held_out[group], size, replace=False)
            distances[size, group].append(_group_distance([counts[group][name] for name in names], known, words))
    for size, groups in groups_of.items():
        bounds = [np.quantile(distances[size, group], _QUANTILE, axis=0) for group in groups]
        yield DriftLimit(size, *np.max(bounds, axis=0).round(4).tolist())


def _group_distance(policies: Iterable[Counter[str]], known: Mapping[str, int], words: int) -> tuple[float, float]:
    """How far policies are from all others: the share of unknown words, and the distance of the frequent ones."""
    total = Counter[str]()
    for counts in policies:
        total.update(counts)
    frequent = sorted(known, key=lambda stem: (-known[stem], stem))[:FREQUENT_STEMS]
    return unknown_share(total, known), frequency_distance(total, known, words, frequent)


def _measured_eras(folds: FoldScores) -> Iterator[MeasuredEra]:
    """How right the practices of each era were, by `fast` without a teacher."""
    for era, figures in fold_metrics_by_era(folds).items():
        first, last = map(int, ERA_NAMES[era].split("-"))
        yield MeasuredEra(
            first,
            last,
            "fast",
            ERA_SOURCES[era].labelled_by,
            figures["passages"],
            figures["macro"],
            *figures["macro interval"],
        )
