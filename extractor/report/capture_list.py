"""The captures of a page as compact data for the page's script, which shows them as a table and filters by them.

    {"practices", "polarities", "verdicts", "sites": {number: name}, "terms": [[number, id, label, group], ...],
     "strings": [...], "rows": [[site, index, day, title, language, url, verdict, labelled, segments, uncertain, policy,
                                 segments by practice, polarities by practice, terms], ...]}

Title, language, URL, policy and terms are numbers of strings. Polarities by practice is a digit for each practice.
Terms is a bit set in hexadecimal digits, lowest last.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import count
from typing import Any, get_args

from extractor.records import PRACTICES, Polarity
from extractor.report.overview import CaptureRow
from extractor.report.sites import NamedTerm

_VERDICTS = ("usable", "doubtful", "unusable")
_POLARITIES: tuple[Polarity, ...] = get_args(Polarity)


def capture_list(rows: Iterable[CaptureRow], terms: Sequence[NamedTerm]) -> Mapping[str, Any]:
    """The data of some captures, ready for JSON; of the terms only those that they mention."""
    strings: defaultdict[str, int] = defaultdict(count().__next__)
    rows = list(rows)
    found = sorted(frozenset().union(*(row.terms for row in rows)))
    return {
        "practices": PRACTICES,
        "polarities": _POLARITIES,
        "verdicts": _VERDICTS,
        "sites": {row.site: row.name for row in rows},
        "terms": [[number, terms[number].id, terms[number].label, terms[number].group] for number in found],
        "rows": [_row_data(row, strings) for row in rows],
        "strings": list(strings),
    }


def _row_data(row: CaptureRow, strings: Mapping[str, int]) -> list[Any]:
    """A capture by numbers."""
    return [
        row.site,
        row.index,
        row.day,
        strings[row.title],
        strings[row.language],
        strings[row.url],
        _VERDICTS.index(row.verdict),
        int(row.labelled),
        row.segments,
        row.uncertain,
        strings[row.policy],
        [said.segments for said in row.stances.values()],
        "".join(str(_POLARITIES.index(said.polarity)) for said in row.stances.values()),
        strings[f"{sum(1 << number for number in row.terms):x}"],
    ]
