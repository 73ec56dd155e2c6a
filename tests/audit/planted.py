"""Corpora whose truth and whose model's errors are known, since they are drawn."""

from dataclasses import dataclass

import numpy as np

from extractor.audit import Audit, AuditItem, JudgedItem, audit_rows, draw_sample
from extractor.records import PRACTICES


@dataclass(frozen=True)
class World:
    """What is planted: the share of texts with each practice, and the model's error rates."""

    prevalence: float = 0.2
    tpr: float = 0.8
    fpr: float = 0.1
    texts: int = 2_000
    spans: int = 1


@dataclass(frozen=True)
class Corpus:
    """Texts as the model labelled them, and what is true of each, by place."""

    items: list[AuditItem]
    truth: dict[str, frozenset[str]]

    def share(self, practice: str) -> float:
        return sum(practice in one for one in self.truth.values()) / len(self.truth)

    def counted(self, practice: str) -> int:
        return sum(practice in item.practices for item in self.items)

    def rates(self, practice: str, span: str = "") -> dict[str, float]:
        """Precision, recall, false positive rate and prevalence, of all texts."""
        pairs = [(practice in i.practices, practice in self.truth[i.place]) for i in self.items if span in ("", i.span)]
        both, given, true = sum(g and t for g, t in pairs), sum(g for g, _ in pairs), sum(t for _, t in pairs)
        return {
            "precision": both / given,
            "recall": both / true,
            "false_positive_rate": (given - both) / (len(pairs) - true),
            "corrected": true / len(pairs),
        }


def corpus(world: World, seed: int) -> Corpus:
    generator = np.random.default_rng(seed)
    items, truth = [], {}
    for number in range(world.texts):
        has = generator.random(len(PRACTICES)) < world.prevalence
        given = generator.random(len(PRACTICES)) < np.where(has, world.tpr, world.fpr)
        high, low = generator.uniform(0.4, 1, len(PRACTICES)), generator.uniform(0, np.where(has, 0.4, 0.15))
        scores = np.where(given, high, low).tolist()
        place = f"{seed}/{number}"
        truth[place] = frozenset(name for name, yes in zip(PRACTICES, has, strict=True) if yes)
        said = frozenset(name for name, yes in zip(PRACTICES, given, strict=True) if yes)
        items.append(
            AuditItem(
                place, str(2000 + number % world.spans), said, dict(zip(PRACTICES, scores, strict=True)), f"t{number}"
            )
        )
    return Corpus(items, truth)


def audited(made: Corpus, per_stratum: int, seed: int) -> Audit:
    """The audit by two raters who are always right."""
    sample = draw_sample(made.items, per_stratum, seed)
    judged = [
        JudgedItem(
            one.item.span, 1 / one.chance, one.item.practices, one.item.scores,
            dict.fromkeys("ab", made.truth[one.item.place]),
        )
        for one in sample.items
    ]  # fmt: skip
    return Audit("", "segments", 1, seed, "", "", ("a", "b"), len(judged), tuple(audit_rows(judged, sample.sizes)))
