"""Timestamps of captures, 14 digits in UTC (YYYYMMDDhhmmss), and the years, half-years and months they lie in."""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, datetime, timedelta, timezone
from typing import Literal

PeriodLength = Literal["half-year", "year", "month"]

_FIRST_SECOND = "00000101000000"
_PARTS = re.compile(r"\d{4}(?:-?\d\d){0,2}|\d{10}(?:\d\d){0,2}|\d{17}", re.ASCII)  # some indexes write milliseconds
_FRACTION = re.compile(r"(?<=:\d\d)[.,]\d+")
_LEAP_SECOND = re.compile(r"(?<=:\d\d):60")
_SUFFIXES = ("",), ("-H1", "-H2"), tuple(f"-{month:02}" for month in range(1, 13))  # of the names of periods
_MONTHS = {"": range(1, 13), "-H1": range(1, 7), "-H2": range(7, 13)}


def is_timestamp(text: str) -> bool:
    """Whether a text is a timestamp of a real second: an index may hold a 31st of June, or months and days of 00.

    >>> is_timestamp("20040630120000"), is_timestamp("20040631120000"), is_timestamp("2004"), is_timestamp("")
    (True, False, False, False)
    """
    try:
        parse_timestamp(text)
    except ValueError:
        return False
    return True


def parse_timestamp(timestamp: str) -> datetime:
    """A timestamp as a datetime without a time zone. Raises ValueError where it is not one.

    >>> parse_timestamp("20040630120000")
    datetime.datetime(2004, 6, 30, 12, 0)
    """
    if len(timestamp) != 14 or not (timestamp.isascii() and timestamp.isdigit()):
        raise ValueError(f"{timestamp!r} is not a timestamp of 14 digits")
    day, time = (timestamp[:4], timestamp[4:6], timestamp[6:8]), (timestamp[8:10], timestamp[10:12], timestamp[12:])
    return datetime.fromisoformat(f"{'-'.join(day)}T{':'.join(time)}")  # a fifth of the time that strptime takes


def first_second(digits: str) -> str:
    """The timestamp of the first second of a year, month, day, hour or minute.

    >>> first_second("2001"), first_second("20010203")
    ('20010101000000', '20010203000000')
    """
    return digits + _FIRST_SECOND[len(digits) :]


def timestamp_of_date(date: str) -> str:
    """A date in any usual form as 14 digits in UTC; missing parts are the first possible. Raises ValueError.

    >>> timestamp_of_date("2012-03-04T05:06:07.123+02:00"), timestamp_of_date("2012-03"), timestamp_of_date("20120304")
    ('20120304030607', '20120301000000', '20120304000000')
    """
    text = date.strip()
    if _PARTS.fullmatch(text):
        moment = parse_timestamp(first_second(re.sub(r"\D", "", text)[:14]))
    else:
        # before Python 3.11 fromisoformat takes fractions of three and six digits only, and no Z
        text = _LEAP_SECOND.sub(":59", _FRACTION.sub("", text))
        moment = datetime.fromisoformat(re.sub("[zZ]$", "+00:00", text))
    if moment.tzinfo:
        try:
            moment = moment.astimezone(timezone.utc)
        except OverflowError as error:
            raise ValueError(f"{date!r} is out of range") from error
    return f"{moment.year:04}{moment:%m%d%H%M%S}"


def iso_day(timestamp: str) -> str:
    """The day of a timestamp as YYYY-MM-DD, "" if there is no timestamp. The first eight digits are enough.

    >>> iso_day("20151229060258"), iso_day("20151229"), iso_day("")
    ('2015-12-29', '2015-12-29', '')
    """
    return f"{timestamp[:4]}-{timestamp[4:6]}-{timestamp[6:8]}" if timestamp else ""


def known_date(timestamp: str) -> str:
    """As much of a date as is known: a corpus that gives only a year or month is recorded with its first second.

    A capture of the first day of a month at midnight cannot be told from one that is dated by its month, so its day is
    left out as well: what is shown is never wrong.

    >>> known_date("20150101000000"), known_date("20150301000000"), known_date("20150301060258"), known_date("")
    ('2015', '2015-03', '2015-03-01', '')
    """
    for length, characters in ((4, 4), (6, 7)):
        if timestamp and timestamp == first_second(timestamp[:length]):
            return iso_day(timestamp)[:characters]
    return iso_day(timestamp)


def period_of(timestamp: str, length: PeriodLength) -> str:
    """The name of the half-year, year or month that a timestamp lies in.

    >>> [period_of("20100701000000", length) for length in ("half-year", "year", "month")]
    ['2010-H2', '2010', '2010-07']
    """
    year, month = timestamp[:4], timestamp[4:6]
    return {"half-year": f"{year}-H{1 if month < '07' else 2}", "year": year, "month": f"{year}-{month}"}[length]


def periods_between(first: str, last: str) -> list[str]:
    """The names of all periods from one to another of the same length, both included.

    >>> periods_between("2009-H2", "2010-H2"), periods_between("2009", "2010"), periods_between("2009-12", "2010-01")
    (['2009-H2', '2010-H1', '2010-H2'], ['2009', '2010'], ['2009-12', '2010-01'])
    """
    suffixes = next(suffixes for suffixes in _SUFFIXES if first[4:] in suffixes)
    years = range(int(first[:4]), int(last[:4]) + 1)
    return [name for year in years for suffix in suffixes if first <= (name := f"{year:04}{suffix}") <= last]


def middle_of_period(period: str) -> datetime:
    """The middle of a period: as much time lies before it as after it. The capture nearest to it is fetched.

    >>> middle_of_period("2005"), middle_of_period("2004-H2"), middle_of_period("2004-02")
    (datetime.datetime(2005, 7, 2, 12, 0), datetime.datetime(2004, 10, 1, 0, 0), datetime.datetime(2004, 2, 15, 12, 0))
    """
    year, suffix = int(period[:4]), period[4:]
    months = _MONTHS.get(suffix) or [int(suffix[1:])]
    days = sum(monthrange(year, month)[1] for month in months)
    return datetime(year, months[0], 1) + timedelta(days=days) / 2


def middle_day(period: str) -> date:
    """The day from which the tables over sites count: the capture nearest to it stands for a policy in a period.

    The day of `middle_of_period`, except in a year: there it is 1 July, not 2 July. Tables by year were published with
    it, and another day would choose other captures.

    >>> middle_day("2005"), middle_day("2005-H1")
    (datetime.date(2005, 7, 1), datetime.date(2005, 4, 1))
    """
    return date(int(period), 7, 1) if len(period) == 4 else middle_of_period(period).date()


def duration(seconds: float) -> str:
    """Seconds in words.

    >>> duration(42), duration(90_000)
    ('42 s', '1 d 1 h')
    """
    minutes, hours, days = int(seconds // 60), int(seconds // 3600), int(seconds // 86400)
    if days:
        return f"{days} d {hours % 24} h"
    if hours:
        return f"{hours} h {minutes % 60} min"
    return f"{minutes} min" if minutes else f"{seconds:.0f} s"
