"""CSV: a line a policy, for spreadsheets and a first look."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import IO, cast

from extractor.compression import packed
from extractor.exports.lines import SCOPES, column_of, types_in
from extractor.files import write_atomically
from extractor.records import CATEGORIES, PRACTICES, Policy

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")  # what a spreadsheet takes for the beginning of one (OWASP)
_DENIED = ("does_not", "mixed")
COLUMNS = (
    *("id", "domain", "title", "language", "url", "timestamp", "archive_url", "status", "sha256", "source"),
    *("usable", "is_policy", "reasons", "labelled", "words", "segments", "uncertain"),
    *(*PRACTICES, *map(column_of, CATEGORIES)),
    *(*(f"denied_{practice}" for practice in PRACTICES), *(f"data_types_{scope}" for scope in SCOPES)),
    *("extractor", "model", "model_sha256"),
)


def write_csv(policies: Iterable[Policy], path: Path) -> int:
    """Writes a line a policy under a header: UTF-8, quoted as RFC 4180 says. Gives the number of policies.

    A practice's or category's column counts the segments that have it, `denied_` those that say it is not done, in
    whole or in part; `data_types_` lists those that any segment names. Text that a spreadsheet would take for a formula
    has an apostrophe in front.
    """
    count = 0
    with write_atomically(path) as raw, packed(raw, path) as stream:
        lines = io.TextIOWrapper(cast(IO[bytes], stream), "utf-8", newline="", write_through=True)
        table = csv.writer(lines)
        table.writerow(COLUMNS)
        for count, policy in enumerate(policies, 1):  # noqa: B007
            table.writerow(map(guarded, _row_of(policy)))
        lines.detach()
    return count


def guarded(value: str | float) -> str | float:
    """A value that no spreadsheet computes.

    >>> guarded("=HYPERLINK(1)"), guarded("Privacy"), guarded(-1)
    ("'=HYPERLINK(1)", 'Privacy', -1)
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def _row_of(policy: Policy) -> list[str | float]:
    """A policy as the values of COLUMNS; truth is 1 or 0."""
    capture, made = policy.capture, policy.provenance
    given = Counter(label for part in policy.segments for label in (*part.practices, *part.categories))
    denied = Counter(
        practice for part in policy.segments for practice in PRACTICES if part.polarity[practice] in _DENIED
    )
    return [
        *(policy.id, policy.domain, policy.title, policy.language, capture.url, capture.timestamp),
        *(capture.archive_url, capture.status, capture.sha256, policy.source.path),
        *(int(policy.verdict.usable), policy.verdict.is_policy, "; ".join(policy.verdict.reasons)),
        *(int(policy.labelled), len(policy.text.split()), len(policy.segments)),
        sum(part.uncertain for part in policy.segments),
        *(given[label] for label in (*PRACTICES, *CATEGORIES)),
        *(denied[practice] for practice in PRACTICES),
        *("; ".join(types_in(policy, scope)) for scope in SCOPES),
        *(made.extractor, made.model, made.model_sha256),
    ]
