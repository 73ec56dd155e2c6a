"""Dates as policies write them."""

from __future__ import annotations

import re
from datetime import date

_MONTHS = "january february march april may june july august september october november december".split()
_MONTH = r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sept?(?:ember)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?"  # noqa: E501
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"

# A month alone does not count: "may" is a verb. Numbers alone do, though either may be the month.
WRITTEN_DATE = re.compile(
    rf"\b(?:{_DAY}(?:\s+of)?\s+{_MONTH}(?:,?\s+{_YEAR})?|{_MONTH}\s+{_DAY}\b(?:,?\s+{_YEAR})?|{_MONTH},?\s+{_YEAR}"
    rf"|{_YEAR}-\d\d-\d\d|\d{{1,2}}[/.]\d{{1,2}}[/.](?:{_YEAR}|\d\d))\b",
    re.IGNORECASE,
)


def unambiguous_date(text: str) -> date | None:
    """The first date in a text whose day, month and year are beyond doubt; None if there is none.

    >>> unambiguous_date("Last changed on 2nd September 2003"), unambiguous_date("1/2/2003")
    (datetime.date(2003, 9, 2), None)
    >>> unambiguous_date("Effective: May 24, 2018")
    datetime.date(2018, 5, 24)
    """
    for match in WRITTEN_DATE.finditer(text):
        if found := _full_date(match[0].lower()):
            return found
    return None


def _full_date(written: str) -> date | None:
    """A written date in lower case as a date; None if a part is missing or there is no such day."""
    try:
        if re.fullmatch(r"\d{4}-\d\d-\d\d", written):
            return date.fromisoformat(written)
        name, year = re.search(r"[a-z]{3}", re.sub(r"\d(?:st|nd|rd|th)", "0", written)), re.search(_YEAR, written)
        day = re.search(r"(?<!\d)\d{1,2}(?!\d)", written)
        if name and year and day:
            month = next(number for number, month in enumerate(_MONTHS, 1) if month.startswith(name[0]))
            return date(int(year[0]), month, int(day[0]))
    except ValueError:  # such as 31 June
        pass
    return None
