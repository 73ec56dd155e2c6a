"""The content model's forest: what its trees add to the log odds of each piece."""

import numpy as np
import pytest

from extractor.clean.content import build_forest

# if a > 1: 3, or 5 if b > 2 as well; else -1        if b > 2: 10, else 20        7 for every piece
STORED = {
    "features": ["a", "b"],
    "baseline": 0.5,
    "border": 8.0,
    "roots": [0, 5, 8],
    "feature": [0, 0, 1, 0, 0, 1, 0, 0, 0],
    "threshold": [1.0, 0.0, 2.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0],
    "children": [1, 2, 1, 1, 3, 4, 3, 3, 4, 4, 6, 7, 6, 6, 7, 7, 8, 8],
    "value": [0.0, -1.0, 0.0, 3.0, 5.0, 0.0, 20.0, 10.0, 7.0],
}


def test_log_odds_of_pieces_are_the_sums_of_what_their_leaves_add():
    features = {"b": np.array([0.0, 3.0, 2.0, 2.5, 9.0]), "a": np.array([0.0, 0.0, 2.0, 1.5, 1.0])}
    expected = [-1 + 20, -1 + 10, 3 + 20, 5 + 10, -1 + 10]
    assert build_forest(STORED).log_odds(features).tolist() == [7.5 + amount for amount in expected]


def test_log_odds_of_more_pieces_than_are_summed_at_a_time_are_those_of_each():
    features = {name: np.resize(np.arange(7) / 2, 10_000) for name in "ab"}
    alone = build_forest(STORED).log_odds({name: values[:7] for name, values in features.items()})
    assert (build_forest(STORED).log_odds(features) == np.resize(alone, 10_000)).all()


def test_build_forest_of_a_tree_with_too_many_splits_says_how_many():
    nodes = [child for split in range(17) for child in (2 * split + 1, 2 * split + 2, 2 * split + 1, 2 * split + 1)]
    deep = STORED | {
        "roots": [0],
        "children": [*nodes, 34, 34],
        "feature": [0] * 35,
        "threshold": [0.0] * 35,
        "value": [0.0] * 35,
    }
    with pytest.raises(ValueError, match="a tree has 17 splits"):
        build_forest(deep)
