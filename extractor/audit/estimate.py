"""What the model is worth on a corpus, by the judgements on a sample of it.

Within a band of scores the share of texts that truly speak of a practice is estimated with the chances of being drawn
as weights (Horvitz and Thompson 1952; weights made to add up to the band's size). Shares times sizes of the bands give
true and false positives and negatives of the whole corpus, and these precision, recall, and the false positive rate.
Intervals: each band's share is drawn from Jeffreys' posterior, Beta(yes + 1/2, no + 1/2), of the band's effective
number of texts (Kish 1965), and the figures are made of what was drawn. So a band in which nobody found anything still
says how much may hide in it. Shares of single bands have Wilson's interval (1927).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from extractor.audit.agreement import NOTHING, Array, Figure, alpha, figure, kappa
from extractor.audit.draw import BANDS, Band, Stratum, Unit, band_of
from extractor.records import PRACTICES, Practice

ALL = "all"  # the spans together
_GIVEN = np.array([True, True, False, False])  # of the BANDS
DRAWS = 4_000
ENOUGH = 10  # texts judged to have a practice, and not to have it, for a span's own error rates
_LEAST_POWER = 0.1  # tpr - fpr may not reach down to this: what is divided by it says nothing


@dataclass(frozen=True, slots=True)
class Judged:
    """A drawn text as it was judged: what the model gave, each rater's answer, and the one that settled it, if any."""

    span: str
    weight: float
    practices: frozenset[Practice]
    scores: Mapping[Practice, float]
    answers: Mapping[str, frozenset[Practice]]
    settled: frozenset[Practice] | None = None

    def band(self, practice: Practice) -> Band:
        """The band of a practice's score."""
        return band_of(practice in self.practices, self.scores[practice])

    def truth(self, practice: Practice) -> float:
        """1 or 0 as it was settled; else the share of raters who found the practice."""
        answers = [self.settled] if self.settled is not None else list(self.answers.values())
        return sum(practice in one for one in answers) / len(answers)


@dataclass(frozen=True, slots=True)
class _Agreement:
    """How far raters agree on a practice, over the texts with two answers or more: the share, and beyond chance.

    Kappa is of two raters.
    """

    agreed: Figure
    kappa: Figure
    alpha: Figure


@dataclass(frozen=True, slots=True)
class _Share:
    """The texts of a band: how many there are, how many were judged, and which share of them has the practice.

    `effective` is the number of texts that a sample without weights would need to say as much.
    """

    band: Band
    size: int
    judged: int
    effective: float
    share: Figure
    agreement: _Agreement


