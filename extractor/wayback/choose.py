"""Which captures of a page to take: one a period, the one nearest to a date, each change, or all."""

from __future__ import annotations

import re
from calendar import isleap, monthrange
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from extractor.errors import UsageError
from extractor.records import Capture

EVERY = ("half-year", "year", "month", "change", "all")
_NEAREST = "nearest:"  # followed by a date


@dataclass(frozen=True, slots=True)
class Choice:
    """A capture that will be fetched, or one that will not, and why."""

    capture: Capture
    why: str
    taken: bool = True


@dataclass(frozen=True, slots=True)
class Window:
    """The time asked for, both ends included, as 14-digit timestamps; "" leaves an end open."""

    start: str = ""
    end: str = ""


@dataclass(frozen=True, slots=True)
class _Period:
    """A half-year, year or month: what is in the middle of it, in words, and the moment."""

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
    """The first second of a year, month or day."""
    _check_date(date)
    return date + "00000101000000"[len(date) :]


def _pad_end(date: str) -> str:
    """The last second of a year, month or day."""
    _check_date(date)
    if len(date) == 4:
        return date + "1231235959"
    if len(date) == 6:
        return date + _month_end(date) + "235959"
    return date + "00000000235959"[len(date) :]


def _month_end(year_month: str) -> str:
    """The last day of a month, two digits.

    >>> _month_end("200002")
    '29'
    """
    return f"{monthrange(int(year_month[:4]), int(year_month[4:]))[1]:02}"


def _check_date(date: str) -> None:
    """Raises UsageError unless `date` is a real one of 4, 6, 8 or 14 digits."""
    form = {4: "%Y", 6: "%Y%m", 8: "%Y%m%d", 14: "%Y%m%d%H%M%S"}.get(len(date))
    try:
        if form is None or not re.fullmatch(r"\d+", date, re.ASCII):
            raise ValueError
        datetime.strptime(date, form)
    except ValueError:
        raise UsageError(f"{date!r} is not a date: write YYYY, YYYYMM or YYYYMMDD.") from None


def parse_every(word: str) -> str:
    """The choice that a word names: one of EVERY, or "nearest:" with a date. Raises UsageError."""
    if word.startswith(_NEAREST):
        _check_date(word.removeprefix(_NEAREST))
    elif word not in EVERY:
        raise UsageError(f"{word!r} is no choice of captures: write {', '.join(EVERY)} or {_NEAREST}DATE.")
    return word


def choose(captures: Iterable[Capture], every: str) -> Iterator[Choice]:
    """The captures to take of one series, in order of time; see `weigh`."""
    return (choice for choice in weigh(captures, every) if choice.taken)


def weigh(captures: Iterable[Capture], every: str) -> Iterator[Choice]:
    """What becomes of each capture of one series, in order of time: taken or not, and why.

    A period takes the usable capture nearest its middle; "nearest:DATE" the usable one nearest that date; `change` each
    whose digest differs from the one before; `all` every row.
    """
    series = _in_order(captures)
    if every == "all":
        return (Choice(capture, "all captures were asked for") for capture in series)
    if every == "change":
        return _changes(series)
    return _one_a_period(series, period_finder(every))


def _in_order(captures: Iterable[Capture]) -> list[Capture]:
    """The captures in order of time, each once: the index repeats rows at the edges of its pages."""
    rows = sorted(captures, key=lambda row: (row.timestamp, row.key, row.status, row.mime, row.length))
    return list({row.key: row for row in reversed(rows)}.values())[::-1]


def _changes(series: Iterable[Capture]) -> Iterator[Choice]:
    """Each capture whose digest differs from the one before is taken: A→B→A are three."""
    before = None
    for capture in series:
        if before is None:
            yield Choice(capture, "first capture")
        elif capture.digest != before:
            yield Choice(capture, "content differs from the capture before")
        else:
            yield Choice(capture, "same content as the capture before", taken=False)
        before = capture.digest


def _one_a_period(series: list[Capture], period_of: Callable[[str], _Period]) -> Iterator[Choice]:
    """For each period the usable capture nearest its middle is taken; the earlier of two that are equally near."""
    good = list(usable(series))
    keys = {capture.key for capture in good}
    bad = (Choice(capture, _unusable(capture), taken=False) for capture in series if capture.key not in keys)
    choices = [*bad, *_nearest_the_middle(good, period_of)]
    return iter(sorted(choices, key=lambda choice: (choice.capture.timestamp, choice.capture.key)))


def _nearest_the_middle(good: list[Capture], period_of: Callable[[str], _Period]) -> Iterator[Choice]:
    """The usable captures, each compared with the one nearest the middle of its period."""
    for period, members in groupby(good, key=lambda capture: period_of(capture.timestamp)):
        rivals = list(members)
        nearest = min(rivals, key=lambda capture: abs(moment(capture.timestamp) - period.middle))
        yield Choice(nearest, f"nearest {period.name} (of {len(rivals)} usable)")
        for other in rivals:
            if other is not nearest:
                yield Choice(other, f"not nearest {period.name}", taken=False)


def _unusable(capture: Capture) -> str:
    """Why a capture shows no page."""
    return "revisit of no page" if capture.status == "-" else f"status {capture.status}"


def usable(captures: Iterable[Capture]) -> Iterator[Capture]:
    """Those with status 200, and the revisits of one.

    A revisit says only that the bytes were seen before. It counts unless its digest is known from a row of another
    status; the row it repeats may lie outside the window that was asked for.
    """
    rows = list(captures)
    good = {capture.digest for capture in rows if capture.status == "200"}
    bad = {capture.digest for capture in rows if capture.status not in ("200", "-")} - good
    return (row for row in rows if row.status == "200" or (row.status == "-" and row.digest not in bad))


def moment(timestamp: str) -> datetime:
    """A 14-digit timestamp as a datetime (UTC, naive)."""
    return datetime.strptime(timestamp, "%Y%m%d%H%M%S")


def period_finder(every: str) -> Callable[[str], _Period]:
    """What gives the period of a timestamp, for a choice of one a period."""
    if every.startswith(_NEAREST):
        date = every.removeprefix(_NEAREST)
        whole_time = _Period(date, moment(_pad_start(date)))
        return lambda _: whole_time
    return _PERIODS[every]


def half_year(timestamp: str) -> _Period:
    """The half-year a timestamp lies in.

    >>> half_year("20040229120000").name
    'the middle of 2004-H1'
    """
    year, first = int(timestamp[:4]), timestamp[4:6] < "07"
    if first:
        return _Period(f"the middle of {year}-H1", datetime(year, 1, 1) + timedelta(days=181 + isleap(year)) / 2)
    return _Period(f"the middle of {year}-H2", datetime(year, 7, 1) + timedelta(days=184) / 2)


def _year(timestamp: str) -> _Period:
    """The year a timestamp lies in."""
    number = int(timestamp[:4])
    return _Period(f"the middle of {timestamp[:4]}", datetime(number, 1, 1) + timedelta(days=365 + isleap(number)) / 2)


def _month(timestamp: str) -> _Period:
    """The month a timestamp lies in."""
    start = datetime.strptime(timestamp[:6], "%Y%m")
    days = monthrange(start.year, start.month)[1]
    return _Period(f"the middle of {start:%Y-%m}", start + timedelta(days=days) / 2)


_PERIODS: dict[str, Callable[[str], _Period]] = {"half-year": half_year, "year": _year, "month": _month}
