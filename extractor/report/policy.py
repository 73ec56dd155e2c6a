"""One policy: its row in the table, and below it the policy itself, which the row opens."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby

from extractor.records import PRACTICES, Policy, Practice, Segment
from extractor.report.markup import NOTHING, Html, element, is_web, joined, language_tag, text, web_link
from extractor.report.tally import practice_counts, site_of

COLUMNS = ("site", "captured", "title", "language", "verdict", "segments", *PRACTICES)
UNTITLED = "Untitled page"
NOT_LOOKED_AT = "not looked at"
NOBODY_LOOKED = "Not looked at: no practice was sought in this page, so none shown here does not mean none in it."


def policy_rows(policy: Policy, anchor: str) -> Html:
    """The rows of a policy, which a reader links to as `#anchor`."""
    site = element("th", text(site_of(policy)), scope="row", role="rowheader", class_="site")
    opened = element("td", details(policy, anchor), role="cell", colspan=str(len(COLUMNS)))
    rows = [
        element("tr", site, *row_cells(policy), role="row", class_="row"),
        element("tr", opened, role="row", class_="opened"),
    ]
    return Html(element("tbody", *rows, role="rowgroup", id=anchor) + "\n")


def row_cells(policy: Policy) -> Iterator[Html]:
    """The cells of a row after the site's."""
    word = verdict_word(policy)
    yield cell(captured(policy), "captured")
    yield cell(text(policy.title or UNTITLED), "title", lang=language_tag(policy.language))
    yield cell(text(policy.language or "–"), "language")
    yield cell(element("span", text(word), class_=word), "verdict")
    yield cell(joined([text(len(policy.segments)), element("span", text(" segments"), class_="unit")]), "segments")
    yield from marks(policy)


def cell(content: Html, kind: str, **attributes: str) -> Html:
    """A cell of the table."""
    return element("td", content, role="cell", class_=kind, **attributes)


def captured(policy: Policy) -> Html:
    """The day of the capture."""
    day = day_of(policy.capture.timestamp)
    return element("time", text(day), datetime=day) if day else text("no date")


def day_of(timestamp: str) -> str:
    """The day of an archive's timestamp.

    >>> day_of("20151229060258")
    '2015-12-29'
    """
    return f"{timestamp[:4]}-{timestamp[4:6]}-{timestamp[6:8]}" if timestamp else ""


def verdict_word(policy: Policy) -> str:
    """Whether the page can be used; "doubtful" where it was labelled though something was said against it."""
    if not policy.verdict.usable:
        return "unusable"
    return "doubtful" if policy.labelled and policy.verdict.reasons else "usable"


def marks(policy: Policy) -> Iterator[Html]:
    """The five practices of a row; one cell in their place where nobody has looked."""
    if not policy.labelled:
        yield cell(text(NOT_LOOKED_AT), "unlooked", colspan=str(len(PRACTICES)), aria_colspan=str(len(PRACTICES)))
    for practice, count in practice_counts(policy).items():
        yield cell(mark(practice, count), practice, data_count=str(count))


def mark(practice: Practice, count: int) -> Html:
    """One practice of a policy: in how many segments it is."""
    name = element("span", text(f"{practice.capitalize()} "), class_="name")
    number = text(count) if count else element("span", text("–"), aria_label="in no segment", role="img")
    return element("span", name, number, class_=f"mark {practice}" if count else "mark none")


def details(policy: Policy, anchor: str) -> Html:
    """The policy, folded up."""
    name = element("span", text(f"{site_of(policy)}, {day_of(policy.capture.timestamp) or 'no date'}"))
    return element("details", element("summary", text("Policy of "), name), article(policy, anchor))


def article(policy: Policy, anchor: str) -> Html:
    """The policy: its head, its segments, its provenance."""
    heading = element("h3", text(policy.title or UNTITLED), id=f"{anchor}-title", lang=language_tag(policy.language))
    said = passages(policy, anchor) if policy.segments else element("p", text("No segment was found in it."))
    return element("article", heading, standing(policy), said, provenance(policy), aria_labelledby=f"{anchor}-title")


def standing(policy: Policy) -> Html:
    """What a reader has to know first: where the original is, whether the page is usable, whether it was labelled."""
    likeness = element("p", text(f"Reads like a privacy policy: {policy.verdict.is_policy:.2f} of 1."))
    unlooked = NOTHING if policy.labelled else element("p", text(NOBODY_LOOKED), class_="warning")
    return joined([original(policy), likeness, reasons(policy), unlooked])


