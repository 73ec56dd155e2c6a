"""Which captures of a page to take: one a period, the one nearest to a date, each change, or all."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import cast

from extractor.errors import UsageError
from extractor.mediatypes import may_be_page, names_asset
from extractor.records import Capture
from extractor.timestamps import PeriodLength, first_second, middle_of_period, parse_timestamp, period_of

EVERY_VALUES = ("half-year", "year", "month", "change", "all")
_NEAREST_PREFIX = "nearest:"  # followed by a date
_Key = tuple[str, str, str, str]  # of a capture
REDIRECTS = ("301", "302", "303", "307", "308")  # as the index writes their status


@dataclass(frozen=True, slots=True)
class CaptureChoice:
    """A capture, whether it is taken or skipped, and why."""

    capture: Capture
    why: str
    taken: bool = True


@dataclass(frozen=True, slots=True)
class Window:
    """A span of time, both ends included, as 14-digit timestamps; "" leaves an end open."""

    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class _Period:
    """A period that one capture is taken of: its middle, in words and as a time."""

    name: str
    middle: datetime


def parse_window(start: str, end: str) -> Window:
    """The window of `--from` and `--to`, each YYYY, YYYYMM or YYYYMMDD (up to 14 digits), or "".

    >>> parse_window("1999", "200103")
    Window(start='19990101000000', end='20010331235959')
    """
    window = Window(start and _pad_start(start), end and _pad_end(end))
    if window.start and window.end and window.start > window.end:
        raise UsageError(f"--from {start} lies after --to {end}: swap them.")
    return window


def _pad_start(date: str) -> str:
    """The timestamp of the first second of a year, month or day."""
    _check_date(date)
    return first_second(date)


def _pad_end(date: str) -> str:
    """The timestamp of the last second of a year, month or day.

    >>> _pad_end("200002")
    '20000229235959'
    """
    _check_date(date)
    if len(date) == 4:
        return f"{date}1231235959"
    if len(date) == 6:
        return f"{date}{monthrange(int(date[:4]), int(date[4:]))[1]}235959"
    return date + "00000000235959"[len(date) :]


def _check_date(date: str) -> None:
    """Raises UsageError unless `date` is a real date of 4, 6, 8 or 14 digits."""
    form = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}.get(len(date))
    try:
        if form is None or not re.fullmatch(r"\d+", date, re.ASCII):
            raise ValueError
        datetime.strptime(date, form)
    except ValueError:
        raise UsageError(f"{date!r} is not a date: write YYYY, YYYYMM or YYYYMMDD.") from None


def parse_every(value: str) -> str:
    """The value of `--every`, checked: one of EVERY_VALUES, or "nearest:" with a date. Raises UsageError."""
    if value.startswith(_NEAREST_PREFIX):
        _check_date(value.removeprefix(_NEAREST_PREFIX))
    elif value not in EVERY_VALUES:
        choices = f"{', '.join(EVERY_VALUES)} or {_NEAREST_PREFIX}DATE"
        raise UsageError(f"{value!r} is no choice of captures: write {choices}.")
    return value


def choose_captures(captures: Iterable[Capture], every: str) -> Iterator[CaptureChoice]:
    """The choice for each capture of one series, in order of time: taken or skipped, and why.

    Of a period the usable capture nearest its middle is taken; with "nearest:DATE" the usable one nearest that date;
    where none is usable, the redirect nearest to it, to be followed in the archive. With "change" each whose digest
    differs from the one before is taken, redirects aside; with "all" every row.
    """
    series = _sorted_unique(captures)
    if every == "all":
        return (CaptureChoice(capture, "all captures were asked for") for capture in series)
    if every == "change":
        return _choose_changes(series)
    return _choose_one_per_period(series, period_finder(every))


def _sorted_unique(captures: Iterable[Capture]) -> list[Capture]:
    """The captures in order of time, each once: the index repeats rows at the edges of its pages."""
    rows = sorted(captures, key=lambda row: (row.timestamp, row.key, row.status, row.mime, row.length))
    return list({row.key: row for row in reversed(rows)}.values())[::-1]


def _choose_changes(series: list[Capture]) -> Iterator[CaptureChoice]:
    """Takes each capture whose digest differs from the one before: A→B→A are three.

    A redirect is passed over: its digest is that of a note that the page is elsewhere, often of another spelling of the
    same address, and not that of the page.
    """
    redirects = {capture.key for capture in _redirects(series)}
    previous = None
    for capture in series:
        if capture.key in redirects:
            yield CaptureChoice(capture, _unusable_reason(capture), taken=False)
            continue
        if previous is None:
            yield CaptureChoice(capture, "first capture")
        elif capture.digest != previous:
            yield CaptureChoice(capture, "content differs from the capture before")
        else:
            yield CaptureChoice(capture, "same content as the capture before", taken=False)
        previous = capture.digest


def _choose_one_per_period(series: list[Capture], find_period: Callable[[str], _Period]) -> Iterator[CaptureChoice]:
    """Takes one capture of each period, the earlier of two that are equally near its middle."""
    groups = (list(group) for _, group in groupby(series, key=lambda capture: find_period(capture.timestamp)))
    usable = {capture.key for capture in usable_captures(series)}
    return (choice for group in groups for choice in _choose_in_period(group, usable, find_period))


def _choose_in_period(
    group: list[Capture], usable: set[_Key], find_period: Callable[[str], _Period]
) -> Iterator[CaptureChoice]:
    """The choice for each capture of one period: a page is taken, or a redirect where there is no page."""
    period = find_period(group[0].timestamp)
    pages = [capture for capture in group if capture.key in usable]
    candidates = pages or [capture for capture in group if is_redirect(capture)]
    kind = "usable" if pages else "redirects, which are followed in the archive"
    nearest = min(candidates, key=lambda one: abs(parse_timestamp(one.timestamp) - period.middle), default=None)
    for capture in group:
        if capture is nearest:
            yield CaptureChoice(capture, f"nearest {period.name} (of {len(candidates)} {kind})")
        elif capture in candidates:
            yield CaptureChoice(capture, f"not nearest {period.name}", taken=False)
        else:
            yield CaptureChoice(capture, _unusable_reason(capture), taken=False)


def _unusable_reason(capture: Capture) -> str:
    return "revisit of no page" if capture.status == "-" else f"status {capture.status}"


def may_show_page(capture: Capture) -> bool:
    """Whether a capture may be that of a page, by its media type and its address: a revisit has no type of its own."""
    return may_be_page(capture.mime) and not names_asset(capture.original)


def is_redirect(capture: Capture) -> bool:
    """Whether a capture is a redirect, by its status."""
    return capture.status in REDIRECTS


def _redirects(series: list[Capture]) -> Iterator[Capture]:
    """The redirects of a series, and the revisits of such."""
    pages = {capture.digest for capture in series if capture.status == "200"}
    digests = {capture.digest for capture in series if is_redirect(capture)} - pages
    return (one for one in series if is_redirect(one) or (one.status == "-" and one.digest in digests))


def usable_captures(captures: Iterable[Capture]) -> Iterator[Capture]:
    """The captures with status 200, and the revisits of such.

    A revisit says only that the same bytes were seen before. It counts unless its digest is that of a row with another
    status; the row it repeats may lie outside the time window.
    """
    rows = list(captures)
    good = {capture.digest for capture in rows if capture.status == "200"}
    bad = {capture.digest for capture in rows if capture.status not in ("200", "-")} - good
    return (row for row in rows if row.status == "200" or (row.status == "-" and row.digest not in bad))


def period_finder(every: str) -> Callable[[str], _Period]:
    """A function from a timestamp to its period, for a value of `--every` that takes one capture a period.

    >>> period_finder("half-year")("20040229120000").name
    'the middle of 2004-H1'
    """
    if every.startswith(_NEAREST_PREFIX):
        date = every.removeprefix(_NEAREST_PREFIX)
        all_time = _Period(date, parse_timestamp(_pad_start(date)))
        return lambda _: all_time
    return lambda timestamp: _period(period_of(timestamp, cast(PeriodLength, every)))


def _period(name: str) -> _Period:
    return _Period(f"the middle of {name}", middle_of_period(name))
