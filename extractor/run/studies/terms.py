"""`terms`: which laws, bodies, technologies, rights and companies policies name, and which phrases rose or fell."""

from __future__ import annotations

import re
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import chain, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any, BinaryIO, Literal, cast

import msgspec

from extractor.errors import UsageError
from extractor.exports import encode_line, import_pyarrow, write_dataclass_csv, write_dataclass_parquet
from extractor.files import write_atomically, write_text
from extractor.history import (
    CaptureSeries,
    DiscoveredPhrase,
    FirstMention,
    SeriesNotes,
    Span,
    SpanText,
    TermCapture,
    TermMention,
    TermShare,
    TermTree,
    capture_series,
    discover,
    find_terms,
    first_mentions,
    phrase_span,
    read_terms,
    term_capture,
    term_chart,
    term_shares,
    term_tree,
)
from extractor.label import denies_words, has_negation
from extractor.progress import Progress, no_progress
from extractor.records import Policy
from extractor.run.folder import read_by_site
from extractor.text import sentence_spans
from extractor.timestamps import PeriodLength

_SPAN = re.compile(r"(\d{4})(?:-(\d{4}))?")
_MAX_EXAMPLE = 300  # characters
_LENGTH_BYTES = 8
_FORMULA_STARTS = "=+-@ "  # left out, as a spreadsheet would take the rest for a formula
_PARAGRAPH_BREAK = "\n\n"
_MentionPolarity = Literal["", "does_not"]
ParagraphMentions = dict[str, list[tuple[str, int, int, _MentionPolarity]]]


@dataclass(slots=True)
class TermsSummary:
    """The numbers of sites, captures and mentions, which terms were found, and the years of the captures."""

    sites: int = 0
    captures: int = 0
    mentions: int = 0
    terms: int = 0
    found: set[str] = field(default_factory=set)
    years: list[str] = field(default_factory=list)
    undated: int = 0
    notes: SeriesNotes = field(default_factory=SeriesNotes)

    @property
    def problems(self) -> list[str]:
        """A sentence on each kind of records that do not count in the shares."""
        subject = "1 record has no date: its" if self.undated == 1 else f"{self.undated:,} records have no date: their"
        sentence = f"{subject} mentions are listed, but count in no share."
        return [*([sentence] if self.undated else []), *self.notes.sentences()]


def write_terms(  # noqa: PLR0913 - the options of the command
    place: Path,
    out: Path,
    *,
    term_file: Path | None = None,
    every: PeriodLength = "half-year",
    parquet: bool = False,
    policy: str = "",
    progress: Progress = no_progress,
) -> TermsSummary:
    """Writes mentions, shares, first mentions and a chart of terms into a folder, each file whole or not at all.

    One site is in memory at a time. `term_file` is a list of one's own; `policy` narrows the study to a site or a
    policy by its name. Raises UnreadableError if records or the list are damaged, ConfigurationError if the list has a
    mistake or Parquet needs its extra, UsageError if there is no such policy.
    """
    if parquet:
        import_pyarrow()  # before any work is done
    terms = read_terms(term_file)
    tree = term_tree(terms)
    summary, captures, first = TermsSummary(terms=len(terms.terms)), list[TermCapture](), list[FirstMention]()
    sites = (_site_mentions(group, tree, summary) for group in read_by_site(place, policy, partial(progress, "terms")))
    head = list(islice(sites, 1))  # before the folder is made: there may be no such policy
    out.mkdir(parents=True, exist_ok=True)
    with write_atomically(out / "mentions.jsonl") as stream:
        for of_site, mentions in chain(head, sites):
            stream.writelines(map(encode_line, mentions))
            captures.extend(of_site)
            dated = (mention for mention in mentions if mention.timestamp)
            first.extend(first_mentions(dated, [one.timestamp for one in of_site], terms))
            _add_to_summary(of_site, mentions, summary)
    shares = list(term_shares(captures, terms, every))
    _write_table(out / "terms", TermShare, shares, parquet)
    _write_table(out / "first_mentions", FirstMention, first, parquet)
    write_text(out / "terms.svg", term_chart(shares, terms))
    return summary


def _add_to_summary(captures: Sequence[TermCapture], mentions: Sequence[TermMention], summary: TermsSummary) -> None:
    """Adds a site to the summary."""
    summary.sites += bool(captures)
    summary.captures += len(captures)
    summary.mentions += len(mentions)
    summary.found.update(mention.term for mention in mentions)
    summary.years.extend(capture.timestamp[:4] for capture in captures)


