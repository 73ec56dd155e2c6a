"""Fine-tunes a sentence encoder on the labels: the teacher, and the accurate model.

Needs the extra `train` (torch, transformers). The lowest layers and the embeddings stay as they are, so that what they
make of each passage is computed once; that takes a third off an epoch. The rules on top learn faster than the layers,
lower layers slower than upper ones, and rare labels weigh more (J. Howard and S. Ruder, "Universal Language Model
Fine-tuning for Text Classification", ACL 2018, for rates that fall from layer to layer).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from extractor.errors import ConfigurationError
from extractor.label import LABELS, MAX_TOKENS
from extractor.optional import require
from extractor.training.data.pool import Passage, targets_of

if TYPE_CHECKING:
    from torch import Tensor

_BATCH, _SEED = 16, 0
_WARM_UP = 0.06  # share of the steps in which the rates rise
_HEAD_RATE, _FALL, _DROPOUT = 1e-3, 0.9, 0.1  # FALL: a layer's rate beside that of the layer above it
_RAREST = 4.0  # the most that a positive of a rare label weighs; others the root of negatives by positives
_MASKED = -1e4  # added to what attention says of padding
_HEAD = "head.pt"
_Array = NDArray[np.float64]
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True)
class _Recipe:
    """How an encoder is fine-tuned: layers frozen from below, epochs, the rate of the uppermost layer."""

    frozen: int
    epochs: int
    rate: float


_SMALL, _LARGE = _Recipe(frozen=2, epochs=6, rate=1.5e-4), _Recipe(frozen=8, epochs=4, rate=1e-4)
_SMALL_LAYERS = 6


@dataclass(frozen=True)
class Tuned:
    """A fine-tuned encoder: the transformers model, its tokenizer, and a linear rule a label on the mean token."""

    encoder: Any
    tokenizer: Any
    head: Any

    def values(self, texts: Sequence[str]) -> _Array:
        """The decision values of passages, (passages, labels)."""
        import torch

        self.encoder.eval()
        tokens = tokenized(self, texts)
        found = np.zeros((len(texts), len(LABELS)))
        with torch.no_grad():
            for rows in _by_length(tokens):
                states, mask = _padded([_embedded(self, tokens[row]) for row in rows])
                found[rows] = self.head(_mean_token(through(self, states, mask, 0), mask)).numpy()
        return found

    def save(self, folder: Path) -> None:
        """Writes the encoder as transformers does, and the rules beside it."""
        import torch

        self.encoder.save_pretrained(folder)
        self.tokenizer.save_pretrained(folder)
        torch.save(self.head.state_dict(), folder / _HEAD)


def load_tuned(folder: Path) -> Tuned:
    """An encoder that `Tuned.save` wrote, or one that is not tuned yet. Raises ConfigurationError."""
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
    if (folder / _HEAD).exists():
        head.load_state_dict(torch.load(folder / _HEAD, weights_only=True))
    return Tuned(encoder, tokenizer, head)


def recipe_of(tuned: Tuned, taught: bool) -> _Recipe:
    """The recipe for an encoder by its layers; with the teacher's passages, which are many, a third of the epochs."""
    recipe = _SMALL if len(tuned.encoder.encoder.layer) <= _SMALL_LAYERS else _LARGE
    return replace(recipe, epochs=recipe.epochs // 3) if taught else recipe


def fine_tune(tuned: Tuned, pool: Sequence[Passage], recipe: _Recipe, progress: Progress = lambda *_: None) -> Tuned:
    """An encoder, fine-tuned on passages, in place."""
    import torch

    states = _lower_states(tuned, [row.text for row in pool], recipe.frozen)
    targets = torch.tensor(np.nan_to_num(targets_of(pool)), dtype=torch.float)
    known = torch.tensor(~np.isnan(targets_of(pool)), dtype=torch.float)
    rarity = _rare_weights(targets, known)
    batches = list(_shuffled_batches([len(state) for state in states], recipe.epochs))
    optimizer, schedule = _optimizer_of(tuned, recipe, len(batches))
    dropout = torch.nn.Dropout(_DROPOUT)
    halfway = _copied(tuned)
    tuned.encoder.train()
    for number, rows in enumerate(batches, 1):
        some, mask = _padded([states[row] for row in rows])
        values = tuned.head(dropout(_mean_token(through(tuned, some, mask, recipe.frozen), mask)))
        surprise = torch.nn.functional.binary_cross_entropy_with_logits(
            values, targets[rows], weight=known[rows], pos_weight=rarity, reduction="sum"
        )
        optimizer.zero_grad()
        (surprise / known[rows].sum()).backward()
        torch.nn.utils.clip_grad_norm_(tuned.encoder.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        progress("tune", number, len(batches))
        if number == len(batches) // 2:
            halfway = _copied(tuned)
    _average_with(tuned, halfway)
    return tuned


def _copied(tuned: Tuned) -> dict[str, Tensor]:
    """The weights as they are now."""
    return {name: value.detach().clone() for name, value in _weights_of(tuned)}


def _average_with(tuned: Tuned, before: dict[str, Tensor]) -> None:
    """Puts the mean of its weights then and now into an encoder.

    It keeps what the rates at half-time still allowed, and blurs what was learned by heart since (P. Izmailov et al.,
    "Averaging Weights Leads to Wider Optima and Better Generalization", UAI 2018).
    """
    for name, value in _weights_of(tuned):
        value.data.copy_((value.data + before[name]) / 2)


def _weights_of(tuned: Tuned) -> Iterator[tuple[str, Tensor]]:
    """The weights of an encoder and its rules, by name."""
    for part in (tuned.encoder, tuned.head):
        for name, value in part.named_parameters():
            yield f"{type(part).__name__}.{name}", value


def tokenized(tuned: Tuned, texts: Sequence[str]) -> list[list[int]]:
    """The token ids of texts, no more of each than the model will read."""
    found: list[list[int]] = tuned.tokenizer(list(texts), truncation=True, max_length=MAX_TOKENS)["input_ids"]
    return found


def _embedded(tuned: Tuned, tokens: Sequence[int]) -> Tensor:
    """What the embeddings make of tokens, (tokens, hidden)."""
    import torch

    states: Tensor = tuned.encoder.embeddings(input_ids=torch.tensor([list(tokens)]))[0]
    return states


def _lower_states(tuned: Tuned, texts: Sequence[str], frozen: int) -> list[Tensor]:
    """What the frozen layers make of each text, (tokens, hidden)."""
    import torch

    tuned.encoder.eval()
    tokens = tokenized(tuned, texts)
    found: list[Tensor] = [torch.empty(0)] * len(tokens)
    with torch.no_grad():
        for rows in _by_length(tokens):
            states, mask = _padded([_embedded(tuned, tokens[row]) for row in rows])
            lowered = through(tuned, states, mask, 0, frozen)
            for place, row in enumerate(rows):
                found[row] = lowered[place, : len(tokens[row])].clone()
    return found


def _padded(states: Sequence[Tensor]) -> tuple[Tensor, Tensor]:
    """States of passages side by side, (passages, tokens, hidden), and which tokens are there, (passages, tokens)."""
    import torch

    together = torch.nn.utils.rnn.pad_sequence(list(states), batch_first=True)
    lengths = torch.tensor([len(one) for one in states])
    return together, (torch.arange(together.shape[1]) < lengths[:, None]).float()


def through(tuned: Tuned, states: Tensor, mask: Tensor, first: int, end: int | None = None) -> Tensor:
    """States after the layers from `first` to before `end`; MPNet's layers also need the places' bias."""
    encoder = tuned.encoder.encoder
    extra = {}
    if hasattr(encoder, "compute_position_bias"):
        extra["position_bias"] = encoder.compute_position_bias(states)
    hidden = (1 - mask[:, None, None, :]) * _MASKED
    for layer in encoder.layer[first:end]:
        out = layer(states, hidden, **extra)
        states = out[0] if isinstance(out, tuple) else out
    return states


def _mean_token(states: Tensor, mask: Tensor) -> Tensor:
    """The mean of the tokens that are there, (passages, hidden)."""
    return (states * mask[:, :, None]).sum(1) / mask.sum(1, keepdim=True)


def _rare_weights(targets: Tensor, known: Tensor) -> Tensor:
    """What a positive of each label weighs beside a negative."""
    positives, negatives = (targets * known).sum(0), ((1 - targets) * known).sum(0)
    return (negatives / positives).sqrt().clamp(1, _RAREST)


def _optimizer_of(tuned: Tuned, recipe: _Recipe, steps: int) -> tuple[Any, Any]:
    """AdamW over the rules and the layers that are not frozen, and its rates: up a little, then down to nothing."""
    import torch

    tuned.encoder.requires_grad_(False)
    upper = tuned.encoder.encoder.layer[recipe.frozen :]
    groups: list[dict[str, Any]] = [{"params": tuned.head.parameters(), "lr": _HEAD_RATE, "weight_decay": 0.0}]
    for below_top, layer in enumerate(reversed(upper)):
        layer.requires_grad_(True)
        groups.append({"params": layer.parameters(), "lr": recipe.rate * _FALL**below_top, "weight_decay": 0.01})
    optimizer = torch.optim.AdamW(groups)

    def rate(step: int) -> float:
        return min(1.0, (step + 1) / (_WARM_UP * steps)) * max(0.0, 1 - step / steps)

    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, rate)


def _shuffled_batches(lengths: Sequence[int], epochs: int) -> Iterator[list[int]]:
    """Rows for each step: passages of like length together, in an order that chance makes anew each epoch."""
    random = np.random.default_rng(_SEED)
    for _ in range(epochs):
        order = random.permutation(len(lengths))
        batches = [
            part[start : start + _BATCH]
            for part in (
                sorted(order[first : first + 16 * _BATCH].tolist(), key=lengths.__getitem__)
                for first in range(0, len(order), 16 * _BATCH)
            )
            for start in range(0, len(part), _BATCH)
        ]
        yield from (batches[k] for k in random.permutation(len(batches)))


def _by_length(tokens: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """Rows, those of like length together."""
    order = sorted(range(len(tokens)), key=lambda row: len(tokens[row]))
    return (order[start : start + 2 * _BATCH] for start in range(0, len(order), 2 * _BATCH))
