"""How large reports are and how soon they are open.

    make bench-report                                # 200 policies of 100 kB in one file; 300 with 60 captures each
    .venv/bin/python -m benchmarks.report --large    # the second alone

The 200 policies are of random words, no passage twice: the least favourable case, since the report stores a text once.
The 300 policies change one passage from capture to capture, and name terms. Their report is made as `report` makes it,
from records, and opened in a Chromium that is not slowed down. The times are Chromium's own, from the start of the
navigation (`performance`); of several openings the least counts, as other work on the machine only adds to it.
"""

from __future__ import annotations

import os
import random
import shutil
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from extractor.records import PRACTICES, SCHEMA_VERSION, Policy, PolicyCapture, Provenance, Segment, Source, Verdict
from extractor.report import PolicyHistory, ReportInfo, Site, write_report
from extractor.run.studies import report_on_sites

POLICIES, CHARACTERS, CAPTURES = 200, 100_000, 10
LARGE_SITES, LARGE_CAPTURES, LARGE_SEGMENTS, FIRST_YEAR = 300, 60, 30, 1996
OPENINGS, VOCABULARY = 5, 20_000
NAMED = (
    "cookies", "web beacons", "COPPA", "TRUSTe", "P3P", "the EU-US Safe Harbor", "Privacy Shield", "the GDPR",
    "the CCPA", "Do Not Track", "Global Privacy Control", "Google Analytics", "DoubleClick", "Facebook",
    "your IP address", "the right of access", "the right to erasure", "biometric data", "precise location",
    "personal information", "a data protection officer", "legitimate interests", "standard contractual clauses",
    "session replay", "fingerprinting",
)  # fmt: skip
SYLLABLES = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "er", "is")]
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()


def made_up_policy(number: int, dice: random.Random) -> Policy:
    """A policy of random words, in segments of some 400 characters."""
    segments: list[Segment] = []
    at = 0
    while at < CHARACTERS:
        words = " ".join("".join(dice.choices(SYLLABLES, k=dice.randint(1, 4))) for _ in range(60))
        practices = tuple(name for name in PRACTICES if dice.random() < 0.2)
        scores: Any = {name: round(dice.random(), 4) for name in PRACTICES}
        headings = ("Privacy", f"Section {len(segments) // 8}")
        segments.append(
            Segment(len(segments), at, at + len(words), words, "paragraph", headings, "", practices, scores)
        )
        at += len(words) + 2
    time_of = f"{2000 + number % CAPTURES}0101000000"
    site = f"site{number // CAPTURES}.example"
    url = f"https://{site}/privacy"
    return Policy(
        SCHEMA_VERSION, f"{time_of}/{url}", site, f"{site}/privacy", site, "Privacy", "en", Source(),
        PolicyCapture(url=url, timestamp=time_of), Verdict(True, 0.9), "", "", True, tuple(segments),
        Provenance("archived-policy", "fast", "0" * 64),
    )  # fmt: skip


def made_up_sites() -> Iterator[Site]:
    """The sites, each with a story."""
    dice = random.Random(8)
    for start in range(0, POLICIES, CAPTURES):
        policies = tuple(made_up_policy(number, dice) for number in range(start, start + CAPTURES))
        yield Site(policies[0].domain, policies, (PolicyHistory(tuple(policy.id for policy in policies)),))


def made_up_corpus() -> Iterator[list[Policy]]:
    """The records of many sites: two captures a year, each with one passage that the one before did not have."""
    dice = random.Random(22)
    vocabulary = ["".join(dice.choices(SYLLABLES, k=dice.randint(1, 4))) for _ in range(VOCABULARY)]
    for number in range(LARGE_SITES):
        passages = [made_up_passage(dice, vocabulary, 0) for _ in range(LARGE_SEGMENTS)]
        captures = []
        for capture in range(LARGE_CAPTURES):
            passages[dice.randrange(LARGE_SEGMENTS)] = made_up_passage(dice, vocabulary, capture)
            captures.append(made_up_capture(f"site{number}.example", capture, passages))
        yield captures


def made_up_passage(
    dice: random.Random, vocabulary: Sequence[str], capture: int
) -> tuple[str, tuple[Any, ...], dict[Any, float]]:
    """A passage that names a term, later captures other ones than early ones; its practices and their scores."""
    words = dice.choices(vocabulary, k=60)
    newest = 5 + capture * (len(NAMED) - 5) // LARGE_CAPTURES
    words[dice.randrange(60)] = f"and {NAMED[dice.randrange(newest)]} and"
    practices = tuple(name for name in PRACTICES if dice.random() < 0.03)
    return f"{' '.join(words)}.", practices, {name: round(dice.random(), 4) for name in PRACTICES}


def made_up_capture(
    site: str, number: int, passages: Sequence[tuple[str, tuple[Any, ...], dict[Any, float]]]
) -> Policy:
    """A capture with some passages."""
    segments: list[Segment] = []
    at = 0
    for index, (words, practices, scores) in enumerate(passages):
        headings = ("Privacy", f"Section {index // 8}")
        segments.append(Segment(index, at, at + len(words), words, "paragraph", headings, "", practices, scores))  # type: ignore[arg-type]
        at += len(words) + 2
    time_of, url = f"{FIRST_YEAR + number // 2}{('0402', '1003')[number % 2]}120000", f"https://{site}/privacy"
    text = "\n\n".join(words for words, _, _ in passages)
    return Policy(
        SCHEMA_VERSION, f"{time_of}/{url}", site, f"{site}/privacy", site, "Privacy", "en", Source(),
        PolicyCapture(url=url, timestamp=time_of), Verdict(True, 0.9), "", text, True, tuple(segments),
        Provenance("archived-policy", "fast", "0" * 64),
    )  # fmt: skip


