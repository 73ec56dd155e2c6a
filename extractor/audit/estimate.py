"""The model's error rates on a corpus, estimated from the judgements on a sample.

Within a band of scores, the share of texts that have a practice is estimated with the inverse chances of being drawn as
weights (Horvitz and Thompson 1952), scaled to add up to the band's size. Shares times sizes of the bands are the true
and false positives and negatives of the whole corpus; from these follow precision, recall and false positive rate.
Intervals: each band's share is drawn from Jeffreys' posterior, Beta(yes + 1/2, no + 1/2), with the band's effective
number of texts (Kish 1965), and the figures are computed from the draws. So a band in which nothing was found still
adds uncertainty. Shares of single bands have Wilson's interval (1927).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from extractor.audit.agreement import NO_ESTIMATE, Estimate, cohens_kappa, estimate_of, krippendorffs_alpha
from extractor.audit.sampling import BANDS, Band, Stratum, Unit, band_of
from extractor.intervals import wilson_interval
from extractor.records import PRACTICES, Practice

_Array = NDArray[np.float64]
ALL_SPANS = "all"  # all spans together
_IS_GIVEN = np.array([True, True, False, False])  # for each of BANDS
POSTERIOR_DRAWS = 4_000
MIN_SPAN_CASES = 10  # judged to have a practice, and judged not to, for a span to have its own error rates
_MIN_RATE_GAP = 0.1  # between tpr and fpr, surely: shares are divided by it


@dataclass(frozen=True, slots=True)
class JudgedItem:
    """A drawn text with the model's labels, each rater's answer, and the adjudicated answer if there is one."""

    span: str
    weight: float
    practices: frozenset[Practice]
    scores: Mapping[Practice, float]
    answers: Mapping[str, frozenset[Practice]]
    adjudicated: frozenset[Practice] | None = None

    def band(self, practice: Practice) -> Band:
        """The band of a practice's score."""
        return band_of(practice in self.practices, self.scores[practice])

    def truth(self, practice: Practice) -> float:
        """1 or 0 if it was adjudicated; else the share of raters who found the practice."""
        answers = [self.adjudicated] if self.adjudicated is not None else list(self.answers.values())
        return sum(practice in answer for answer in answers) / len(answers)


@dataclass(frozen=True, slots=True)
class _Agreement:
    """The agreement of raters on a practice, over the texts with two answers or more; kappa only for two raters."""

    agreed: Estimate
    kappa: Estimate
    alpha: Estimate


@dataclass(frozen=True, slots=True)
class _BandEstimate:
    """The number of texts in a band, the number judged, and the share that has the practice.

    `effective` is the size of an unweighted sample that would be as precise.
    """

    band: Band
    size: int
    judged: int
    effective: float
    share: Estimate
    agreement: _Agreement


