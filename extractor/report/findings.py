"""Findings in sentences: how many sites speak of each practice, and when they began, ceased, denied and turned.

A site is counted if it has a usable, labelled capture. It "began" to speak of a practice if the policy that first
speaks of it has an earlier capture that is silent, and "ceased" if the last capture of every policy that ever spoke of
it is silent: a period without a capture, or with one that was not looked at, is evidence of neither.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from extractor.records import PRACTICES, Polarity, Practice
from extractor.report.statements import SiteCapture
from extractor.stances import combined_polarity
from extractor.timestamps import is_timestamp, period_of

_MAX_ROWS = 100  # of a claim that are drawn at once
_MAX_NAMED = 2  # sites named in a sentence; of more, their number and the time of most of them
_MIN_SITES_FOR_SHARE = 10  # below, a percentage would claim more than the counts
_PRACTICE_PHRASES: dict[Practice, str] = {
    "collection": "collecting information",
    "sharing": "sharing information",
    "cookies": "cookies and other tracking",
    "rights": "rights and choices",
    "children": "children",
}
STANCE_WORDS: dict[Polarity, str] = {
    "": "silent",
    "does": "says so",
    "does_not": "only denies it",
    "mixed": "says so, and in part denies it",
    "unclear": "speaks of it",
}
_Change = tuple[SiteCapture, SiteCapture]


@dataclass(frozen=True, slots=True)
class _FindingRow:
    """A site behind a claim: the capture before and the capture that the claim is about.

    `before` is None if the claim is about one capture.
    """

    site: int
    name: str
    before: SiteCapture | None
    after: SiteCapture


@dataclass(frozen=True, slots=True)
class _Claim:
    """A sentence on some sites, and the sites."""

    kind: str
    sentence: str
    rows: tuple[_FindingRow, ...]

    def has_before(self) -> bool:
        """Whether some site has a capture before the one that the claim is about."""
        return any(row.before for row in self.rows)

    def first_rows(self) -> tuple[_FindingRow, ...]:
        """The sites that the page has as a table from the beginning."""
        return self.rows[:_MAX_ROWS]

    def further_rows(self, practice: Practice) -> list[list[Any]]:
        """The others, ready for JSON: [site, its name, [[capture, segment, day, what it says], ...], words]."""
        return [
            [
                row.site, row.name,
                [_said(one, practice) for one in (row.before, row.after) if one],
                self.quoted(row).statements[practice].words,
            ]
            for row in self.rows[_MAX_ROWS:]
        ]  # fmt: skip

    def quoted(self, row: _FindingRow) -> SiteCapture:
        """The capture of a site whose words are shown."""
        return row.before if self.kind == "ceased" and row.before else row.after


def _said(capture: SiteCapture, practice: Practice) -> list[Any]:
    """What a capture says of a practice, and where."""
    statement = capture.statements[practice]
    return [capture.index, statement.segment, capture.day, STANCE_WORDS[statement.polarity]]


@dataclass(frozen=True, slots=True)
class PracticeFindings:
    """What was found on a practice; the first claim has all sites."""

    practice: Practice
    claims: tuple[_Claim, ...]


@dataclass(frozen=True, slots=True)
class _Course:
    """What a site says about a practice over time; a change is the capture before it and the first one after it.

    `first` and `latest` are the captures that best show what the site says first and last. `began_unseen` is the first
    capture to speak of the practice if its policy has no earlier one, although another policy of the site has.
    """

    first: SiteCapture
    latest: SiteCapture
    latest_polarity: Polarity
    captures: int
    began: _Change | None = None
    began_unseen: SiteCapture | None = None
    ceased: _Change | None = None
    turned: _Change | None = None
    began_denying: _Change | None = None


def _site_course(captures: Sequence[SiteCapture], practice: Practice) -> _Course:
    """The course of a practice over the captures of a site, one or more, in order of time."""
    series = list(_by_series(captures).values())

    def says(capture: SiteCapture) -> Polarity:
        return capture.statements[practice].polarity

    speaking = [capture for capture in captures if says(capture)]
    lasts = [one[-1] for one in series]
    still = [capture for capture in lasts if says(capture)]
    latest_polarity = combined_polarity(map(says, still))
    latest = max(still or lasts, key=lambda one: (says(one) == latest_polarity, one.timestamp, one.index))
    before = _capture_before(series, speaking[0]) if speaking else None
    return _Course(
        first=captures[0],
        latest=latest,
        latest_polarity=latest_polarity,
        captures=len(captures),
        began=(before, speaking[0]) if before else None,
        began_unseen=speaking[0] if speaking and not before and speaking[0] is not captures[0] else None,
        ceased=_last_fall_silent(series, says) if speaking and not still else None,
        turned=_first_change(captures, series, lambda one: says(one) in ("does", "mixed"),
                             lambda one: says(one) == "does_not"),
        began_denying=_first_change(captures, series, lambda one: says(one) in ("does_not", "mixed"),
                                    lambda one: says(one) in ("does", "unclear")),
    )  # fmt: skip


def _by_series(captures: Sequence[SiteCapture]) -> dict[int, list[SiteCapture]]:
    """The captures of each policy, in order of time."""
    series: dict[int, list[SiteCapture]] = defaultdict(list)
    for capture in captures:
        series[capture.series].append(capture)
    return series


def _capture_before(series: Sequence[Sequence[SiteCapture]], capture: SiteCapture) -> SiteCapture | None:
    """The capture of the same policy before another one."""
    return next((before for one in series for before, after in pairwise(one) if after is capture), None)


def _last_fall_silent(
    series: Sequence[Sequence[SiteCapture]], says: Callable[[SiteCapture], Polarity]
) -> _Change | None:
    """The last change from speaking to silence."""
    falls = [(one, next_one) for some in series for one, next_one in pairwise(some) if says(one) and not says(next_one)]
    return max(falls, key=lambda fall: fall[1].timestamp, default=None)


def _first_change(
    captures: Sequence[SiteCapture],
    series: Sequence[Sequence[SiteCapture]],
    wanted: Callable[[SiteCapture], bool],
    unlike: Callable[[SiteCapture], bool],
) -> _Change | None:
    """The first capture of a site that is as wanted, with the one before, if that one was of the other kind."""
    first = next((capture for capture in captures if wanted(capture)), None)
    before = _capture_before(series, first) if first else None
    return (before, first) if first and before and unlike(before) else None


@dataclass(slots=True)
class FindingsCollector:
    """The courses of all sites, practice by practice."""

    rows: list[tuple[int, str, dict[Practice, _Course]]] = field(default_factory=list)

    def add(self, number: int, name: str, captures: Sequence[SiteCapture]) -> None:
        """Adds a site, unless none of its captures was looked at."""
        if captures:
            self.rows.append((number, name, {practice: _site_course(captures, practice) for practice in PRACTICES}))

    def findings(self) -> list[PracticeFindings]:
        """The findings on each practice; none without a site that was looked at."""
        return [PracticeFindings(name, tuple(self._claims(name))) for name in PRACTICES] if self.rows else []

    def basis(self) -> str:
        """How many sites and captures the findings rest on, in a sentence."""
        courses = [next(iter(by_practice.values())) for _, _, by_practice in self.rows]
        captures = sum(course.captures for course in courses)
        single = sum(course.captures == 1 for course in courses)
        text = f"n is {_sites(len(courses))} with {captures:,} usable English {_noun(captures, 'capture')}"
        if single == len(courses):
            years = _years([course.first for course in courses])
            return f"{text}{years}. No site has a second one, so no beginning and no end can be seen."
        text += f": the first ones{_years([course.first for course in courses])}"
        text += f", the latest ones{_years([course.latest for course in courses])}."
        return (
            f"{text} {single:,} {'has' if single == 1 else 'have'} only one, which shows no change." if single else text
        )

    def most_changed(self) -> Practice:
        """The practice with the most changes, the last one of several."""
        return max(reversed(PRACTICES), key=lambda name: sum(len(claim.rows) for claim in self._changes(name)))

    def _claims(self, practice: Practice) -> Iterator[_Claim]:
        """The claims on a practice, those without a site left out."""
        courses = [(number, name, by_practice[practice]) for number, name, by_practice in self.rows]
        yield _claim_on_all(courses, practice)
        yield from self._changes(practice)

    def _changes(self, practice: Practice) -> Iterator[_Claim]:
        """The claims on changes and denials."""
        courses = [(number, name, by_practice[practice]) for number, name, by_practice in self.rows]

        def rows(pick: Callable[[_Course], _Change | None]) -> tuple[_FindingRow, ...]:
            changes = [(number, name, pick(course)) for number, name, course in courses]
            found = [_FindingRow(number, name, *change) for number, name, change in changes if change]
            return tuple(sorted(found, key=lambda row: (row.after.timestamp, row.name)))

        def single(pick: Callable[[_Course], SiteCapture | None]) -> tuple[_FindingRow, ...]:
            picked = [(number, name, pick(course)) for number, name, course in courses]
            return tuple(_FindingRow(number, name, None, capture) for number, name, capture in picked if capture)

        candidates = (
            ("began", "began to speak of it", rows(lambda course: course.began), True),
            ("began-unseen", "first {speak} of it in a policy without an earlier capture",
             single(lambda course: course.began_unseen), False),
            ("ceased", "ceased to speak of it", rows(lambda course: course.ceased), True),
            ("turned", "that had only denied it began to say that it does", rows(lambda course: course.turned), True),
            ("began-denying", "that had not denied it began to deny it, at least in part",
             rows(lambda course: course.began_denying), True),
            ("denies", "only {deny} it in {whose} latest capture",
             single(lambda course: course.latest if course.latest_polarity == "does_not" else None), False),
        )  # fmt: skip
        for kind, words, found, dated in candidates:
            if found:
                one = len(found) == 1
                verb = words.format(
                    speak="speaks" if one else "speak",
                    deny="denies" if one else "deny",
                    whose="its" if one else "their",
                )
                yield _Claim(kind, f"{len(found):,} {verb}{_when(found, dated)}", found)


def _claim_on_all(courses: Sequence[tuple[int, str, _Course]], practice: Practice) -> _Claim:
    """How many sites speak of a practice first and last."""
    total = len(courses)
    rows = [
        _FindingRow(number, name, course.first if course.captures > 1 else None, course.latest)
        for number, name, course in courses
    ]
    rows.sort(key=lambda row: (not row.after.statements[practice].polarity, row.name))
    last = sum(course.latest_polarity != "" for _, _, course in courses)
    sentence = f"{share_text(last, total)} {_verb(total, 'speak')} of {_PRACTICE_PHRASES[practice]}"
    if any(course.captures > 1 for _, _, course in courses):
        first = sum(course.first.statements[practice].polarity != "" for _, _, course in courses)
        whose = "its" if total == 1 else "their"
        sentence += f" in {whose} latest capture, {share_text(first, total, '')} in {whose} first"
    return _Claim("all", sentence, tuple(rows))


def _when(rows: Sequence[_FindingRow], dated: bool) -> str:
    """Which sites, if they are few, and when; of more the time of most of them."""
    if len(rows) <= _MAX_NAMED:
        named = (f"{row.name}{_between(row) if dated else ''}" for row in rows)
        return f": {'; '.join(named)}"
    first, last, count = _busiest_span([_periods(row) for row in rows if row.before])
    if not dated or not count:
        return ""
    some = "all" if count == len(rows) else f"{count:,} of them"
    return f", {some} {f'between {first} and {last}' if first != last else f'in {first}'}"


def _between(row: _FindingRow) -> str:
    """The days between which a site changed."""
    return f", between {row.before.day} and {row.after.day}" if row.before else ""


def _periods(row: _FindingRow) -> tuple[str, str]:
    """The half-years of the captures before and after a change."""
    before = row.before or row.after
    return period_of(before.timestamp, "half-year"), period_of(row.after.timestamp, "half-year")


def _busiest_span(spans: Sequence[tuple[str, str]]) -> tuple[str, str, int]:
    """The shortest time (first, last, number) within which at least half of some spans of half-years lie as a whole.

    A change lies between two captures, so that it has a span and no point in time.

    >>> _busiest_span([("2018-H1", "2018-H2"), ("2018-H2", "2019-H1"), ("2001-H1", "2018-H2")])
    ('2018-H1', '2019-H1', 2)
    """
    wanted = -(-len(spans) // 2)
    starts, ends = sorted({start for start, _ in spans}), sorted({end for _, end in spans})
    found = []
    for start in starts:
        inside = sorted(end for begin, end in spans if begin >= start)
        if len(inside) >= wanted > 0:
            end = inside[wanted - 1]
            found.append((_half_years(start, end), start, end, sum(one <= end for one in inside)))
    if not found or not ends:
        return "", "", 0
    _, start, end, count = min(found, key=lambda one: (one[0], -one[3], one[1]))
    return start, end, count


def _half_years(start: str, end: str) -> int:
    """The number of half-years from one to another."""
    return 2 * (int(end[:4]) - int(start[:4])) + (end > f"{end[:4]}-H1") - (start > f"{start[:4]}-H1")


def share_text(count: int, total: int, noun: str = "site") -> str:
    """A count of a total, as a percentage too if the total is not small.

    >>> share_text(3, 4), share_text(38, 54, ""), share_text(1, 1)
    ('3 of 4 sites', '38 of 54 (70%)', '1 of 1 site')
    """
    words = f"{count:,} of {total:,}" + (f" {_noun(total, noun)}" if noun else "")
    return f"{words} ({count / total:.0%})" if total >= _MIN_SITES_FOR_SHARE else words


def _sites(count: int) -> str:
    """A number of sites."""
    return f"{count:,} {_noun(count, 'site')}"


def _noun(count: int, noun: str) -> str:
    """A noun in the singular or plural."""
    return noun if count == 1 else f"{noun}s"


def _verb(count: int, verb: str) -> str:
    """A verb for one or several subjects."""
    return f"{verb}s" if count == 1 else verb


def _years(captures: Sequence[SiteCapture]) -> str:
    """The years of some captures, "" if none has a date."""
    years = sorted({capture.timestamp[:4] for capture in captures if is_timestamp(capture.timestamp)})
    return f" of {'–'.join(dict.fromkeys((years[0], years[-1])))}" if years else ""
