"""Measures whether the neighbours of a passage help to label it: sequence layers on top of fast, on policy folds.

    .venv/bin/python -m benchmarks.context DATA/opp115

Fast models that were not trained on a policy (five folds, no teacher) give the decision values of all its segments in
order; of withheld segments, only the text is used. A layer is learned from the values of four folds and measured on the
fifth, and so is its threshold (one for each scheme), also that of the plain rule. The intervals of the difference in F1
to the plain rule are from 1,000 draws of policies.
"""

from __future__ import annotations

import argparse
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sklearn.linear_model import LogisticRegression, Ridge
from threadpoolctl import threadpool_limits

from extractor.label import CATEGORY_COLUMNS, LABELS, PRACTICE_COLUMNS
from extractor.training import (
    BOOTSTRAP_SAMPLES,
    bootstrap_counts,
    confusion_counts,
    f1_score,
    percentile_interval,
    sum_by_group,
)
from extractor.training.data import SEGMENT_FIELDS, gold_passages, policy_folds, read_jsonl_rows, read_opp115
from extractor.training.models import fit_fast_model

BOUNDARIES = np.arange(-1.5, 2.01, 0.125)
Array = np.ndarray


@dataclass(frozen=True)
class Rows:
    """Segments in the order of their policies: values by models not trained on them, and targets (NaN: unknown)."""

    policies: Array
    folds: Array
    values: Array
    targets: Array


Layer = Callable[[Rows, Array], Array]  # learns from the marked rows, returns new values of all


def read_rows(data: Path) -> Rows:
    """The segments with their values."""
    pool = [row for row in gold_passages(read_opp115(data)) if row.policy]
    known = {(row.policy, row.text): row.targets for row in pool}
    rows = sorted(
        read_jsonl_rows(data / "segments.jsonl.gz", SEGMENT_FIELDS | {"segment"}),
        key=lambda row: (row["policy"], row["segment"]),
    )
    policies = np.array([row["policy"] for row in rows])
    values, folds = np.zeros((len(rows), len(LABELS))), np.zeros(len(rows), dtype=int)
    for number, (train, test) in enumerate(policy_folds(pool)):
        fitted = fit_fast_model([pool[place] for place in train], [])
        mine = np.flatnonzero(np.isin(policies, [pool[place].policy for place in test]))
        vectors = fitted.vocabulary.vectors([(rows[place]["text"], "") for place in mine])
        values[mine], folds[mine] = fitted.rules.decision_values(vectors), number
    targets = [known.get((row["policy"], row["text"]), (np.nan,) * len(LABELS)) for row in rows]
    return Rows(policies, folds, values, np.array(targets))


def around(rows: Rows, reach: int) -> Array:
    """The values of each segment and of up to `reach` segments before and after it; zeros outside the policy."""
    parts = []
    for step in range(-reach, reach + 1):
        place = np.arange(len(rows.policies)) + step
        inside = (place >= 0) & (place < len(place))
        place = np.clip(place, 0, len(place) - 1)
        inside &= rows.policies[place] == rows.policies
        parts.append(np.where(inside[:, None], rows.values[place], 0.0))
    return np.stack(parts, axis=1)


def plain(rows: Rows, _: Array) -> Array:
    """The values of the fast model."""
    return rows.values


def logistic(reach: int, *, own_label: bool, strength: float = 0.1) -> Layer:
    """For each label, a logistic regression over the values around a segment, of that label or of all seventeen."""

    def layer(rows: Rows, train: Array) -> Array:
        seen, found = around(rows, reach), np.zeros_like(rows.values)
        for k in range(len(LABELS)):
            features = seen[:, :, k] if own_label else seen.reshape(len(seen), -1)
            known = train & ~np.isnan(rows.targets[:, k])
            rule = LogisticRegression(C=strength, max_iter=500)
            found[:, k] = rule.fit(features[known], rows.targets[known, k] >= 0.5).decision_function(features)
        return found

    return layer


def pooled(rows: Rows, train: Array) -> Array:
    """For each label, a logistic regression over its value, those around it by distance, and the policy's mean."""
    seen, found = around(rows, 3), np.zeros_like(rows.values)
    near = (seen * np.array([1 / 3, 1 / 2, 1, 0, 1, 1 / 2, 1 / 3])[:, None]).sum(axis=1)
    of = np.unique(rows.policies, return_inverse=True)[1]
    for k in range(len(LABELS)):
        means = (np.bincount(of, rows.values[:, k]) / np.bincount(of))[of]
        features = np.stack([rows.values[:, k], near[:, k], means], axis=1)
        known = train & ~np.isnan(rows.targets[:, k])
        rule = LogisticRegression(C=0.1, max_iter=500)
        found[:, k] = rule.fit(features[known], rows.targets[known, k] >= 0.5).decision_function(features)
    return found


def ridge(reach: int) -> Layer:
    """Ridge regression over all values around a segment, one for each scheme."""

    def layer(rows: Rows, train: Array) -> Array:
        features, found = around(rows, reach).reshape(len(rows.values), -1), np.zeros_like(rows.values)
        for part in (PRACTICE_COLUMNS, CATEGORY_COLUMNS):
            known = train & ~np.isnan(rows.targets[:, part]).any(axis=1)
            found[:, part] = (
                Ridge(300).fit(features[known], 2.0 * (rows.targets[known, part] >= 0.5) - 1).predict(features)
            )
        return found

    return layer


