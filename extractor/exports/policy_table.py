"""A table of policies as CSV, a row per policy, for spreadsheets and a first look."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from extractor.exports.fields import DATA_TYPE_SCOPES, column_name, data_types_in
from extractor.exports.tables import escape_formula, write_csv_table
from extractor.records import CATEGORIES, PRACTICES, Policy

_DENIAL_POLARITIES = ("does_not", "mixed")
POLICY_COLUMNS = (
    *("id", "domain", "title", "language", "url", "timestamp", "archive_url", "status", "sha256", "source"),
    *("usable", "is_policy", "reasons", "labelled", "words", "segments", "uncertain"),
    *(*PRACTICES, *map(column_name, CATEGORIES)),
    *(*(f"denied_{practice}" for practice in PRACTICES), *(f"data_types_{scope}" for scope in DATA_TYPE_SCOPES)),
    *("extractor", "model", "model_sha256"),
)


def write_policies_csv(policies: Iterable[Policy], path: Path) -> int:
    """Writes policies as rows of a CSV and returns their number.

    The column of a practice or category counts the segments that have it, `denied_` those that say it is not done, in
    whole or in part; `data_types_` lists the types that any segment names. Text that a spreadsheet would take for a
    formula has an apostrophe in front.
    """
    return write_csv_table(POLICY_COLUMNS, (map(escape_formula, _row_of(policy)) for policy in policies), path)


def _row_of(policy: Policy) -> list[str | float]:
    """A policy as the values of POLICY_COLUMNS; truth is 1 or 0."""
    capture, provenance = policy.capture, policy.provenance
    labels = Counter(label for segment in policy.segments for label in (*segment.practices, *segment.categories))
    denials = Counter(
        practice
        for segment in policy.segments
        for practice in PRACTICES
        if segment.polarity[practice] in _DENIAL_POLARITIES
    )
    return [
        *(policy.id, policy.domain, policy.title, policy.language, capture.url, capture.timestamp),
        *(capture.archive_url, capture.status, capture.sha256, policy.source.path),
        *(int(policy.verdict.usable), policy.verdict.is_policy, "; ".join(policy.verdict.reasons)),
        *(int(policy.labelled), len(policy.text.split()), len(policy.segments)),
        sum(segment.uncertain for segment in policy.segments),
        *(labels[label] for label in (*PRACTICES, *CATEGORIES)),
        *(denials[practice] for practice in PRACTICES),
        *("; ".join(data_types_in(policy, scope)) for scope in DATA_TYPE_SCOPES),
        *(provenance.extractor, provenance.model, provenance.model_sha256),
    ]
