"""Exports a fine-tuned encoder as int8 ONNX; needs the extra `train`.

Weights and the inputs of all products with weights become int8. The ranges of the inputs are fixed beforehand from
sample passages: with ranges taken from each batch, the result for a passage would depend on its neighbours. Weights use
seven bits: with eight, processors without VNNI overflow and give different results. Encoders with limited activations
are meant for it (`limit_activations`): a few large outputs of GELU would cost the small ones their precision. The rules
on top stay in floats.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from extractor.label import PADDING_STEP, load_onnxruntime
from extractor.training.models.encoder import TrainableEncoder, token_ids

_CALIBRATION_TEXTS = 60  # for the ranges
_ONNX_OPSET = 17
_ATTENTION_MASK = -1e4  # added to the attention scores of padding
_OnnxInput = dict[str, NDArray[Any]]


def export_int8(tuned: TrainableEncoder, texts: Sequence[str], path: Path) -> None:
    """Writes an encoder as int8 ONNX, with ranges taken from some of the texts."""
    load_onnxruntime()
    from onnxruntime.quantization import CalibrationMethod, QuantFormat, QuantType, quant_pre_process, quantize_static

    sample = texts[:: max(1, len(texts) // _CALIBRATION_TEXTS)][:_CALIBRATION_TEXTS]
    with TemporaryDirectory() as folder:
        plain, prepared = Path(folder) / "plain.onnx", Path(folder) / "prepared.onnx"
        _export_onnx(tuned, plain)
        quant_pre_process(str(plain), str(prepared), skip_symbolic_shape=True)
        quantize_static(
            str(prepared),
            str(path),
            _CalibrationReader(_onnx_inputs(tuned, sample)),
            quant_format=QuantFormat.QDQ,
            op_types_to_quantize=["MatMul", "Gather"],
            nodes_to_exclude=_products_of_head(prepared),
            per_channel=True,
            reduce_range=True,
            activation_type=QuantType.QUInt8,
            weight_type=QuantType.QInt8,
            calibrate_method=CalibrationMethod.MinMax,
            extra_options={"MatMulConstBOnly": True},
        )


def _export_onnx(tuned: TrainableEncoder, path: Path) -> None:
    """Writes an encoder and its rules as ONNX in floats, from ids and mask, (passages, tokens) each."""
    import torch

    class WholeEncoder(torch.nn.Module):  # type: ignore[misc]
        def __init__(self) -> None:
            super().__init__()
            self.inner, self.head = tuned.encoder, tuned.head

        def forward(self, ids: Any, mask: Any) -> Any:
            hidden = (1 - mask[:, None, None, :]) * _ATTENTION_MASK
            states = self.inner.embeddings(input_ids=ids)
            for layer in self.inner.encoder.layer:
                out = layer(states, hidden)
                states = out[0] if isinstance(out, tuple) else out
            return self.head(states)

    axes = {0: "passages", 1: "tokens"}
    torch.onnx.export(
        WholeEncoder().eval(),
        (torch.ones((2, PADDING_STEP), dtype=torch.long), torch.ones((2, PADDING_STEP))),
        str(path),
        input_names=["ids", "mask"],
        output_names=["values"],
        dynamic_axes={"ids": axes, "mask": axes, "values": axes},
        opset_version=_ONNX_OPSET,
        dynamo=False,
    )


def _products_of_head(path: Path) -> list[str]:
    """The names of the products of the rules on top."""
    import onnx

    names = [node.name for node in onnx.load(str(path)).graph.node if node.op_type in ("MatMul", "Gemm")]
    return names[-1:]


def _onnx_inputs(tuned: TrainableEncoder, texts: Sequence[str]) -> Iterator[_OnnxInput]:
    """The inputs of the ONNX model for texts, one at a time."""
    for tokens in token_ids(tuned, texts):
        length = -(-len(tokens) // PADDING_STEP) * PADDING_STEP
        ids = np.array([[*tokens, *[0] * (length - len(tokens))]], dtype=np.int64)
        yield {"ids": ids, "mask": (np.arange(length) < len(tokens)).astype(np.float32)[None]}


class _CalibrationReader:
    """The inputs one by one, in the interface that onnxruntime takes."""

    def __init__(self, inputs: Iterator[_OnnxInput]) -> None:
        self._inputs = inputs

    def get_next(self) -> _OnnxInput | None:
        """The next input, None after the last."""
        return next(self._inputs, None)

    def __iter__(self) -> Iterator[_OnnxInput]:
        return self._inputs