def chain(rows: Rows, train: Array) -> Array:
    """For each label, a Markov chain of two states, learned from human labels, and forward-backward over a policy."""
    found = np.zeros_like(rows.values)
    for k in range(len(LABELS)):
        known = train & ~np.isnan(rows.targets[:, k])
        yes = rows.targets[:, k] >= 0.5
        rule = LogisticRegression(C=1e3).fit(rows.values[known, k, None], yes[known])
        share = yes[known].mean()
        evidence = rule.decision_function(rows.values[:, k, None]) - np.log(share / (1 - share))
        follow = known[:-1] & known[1:] & (rows.policies[:-1] == rows.policies[1:])
        counts = np.array([[((yes[:-1] == a) & (yes[1:] == b) & follow).sum() + 1 for b in (0, 1)] for a in (0, 1)])
        for policy in np.unique(rows.policies):
            mine = np.flatnonzero(rows.policies == policy)
            found[mine, k] = forward_backward(evidence[mine], counts / counts.sum(1, keepdims=True), share)
    return found


def forward_backward(evidence: Array, moves: Array, share: float) -> Array:
    """The log-odds of the second state at each place (L. Rabiner, Proceedings of the IEEE 77(2), 1989)."""
    seen = np.stack([np.ones(len(evidence)), np.exp(np.clip(evidence, -30, 30))], axis=1)
    forward, backward = np.zeros_like(seen), np.ones_like(seen)
    state = np.array([1 - share, share])
    for place, row in enumerate(seen):
        state = (state if place == 0 else state @ moves) * row
        forward[place] = state = state / state.sum()
    for place in range(len(seen) - 2, -1, -1):
        back = moves @ (seen[place + 1] * backward[place + 1])
        backward[place] = back / back.sum()
    both = forward * backward + 1e-12
    return np.log(both[:, 1] / both[:, 0])


LAYERS: dict[str, Layer] = {
    "the rule as it is": plain,
    "own values, all labels": logistic(0, own_label=False),
    "the label's values, one to each side": logistic(1, own_label=True),
    "the label's values, three to each side": logistic(3, own_label=True),
    "the label's values by distance, and the policy's mean": pooled,
    "all values, one to each side": logistic(1, own_label=False),
    "all values, three to each side, held tighter": logistic(3, own_label=False, strength=0.003),
    "ridge, two to each side": ridge(2),
    "a chain a label": chain,
}


def marks(values: Array, boundary: float, *, always_one: bool) -> Array:
    """The labels with a value of at least the boundary."""
    given = values >= boundary
    return (given | (values == values.max(axis=1, keepdims=True))) if always_one else given


def counts_of(rows: Rows, layer: Layer, part: slice, *, always_one: bool) -> Array:
    """The confusion counts of a layer by policy, (policies, labels, 4); each fold is learned from the others."""
    known = ~np.isnan(rows.targets[:, part]).any(axis=1)
    truth, given = rows.targets[:, part] >= 0.5, np.zeros((len(known), len(LABELS[part])), dtype=bool)
    for fold in np.unique(rows.folds):
        train, test = rows.folds != fold, rows.folds == fold
        values = layer(rows, train)[:, part]
        seen = train & known

        def worth(boundary: float) -> float:
            predicted = marks(values[seen], boundary, always_one=always_one)  # noqa: B023
            counts = confusion_counts(truth[seen].astype(np.int8), predicted.astype(np.int8)).sum(0)  # noqa: B023
            return float(f1_score(counts).mean() + f1_score(counts.sum(0)))

        given[test] = marks(values[test], max(BOUNDARIES, key=worth), always_one=always_one)
    return sum_by_group(
        confusion_counts(truth[known].astype(np.int8), given[known].astype(np.int8)), list(rows.policies[known])
    )


def table(rows: Rows, part: slice, *, always_one: bool) -> Iterator[str]:
    """A table with a line for each layer: macro and micro F1, and their gain over the plain rule's."""
    yield "| | macro F1 | more | micro F1 | more |\n|---|---:|---:|---:|---:|"
    base = counts_of(rows, plain, part, always_one=always_one)
    for name, layer in LAYERS.items():
        counts = counts_of(rows, layer, part, always_one=always_one)
        macro, micro = f1_score(counts.sum(0)).mean(), f1_score(counts.sum((0, 1)))
        drawn, before = bootstrap_counts(counts), bootstrap_counts(base)
        more = [
            percentile_interval(f1_score(drawn).mean(1) - f1_score(before).mean(1)),
            percentile_interval(f1_score(drawn.sum(1)) - f1_score(before.sum(1))),
        ]
        gains = ["{:+.3f} to {:+.3f}".format(*bounds) for bounds in more]
        yield f"| {name} | {macro:.3f} | {gains[0]} | {micro:.3f} | {gains[1]} |"


def main(data: Path) -> None:
    """Prints a table for each scheme."""
    rows = read_rows(data)
    for title, part in (("five practices", PRACTICE_COLUMNS), ("twelve categories", CATEGORY_COLUMNS)):
        print(
            f"{title}, {len(rows.policies)} segments of {len(set(rows.policies))} policies, {BOOTSTRAP_SAMPLES} draws\n"
        )
        for line in table(rows, part, always_one=part is CATEGORY_COLUMNS):
            print(line, flush=True)
        print()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    warnings.filterwarnings("ignore", category=FutureWarning)
    with threadpool_limits(1):
        main(parser.parse_args().data)
