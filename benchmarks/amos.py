"""Redoes the analyses of Amos et al. (WWW 2021) on a corpus of dated policies, as tables in Markdown.

    archived-policy annotate DATA/eras/dated.jsonl.gz -o CORPUS/policies.jsonl.gz
    archived-policy terms CORPUS --every year
    python -m benchmarks.amos CORPUS --chart terms-over-time.svg

Lengths and grades by year, with the interval of each median; terms by year, from `CORPUS/terms/terms.csv`; and both on
the sites that have captures in two spans of years, which is what tells a change of the policies from a change of the
sample. Sources name services in their own ways ("Nissan", "nissan.com"), so that sites are linked by their names.
Grades are Coleman-Liau's, as `history` has them, and Flesch-Kincaid's. docs/longitudinal.md explains the tables.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import reduce
from pathlib import Path
from statistics import median

import msgspec

from extractor.history import TermList, TermShare, read_terms, representative_captures, term_chart
from extractor.intervals import wilson_interval
from extractor.layout import TERMS
from extractor.records import Policy
from extractor.run.folder import read_records
from extractor.text import count_sentences

GROUPS = {
    "laws": (
        "coppa", "safe_harbor", "privacy_shield", "data_privacy_framework", "gdpr", "eu_data_protection_law", "ccpa",
    ),
    "self-regulation": ("truste", "bbbonline", "p3p", "esrb", "nai", "daa", "edaa", "adchoices", "iab"),
    "tracking": (
        "cookie", "third_party_cookie", "web_beacon", "pixel", "flash_cookie", "local_storage", "fingerprinting",
        "advertising_id", "cross_device", "session_replay", "dnt", "gpc",
    ),
    "third parties": (
        "google", "google_analytics", "doubleclick", "facebook", "facebook_pixel", "comscore", "quantcast",
    ),
}  # fmt: skip
YEARS = ("2012", "2014", "2016", "2018", "2019", "2021", "2023", "2025", "2026")
EARLY = ("1999", "2011")  # few sites a year, so shown together
Span = tuple[str, str]
CHARTED = (
    "coppa", "safe_harbor", "privacy_shield", "data_privacy_framework", "gdpr", "ccpa",
    "truste", "bbbonline", "nai", "daa", "adchoices", "p3p",
    "web_beacon", "pixel", "flash_cookie", "advertising_id", "dnt", "gpc",
)  # fmt: skip
PAIRS: tuple[tuple[Span, Span], ...] = (
    (("2012", "2012"), ("2015", "2015")),
    (("2012", "2014"), ("2018", "2019")),
    (("2012", "2014"), ("2023", "2026")),
    (("2016", "2017"), ("2018", "2019")),
    (("2020", "2021"), ("2024", "2026")),
)
_WORD = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)*")
_LINKED_ENDS = re.compile(r"\.(?:com|org|net)$|[^a-z0-9]")
_VOWELS = re.compile(r"[aeiouy]+")
_Z = 1.96


@dataclass(frozen=True, slots=True)
class Reading:
    """What the tables count of a capture, or of all policies of a site in a year; `records` are its ids."""

    site: str
    policy: str
    timestamp: str
    records: tuple[str, ...]
    source: str
    words: int
    sentences: int
    letters: int
    spoken: int
    syllables: int

    @property
    def record(self) -> str:
        """The id of the record, or of the first."""
        return self.records[0]

    @property
    def coleman_liau(self) -> float:
        """The Coleman-Liau grade, as in `history`."""
        words = max(1, self.words)
        return 0.0588 * 100 * self.letters / words - 0.296 * 100 * self.sentences / words - 15.8

    @property
    def flesch_kincaid(self) -> float:
        """The Flesch-Kincaid grade (Kincaid et al. 1975), of the words that have letters only."""
        words = max(1, self.spoken)
        return 0.39 * words / max(1, self.sentences) + 11.8 * self.syllables / words - 15.59

    def is_in(self, records: Set[str]) -> bool:
        """Whether one of its records is among some."""
        return not records.isdisjoint(self.records)


def syllables(word: str) -> int:
    """About how many syllables an English word has: its groups of vowels, without a silent "e" at the end.

    >>> [syllables(word) for word in ("cookie", "site", "table", "information", "used")]
    [2, 1, 2, 4, 1]
    """
    lower = word.lower()
    is_silent = re.search(r"[^aeiouyl]e$|[^aeiouytd]ed$|[^aeiouyscxz]es$", lower)
    return max(1, len(_VOWELS.findall(lower)) - bool(is_silent))


def read_length(policy: Policy, counts: dict[str, int]) -> Reading:
    """The length and the grades of a record; `counts` remembers the syllables of words."""
    texts = [segment.text for segment in policy.segments]
    written = [word for text in texts for word in text.split()]
    spoken = [word.lower() for text in texts for word in _WORD.findall(text)]
    return Reading(
        policy.site, policy.policy, policy.capture.timestamp, (policy.id,), policy.source.fields.get("source", ""),
        len(written), sum(map(count_sentences, texts)), sum(sum(map(str.isalnum, text)) for text in texts), len(spoken),
        sum(counts.get(word) or counts.setdefault(word, syllables(word)) for word in spoken),
    )  # fmt: skip


def read_lengths(corpus: Path) -> dict[str, dict[str, Reading]]:
    """The reading of each site by year, of the captures of its policies nearest the middle of the year."""
    counts: dict[str, int] = {}
    labelled = (one for one in read_records(corpus) if one.verdict.usable and one.labelled and one.capture.timestamp)
    years: dict[str, dict[str, Reading]] = defaultdict(dict)
    for year, captures in representative_captures([read_length(one, counts) for one in labelled], "year"):
        years[year][captures[0].site] = reduce(_together, captures)
    return dict(sorted(years.items()))


def _together(one: Reading, other: Reading) -> Reading:
    """Two policies of a site as one."""
    return Reading(
        one.site, one.policy, one.timestamp, one.records + other.records, one.source,
        one.words + other.words, one.sentences + other.sentences, one.letters + other.letters,
        one.spoken + other.spoken, one.syllables + other.syllables,
    )  # fmt: skip


def median_with_interval(values: Iterable[float]) -> tuple[float, float, float]:
    """The median and its 95% interval from order statistics (the binomial distribution's normal approximation)."""
    ordered = sorted(values)
    half = _Z * len(ordered) ** 0.5 / 2
    first = max(0, round(len(ordered) / 2 - half) - 1)
    return median(ordered), ordered[first], ordered[-first - 1]


def show(header: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Prints a table."""
    print(f"\n| {' | '.join(header)} |\n|{'---|' * len(header)}")
    for row in rows:
        print(f"| {' | '.join(row)} |")


def with_interval(values: Iterable[float], form: str = ",.0f") -> str:
    """A median as text."""
    middle, low, high = median_with_interval(values)
    return f"{middle:{form}} ({low:{form}}–{high:{form}})"


def show_lengths(years: Mapping[str, Mapping[str, Reading]]) -> None:
    """The lengths and grades by year."""
    print("\n## Lengths and grades, all sites: medians with 95% intervals")
    rows = []
    for period, sites in _with_early_years(years).items():
        sources = Counter(one.source.rpartition("/")[2] for one in sites).most_common(2)
        rows.append(
            (
                period, str(len(sites)), ", ".join(f"{name} {count}" for name, count in sources),
                with_interval(one.words for one in sites),
                with_interval((one.coleman_liau for one in sites), ".1f"),
                with_interval((one.flesch_kincaid for one in sites), ".1f"),
            )
        )  # fmt: skip
    show(("year", "sites", "most from", "words", "Coleman-Liau", "Flesch-Kincaid"), rows)


def _with_early_years(years: Mapping[str, Mapping[str, Reading]]) -> dict[str, list[Reading]]:
    """The readings by year, those of early years together and each site once, by its last capture."""
    early: dict[str, Reading] = {}
    for year, sites in years.items():
        if EARLY[0] <= year <= EARLY[1]:
            early.update(sites)
    late = {year: list(sites.values()) for year, sites in years.items() if year > EARLY[1]}
    return {"–".join(EARLY): list(early.values()), **late}


def show_length_changes(years: Mapping[str, Mapping[str, Reading]]) -> None:
    """The changes of lengths and grades on the sites of two spans."""
    print("\n## Lengths and grades, sites of both spans: medians of each site's change with 95% intervals")
    rows = []
    for title, changes in _changes(years).items():
        old, new = zip(*changes, strict=True)
        rows.append(
            (
                title, str(len(changes)),
                f"{median(one.words for one in old):,.0f} → {median(one.words for one in new):,.0f}",
                "×" + with_interval((two.words / max(1, one.words) for one, two in changes), ".2f"),
                with_interval((two.coleman_liau - one.coleman_liau for one, two in changes), "+.2f"),
                with_interval((two.flesch_kincaid - one.flesch_kincaid for one, two in changes), "+.2f"),
            )
        )  # fmt: skip
    show(("spans", "sites", "median words", "words of a site", "Coleman-Liau", "Flesch-Kincaid"), rows)


def _changes(years: Mapping[str, Mapping[str, Reading]]) -> dict[str, list[tuple[Reading, Reading]]]:
    """The first reading in the earlier span and the last in the later one, of each site of both, by pair of spans."""
    found = {}
    for spans in PAIRS:
        before, after = (
            {_LINKED_ENDS.sub("", site.lower()): one for year in order for site, one in years[year].items()}
            for order in (sorted(_years_of(spans[0], years), reverse=True), sorted(_years_of(spans[1], years)))
        )
        if sites := sorted(before.keys() & after.keys()):
            title = " → ".join("–".join(dict.fromkeys(span)) for span in spans)
            found[title] = [(before[site], after[site]) for site in sites]
    return found


def _years_of(span: Span, years: Iterable[str]) -> list[str]:
    """The years that lie in a span."""
    return [year for year in years if span[0] <= year <= span[1]]


def read_shares(corpus: Path) -> list[TermShare]:
    """The shares of sites in the corpus's table of terms."""
    with (corpus / TERMS / "terms.csv").open(encoding="utf-8", newline="") as stream:
        rows = [{name: value or None for name, value in row.items()} for row in csv.DictReader(stream)]
    return [msgspec.convert(row, TermShare, strict=False) for row in rows if row["unit"] == "sites"]


def show_terms(table: Sequence[TermShare]) -> None:
    """The shares of all sites that mention each term, and the first year in which one does."""
    shares = {(one.term, one.period): one for one in table if one.panel == "all"}
    periods = sorted({one.period for one in table})
    sizes = {one.period: one.of for one in shares.values()}
    for group, terms in GROUPS.items():
        print(f"\n## Shares of all sites that mention {group}, with 95% intervals (Wilson)")
        rows = []
        for term in terms:
            seen = [period for period in periods if shares[term, period].mentioning]
            rows.append((term, seen[0] if seen else "never", *(_share(shares[term, year]) for year in YEARS)))
        show(("term", "first", *(f"{year}, n {sizes[year]}" for year in YEARS)), rows)


def _share(row: TermShare) -> str:
    """A share with its interval as text."""
    if row.share is None or row.low is None or row.high is None:
        return ""
    return f"{_short(row.share)} ({_short(row.low)}–{_short(row.high)})"


def _short(share: float) -> str:
    """A share with two places, without the zero before them.

    >>> _short(0.456), _short(1.0), _short(0.0)
    ('.46', '1', '0')
    """
    return f"{share:.2f}".lstrip("0") if 0 < share < 1 else f"{share:.0f}"  # fmt: skip


def read_mentions(corpus: Path) -> dict[str, set[str]]:
    """The records that mention each term of the tables."""
    found: dict[str, set[str]] = {term: set() for terms in GROUPS.values() for term in terms}
    with (corpus / TERMS / "mentions.jsonl").open("rb") as stream:
        for line in stream:
            mention = msgspec.json.decode(line)
            if mention["term"] in found:
                found[mention["term"]].add(mention["record"])
    return found


def show_term_changes(corpus: Path, years: Mapping[str, Mapping[str, Reading]]) -> None:
    """The shares of the sites of two spans that mention each term, and how many took it up or dropped it."""
    changes = _changes(years)
    print(
        "\n## Shares of the sites of both spans that mention a term, before → after; sites that took it up, dropped it"
    )
    mentions = read_mentions(corpus).items()
    rows = [(term, *(_change(records, pairs) for pairs in changes.values())) for term, records in mentions]
    show(("term", *(f"{title}, n {len(pairs)}" for title, pairs in changes.items())), rows)


def _change(records: set[str], pairs: Sequence[tuple[Reading, Reading]]) -> str:
    """How the share of sites that mention a term changed, as text; the interval is of the later share."""
    has = [(before.is_in(records), after.is_in(records)) for before, after in pairs]
    before, after = (sum(column) for column in zip(*has, strict=True))
    low, high = wilson_interval(after, len(has))
    later = f"{_short(after / len(has))} ({_short(low)}–{_short(high)})"
    return f"{_short(before / len(has))} → {later}; +{has.count((False, True))} −{has.count((True, False))}"


def write_chart(table: Sequence[TermShare], path: Path) -> None:
    """Writes the chart of some terms, in a grey that can be read on white and on black."""
    terms = read_terms()
    chosen = tuple(term for term in terms.terms if term.id in CHARTED)
    groups = {term.group: terms.groups[term.group] for term in chosen}
    path.write_text(term_chart(table, TermList(groups, chosen)).replace("currentColor", "#777"), encoding="utf-8")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path, help="the folder of policies.jsonl.gz and terms/")
    parser.add_argument("--chart", type=Path, metavar="FILE", help="also draw some terms as SVG")
    arguments = parser.parse_args()
    years, shares = read_lengths(arguments.corpus), read_shares(arguments.corpus)
    show_lengths(years)
    show_length_changes(years)
    show_terms(shares)
    show_term_changes(arguments.corpus, years)
    if arguments.chart:
        write_chart(shares, arguments.chart)


if __name__ == "__main__":
    main()