def original(policy: Policy) -> Html:
    """The way to the archived original, or what is known of it."""
    url = policy.capture.archive_url
    link = web_link(url, text("The archived original"))
    where = text(policy.capture.url or policy.source.path)
    return element("p", *([link, text(" of ")] if is_web(url) else []), element("code", where), class_="original")


def reasons(policy: Policy) -> Html:
    """What was said of the page."""
    if not policy.verdict.reasons:
        return NOTHING
    found = "; ".join(policy.verdict.reasons)
    return element("p", text(f"Verdict: {verdict_word(policy)} ({found})."), class_="warning")


def passages(policy: Policy, anchor: str) -> Html:
    """The segments in order, under the path of headings above each."""
    language = language_tag(policy.language)
    placed = [(segment, f"{anchor}-{place}") for place, segment in enumerate(policy.segments)]
    sections = (
        element("section", path(headings, language), element("ol", joined(passage(*each, policy) for each in group)))
        for headings, group in groupby(placed, key=lambda each: each[0].headings)
    )
    return joined(sections, "\n")


def path(headings: tuple[str, ...], language: str) -> Html:
    """A path of headings, outermost first."""
    if not headings:
        return NOTHING
    above = (element("span", text(f"{heading} › ")) for heading in headings[:-1])
    return element("h4", joined(above), text(headings[-1]), lang=language)


def passage(segment: Segment, anchor: str, policy: Policy) -> Html:
    """One segment: in the margin what was found, beside it what the site said."""
    name = f"Segment {segment.index}"
    number = element("a", text(segment.index), href=f"#{anchor}", aria_label=name, class_="number")
    margin = element("div", number, findings(segment) if policy.labelled else NOTHING, class_="margin")
    words = said(segment, language_tag(policy.language))
    return element("li", margin, words, id=anchor, class_=" ".join(segment.practices))


def findings(segment: Segment) -> Html:
    """The practices of a labelled segment, with their scores."""
    chips = [chip(practice, segment.scores[practice]) for practice in PRACTICES if practice in segment.practices]
    return joined([*(chips or [element("span", text("no practice"), class_="unmarked")]), uncertainty(segment)], " ")


def chip(practice: Practice, score: float) -> Html:
    """A practice and its score."""
    number = element("b", text(f"{score:.2f}"))
    return element("span", text(f"{practice.capitalize()} "), number, class_=f"chip {practice}")


def uncertainty(segment: Segment) -> Html:
    """That the model was unsure, and the highest score of a practice it did not give."""
    if not segment.uncertain:
        return NOTHING
    left = [(segment.scores[practice], practice) for practice in PRACTICES if practice not in segment.practices]
    score, practice = max(left, default=(0.0, ""))
    nearest = f", next {practice.capitalize()} {score:.2f}" if practice else ""
    return element("span", text(f"? uncertain{nearest}"), class_="uncertain")


def said(segment: Segment, language: str) -> Html:
    """What the site said, its lead-in before it and its categories after it."""
    context = element("p", text(segment.context), class_="context", lang=language) if segment.context else NOTHING
    words = element("p", text(segment.text), class_="text", lang=language, dir="auto")
    return element("div", context, words, categories(segment))


def categories(segment: Segment) -> Html:
    """The OPP-115 categories of a segment, with their scores."""
    named = (text(f"{name} {segment.category_scores[name]:.2f}") for name in segment.categories)
    return element("p", joined(named, " · "), class_="categories") if segment.categories else NOTHING


def provenance(policy: Policy) -> Html:
    """Where the record comes from, as a list of terms."""
    terms = (element("div", element("dt", text(term)), element("dd", text(value))) for term, value in origins(policy))
    return element("dl", joined(terms), class_="provenance")


def origins(policy: Policy) -> Iterator[tuple[str, str]]:
    """What is known of a record's origin."""
    capture, source, maker = policy.capture, policy.source, policy.provenance
    known = {
        "Record": policy.id,
        "Read from": " ".join(filter(None, (source.path, source.record))),
        "Asked for": capture.requested,
        "Captured": capture.timestamp and f"{capture.timestamp} (UTC)",
        "Served": " ".join(filter(None, (capture.served_timestamp, capture.served_url))),
        "Archive": capture.archive_url,
        "Index": " ".join(filter(None, (str(capture.status or ""), capture.mime, capture.digest))),
        "SHA-256": capture.sha256,
        "Made by": ", ".join(filter(None, (maker.extractor, maker.model, maker.model_sha256[:12]))),
    }
    return ((term, value) for term, value in known.items() if value)