def _site_mentions(
    policies: Sequence[Policy], tree: TermTree, summary: TermsSummary
) -> tuple[list[TermCapture], list[TermMention]]:
    """The captures of a site and all mentions in them, those of records without a date last."""
    captures, mentions = list[TermCapture](), list[TermMention]()
    paragraphs: ParagraphMentions = {}
    for series in capture_series(filter(_has_date, policies), summary.notes):
        for capture, own in series_mentions(series, tree, paragraphs):
            captures.append(capture)
            mentions.extend(own)
    undated = {one.id: one for one in policies if _is_labelled(one) and not _has_date(one)}
    summary.undated += len(undated)
    return captures, [*mentions, *(one for policy in undated.values() for one in _mentions(policy, tree, paragraphs))]


def series_mentions(
    series: CaptureSeries, tree: TermTree, paragraphs: ParagraphMentions
) -> Iterator[tuple[TermCapture, list[TermMention]]]:
    """The captures of a policy as the tables count them, each with its mentions.

    `paragraphs` keeps what was found in each paragraph; captures of one site share most of theirs.
    """
    for capture in series.captures:
        mentions = _mentions(capture, tree, paragraphs)
        names = series.site, series.policy, capture.capture.timestamp, capture.id
        yield term_capture(mentions, *names), mentions


def _is_labelled(policy: Policy) -> bool:
    """Whether a record was looked at: it is usable and in English."""
    return policy.verdict.usable and policy.labelled


def _has_date(policy: Policy) -> bool:
    """Whether a record has a time of capture."""
    return bool(policy.capture.timestamp)


def _mentions(policy: Policy, tree: TermTree, paragraphs: ParagraphMentions) -> list[TermMention]:
    """The mentions of terms in a record. No name, context or sentence goes across paragraphs, so each is read alone."""
    names = policy.site, policy.policy, policy.capture.timestamp
    mentions, first = list[TermMention](), 0
    for paragraph in policy.text.split(_PARAGRAPH_BREAK):
        if paragraph not in paragraphs:
            paragraphs[paragraph] = _paragraph_mentions(paragraph, tree)
        for term, start, end, polarity in paragraphs[paragraph]:
            words = paragraph[start:end]
            mentions.append(TermMention(policy.id, term, first + start, first + end, words, polarity, *names))
        first += len(paragraph) + len(_PARAGRAPH_BREAK)
    return mentions


def _paragraph_mentions(text: str, tree: TermTree) -> list[tuple[str, int, int, _MentionPolarity]]:
    """The term, place and polarity of each mention in a paragraph."""
    found = find_terms(text, tree)
    denies = _denial_test(text) if found and has_negation(text) else None
    return [
        (one.term, one.start, one.end, "does_not" if denies and denies(one.start, one.end) else "") for one in found
    ]


def _denial_test(text: str) -> Callable[[int, int], bool]:
    """A function that says of a mention in a text whether its sentence denies it."""
    spans = sentence_spans(text)
    starts, negated = [start for start, _ in spans], [has_negation(text[start:end]) for start, end in spans]

    def denies(start: int, end: int) -> bool:
        number = bisect_right(starts, start) - 1
        first, last = spans[number]
        return negated[number] and denies_words(text[first:last], start - first, end - first)

    return denies


def _write_table(path: Path, row_type: type, rows: Sequence[Any], parquet: bool) -> None:
    """Writes a table as CSV, and on request as Parquet. `path` has no suffix yet."""
    write_dataclass_csv(row_type, rows, path.with_suffix(".csv"))
    if parquet:
        write_dataclass_parquet(row_type, rows, path.with_suffix(".parquet"))


def write_discovered_phrases(  # noqa: PLR0913 - the options of the command
    place: Path,
    out: Path,
    years: Sequence[str],
    *,
    spans: Sequence[str] = (),
    term_file: Path | None = None,
    parquet: bool = False,
    policy: str = "",
    progress: Progress = no_progress,
) -> tuple[list[DiscoveredPhrase], Span, Span]:
    """Writes the phrases that rose or fell most between two spans of years into a folder; returns them and the spans.

    All sites are compared, and again those that have captures in both spans. `spans` are like "2012-2014" and "2020";
    without them, the years of the first and of the last third of the captures are compared, of which `years` has the
    year of each. Raises UsageError if the spans cannot be compared.
    """
    before, after = _given_spans(spans) if spans else _outer_spans(years)
    tree = term_tree(read_terms(term_file))
    with _span_texts(read_by_site(place, policy, partial(progress, "discover")), before, after) as read:
        found = _with_examples(discover(read), read, tree)
    _write_table(out / "discovered", DiscoveredPhrase, found, parquet)
    return found, before, after


