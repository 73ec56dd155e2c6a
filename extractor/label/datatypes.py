"""Which types of personal data a segment names as collected, and as shared: more columns over the model's features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from extractor.records import DataType, DataTypes, Practice, no_data_types

_Floats = NDArray[np.float32]
SCOPES: tuple[Practice, Practice] = ("collection", "sharing")  # the practices whose types of data are told
Kind = tuple[Practice, DataType]


@dataclass(frozen=True)
class TypeRules:
    """A linear rule for each kind, a practice and a type of data: weights (kinds, features), bias and limits (kinds).

    A kind is given where its decision value reaches its limit.
    """

    kinds: tuple[Kind, ...]
    weights: _Floats
    bias: _Floats
    limits: _Floats

    def values(self, vectors: csr_matrix) -> _Floats:
        """The decision values of segments, (segments, kinds)."""
        return np.asarray(vectors @ self._by_feature + self.bias)

    def data_types(self, vectors: csr_matrix, practices: Sequence[Sequence[Practice]]) -> list[DataTypes]:
        """The types of data that segments name, of those practices that they have."""
        named: dict[int, list[Kind]] = {}
        for row, kind in np.argwhere(self.values(vectors) >= self.limits).tolist():
            if self.kinds[kind][0] in practices[row]:
                named.setdefault(row, []).append(self.kinds[kind])
        return [_types_of(named.get(row, ())) for row in range(len(practices))]

    @cached_property
    def _by_feature(self) -> _Floats:
        return np.ascontiguousarray(self.weights.T)


def _types_of(named: Sequence[Kind]) -> DataTypes:
    """The types of each practice out of kinds, which stand in the order of DATA_TYPES."""
    if not named:
        return no_data_types()
    collected, shared = (tuple(name for practice, name in named if practice == scope) for scope in SCOPES)
    return {"collection": collected, "sharing": shared}
