"""Fine-tunes a sentence encoder on the labels, for the teacher and the accurate model.

Needs the extra `train` (torch, transformers). The embeddings and lowest layers are frozen, so that their output is
computed only once for each passage, which makes an epoch a third faster. The linear rules on top learn faster than the
layers, lower layers slower than upper ones (J. Howard and S. Ruder, "Universal Language Model Fine-tuning for Text
Classification", ACL 2018, for rates that fall from layer to layer), and rare labels weigh more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from extractor.errors import ConfigurationError
from extractor.label import LABELS, MAX_TOKENS, FloatArray
from extractor.optional import require
from extractor.progress import Progress, no_progress
from extractor.training.data import TrainingPassage, target_matrix

if TYPE_CHECKING:
    from torch import Tensor

_BATCH_SIZE, _SEED = 16, 0
_WARM_UP_SHARE = 0.06  # of the steps; the learning rates rise during them
_HEAD_RATE, _LAYER_DECAY, _DROPOUT = 1e-3, 0.9, 0.1  # the decay is a layer's rate divided by that of the layer above
_MAX_POSITIVE_WEIGHT = 4.0  # else a positive weighs the root of negatives / positives
_ATTENTION_MASK = -1e4  # added to the attention scores of padding
_HEAD_FILE = "head.pt"


@dataclass(frozen=True)
class _Recipe:
    """How an encoder is fine-tuned: the number of frozen layers and of epochs, and the rate of the uppermost layer."""

    frozen: int
    epochs: int
    rate: float


_SMALL, _LARGE = _Recipe(frozen=2, epochs=6, rate=1.5e-4), _Recipe(frozen=8, epochs=4, rate=1e-4)
_MAX_SMALL_LAYERS = 6


@dataclass(frozen=True)
class TrainableEncoder:
    """A transformers encoder, its tokenizer, and a linear rule for each label on the mean of the token states."""

    encoder: Any
    tokenizer: Any
    head: Any

    @property
    def layer_count(self) -> int:
        """The number of layers."""
        return len(self.encoder.encoder.layer)

    def decision_values(self, texts: Sequence[str]) -> FloatArray:
        """The decision values of passages, (passages, labels)."""
        import torch

        self.encoder.eval()
        tokens = token_ids(self, texts)
        values = np.zeros((len(texts), len(LABELS)))
        with torch.no_grad():
            for rows in _batches_by_length(tokens):
                states, mask = _pad([_embed(self, tokens[row]) for row in rows])
                values[rows] = self.head(_mean_pool(run_layers(self, states, mask, 0), mask)).numpy()
        return values

    def save(self, folder: Path) -> None:
        """Writes the encoder in the format of transformers, with the rules beside it."""
        import torch

        self.encoder.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        torch.save(self.head.state_dict(), folder / _HEAD_FILE)


def load_trainable_encoder(folder: Path) -> TrainableEncoder:
    """An encoder that `TrainableEncoder.save` wrote, or one that is not tuned yet. Raises ConfigurationError."""
    torch = require("torch", extra="train", purpose="Fine-tuning")
    transformers = require("transformers", extra="train", purpose="Fine-tuning")
    try:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder, local_files_only=True)
        encoder = transformers.AutoModel.from_pretrained(folder, local_files_only=True, attn_implementation="eager")
    except (OSError, ValueError) as error:
        raise ConfigurationError(
            f"{folder} holds no encoder ({error}): see docs/labels.md for where to get one."
        ) from error
    torch.manual_seed(_SEED)
    head = torch.nn.Linear(encoder.config.hidden_size, len(LABELS))
    if (folder / _HEAD_FILE).exists():
        head.load_state_dict(torch.load(folder / _HEAD_FILE, weights_only=True))
    return TrainableEncoder(encoder, tokenizer, head)


def tuning_recipe(encoder: TrainableEncoder, *, with_teacher: bool) -> _Recipe:
    """The recipe for an encoder by its layers; a third of the epochs with the teacher's passages, which are many."""
    recipe = _SMALL if encoder.layer_count <= _MAX_SMALL_LAYERS else _LARGE
    return replace(recipe, epochs=recipe.epochs // 3) if with_teacher else recipe


def fine_tune(
    tuned: TrainableEncoder, passages: Sequence[TrainingPassage], recipe: _Recipe, progress: Progress = no_progress
) -> TrainableEncoder:
    """Fine-tunes an encoder on passages, in place, and returns it."""
    import torch

    states = _frozen_states(tuned, [passage.text for passage in passages], recipe.frozen)
    targets = torch.tensor(np.nan_to_num(target_matrix(passages)), dtype=torch.float)
    known = torch.tensor(~np.isnan(target_matrix(passages)), dtype=torch.float)
    positive_weights = _positive_weights(targets, known)
    batches = list(_shuffled_batches([len(state) for state in states], recipe.epochs))
    optimizer, schedule = _optimizer_and_schedule(tuned, recipe, len(batches))
    dropout = torch.nn.Dropout(_DROPOUT)
    halfway = _copy_weights(tuned)
    tuned.encoder.train()
    for number, rows in enumerate(batches, 1):
        batch, mask = _pad([states[row] for row in rows])
        values = tuned.head(dropout(_mean_pool(run_layers(tuned, batch, mask, recipe.frozen), mask)))
        loss = torch.nn.functional.binary_cross_entropy_with_logits(
            values, targets[rows], weight=known[rows], pos_weight=positive_weights, reduction="sum"
        )
        optimizer.zero_grad()
        (loss / known[rows].sum()).backward()
        torch.nn.utils.clip_grad_norm_(tuned.encoder.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        progress("tune", number, len(batches))
        if number == len(batches) // 2:
            halfway = _copy_weights(tuned)
    _average_weights(tuned, halfway)
    return tuned


def _copy_weights(tuned: TrainableEncoder) -> dict[str, Tensor]:
    """A copy of the weights by name."""
    return {name: value.detach().clone() for name, value in _named_weights(tuned)}


def _average_weights(tuned: TrainableEncoder, before: dict[str, Tensor]) -> None:
    """Replaces the weights of an encoder by their mean with earlier ones.

    It keeps what the higher rates at half-time allowed, and blurs what was memorised since (P. Izmailov et al.,
    "Averaging Weights Leads to Wider Optima and Better Generalization", UAI 2018).
    """
    for name, value in _named_weights(tuned):
        value.data.copy_((value.data + before[name]) / 2)


def _named_weights(tuned: TrainableEncoder) -> Iterator[tuple[str, Tensor]]:
    """The weights of an encoder and its rules, by name."""
    for part in (tuned.encoder, tuned.head):
        for name, value in part.named_parameters():
            yield f"{type(part).__name__}.{name}", value


def token_ids(tuned: TrainableEncoder, texts: Sequence[str]) -> list[list[int]]:
    """The token ids of texts, truncated to what the model will read."""
    ids: list[list[int]] = tuned.tokenizer(list(texts), truncation=True, max_length=MAX_TOKENS)["input_ids"]
    return ids


def _embed(tuned: TrainableEncoder, tokens: Sequence[int]) -> Tensor:
    """The embeddings of tokens, (tokens, hidden)."""
    import torch

    states: Tensor = tuned.encoder.embeddings(input_ids=torch.tensor([list(tokens)]))[0]
    return states


def _frozen_states(tuned: TrainableEncoder, texts: Sequence[str], frozen: int) -> list[Tensor]:
    """The output of the frozen layers for each text, (tokens, hidden)."""
    import torch

    tuned.encoder.eval()
    tokens = token_ids(tuned, texts)
    states_of_texts: list[Tensor] = [torch.empty(0)] * len(tokens)
    with torch.no_grad():
        for rows in _batches_by_length(tokens):
            states, mask = _pad([_embed(tuned, tokens[row]) for row in rows])
            lowered = run_layers(tuned, states, mask, 0, frozen)
            for place, row in enumerate(rows):
                states_of_texts[row] = lowered[place, : len(tokens[row])].clone()
    return states_of_texts


def _pad(states: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """The states of passages, (passages, tokens, hidden), and a mask of the actual tokens, (passages, tokens)."""
    import torch

    padded = torch.nn.utils.rnn.pad_sequence(list(states), batch_first=True)
    lengths = torch.tensor([len(one) for one in states])
    return padded, (torch.arange(padded.shape[1]) < lengths[:, None]).float()


def run_layers(tuned: TrainableEncoder, states: Tensor, mask: Tensor, first: int, end: int | None = None) -> Tensor:
    """The states after the layers from `first` to before `end`; MPNet's layers also need a position bias."""
    encoder = tuned.encoder.encoder
    extra = {}
    if hasattr(encoder, "compute_position_bias"):
        extra["position_bias"] = encoder.compute_position_bias(states)
    hidden = (1 - mask[:, None, None, :]) * _ATTENTION_MASK
    for layer in encoder.layer[first:end]:
        out = layer(states, hidden, **extra)
        states = out[0] if isinstance(out, tuple) else out
    return states


def _mean_pool(states: Tensor, mask: Tensor) -> Tensor:
    """The mean state of the actual tokens, (passages, hidden)."""
    return (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)


def _positive_weights(targets: Tensor, known: Tensor) -> Tensor:
    """The weight of a positive of each label; a negative weighs 1."""
    positives, negatives = (targets * known).sum(0), ((1 - targets) * known).sum(0)
    return (negatives / positives).sqrt().clamp(1, _MAX_POSITIVE_WEIGHT)


def _optimizer_and_schedule(tuned: TrainableEncoder, recipe: _Recipe, steps: int) -> tuple[Any, Any]:
    """AdamW over the rules and the layers that are not frozen, and its rates, which warm up and then fall to zero."""
    import torch

    tuned.encoder.requires_grad_(False)
    upper = tuned.encoder.encoder.layer[recipe.frozen :]
    groups: list[dict[str, Any]] = [{"params": tuned.head.parameters(), "lr": _HEAD_RATE, "weight_decay": 0.0}]
    for below_top, layer in enumerate(reversed(upper)):
        layer.requires_grad_(True)
        groups.append({"params": layer.parameters(), "lr": recipe.rate * _LAYER_DECAY**below_top, "weight_decay": 0.01})
    optimizer = torch.optim.AdamW(groups)

    def rate(step: int) -> float:
        return min(1.0, (step + 1) / (_WARM_UP_SHARE * steps)) * max(0.0, 1 - step / steps)

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, rate)


def _shuffled_batches(lengths: Sequence[int], epochs: int) -> Iterator[list[int]]:
    """The rows of each step: passages of similar length together, in a new random order each epoch."""
    random = np.random.default_rng(_SEED)
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
