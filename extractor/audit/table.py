"""An audit as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from extractor.audit.agreement import Figure
from extractor.audit.estimate import Audit, Row

_COLUMNS = ("years", "practice", "of", "judged", "with it", "precision", "recall", "kappa", "alpha", "raw", "corrected")


def audit_table(audit: Audit) -> str:
    """The rows of an audit, what stands in its bands, and why figures are missing."""
    raters = ", ".join(audit.raters) or "nobody by name"
    lines = [f"{audit.texts} {audit.unit}, judged by {raters}; labels by {audit.model}", "", *_table(audit)]
    by_score = ["", "By score, all years together: the share that has the practice", ""]
    return "\n".join([*lines, *by_score, *_bands(audit), *_notes(audit)])


def _table(audit: Audit) -> Iterator[str]:
    """A line a practice, all years together and by span."""
    yield f"| {' | '.join(_COLUMNS)} |"
    yield f"|---|---|{'---:|' * (len(_COLUMNS) - 2)}"
    for row in audit.rows:
        numbers = (f"{row.size:,}", str(row.judged), str(row.present))
        figures = map(_worded, (row.precision, row.recall, row.agreement.kappa, row.agreement.alpha))
        cells = (row.span, row.practice, *numbers, *figures, f"{row.raw:.3f}", _worded(row.corrected))
        yield f"| {' | '.join(cells)} |"


def _bands(audit: Audit) -> Iterator[str]:
    """A line a practice with the share of each band."""
    rows = [row for row in audit.rows if row.span == audit.rows[0].span]
    yield f"| practice | {' | '.join(band.band for band in rows[0].bands)} |"
    yield f"|---|{'---:|' * len(rows[0].bands)}"
    for row in rows:
        cells = (f"{_worded(band.share)} of {band.size:,} ({band.judged} judged)" for band in row.bands)
        yield f"| {row.practice} | {' | '.join(cells)} |"


def _notes(audit: Audit) -> list[str]:
    """Why figures are missing, and whether agreement could be told."""
    reasons = dict.fromkeys(row.note for row in audit.rows if row.note)
    said = [f"- {reason} {_places(row for row in audit.rows if row.note == reason)}" for reason in reasons]
    if len(audit.raters) < 2:
        said.append("- One rater alone: agreement is not known.")
    return ["", *said] if said else []


def _places(rows: Iterable[Row]) -> str:
    """Which rows they are.

    >>> _places([])
    '()'
    """
    return f"({'; '.join(f'{row.practice} {row.span}' for row in rows)})"


def _worded(one: Figure) -> str:
    """A figure with its interval.

    >>> _worded(Figure(0.8, 0.7212, 0.86)), _worded(Figure())
    ('0.800 (.721–.860)', '–')
    """
    if one.value is None:
        return "–"
    low, high = (f"{bound or 0.0:.3f}".replace("0.", ".", 1) for bound in (one.low, one.high))
    return f"{one.value:.3f} ({low}–{high})"
