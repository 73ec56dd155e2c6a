"""An audit as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractor.audit.agreement import Estimate
from extractor.audit.estimate import Audit, AuditRow

_COLUMNS = ("years", "practice", "of", "judged", "with it", "precision", "recall", "kappa", "alpha", "raw", "corrected")


def audit_table(audit: Audit) -> str:
    """The tables of an audit, by practice and span and by band, and notes on missing figures."""
    raters = ", ".join(audit.raters) or "nobody by name"
    lines = [f"{audit.texts} {audit.unit}, judged by {raters}; labels by {audit.model}", "", *_table(audit)]
    by_score = ["", "By score, all years together: the share that has the practice", ""]
    return "\n".join([*lines, *by_score, *_bands(audit), *_notes(audit)])


def _table(audit: Audit) -> Iterator[str]:
    """A line for each practice, all years together and by span."""
    yield f"| {' | '.join(_COLUMNS)} |"
    yield f"|---|---|{'---:|' * (len(_COLUMNS) - 2)}"
    for row in audit.rows:
        numbers = (f"{row.size:,}", str(row.judged), str(row.present))
        estimates = map(_estimate_text, (row.precision, row.recall, row.agreement.kappa, row.agreement.alpha))
        cells = (row.span, row.practice, *numbers, *estimates, f"{row.raw:.3f}", _estimate_text(row.corrected))
        yield f"| {' | '.join(cells)} |"


def _bands(audit: Audit) -> Iterator[str]:
    """A line for each practice, with the share in each band."""
    rows = [row for row in audit.rows if row.span == audit.rows[0].span]
    yield f"| practice | {' | '.join(band.band for band in rows[0].bands)} |"
    yield f"|---|{'---:|' * len(rows[0].bands)}"
    for row in rows:
        cells = (f"{_estimate_text(band.share)} of {band.size:,} ({band.judged} judged)" for band in row.bands)
        yield f"| {row.practice} | {' | '.join(cells)} |"


def _notes(audit: Audit) -> list[str]:
    """Notes on missing figures, and on agreement if it is unknown."""
    reasons = dict.fromkeys(row.note for row in audit.rows if row.note)
    notes = [f"- {reason} {_row_names(row for row in audit.rows if row.note == reason)}" for reason in reasons]
    if len(audit.raters) < 2:
        notes.append("- One rater alone: agreement is not known.")
    return ["", *notes] if notes else []


def _row_names(rows: Iterable[AuditRow]) -> str:
    """The names of some rows.

    >>> _row_names([])
    '()'
    """
    return f"({'; '.join(f'{row.practice} {row.span}' for row in rows)})"


def _estimate_text(estimate: Estimate) -> str:
    """A figure with its interval.

    >>> _estimate_text(Estimate(0.8, 0.7212, 0.86)), _estimate_text(Estimate())
    ('0.800 (.721–.860)', '–')
    """
    if estimate.value is None:
        return "–"
    low, high = (f"{bound or 0.0:.3f}".replace("0.", ".", 1) for bound in (estimate.low, estimate.high))
    return f"{estimate.value:.3f} ({low}–{high})"
