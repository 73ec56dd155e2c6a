"""The models as a scikit-learn estimator."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, ClassifierMixin

from extractor.errors import ModelError, UsageError
from extractor.label.load import load_model
from extractor.records import CATEGORIES, PRACTICES, Segment

_SCHEMES: dict[str, tuple[str, ...]] = {"practices": PRACTICES, "opp115": CATEGORIES}


class PolicyClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Labels passages with a model that is trained already: a step for pipelines, and something to compare with.

    `model` is "fast", "accurate" or a folder; `scheme` is "practices" or "opp115". A passage is a str, or a Segment
    where its headings are known. Several labels may hold of one passage. What is pickled is the name of the model and
    its hash, not its weights; another model under that name is refused (ModelError).

    >>> PolicyClassifier().fit().predict(["Children under 13 may not use this site."]).tolist()
    [[0, 0, 0, 0, 1]]
    """

    def __init__(self, model: str = "fast", scheme: str = "practices") -> None:
        self.model = model
        self.scheme = scheme

    def fit(self, passages: object = None, labels: object = None) -> PolicyClassifier:  # noqa: ARG002
        """Loads the model; it learns nothing. Raises ModelError, and UsageError for an unknown scheme."""
        if self.scheme not in _SCHEMES:
            raise UsageError(f"There is no scheme {self.scheme!r}: use {' or '.join(_SCHEMES)}.")
        self.classes_ = np.array(_SCHEMES[self.scheme])
        self._loaded = load_model(self.model)
        self.sha256_ = self._loaded.sha256
        return self

    def predict(self, passages: Iterable[str | Segment]) -> NDArray[np.int8]:
        """Which labels each passage has, (passages, labels), 1 or 0, in the order of `classes_`."""
        given = [(*one.practices, *one.categories) for one in self._label(passages)]
        marks = [[label in some for label in self.classes_] for some in given]
        return np.array(marks, dtype=np.int8).reshape(len(marks), len(self.classes_))

    def predict_proba(self, passages: Iterable[str | Segment]) -> NDArray[np.float64]:
        """The score of each label, (passages, labels), 0 to 1, in the order of `classes_`."""
        scores = [{**one.scores, **one.category_scores} for one in self._label(passages)]
        return np.array([[row[label] for label in self.classes_] for row in scores]).reshape(-1, len(self.classes_))

    def _label(self, passages: Iterable[str | Segment]) -> list[Segment]:
        if not hasattr(self, "_loaded"):
            self.fit()
        return self._loaded.label([_as_segment(passage) for passage in passages])

    def __sklearn_is_fitted__(self) -> bool:
        """Always: the model comes trained."""
        return True

    def __getstate__(self) -> dict[str, Any]:
        """The state without the weights."""
        return {name: value for name, value in super().__getstate__().items() if name != "_loaded"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Loads the model that the state names. Raises ModelError where it is another one by now."""
        super().__setstate__(state)
        if "sha256_" in state and self.fit().sha256_ != state["sha256_"]:
            raise ModelError(f"The model {self.model} is not the one this was saved with: install that release of it.")


def _as_segment(passage: str | Segment) -> Segment:
    """A passage as a segment."""
    return passage if isinstance(passage, Segment) else Segment(0, 0, len(passage), passage)