def timed(do: Callable[[], Any]) -> float:
    """How long something takes, in seconds."""
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


def processor_time() -> float:
    """The processor time so far, in seconds, of all that this process has started: the browser's processes (Linux)."""
    parents, spent = {}, {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = place.read_text().rpartition(")")[2].split()
            number = int(place.parent.name)
            parents[number], spent[number] = int(fields[1]), int(fields[11]) + int(fields[12])
    return sum(spent[number] for number in spent if descends(number, parents)) / os.sysconf("SC_CLK_TCK")


def descends(number: int, parents: dict[int, int]) -> bool:
    """Whether a process is one that this one started, or one of those did."""
    while (number := parents.get(number, 0)) and number != os.getpid():
        pass
    return bool(number)


def opening_times(page: Any, path: Path) -> Iterator[tuple[str, float, float]]:
    """How long a person waits for each view, and the processor time that all of the browser takes for it."""
    for name, go in views(page, path):
        spent = processor_time()
        yield name, timed(go), processor_time() - spent


def views(page: Any, path: Path) -> Iterator[tuple[str, Callable[[], Any]]]:
    """What there is to open."""

    def show(route: str, sign: str) -> Callable[[], None]:
        def go() -> None:
            page.evaluate(f"location.hash = '{route}'")
            page.wait_for_selector(sign)

        return go

    yield "the overview, from the file", lambda: page.goto(path.as_uri())
    yield "a site", show("#s3", "#view .timeline")
    yield "a policy of 100 kB", show("#s3/c4", "#view .said li")
    yield "two policies compared", show("#s3/d4-5", "#view .diff tr")
    yield "the first search in all texts", show("#find?q=ba", "#view .kwic td")
    yield "another search", show("#find?q=ba+da&view=captures", "#view .captures td")


def displacy_time(policy: Policy) -> tuple[float, int]:
    """How long displaCy takes to mark the segments of one policy as spans, and the size of its page."""
    import spacy
    from spacy import displacy

    spans, text = [], "\n\n".join(segment.text for segment in policy.segments)
    document = spacy.blank("en")(text)
    token = 0
    for segment in policy.segments:
        length = len(segment.text.split())
        spans += [{"start_token": token, "end_token": token + length, "label": name} for name in segment.practices]
        token += length + 1
    data = {"text": text, "spans": spans, "tokens": [token.text for token in document]}
    page = ""

    def render() -> None:
        nonlocal page
        page = displacy.render(data, style="span", manual=True, page=True, jupyter=False)

    return timed(render), len(page)


def print_large_report() -> None:
    """Prints the figures of the report of 300 policies with 60 captures each."""
    from playwright.sync_api import sync_playwright

    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path, spent = Path(folder) / "report.html", time.process_time()
        written = report_on_sites(made_up_corpus(), Path("300 policies"), path, {})
        print(f"{LARGE_SITES} policies with {LARGE_CAPTURES} captures each")
        print(f"  made in {time.process_time() - spent:.0f} s of processor time, histories and records included")
        sizes = [page.stat().st_size / 1e6 for page in written]
        print(f"  overview {sizes[0]:.2f} MB, {len(sizes) - 1} pages of sites of up to {max(sizes[1:]):.2f} MB")
        browser = launched(playwright)
        for name, page in (("the overview", written[0]), ("a site's page", written[1])):
            figures = [opening_figures(browser, page) for _ in range(OPENINGS)]
            drawn, loaded, spent = (min(one[place] for one in figures) for place in range(3))
            print(f"  {name}: drawn after {drawn:.2f} s, complete after {loaded:.2f} s (processor {spent:.2f} s)")
        browser.close()


def opening_figures(browser: Any, path: Path) -> tuple[float, float, float]:
    """Seconds until a page is drawn for the first time and until it is complete, and processor time of all Chromium."""
    page = browser.new_page()
    page.goto("about:blank")
    spent = processor_time()
    page.goto(path.as_uri())
    page.wait_for_selector("h1:visible")
    spent = processor_time() - spent
    drawn, loaded = page.evaluate(
        "[performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,"
        " performance.getEntriesByType('navigation')[0].loadEventEnd]"
    )
    page.close()
    return drawn / 1000, loaded / 1000, spent


def launched(playwright: Any) -> Any:
    """A Chromium."""
    return playwright.chromium.launch(executable_path=shutil.which(os.environ.get("CHROMIUM", "chromium")), args=FLAGS)


def print_one_file() -> None:
    """Prints the figures of the report of 200 long policies, and those of displaCy."""
    from playwright.sync_api import sync_playwright

    sites = list(made_up_sites())
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        path = Path(folder) / "report.html"
        print(f"{POLICIES} policies of {CHARACTERS // 1000} kB, {len(sites)} sites")
        print(f"  written in {timed(lambda: write_report(sites, path, ReportInfo('Benchmark'))):.1f} s")
        print(f"  files {sum(1 for _ in Path(folder).rglob('*.html'))}, {path.stat().st_size / 1e6:.1f} MB")
        browser = launched(playwright)
        page = browser.new_page()
        page.goto("about:blank")
        for name, seconds, spent in opening_times(page, path):
            print(f"  {name}: {seconds:.2f} s (processor {spent:.2f} s)")
        browser.close()
    spent = time.process_time()
    seconds, size = displacy_time(sites[0].policies[0])
    spent = time.process_time() - spent
    print(f"displaCy writes one of these policies in {seconds:.2f} s (processor {spent:.2f} s), {size / 1e6:.1f} MB")


def main() -> None:
    """Prints the figures."""
    if "--large" not in sys.argv[1:]:
        print_one_file()
    print_large_report()


if __name__ == "__main__":
    main()
