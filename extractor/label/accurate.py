"""The accurate model: a sentence encoder (int8 ONNX) that each label attends to, averaged with the fast model.

The fast model goes first. Where it is sure of every label, the encoder would hardly ever change one and is skipped, as
it takes a hundred times as long (a cascade: P. Viola and M. Jones, "Rapid Object Detection using a Boosted Cascade of
Simple Features", CVPR 2001).

encoder.onnx     token ids and mask to each label's attention to a token and then each label's value for it, (passages,
                 tokens, 2 * labels); activations have fixed int8 ranges
tokenizer.json   the tokenizer of the passages
fast/            the fast model that it is averaged with
"""

from __future__ import annotations

import os
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError
from extractor.label.fast import FastModel, batches, load_fast
from extractor.label.features import model_input
from extractor.label.model import LABELS, DecisionRule, FloatArray, decision_rule
from extractor.modelcard import CARD, file_sha256, read_accurate_card
from extractor.optional import require
from extractor.records import Segment

MAX_TOKENS = 256  # of a passage; 98 % of OPP-115's segments have fewer
PADDING_STEP = 16  # a passage is padded to the next multiple, so that its length does not depend on the others
_BATCH_TOKENS = 512  # 32 of the shortest passages, two of the longest; more are slower, and memory grows with them


@dataclass(frozen=True)
class Encoder:
    """The encoder, an onnxruntime.InferenceSession, and its tokenizers.Tokenizer."""

    session: Any
    tokenizer: Any

    def decision_values(self, texts: Sequence[str]) -> FloatArray:
        """The decision values of passages, (passages, labels); each depends on its own tokens only."""
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        values = np.zeros((len(texts), len(LABELS)))
        for rows, length in _length_batches(tokens):
            values[rows] = self._batch_values([tokens[row] for row in rows], length)
        return values

    def _batch_values(self, tokens: Sequence[Sequence[int]], length: int) -> FloatArray:
        ids = np.array([[*row, *[0] * (length - len(row))] for row in tokens], dtype=np.int64)
        mask = (np.arange(length) < np.array([len(row) for row in tokens])[:, None]).astype(np.float32)
        attention, by_token = np.split(self.session.run(None, {"ids": ids, "mask": mask})[0], 2, axis=2)
        attention = np.where(mask[:, :, None] > 0, attention, -np.inf)
        shares = np.exp(attention - attention.max(axis=1, keepdims=True))
        return np.asarray((shares * by_token).sum(axis=1) / shares.sum(axis=1), dtype=np.float64)


def _length_batches(tokens: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], int]]:
    """The rows of passages with the same padded length, in batches, and that length.

    >>> list(_length_batches([[1] * 5, [1] * 20, [1] * 16]))
    [([0, 2], 16), ([1], 32)]
    >>> [len(rows) for rows, _ in _length_batches([[1] * MAX_TOKENS] * 5)]
    [2, 2, 1]
    """

    def padded_length(row: int) -> int:
        return -(-len(tokens[row]) // PADDING_STEP) * PADDING_STEP

    for length, group in groupby(sorted(range(len(tokens)), key=padded_length), key=padded_length):
        rows = list(group)
        size = max(1, _BATCH_TOKENS // max(1, length))
        for start in range(0, len(rows), size):
            yield rows[start : start + size], length


@dataclass(frozen=True)
class _AccurateModel:
    """The accurate model, loaded. A decision value is the encoder's plus `fast_share` times the fast model's.

    The fast model is sure of a passage if each score is below `sure_score` or above one minus `sure_score`. Evidence
    comes from the fast model's weights.
    """

    card: Mapping[str, Any]
    sha256: str
    encoder: Encoder
    fast: FastModel
    fast_share: float
    sure_score: float
    rule: DecisionRule

    @property
    def name(self) -> str:
        """The name."""
        return str(self.card["name"])

    @property
    def version(self) -> str:
        """The release that trained it."""
        return str(self.card["version"])

    def label(self, segments: Sequence[Segment]) -> list[Segment]:
        """The segments with labels, scores, evidence and details; each is labelled independently of the others."""
        return [labelled for batch in batches(segments) for labelled in self._label_batch(batch)]

    def _label_batch(self, segments: Sequence[Segment]) -> list[Segment]:
        inputs = [model_input(segment) for segment in segments]
        features = self.fast.vocabulary.features(inputs)
        fast_values = self.fast.decision_function(features)
        labels = self.fast.predict(fast_values)
        rows = np.flatnonzero(self.needs_encoder(fast_values)).tolist()
        values = self.encoder.decision_values([inputs[row][0] for row in rows]) + self.fast_share * fast_values[rows]
        for row, found in zip(rows, self.rule.predict(self.rule.scores(values)), strict=True):
            labels[row] = found
        return self.fast.with_evidence(segments, labels, inputs, features)

    def needs_encoder(self, fast_values: FloatArray) -> NDArray[np.bool_]:
        """For each row of the fast model's decision values, whether it is unsure of a label."""
        scores = self.fast.rule.scores(fast_values)
        return np.asarray(((scores >= self.sure_score) & (scores <= 1 - self.sure_score)).any(axis=1))


def load_accurate(folder: Path) -> _AccurateModel:
    """The accurate model in a folder. Raises ModelError, also if onnxruntime or tokenizers is not installed."""
    card = read_accurate_card(folder)
    try:
        return _AccurateModel(
            card,
            file_sha256(folder / CARD),
            load_encoder(folder),
            load_fast(folder / "fast"),
            float(card["share"]),
            float(card["sure"]),
            decision_rule(card),
        )
    except (KeyError, TypeError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"{folder} does not hold an accurate model ({error}): train the model again.") from error


def load_encoder(folder: Path) -> Encoder:
    """The encoder in a folder, for one thread; several processes can run it. Raises ModelError and ValueError."""
    onnxruntime = load_onnxruntime()
    tokenizers = _require("tokenizers")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    tokenizer = tokenizers.Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    session = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"])
    if (width := session.get_outputs()[0].shape[-1]) != 2 * len(LABELS):
        raise ValueError(f"{width} values for a token instead of {2 * len(LABELS)}")
    return Encoder(session, tokenizer)


def load_onnxruntime() -> Any:
    """onnxruntime, which from version 1.29 reports each process to its maker unless told not to before it is loaded.

    Raises ModelError if it is not installed.
    """
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    onnxruntime = _require("onnxruntime")
    onnxruntime.disable_telemetry_events()  # for builds of Windows that ignore the variable
    return onnxruntime


def _require(package: str) -> Any:
    return require(package, extra="accurate", purpose="The accurate model", error_type=ModelError)
