"""What the path of a page's file says: the policy's name, the site's, and the date of the capture."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from extractor.timestamps import first_second, is_timestamp

_YEAR = r"(?P<y>(?:19|20)\d\d)"
_MONTH, _DAY = r"(?P<m>0[1-9]|1[0-2])", r"(?P<d>0[1-9]|[12]\d|3[01])"
_CLOCK = r"(?:[T_ -]?(?P<clock>[01]\d|2[0-3])[-:_.h]?(?P<min>[0-5]\d)(?:[-:_.m]?(?P<sec>[0-5]\d))?(?:\.\d+)?Z?)?"
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH_NAME = rf"(?P<month>{'|'.join(_MONTHS)})[a-z]{{0,6}}"
# Forms of dates in names, the longest first; a month or year by itself comes last
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"(?<!\d){_YEAR}(?P<s>[-_. ]?){_MONTH}(?P=s){_DAY}{_CLOCK}(?!\d)",
        rf"(?<!\d)(?P<d>0?[1-9]|[12]\d|3[01])(?P<s>[-_. ]){_MONTH}(?P=s){_YEAR}(?!\d)",
        rf"(?<!\d){_MONTH}(?P<s>[-_. ])(?P<d>1[3-9]|2\d|3[01])(?P=s){_YEAR}(?!\d)",
        rf"(?<![^\W_])(?:(?P<d>0?[1-9]|[12]\d|3[01])[-_. ]*)?{_MONTH_NAME}[-_. ]*{_YEAR}(?!\d)",
        rf"(?<![^\W_]){_MONTH_NAME}[-_. ]+(?P<d>0?[1-9]|[12]\d|3[01])[-_., ]+{_YEAR}(?!\d)",
        rf"(?<!\d){_YEAR}[-_. ]?{_MONTH_NAME}[-_. ]?(?P<d>0[1-9]|[12]\d|3[01])?(?![^\W_])",
        rf"(?<!\d){_YEAR}[-_.]{_MONTH}(?!\d)",
        rf"(?<!\d){_YEAR}[-_ ]?(?:[HS](?P<half>[12])|Q(?P<quarter>[1-4]))(?![^\W_])",
    )
)
_LONE_YEAR = re.compile(r"(?<![^\W_])(?P<y>(?:199[3-9]|20[0-3]\d))(?P<m>0[1-9]|1[0-2])?(?![^\W_])")
_NUMBER = re.compile(r"(?<![^\W_])\d+(?![^\W_])")
_SEPARATORS = " _-.,+~@"
_AROUND_DATE = f"{_SEPARATORS}()[]"
_SUFFIX = re.compile(
    r"(?<=[^.])(?:\.(?:x?html?|md|markdown|txt|pdf|mht|mhtml|jsonl|ndjson|json|csv|tsv|parquet|arrow|warc|wacz|bundle))"
    r"(?:\.(?:gz|zst))?$|\.(?:gz|zst)$",
    re.IGNORECASE,
)
_WORDS_OF_DOCUMENTS = frozenset(
    "and archive capture captures children childrens cookie cookies data default document en english eng full html "
    "index information latest legal main md notice of page pages policies policy privacidad privacy protection pp "
    "snapshot snapshots statement terms text tos use v version versions center centre our website your".split()
)
_WORD = re.compile(r"[^\W_]+")
_INDEX_NAMES = ("index", "default")


class PlaceName(NamedTuple):
    """What a path says about the page in it: the names of its site and policy, and its timestamp, "" if it has none."""

    site: str
    policy: str
    timestamp: str = ""


Series = frozenset[tuple[str, ...]]


def place_name(parts: Sequence[str], folder: str = "page", numbered: Series = frozenset()) -> PlaceName:
    """What the parts of a path below a folder say: its folders and the file's name.

    `numbered` are the numbered series of the folder (see `numbered_series`), in which 2001 is a number and no year.

    >>> place_name(["acme_2019.html"]), place_name(["2019-03-01.html"], "acme")
    (PlaceName(site='acme', policy='acme', timestamp='20190101000000'), PlaceName(site='acme', policy='acme', \
timestamp='20190301000000'))
    >>> place_name(["acme", "privacy.html"])
    PlaceName(site='acme', policy='acme/privacy', timestamp='')
    """
    *folders, file = parts
    names = [*folders, _SUFFIX.sub("", file)]
    dated = [_split_date(name, _skeleton(parts[:depth], name) not in numbered) for depth, name in enumerate(names)]
    rest = [name for name, _ in dated if name]
    if len(rest) > 1 and rest[-1].lower() in _INDEX_NAMES:
        rest.pop()
    rest = rest or [folder]
    timestamps = [timestamp for _, timestamp in dated if timestamp]
    return PlaceName(_site_in([folder, *rest]), "/".join(rest), timestamps[-1] if timestamps else "")


def numbered_series(paths: Iterable[Sequence[str]]) -> Series:
    """The series of names in some paths that are numbered beyond years: page-1, page-2, …, page-2500.

    >>> sorted(numbered_series([["a-2001.html"], ["a-2500.html"], ["b-2001.html"]]))
    [('a-#',)]
    """
    numbers: dict[tuple[str, ...], set[str]] = defaultdict(set)
    for parts in paths:
        for depth, name in enumerate([*parts[:-1], _SUFFIX.sub("", parts[-1])]):
            if found := _NUMBER.search(name):
                numbers[_skeleton(parts[:depth], name)].add(found[0])
    return frozenset(series for series, found in numbers.items() if not all(map(_LONE_YEAR.fullmatch, found)))


def _skeleton(folders: Sequence[str], name: str) -> tuple[str, ...]:
    """A name with its first number left open, below its folders."""
    return (*folders, _NUMBER.sub("#", name, count=1))


def _split_date(name: str, has_years: bool) -> tuple[str, str]:
    """A name without the date in it, and that date as a timestamp, "" if there is none.

    >>> _split_date("acme 12 March 2019", True), _split_date("2019-03-01T10-00-00Z", True), _split_date("acme", True)
    (('acme', '20190312000000'), ('', '20190301100000'), ('acme', ''))
    """
    for pattern in (*_DATES, *([_LONE_YEAR] if has_years else ())):
        if (match := pattern.search(name)) and (timestamp := _timestamp_of(match)):
            before, after = name[: match.start()].rstrip(_AROUND_DATE), name[match.end() :].lstrip(_AROUND_DATE)
            joint = name[len(before)] if before and after else ""
            return f"{before}{joint}{after}".strip(_SEPARATORS), timestamp
    return name, ""


def _timestamp_of(match: re.Match[str]) -> str:
    """The first second of a date, "" if there is no such date."""
    found = {name: value for name, value in match.groupdict().items() if value}
    month = found.get("m", "")
    if "month" in found:
        month = f"{_MONTHS.index(found['month'].lower()) + 1:02}"
    if "half" in found or "quarter" in found:
        month = f"{6 * int(found.get('half', 1)) - 5 + 3 * int(found.get('quarter', 1)) - 3:02}"
    day = f"{int(found['d']):02}" if "d" in found else ""
    if len(found.get("s", "")) and match.start("d") < match.start("m") and month != day <= "12":
        month = day = ""  # 05-06-2019 is a day of May or of June
    clock = "".join(found.get(name, "") for name in ("clock", "min", "sec")) if day else ""
    timestamp = first_second(f"{found['y']}{month}{day}{clock}")
    return timestamp if is_timestamp(timestamp) else ""


def _site_in(names: Sequence[str]) -> str:
    """The name among those of a path that a reader would call the site: the last that is more than a document's.

    >>> _site_in(["shops", "acme-privacy-policy"]), _site_in(["acme", "privacy"]), _site_in(["data", "privacy"])
    ('acme', 'acme', 'privacy')
    """
    shortened = (_without_document_words(name) for name in reversed(names))
    return next(filter(None, shortened), names[-1])


def _without_document_words(name: str) -> str:
    """A name without the words at its end that any policy's file may have.

    >>> _without_document_words("www.acme.example_privacy"), _without_document_words("Privacy Policy")
    ('acme.example', '')
    """
    words = list(_WORD.finditer(name))
    while words and words[-1][0].lower() in _WORDS_OF_DOCUMENTS:
        words.pop()
    return name[: words[-1].end()].removeprefix("www.").strip(_SEPARATORS) if words else ""


def names_a_document(name: str) -> bool:
    """Whether a name says only which kind of document something is, as "Privacy Policy" does, and not whose."""
    return not _without_document_words(_SUFFIX.sub("", name))