@dataclass(frozen=True, slots=True)
class Row:
    """What was found of a practice in a span of years, or in all: `judged` texts of `size`, `present` with it.

    `raw` is the share that the model gives the practice, `corrected` the share that has it. `note` says why a figure
    is missing.
    """

    span: str
    practice: Practice
    size: int
    judged: int
    present: int
    precision: Figure
    recall: Figure
    false_positive_rate: Figure
    raw: float
    corrected: Figure
    agreement: _Agreement
    bands: tuple[_Share, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit: of what, by whom, and its rows, the spans together first."""

    made_by: str
    unit: Unit
    years: int
    seed: int
    model: str
    model_sha256: str
    raters: tuple[str, ...]
    texts: int
    rows: tuple[Row, ...]


def rows_of(judged: Sequence[Judged], sizes: Mapping[Stratum, int]) -> Iterator[Row]:
    """The rows: all spans together, then each, practice by practice."""
    spans = sorted({stratum.span for stratum in sizes})
    for chosen in [spans] if len(spans) == 1 else [spans, *([span] for span in spans)]:
        for practice in PRACTICES:
            name = chosen[0] if len(chosen) == 1 and len(spans) > 1 else ALL
            yield _row_of(name, practice, [one for one in judged if one.span in chosen], sizes, chosen)


def _row_of(
    name: str, practice: Practice, judged: Sequence[Judged], sizes: Mapping[Stratum, int], spans: Sequence[str]
) -> Row:
    """What was found of a practice in some spans."""
    bands = tuple(_share_of(band, practice, judged, sizes, spans) for band in BANDS)
    rates = rates_of(bands)
    return Row(
        name,
        practice,
        size=sum(band.size for band in bands),
        judged=len(judged),
        present=sum(one.truth(practice) > 0.5 for one in judged),
        precision=rates.precision,
        recall=rates.recall,
        false_positive_rate=rates.false_positive_rate,
        raw=round(sum(band.size for band in bands[:2]) / sum(band.size for band in bands), 4),
        corrected=rates.prevalence if rates.tells else NOTHING,
        agreement=_agreement_of(practice, judged),
        bands=bands,
        note=rates.note,
    )


def _agreement_of(practice: Practice, judged: Sequence[Judged]) -> _Agreement:
    """How far the raters of some texts agree on a practice."""
    twice = [one for one in judged if len(one.answers) > 1]
    raters = sorted({name for one in twice for name in one.answers})
    answers = [[practice in one.answers[name] for name in raters if name in one.answers] for one in twice]
    two = answers if len(raters) == 2 else []
    return _Agreement(
        _wilson(sum(len(set(row)) == 1 for row in answers), len(answers)),
        kappa([row[0] for row in two], [row[1] for row in two]),
        alpha(answers),
    )


def _share_of(
    band: Band, practice: Practice, judged: Sequence[Judged], sizes: Mapping[Stratum, int], spans: Sequence[str]
) -> _Share:
    """The share of a band; within each span the weights are made to add up to the number of its texts."""
    found = [one for one in judged if one.band(practice) == band]
    by_span = {span: sizes.get(Stratum(span, practice, band), 0) for span in spans}
    total = {span: sum(one.weight for one in found if one.span == span) for span in spans}
    weights = np.array([one.weight * by_span[one.span] / total[one.span] for one in found])
    truth = np.array([one.truth(practice) for one in found])
    agreement = _agreement_of(practice, found)
    if not found:
        return _Share(band, sum(by_span.values()), 0, 0.0, NOTHING, agreement)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    share = float(weights @ truth / weights.sum())
    of_band = _wilson(share * effective, effective)
    return _Share(band, sum(by_span.values()), len(found), round(effective, 2), of_band, agreement)


def _wilson(count: float, of: float) -> Figure:
    """A share with Wilson's interval (1927); the numbers need not be whole."""
    if not of:
        return NOTHING
    z, share = 1.959964, count / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z * np.sqrt(share * (1 - share) / of + z * z / (4 * of * of)) / (1 + z * z / of)
    return Figure(round(share, 4), round(max(0.0, float(middle - half)), 4), round(min(1.0, float(middle + half)), 4))


@dataclass(frozen=True)
class _Rates:
    """The error rates of a model on a practice: as estimated, and as drawn again and again, (draws,).

    `tpr` is recall, `fpr` the share of texts without the practice that are given it.
    """

    tpr: float
    fpr: float
    tprs: Array
    fprs: Array
    precision: Figure
    prevalence: Figure

    @property
    def recall(self) -> Figure:
        """The true positive rate."""
        return figure(self.tpr, self.tprs) if np.isfinite(self.tpr) else NOTHING

    @property
    def false_positive_rate(self) -> Figure:
        """The false positive rate."""
        return figure(self.fpr, self.fprs) if np.isfinite(self.fpr) else NOTHING

    @property
    def tells(self) -> bool:
        """Whether the model's yes says enough of a yes that counts can be corrected by it."""
        power = self.tprs - self.fprs
        return bool(np.isfinite(self.tpr - self.fpr) and np.percentile(power, 2.5) > _LEAST_POWER)

    @property
    def note(self) -> str:
        """Why counts cannot be corrected, in a sentence; "" where they can."""
        if self.tells:
            return ""
        if not np.isfinite(self.tpr):
            return "Not corrected: none of the texts judged has the practice, so that recall is not known."
        if not np.isfinite(self.fpr):
            return "Not corrected: all texts judged have the practice, so that the false positive rate is not known."
        return f"Not corrected: true and false positive rate are not surely more than {_LEAST_POWER:g} apart."


def rates_of(bands: Sequence[_Share]) -> _Rates:
    """The error rates that the shares of the four bands amount to."""
    sizes = np.array([float(band.size) for band in bands])
    shares = np.array([[band.share.value or 0.0 for band in bands]])
    value, drawn = _outcomes(shares, sizes), _outcomes(_posterior(bands), sizes)
    precision, prevalence = (
        figure(float(value[name][0]), _finite(drawn[name])) if np.isfinite(value[name][0]) else NOTHING
        for name in ("precision", "prevalence")
    )
    return _Rates(float(value["tpr"][0]), float(value["fpr"][0]), drawn["tpr"], drawn["fpr"], precision, prevalence)


def _posterior(bands: Sequence[_Share]) -> Array:
    """Shares of the bands drawn from Jeffreys' posterior, (draws, bands); a band without texts stays 0."""
    draws = np.zeros((DRAWS, len(bands)))
    generator = np.random.default_rng(0)
    for k, band in enumerate(bands):
        if band.judged:
            yes = (band.share.value or 0.0) * band.effective
            draws[:, k] = generator.beta(yes + 0.5, band.effective - yes + 0.5, DRAWS)
    return draws


def _outcomes(shares: Array, sizes: Array) -> dict[str, Array]:
    """Precision, rates and prevalence from shares, (…, bands), and sizes of the bands; NaN of nothing."""
    true, whole = shares * sizes, sizes.sum()
    hits, present = true[:, _GIVEN].sum(1), true.sum(1)
    given = sizes[_GIVEN].sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "precision": hits / given,
            "tpr": hits / present,
            "fpr": (given - hits) / (whole - present),
            "prevalence": present / whole,
        }


def _finite(values: Array) -> Array:
    """Those that are numbers."""
    return values[np.isfinite(values)]
