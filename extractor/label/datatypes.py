"""Which types of personal data a segment names as collected, and as shared: more columns over the model's features."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix

from extractor.records import DataType, DataTypes, Practice, no_data_types

Floats = NDArray[np.float32]
SCOPES: tuple[Practice, Practice] = ("collection", "sharing")  # the practices whose types of data are told
Kind = tuple[Practice, DataType]


@dataclass(frozen=True)
class TypeRules:
    """A linear rule for each kind, a practice and a type of data: weights (kinds, features), bias and limits (kinds).

    A kind is given where its decision value reaches its limit.
    """

    kinds: tuple[Kind, ...]
    weights: Floats
    bias: Floats
    limits: Floats

    def values(self, vectors: csr_matrix) -> Floats:
        """The decision values of segments, (segments, kinds)."""
        return np.asarray(vectors @ self._by_feature + self.bias)

    def data_types(self, vectors: csr_matrix, practices: Sequence[Sequence[Practice]]) -> list[DataTypes]:
        """The types of data that segments name, of those practices that they have."""
        found = [no_data_types() for _ in practices]
        asked = [row for row, given in enumerate(practices) if any(scope in given for scope in SCOPES)]
        for row, marked in zip(asked, self.values(vectors[asked]) >= self.limits, strict=True):
            named = [kind for kind, yes in zip(self.kinds, marked, strict=True) if yes and kind[0] in practices[row]]
            found[row] = {"collection": of("collection", named), "sharing": of("sharing", named)}
        return found

    @cached_property
    def _by_feature(self) -> Floats:
        return np.ascontiguousarray(self.weights.T)


def of(scope: Practice, named: Sequence[Kind]) -> tuple[DataType, ...]:
    """The types of one practice; kinds stand in the order of DATA_TYPES."""
    return tuple(name for practice, name in named if practice == scope)
