"""Dates as policies write them, and the date that a policy says it is of."""

from __future__ import annotations

import re
from datetime import date, datetime

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"  # noqa: E501
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"

# A month alone is none: "may" is a verb. Numbers alone are read as dates, but not which of them is the month.
WRITTEN_DATE = re.compile(
    rf"\b(?:{_DAY}(?:\s+of)?\s+{_MONTH}(?:,?\s+{_YEAR})?|{_MONTH}\s+{_DAY}\b(?:,?\s+{_YEAR})?|{_MONTH},?\s+{_YEAR}"
    rf"|{_YEAR}-\d\d-\d\d|\d{{1,2}}[/.]\d{{1,2}}[/.](?:{_YEAR}|\d\d))\b",
    re.IGNORECASE,
)


def date_in(text: str) -> date | None:
    """The first date in a text that says day, month and year beyond doubt.

    >>> date_in("Last changed on 2nd September 2003"), date_in("Effective: May 24, 2018"), date_in("1/2/2003")
    (datetime.date(2003, 9, 2), datetime.date(2018, 5, 24), None)
    """
    for match in WRITTEN_DATE.finditer(text):
        if found := _full_date(match[0].lower()):
            return found
    return None


def _full_date(written: str) -> date | None:
    """The day that a written date names."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
            return date.fromisoformat(written)
        name, year = re.search(r"[a-z]{3}", re.sub(r"\d(?:st|nd|rd|th)", "0", written)), re.search(_YEAR, written)
        day = re.search(r"(?<!\d)\d{1,2}(?!\d)", written)
        if name and year and day:
            month = next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[0]))
            return date(int(year[0]), month, int(day[0]))
    except ValueError:  # there is no 31 June
        pass
    return None


def is_moment(timestamp: str) -> bool:
    """Whether a timestamp names a moment that there is: an index may hold a 31st of June.

    >>> is_moment("20040630120000"), is_moment("20040631120000"), is_moment("")
    (True, False, False)
    """
    try:
        datetime.strptime(timestamp, "%Y%m%d%H%M%S")
    except ValueError:
        return False
    return len(timestamp) == 14


def day_of(timestamp: str) -> date:
    """The day of a capture's timestamp."""
    return date(int(timestamp[:4]), int(timestamp[4:6]), int(timestamp[6:8]))
