"""Fine-tunes a sentence encoder on the labels, for the teacher and the accurate model.

Needs the extra `train` (torch, transformers). All layers are tuned, in bfloat16 where the processor has it; the word
embeddings stay as they are. The linear rules on top learn faster than the layers, lower layers slower than upper ones
(J. Howard and S. Ruder, "Universal Language Model Fine-tuning for Text Classification", ACL 2018), and rare labels
weigh more. Where another source of labels is more generous than OPP-115, it has a bias of its own, which is left out
in prediction.

Each label attends to the tokens that matter to it, as a passage may speak of several things (J. Mullenbach et al.,
"Explainable Prediction of Medical Codes from Clinical Text", NAACL 2018): its decision value is a mean of its rule's
values for the tokens, weighted by the softmax of a second rule's.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from extractor.errors import ConfigurationError
from extractor.label import LABELS, MAX_TOKENS, FloatArray
from extractor.optional import require
from extractor.progress import Progress, no_progress
from extractor.training.data import TEACHER, TrainingPassage, has_own_bias, target_matrix

if TYPE_CHECKING:
    from torch import Tensor

_BATCH_SIZE = 16
_WARM_UP_SHARE = 0.06  # of the steps; the learning rates rise during them
_HEAD_RATE, _BIAS_RATE, _DROPOUT = 1e-3, 1e-2, 0.1
_LAYER_DECAY = 0.92  # a layer's rate divided by that of the layer above
_MAX_POSITIVE_WEIGHT = 4.0  # else a positive weighs the root of negatives / positives
_AVERAGED_EVERY = 20  # steps of the second half, whose mean weights are kept
_HEAD_FILE = "head.pt"
_LIMIT_NAME, _ACTIVATION_LIMIT = "activation_limit", 4.0  # of the output of GELU; one in ten thousand exceeds it


@dataclass(frozen=True)
class _Recipe:
    """How an encoder is fine-tuned: the number of epochs, and the rate of the uppermost layer."""

    epochs: int
    rate: float


_SMALL, _LARGE = _Recipe(epochs=4, rate=1.5e-4), _Recipe(epochs=3, rate=8e-5)
_WITH_TEACHER = _Recipe(epochs=4, rate=3e-4)
_MAX_SMALL_WIDTH = 384


@dataclass(frozen=True)
class TrainableEncoder:
    """A transformers encoder, its tokenizer, and two linear rules for each label on the states of tokens.

    `head` computes them all: the labels' attention to a token, then their values for it.
    """

    encoder: Any
    tokenizer: Any
    head: Any

    @property
    def layers(self) -> Any:
        """The layers, lowest first."""
        return self.encoder.encoder.layer

    def decision_values(self, texts: Sequence[str]) -> FloatArray:
        """The decision values of passages, (passages, labels)."""
        import torch

        self.encoder.eval()
        tokens = token_ids(self, texts)
        values = np.zeros((len(texts), len(LABELS)))
        with torch.no_grad():
            for rows in _batches_by_length(tokens):
                values[rows] = _batch_values(self, [tokens[row] for row in rows]).numpy()
        return values

    def save(self, folder: Path) -> None:
        """Writes the encoder in the format of transformers, with the rules beside it."""
        import torch

        self.encoder.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        torch.save(self.head.state_dict(), folder / _HEAD_FILE)


def load_trainable_encoder(folder: Path, layers: Sequence[int] = (), seed: int = 0) -> TrainableEncoder:
    """An encoder that `TrainableEncoder.save` wrote, or one that is not tuned yet, with some of its layers or all.

    `seed` decides the rules of one that is not tuned yet, and all that is random in tuning it. Raises
    ConfigurationError.
    """
    torch = require("torch", extra="train", purpose="Fine-tuning")
    transformers = require("transformers", extra="train", purpose="Fine-tuning")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        encoder = transformers.AutoModel.from_pretrained(folder, local_files_only=True, attn_implementation="eager")
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{folder} holds no encoder ({error}): see docs/labels.md for where to get one."
        ) from error
    if layers:
        _keep_layers(encoder, layers)
    if getattr(encoder.config, _LIMIT_NAME, 0):
        limit_activations(encoder)
    torch.manual_seed(seed)
    head = torch.nn.Linear(encoder.config.hidden_size, 2 * len(LABELS))
    torch.nn.init.zeros_(head.weight.data[: len(LABELS)])  # at first, each token counts the same
    if (folder / _HEAD_FILE).exists():
        head.load_state_dict(torch.load(folder / _HEAD_FILE, weights_only=True))
    return TrainableEncoder(encoder, tokenizer, head)


def _keep_layers(encoder: Any, layers: Sequence[int]) -> None:
    """Removes all other layers from an encoder. Raises ConfigurationError if it does not have these."""
    import torch

    if max(layers) >= len(encoder.encoder.layer):
        raise ConfigurationError(f"The encoder has {len(encoder.encoder.layer)} layers, numbered from 0: {layers}.")
    encoder.encoder.layer = torch.nn.ModuleList([encoder.encoder.layer[number] for number in layers])
    encoder.config.num_hidden_layers = len(layers)


def limit_activations(encoder: Any) -> None:
    """Limits the output of GELU in each layer, so that int8 represents it well. Its pretrained values reach 25."""
    import torch

    setattr(encoder.config, _LIMIT_NAME, _ACTIVATION_LIMIT)
    for layer in encoder.encoder.layer:
        limit = torch.nn.Hardtanh(-_ACTIVATION_LIMIT, _ACTIVATION_LIMIT)
        layer.intermediate.intermediate_act_fn = torch.nn.Sequential(torch.nn.GELU(), limit)


def tuning_recipe(encoder: TrainableEncoder, *, with_teacher: bool) -> _Recipe:
    """The recipe for an encoder by its width, and by whether it learns from the teacher's passages, which are many."""
    if with_teacher:
        return _WITH_TEACHER
    return _SMALL if encoder.encoder.config.hidden_size <= _MAX_SMALL_WIDTH else _LARGE