@dataclass(frozen=True, slots=True)
class AuditRow:
    """The results for a practice in a span of years or all: of `size` texts `judged` were judged, `present` have it.

    `raw` is the share that the model labels with the practice, `corrected` the share that has it. `note` says why a
    figure is missing.
    """

    span: str
    practice: Practice
    size: int
    judged: int
    present: int
    precision: Estimate
    recall: Estimate
    false_positive_rate: Estimate
    raw: float
    corrected: Estimate
    agreement: _Agreement
    bands: tuple[_BandEstimate, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Audit:
    """An audit: what was judged, by whom, and the results, all spans together first."""

    made_by: str
    unit: Unit
    years: int
    seed: int
    model: str
    model_sha256: str
    raters: tuple[str, ...]
    texts: int
    rows: tuple[AuditRow, ...]


def audit_rows(judged: Sequence[JudgedItem], sizes: Mapping[Stratum, int]) -> Iterator[AuditRow]:
    """The results of each practice, for all spans together, then for each span if there are several."""
    spans = sorted({stratum.span for stratum in sizes})
    for chosen in [spans] if len(spans) == 1 else [spans, *([span] for span in spans)]:
        for practice in PRACTICES:
            name = chosen[0] if len(chosen) == 1 and len(spans) > 1 else ALL_SPANS
            yield _audit_row(name, practice, [item for item in judged if item.span in chosen], sizes, chosen)


def _audit_row(
    name: str, practice: Practice, judged: Sequence[JudgedItem], sizes: Mapping[Stratum, int], spans: Sequence[str]
) -> AuditRow:
    """The results for a practice in some spans."""
    bands = tuple(_band_estimate(band, practice, judged, sizes, spans) for band in BANDS)
    rates = error_rates(bands)
    return AuditRow(
        name,
        practice,
        size=sum(band.size for band in bands),
        judged=len(judged),
        present=sum(item.truth(practice) > 0.5 for item in judged),
        precision=rates.precision,
        recall=rates.recall,
        false_positive_rate=rates.false_positive_rate,
        raw=round(sum(band.size for band in bands[:2]) / sum(band.size for band in bands), 4),
        corrected=rates.prevalence if rates.can_correct else NO_ESTIMATE,
        agreement=_agreement_of(practice, judged),
        bands=bands,
        note=rates.note,
    )


def _agreement_of(practice: Practice, judged: Sequence[JudgedItem]) -> _Agreement:
    """The agreement of the raters of some texts on a practice."""
    rated_twice = [item for item in judged if len(item.answers) > 1]
    raters = sorted({name for item in rated_twice for name in item.answers})
    answers = [[practice in item.answers[name] for name in raters if name in item.answers] for item in rated_twice]
    pairs = answers if len(raters) == 2 else []
    return _Agreement(
        _share_with_interval(sum(len(set(row)) == 1 for row in answers), len(answers)),
        cohens_kappa([row[0] for row in pairs], [row[1] for row in pairs]),
        krippendorffs_alpha(answers),
    )


def _band_estimate(
    band: Band, practice: Practice, judged: Sequence[JudgedItem], sizes: Mapping[Stratum, int], spans: Sequence[str]
) -> _BandEstimate:
    """The share in a band. Within each span, the weights are scaled to add up to the number of its texts."""
    in_band = [item for item in judged if item.band(practice) == band]
    by_span = {span: sizes.get(Stratum(span, practice, band), 0) for span in spans}
    total = {span: sum(item.weight for item in in_band if item.span == span) for span in spans}
    weights = np.array([item.weight * by_span[item.span] / total[item.span] for item in in_band])
    truth = np.array([item.truth(practice) for item in in_band])
    agreement = _agreement_of(practice, in_band)
    if not in_band:
        return _BandEstimate(band, sum(by_span.values()), 0, 0.0, NO_ESTIMATE, agreement)
    effective = float(weights.sum() ** 2 / (weights**2).sum())
    share = float(weights @ truth / weights.sum())
    share_in_band = _share_with_interval(share * effective, effective)
    return _BandEstimate(band, sum(by_span.values()), len(in_band), round(effective, 2), share_in_band, agreement)


def _share_with_interval(count: float, total: float) -> Estimate:
    """A share with its interval; none if there are no texts. The numbers need not be whole."""
    return Estimate(round(count / total, 4), *wilson_interval(count, total)) if total else NO_ESTIMATE


@dataclass(frozen=True)
class _ErrorRates:
    """The error rates of a model on a practice, and posterior draws of them, (POSTERIOR_DRAWS,).

    `tpr` is recall, `fpr` the share of texts without the practice that are labelled with it.
    """

    tpr: float
    fpr: float
    tprs: _Array
    fprs: _Array
    precision: Estimate
    prevalence: Estimate

    @property
    def recall(self) -> Estimate:
        """The true positive rate."""
        return estimate_of(self.tpr, self.tprs) if np.isfinite(self.tpr) else NO_ESTIMATE

    @property
    def false_positive_rate(self) -> Estimate:
        """The false positive rate."""
        return estimate_of(self.fpr, self.fprs) if np.isfinite(self.fpr) else NO_ESTIMATE

    @property
    def can_correct(self) -> bool:
        """Whether true and false positive rate surely differ enough to correct counts by them."""
        return bool(np.isfinite(self.tpr - self.fpr) and np.percentile(self.tprs - self.fprs, 2.5) > _MIN_RATE_GAP)

    @property
    def note(self) -> str:
        """A sentence on why counts cannot be corrected; "" if they can."""
        if self.can_correct:
            return ""
        if not np.isfinite(self.tpr):
            return "Not corrected: none of the texts judged has the practice, so that recall is not known."
        if not np.isfinite(self.fpr):
            return "Not corrected: all texts judged have the practice, so that the false positive rate is not known."
        return f"Not corrected: true and false positive rate are not surely more than {_MIN_RATE_GAP:g} apart."


def error_rates(bands: Sequence[_BandEstimate]) -> _ErrorRates:
    """The error rates that follow from the shares of the four bands."""
    sizes = np.array([float(band.size) for band in bands])
    shares = np.array([[band.share.value or 0.0 for band in bands]])
    values, draws = _outcomes(shares, sizes), _outcomes(_posterior(bands), sizes)
    precision, prevalence = (
        estimate_of(float(values[name][0]), _finite(draws[name])) if np.isfinite(values[name][0]) else NO_ESTIMATE
        for name in ("precision", "prevalence")
    )
    tpr, fpr = float(values["tpr"][0]), float(values["fpr"][0])
    return _ErrorRates(tpr, fpr, draws["tpr"], draws["fpr"], precision, prevalence)


def _posterior(bands: Sequence[_BandEstimate]) -> _Array:
    """Draws of the bands' shares from Jeffreys' posterior, (POSTERIOR_DRAWS, bands); 0 for a band without texts."""
    draws = np.zeros((POSTERIOR_DRAWS, len(bands)))
    generator = np.random.default_rng(0)
    for k, band in enumerate(bands):
        if band.judged:
            yes = (band.share.value or 0.0) * band.effective
            draws[:, k] = generator.beta(yes + 0.5, band.effective - yes + 0.5, POSTERIOR_DRAWS)
    return draws


def _outcomes(shares: _Array, sizes: _Array) -> dict[str, _Array]:
    """Precision, rates and prevalence from shares, (…, bands), and sizes of the bands; NaN if undefined."""
    true, total = shares * sizes, sizes.sum()
    hits, present = true[:, _IS_GIVEN].sum(1), true.sum(1)
    labelled = sizes[_IS_GIVEN].sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        return {
            "precision": hits / labelled,
            "tpr": hits / present,
            "fpr": (labelled - hits) / (total - present),
            "prevalence": present / total,
        }


def _finite(values: _Array) -> _Array:
    """The finite values."""
    return values[np.isfinite(values)]
