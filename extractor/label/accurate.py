"""The accurate model: a sentence encoder as int8 ONNX with a linear rule a label on top, averaged with the fast model.

The fast model goes first. Where it is sure of every label, the encoder would hardly ever change one, and is not asked:
it takes a hundred times as long (a cascade: P. Viola and M. Jones, "Rapid Object Detection using a Boosted Cascade of
Simple Features", CVPR 2001).

encoder.onnx     token ids and mask to hidden states, (passages, tokens, hidden); activations have fixed int8 ranges
tokenizer.json   what makes tokens of a passage
head.npz         weights (labels, hidden), bias (labels), on the mean of the hidden states
fast/            the fast model that it is averaged with
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ModelError
from extractor.label.fast import Fast, in_parts, load_fast
from extractor.label.features import reading
from extractor.label.model import LABELS, Array, Rule, rule_of
from extractor.label.store import read_card, sha256
from extractor.records import Segment

FILES = ("encoder.onnx", "tokenizer.json", "head.npz", "fast/model.json")
_BATCH, TOKENS = 32, 128  # passages at a time; tokens read of one, 86 % of OPP-115's segments have fewer
STEP = 16  # a passage is padded to the next multiple, which depends on nothing but itself
_EXTRA = "The accurate model needs onnxruntime and tokenizers: pip install 'archived-policy[accurate]', or use fast."


@dataclass(frozen=True)
class Encoder:
    """The encoder with its rules. `session` is onnxruntime's InferenceSession, `tokenizer` a tokenizers.Tokenizer."""

    session: Any
    tokenizer: Any
    weights: NDArray[np.float32]
    bias: NDArray[np.float32]

    def values(self, texts: Sequence[str]) -> Array:
        """The decision values of passages, (passages, labels); each depends on its own tokens only."""
        tokens = [encoding.ids for encoding in self.tokenizer.encode_batch(list(texts))]
        found = np.zeros((len(texts), len(self.bias)))
        for rows, length in _batches(tokens):
            found[rows] = self._values([tokens[row] for row in rows], length)
        return found

    def _values(self, tokens: Sequence[Sequence[int]], length: int) -> Array:
        ids = np.array([[*row, *[0] * (length - len(row))] for row in tokens], dtype=np.int64)
        mask = (np.arange(length) < np.array([len(row) for row in tokens])[:, None]).astype(np.float32)
        hidden = self.session.run(None, {"ids": ids, "mask": mask})[0]
        pooled = (hidden * mask[:, :, None]).sum(1) / mask.sum(1, keepdims=True)
        # not `pooled @ weights.T`: BLAS may add up one row otherwise than the same row among others
        return np.asarray((pooled[:, None, :] * self.weights).sum(-1) + self.bias, dtype=np.float64)


def _batches(tokens: Sequence[Sequence[int]]) -> Iterator[tuple[list[int], int]]:
    """Rows of passages with one padded length, and that length.

    >>> list(_batches([[1] * 5, [1] * 20, [1] * 16]))
    [([0, 2], 16), ([1], 32)]
    """

    def padded(row: int) -> int:
        return -(-len(tokens[row]) // STEP) * STEP

    for length, group in groupby(sorted(range(len(tokens)), key=padded), key=padded):
        rows = list(group)
        for start in range(0, len(rows), _BATCH):
            yield rows[start : start + _BATCH], length


@dataclass(frozen=True)
class _Accurate:
    """The accurate model, loaded. A decision value is the encoder's plus `share` times the fast model's.

    The fast model is sure of a passage whose scores are all below `sure` or above one less `sure`. Evidence is what the
    fast model's weights say.
    """

    card: Mapping[str, Any]
    sha256: str
    encoder: Encoder
    fast: Fast
    share: float
    sure: float
    rule: Rule

    @property
    def name(self) -> str:
        """What it is called."""
        return str(self.card["name"])

    @property
    def version(self) -> str:
        """The release that trained it."""
        return str(self.card["version"])

    def label(self, segments: Sequence[Segment]) -> list[Segment]:
        """The segments with practices, categories, scores, evidence and details set; none depends on the others."""
        return [one for batch in in_parts(segments) for one in self._label(batch)]

    def _label(self, segments: Sequence[Segment]) -> list[Segment]:
        readings = [reading(segment) for segment in segments]
        features = self.fast.vocabulary.features(readings)
        first = self.fast.decided(features)
        labelled = self.fast.applied(segments, first)
        asked = np.flatnonzero(self.unsure(first)).tolist()
        second = self.encoder.values([readings[row][0] for row in asked]) + self.share * first[asked]
        again = self.rule.applied([segments[row] for row in asked], self.rule.scores(second))
        for row, segment in zip(asked, again, strict=True):
            labelled[row] = segment
        return self.fast.explained(labelled, readings, features)

    def unsure(self, values: Array) -> NDArray[np.bool_]:
        """Which rows of the fast model's decision values leave a label open."""
        scores = self.fast.rule.scores(values)
        return np.asarray(((scores >= self.sure) & (scores <= 1 - self.sure)).any(axis=1))


def load_accurate(folder: Path) -> _Accurate:
    """The accurate model in a folder. Raises ModelError, where its libraries are not installed too."""
    card = read_card(folder, FILES)
    try:
        return _Accurate(
            card,
            sha256(folder / "model.json"),
            load_encoder(folder),
            load_fast(folder / "fast"),
            float(card["share"]),
            float(card["sure"]),
            rule_of(card),
        )
    except ImportError as error:
        raise ModelError(_EXTRA) from error
    except (KeyError, TypeError, ValueError, OSError, zipfile.BadZipFile) as error:
        raise ModelError(f"{folder} does not hold an accurate model ({error}): train the model again.") from error


def load_encoder(folder: Path) -> Encoder:
    """The encoder in a folder, on one thread: runs side by side are for workers. Raises ImportError and ValueError."""
    import onnxruntime
    from tokenizers import Tokenizer

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(TOKENS)
    session = onnxruntime.InferenceSession(str(folder / "encoder.onnx"), options, providers=["CPUExecutionProvider"])
    with np.load(folder / "head.npz", allow_pickle=False) as head:
        weights, bias = head["weights"].astype(np.float32), head["bias"].astype(np.float32)
    if len(weights) != len(LABELS):
        raise ValueError(f"rules for {len(weights)} labels instead of {len(LABELS)}")
    return Encoder(session, tokenizer, weights, bias)