def fine_tune(
    tuned: TrainableEncoder,
    passages: Sequence[TrainingPassage],
    recipe: _Recipe,
    *,
    seed: int = 0,
    progress: Progress = no_progress,
) -> TrainableEncoder:
    """Fine-tunes an encoder on passages, in place, and returns it with the mean weights of the second half.

    The mean is better than the last weights (P. Izmailov et al., "Averaging Weights Leads to Wider Optima and Better
    Generalization", UAI 2018).
    """
    import torch
    from torch.optim.swa_utils import AveragedModel

    examples = _examples(tuned, passages)
    batches = list(_shuffled_batches(list(map(len, examples.tokens)), recipe.epochs, seed))
    parts = torch.nn.ModuleList([tuned.encoder, tuned.head])
    optimizer, schedule = _optimizer_and_schedule(tuned, examples.bias, recipe, len(batches))
    mean: Any = AveragedModel(parts)
    tuned.encoder.train()
    for number, rows in enumerate(batches, 1):
        optimizer.zero_grad()
        _loss(tuned, examples, rows).backward()
        torch.nn.utils.clip_grad_norm_(parts.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        progress("tune", number, len(batches))
        if 2 * number > len(batches) and number % _AVERAGED_EVERY == 0:
            mean.update_parameters(parts)
    parts.load_state_dict(mean.module.state_dict())
    return tuned


@dataclass(frozen=True)
class _Examples:
    """Passages as tensors: targets and their weights, 0 where unknown, are (passages, labels).

    `bias` is added to the decision values of labels whose source has a bias of its own, which `has_own_bias` says.
    """

    tokens: list[list[int]]
    targets: Tensor
    weights: Tensor
    has_own_bias: Tensor
    bias: Any


def _examples(tuned: TrainableEncoder, passages: Sequence[TrainingPassage]) -> _Examples:
    """The examples of passages."""
    import torch

    targets = torch.tensor(target_matrix(passages), dtype=torch.float)
    known = ~targets.isnan()
    targets = targets.nan_to_num()
    by_people = torch.tensor([passage.source != TEACHER for passage in passages])
    weight = _positive_weights(targets[by_people], known[by_people].float())
    weights = known * torch.where(by_people[:, None], 1 + (weight - 1) * targets, 1.0)
    bias = torch.nn.Parameter(torch.zeros(len(LABELS)))
    tokens = token_ids(tuned, [passage.text for passage in passages])
    return _Examples(tokens, targets, weights, torch.tensor(has_own_bias(passages)), bias)


def _positive_weights(targets: Tensor, known: Tensor) -> Tensor:
    """The weight of a positive of each label; a negative weighs 1."""
    positives, negatives = (targets * known).sum(0), ((1 - targets) * known).sum(0)
    return (negatives / positives).sqrt().clamp(1, _MAX_POSITIVE_WEIGHT)


def _loss(tuned: TrainableEncoder, examples: _Examples, rows: list[int]) -> Tensor:
    """The mean cross-entropy of a batch."""
    from torch.nn.functional import binary_cross_entropy_with_logits

    values = _batch_values(tuned, [examples.tokens[row] for row in rows], dropout=_DROPOUT)
    values = values + examples.bias * examples.has_own_bias[rows]
    targets, weights = examples.targets[rows], examples.weights[rows]
    loss: Tensor = binary_cross_entropy_with_logits(values, targets, weight=weights, reduction="sum")
    return loss / (weights > 0).sum()


def token_ids(tuned: TrainableEncoder, texts: Sequence[str]) -> list[list[int]]:
    """The token ids of texts, truncated to what the model will read."""
    ids: list[list[int]] = tuned.tokenizer(list(texts), truncation=True, max_length=MAX_TOKENS)["input_ids"]
    return ids


def _batch_values(tuned: TrainableEncoder, tokens: Sequence[Sequence[int]], dropout: float = 0.0) -> Tensor:
    """The decision values of passages given as tokens, (passages, labels)."""
    import torch

    padded = torch.nn.utils.rnn.pad_sequence(
        [torch.tensor(row) for row in tokens], batch_first=True, padding_value=tuned.tokenizer.pad_token_id
    )
    mask = (torch.arange(padded.shape[1]) < torch.tensor([[len(row)] for row in tokens])).long()
    with torch.autocast("cpu", dtype=torch.bfloat16):
        states = tuned.encoder(input_ids=padded, attention_mask=mask)[0].float()
    attention, by_token = tuned.head(torch.nn.functional.dropout(states, dropout)).chunk(2, dim=-1)
    shares = attention.masked_fill(mask[:, :, None] == 0, -torch.inf).softmax(dim=1)
    values: Tensor = (shares * by_token).sum(dim=1)
    return values


def _optimizer_and_schedule(tuned: TrainableEncoder, bias: Any, recipe: _Recipe, steps: int) -> tuple[Any, Any]:
    """AdamW over the rules, the source's bias and the layers, and its rates, which warm up and then fall to zero."""
    import torch

    tuned.encoder.requires_grad_(False)
    groups: list[dict[str, Any]] = [
        {"params": tuned.head.parameters(), "lr": _HEAD_RATE, "weight_decay": 0.0},
        {"params": [bias], "lr": _BIAS_RATE, "weight_decay": 0.0},
    ]
    for below_top, layer in enumerate(reversed(tuned.layers)):
        layer.requires_grad_(True)
        groups.append({"params": layer.parameters(), "lr": recipe.rate * _LAYER_DECAY**below_top, "weight_decay": 0.01})
    optimizer = torch.optim.AdamW(groups, fused=True)

    def rate(step: int) -> float:
        return min(1.0, (step + 1) / (_WARM_UP_SHARE * steps)) * max(0.0, 1 - step / steps)

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, rate)


def _shuffled_batches(lengths: Sequence[int], epochs: int, seed: int) -> Iterator[list[int]]:
    """The rows of each step: passages of similar length together, in a new random order each epoch."""
    random = np.random.default_rng(seed)
    for _ in range(epochs):
        order = random.permutation(len(lengths))
        batches = [
            part[start : start + _BATCH_SIZE]
            for part in (
                sorted(order[first : first + 16 * _BATCH_SIZE].tolist(), key=lengths.__getitem__)
                for first in range(0, len(order), 16 * _BATCH_SIZE)
            )
            for start in range(0, len(part), _BATCH_SIZE)
        ]
        yield from (batches[k] for k in random.permutation(len(batches)))


def _batches_by_length(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Batches of rows, each of similar length."""
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    return (order[start : start + 2 * _BATCH_SIZE] for start in range(0, len(order), 2 * _BATCH_SIZE))
