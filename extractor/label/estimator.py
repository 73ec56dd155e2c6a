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

_LABELS_BY_SCHEME: dict[str, tuple[str, ...]] = {"practices": PRACTICES, "opp115": CATEGORIES}


class PolicyClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Labels passages with a trained model, as a step of a pipeline or a baseline.

    `model` is "fast", "accurate" or a folder; `scheme` is "practices" or "opp115". A passage is a str, or a Segment if
    its headings are known. A passage may have several labels. A pickle holds the model's name and hash, not its
    weights; loading it raises ModelError if the model of that name is another one by then.

    >>> PolicyClassifier().fit().predict(["Children under 13 may not use this site."]).tolist()
    [[0, 0, 0, 0, 1]]
    """

    def __init__(self, model: str = "fast", scheme: str = "practices") -> None:
        self.model = model
        self.scheme = scheme

    def fit(self, passages: object = None, labels: object = None) -> PolicyClassifier:  # noqa: ARG002
        """Loads the model; nothing is learned. Raises ModelError, and UsageError for an unknown scheme."""
        if self.scheme not in _LABELS_BY_SCHEME:
            raise UsageError(f"There is no scheme {self.scheme!r}: use {' or '.join(_LABELS_BY_SCHEME)}.")
        self.classes_ = np.array(_LABELS_BY_SCHEME[self.scheme])
        self._loaded = load_model(self.model)
        self.sha256_ = self._loaded.sha256
        return self

    def predict(self, passages: Iterable[str | Segment]) -> NDArray[np.int8]:
        """The labels of passages as 1 or 0, (passages, labels), in the order of `classes_`.

        Raises TypeError if one str is given instead of several passages, or something else than passages.
        """
        labels = [(*segment.practices, *segment.categories) for segment in self._label(passages)]
        rows = [[label in given for label in self.classes_] for given in labels]
        return np.array(rows, dtype=np.int8).reshape(len(rows), len(self.classes_))

    def predict_proba(self, passages: Iterable[str | Segment]) -> NDArray[np.float64]:
        """The scores of labels, 0 to 1, (passages, labels), in the order of `classes_`. Raises as `predict` does."""
        scores = [{**segment.scores, **segment.category_scores} for segment in self._label(passages)]
        return np.array([[row[label] for label in self.classes_] for row in scores]).reshape(-1, len(self.classes_))

    def _label(self, passages: Iterable[str | Segment]) -> list[Segment]:
        if not hasattr(self, "_loaded"):
            self.fit()
        if isinstance(passages, (str, bytes, Segment)):
            raise TypeError("PolicyClassifier takes passages, and this is one: give a list, [passage].")
        return self._loaded.label([_as_segment(number, passage) for number, passage in enumerate(passages)])

    def __sklearn_is_fitted__(self) -> bool:
        """Whether it is fitted: always, as the model is trained already."""
        return True

    def __getstate__(self) -> dict[str, Any]:
        """The state without the weights."""
        return {name: value for name, value in super().__getstate__().items() if name != "_loaded"}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Loads the model of the state. Raises ModelError if the model of that name is another one now."""
        super().__setstate__(state)
        if "sha256_" in state and self.fit().sha256_ != state["sha256_"]:
            raise ModelError(
                f"The model {self.model} is not the one that this was saved with: install the release that has it."
            )


def _as_segment(number: int, passage: str | Segment) -> Segment:
    """A passage as a segment. Raises TypeError if it is none."""
    if isinstance(passage, str):
        return Segment(0, 0, len(passage), str(passage))
    if not isinstance(passage, Segment):
        raise TypeError(f"Passage {number} is a {type(passage).__name__}: each is a str or an extractor.Segment.")
    return passage
