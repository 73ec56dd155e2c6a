"""The types of personal data that a segment says are collected, and shared: linear rules over the model's features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from extractor.records import DataType, DataTypes, Practice, no_data_types

_Floats = NDArray[np.float32]
DATA_TYPE_PRACTICES: tuple[Practice, Practice] = ("collection", "sharing")  # those that data types are found for
PracticeDataType = tuple[Practice, DataType]


@dataclass(frozen=True)
class DataTypeRules:
    """A linear rule for each kind of data, that is a practice with a data type.

    Weights are (kinds, features), bias and thresholds (kinds). A segment has a kind if the decision value reaches its
    threshold.
    """

    kinds: tuple[PracticeDataType, ...]
    weights: _Floats
    bias: _Floats
    thresholds: _Floats

    def decision_values(self, vectors: csr_matrix) -> _Floats:
        """The decision values of segments, (segments, kinds)."""
        return np.asarray(vectors @ self._by_feature + self.bias)

    def data_types(self, vectors: csr_matrix, practices: Sequence[Sequence[Practice]]) -> list[DataTypes]:
        """The types of data that each segment names, for the practices that it has."""
        named: dict[int, list[PracticeDataType]] = {}
        for row, kind in np.argwhere(self.decision_values(vectors) >= self.thresholds).tolist():
            if self.kinds[kind][0] in practices[row]:
                named.setdefault(row, []).append(self.kinds[kind])
        return [_by_practice(named.get(row, ())) for row in range(len(practices))]

    @cached_property
    def _by_feature(self) -> _Floats:
        return np.ascontiguousarray(self.weights.T)


def _by_practice(kinds: Sequence[PracticeDataType]) -> DataTypes:
    """The data types of each practice; `kinds` are in the order of DATA_TYPES."""
    if not kinds:
        return no_data_types()
    collected, shared = (
        tuple(data_type for practice, data_type in kinds if practice == wanted) for wanted in DATA_TYPE_PRACTICES
    )
    return {"collection": collected, "sharing": shared}