def _given_spans(spans: Sequence[str]) -> tuple[Span, Span]:
    """Two spans of years as they were given. Raises UsageError if they are none, or overlap."""
    matches = [_SPAN.fullmatch(span) for span in spans]
    before, after = ((match[1], match[2] or match[1]) if match else ("", "") for match in matches)
    if not (before[0] and after[0]) or before[0] > before[1] or after[0] > after[1]:
        raise UsageError(f"{' and '.join(spans)} are no spans of years: write them like 2012-2014 and 2020.")
    if before[1] >= after[0]:
        raise UsageError(f"{spans[0]} does not end before {spans[1]} begins: give the earlier span first.")
    return before, after


def _outer_spans(years: Sequence[str]) -> tuple[Span, Span]:
    """The years of the first third of the captures, and those of the last. Raises UsageError if they overlap."""
    ordered = sorted(years)
    third = len(ordered) // 3
    if not ordered or ordered[third] >= ordered[-third - 1]:
        raise UsageError("The captures are of too few years to compare: name two spans of years with --spans.")
    return (ordered[0], ordered[third]), (ordered[-third - 1], ordered[-1])


@contextmanager
def _span_texts(
    sites: Iterable[list[Policy]], before: Span, after: Span
) -> Iterator[Callable[[], Iterator[list[SpanText]]]]:
    """A function that reads the texts of sites in both spans, site by site, as often as it is called.

    They are kept in a temporary file, as reading the records again takes longer.
    """
    with TemporaryFile() as opened:
        stream = cast(BinaryIO, opened)
        for group in sites:
            if texts := list(_texts_in_spans(group, before, after)):
                data = zlib.compress(msgspec.msgpack.encode(texts), 1)
                stream.write(len(data).to_bytes(_LENGTH_BYTES, "big") + data)

        def read() -> Iterator[list[SpanText]]:
            stream.seek(0)
            while length := stream.read(_LENGTH_BYTES):
                data = zlib.decompress(stream.read(int.from_bytes(length, "big")))
                yield msgspec.msgpack.decode(data, type=list[SpanText])

        yield read


def _texts_in_spans(policies: Iterable[Policy], before: Span, after: Span) -> Iterator[SpanText]:
    """The texts of the records of a site that lie in one of two spans."""
    for policy in policies:
        year = policy.capture.timestamp[:4]
        is_later = after[0] <= year <= after[1]
        if _is_labelled(policy) and (is_later or before[0] <= year <= before[1]):
            yield SpanText(policy.site, is_later, policy.id, policy.text)


def _with_examples(
    found: Sequence[DiscoveredPhrase], read: Callable[[], Iterator[list[SpanText]]], tree: TermTree
) -> list[DiscoveredPhrase]:
    """The phrases with the first sentence of a site of their panel that has each, and the terms it is part of there."""
    missing, examples = dict.fromkeys(found), dict[DiscoveredPhrase, DiscoveredPhrase]()
    for texts in read():
        panels = {"all", "fixed"} if len({one.is_later for one in texts}) > 1 else {"all"}
        for text in texts:
            for one in [one for one in missing if one.panel in panels and (one.direction == "rose") == text.is_later]:
                start, end = phrase_span(text.text, one.phrase)
                if start >= 0:
                    missing.pop(one)
                    examples[one] = _with_example(one, text, (start, end), tree)
        if not missing:
            break
    return [examples.get(one, one) for one in found]


def _with_example(found: DiscoveredPhrase, text: SpanText, place: tuple[int, int], tree: TermTree) -> DiscoveredPhrase:
    """A phrase with an example at a place of a text."""
    start, end = place
    spans = sentence_spans(text.text)
    first, last = spans[max(0, bisect_right(spans, (start, len(text.text))) - 1)]
    sentence = " ".join(text.text[first : max(last, end)][:_MAX_EXAMPLE].split()).lstrip(_FORMULA_STARTS)
    mentions = (one for one in find_terms(text.text[first : max(last, end)], tree))
    terms = dict.fromkeys(one.term for one in mentions if one.start + first < end and one.end + first > start)
    return replace(found, terms=" ".join(terms), record=text.record, start=start, end=end, example=sentence)
