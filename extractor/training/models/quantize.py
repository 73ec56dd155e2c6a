"""A fine-tuned encoder as int8 ONNX; needs the extra `train`.

Weights and the inputs of all products with weights become int8. The ranges of the inputs are fixed beforehand from
passages, so that what a passage gets does not depend on its neighbours, as ranges taken from each batch would make it.
Weights use seven bits: with eight, processors without VNNI overflow and give other results than those with it. The
second product of each layer takes what GELU lets through, whose few large values would cost the small ones their
precision, and stays in floats.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.label import PADDING_STEP
from extractor.training.models.encoder import Tuned, through, tokenized

_EXAMPLES = 60  # passages that the ranges are taken from
_OPSET = 17
_Feed = dict[str, NDArray[Any]]


def export_int8(tuned: Tuned, texts: Sequence[str], path: Path) -> None:
    """Writes the encoder as int8 ONNX, with ranges taken from texts."""
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quant_pre_process, quantize_static

    with TemporaryDirectory() as folder:
        plain, prepared = Path(folder) / "plain.onnx", Path(folder) / "prepared.onnx"
        _export(tuned, plain)
        quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(path),
            _Examples(_feeds(tuned, texts[:: max(1, len(texts) // _EXAMPLES)][:_EXAMPLES])),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["MatMul", "Gather"],
            nodes_to_exclude=_second_products(prepared),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"MatMulConstBOnly": True},
        )


def _export(tuned: Tuned, path: Path) -> None:
    """Writes the encoder as ONNX in floats: ids and mask, (passages, tokens) each, to hidden states."""
    import torch

    class Whole(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner = tuned.encoder

        def forward(self, ids: Any, mask: Any) -> Any:
            return through(tuned, self.inner.embeddings(input_ids=ids), mask, 0)

    axes = {0: "passages", 1: "tokens"}
    torch.onnx.export(
        Whole().eval(),
        (torch.ones((2, PADDING_STEP), dtype=torch.long), torch.ones((2, PADDING_STEP))),
        str(path),
        input_names=["ids", "mask"],
        output_names=["hidden"],
        dynamic_axes={"ids": axes, "mask": axes, "hidden": axes},
        opset_version=_OPSET,
        dynamo=False,
    )


def _second_products(path: Path) -> list[str]:
    """The products of each layer whose input is what GELU lets through."""
    import onnx

    names = [node.name for node in onnx.load(str(path)).graph.node if node.op_type == "MatMul"]
    return [name for name in names if "/output/dense" in name and "attention" not in name]


def _feeds(tuned: Tuned, texts: Sequence[str]) -> Iterator[_Feed]:
    """Texts as the ONNX model takes them, one at a time."""
    for tokens in tokenized(tuned, texts):
        length = -(-len(tokens) // PADDING_STEP) * PADDING_STEP
        ids = np.array([[*tokens, *[0] * (length - len(tokens))]], dtype=np.int64)
        yield {"ids": ids, "mask": (np.arange(length) < len(tokens)).astype(np.float32)[None]}


class _Examples:
    """What onnxruntime asks for the next example."""

    def __init__(self, found: Iterator[_Feed]) -> None:
        self._found = found

    def get_next(self) -> _Feed | None:
        """The next example, None after the last."""
        return next(self._found, None)

    def __iter__(self) -> Iterator[_Feed]:
        return self._found
