"""How well and how fast the text of a policy is found, beside what a user would take instead, in one run.

    make bench-extraction                      # or: python -m benchmarks.extraction DATA/extraction
    python -m benchmarks.extraction DATA --worst 10          the pages to look at
    python -m benchmarks.extraction DATA --lower-floors      accept figures below the ones kept in floors.json

Ours is measured by forests that saw no page of the site they are measured on; the shipped one saw all but those of
`smart/`, which nothing is trained on: there it is measured as shipped. DATA holds `opp115/`, `ota/` and `smart/` with
the whole text of each page (5-word shingles: their F1, precision and recall as means over the pages, and the mean F1 of
the worst tenth of the pages), and `c3pa/` with passages (share of those of which nine tenths of the 3-word shingles are
found; `kept` is the share of the page's words in the text).
"""

from __future__ import annotations

import argparse
import hashlib
import json
import re
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

import html2text
import trafilatura
from readability import Document
from resiliparse.extract.html2text import extract_plain_text
from rich.console import Console
from rich.table import Table

from extractor.clean import (
    clean,
    content_pieces,
    decode,
    html_blocks,
    pieces_to_blocks,
    render_markdown,
    render_text,
    requested_document,
    select_document,
)
from extractor.records import Snapshot
from extractor.segment import segments
from extractor.training.models import GOLD_SUFFIXES, AnnotatedPage, out_of_fold_forests, read_annotated_pages

FLOORS = Path(__file__).with_name("floors.json")
LOWER_BY = 0.002  # below a floor by more than this fails
WHOLE_TEXT = ("opp115", "ota", "smart")
WORST_SHARE = 0.1


class Score(NamedTuple):
    """A figure of one page."""

    tool: str
    measure: str
    page: str
    value: float


def readability_html2text(source: str) -> str:
    """The Princeton-Leuven corpus's way."""
    converter = html2text.HTML2Text()
    converter.ignore_links, converter.ignore_images, converter.body_width = True, True, 0
    return converter.handle(Document(source).summary())


TOOLS: dict[str, Callable[[str], str]] = {
    "trafilatura (favor_recall)": lambda source: trafilatura.extract(source, favor_recall=True) or "",
    "readability + html2text": readability_html2text,
    "resiliparse (main content)": lambda source: extract_plain_text(source, main_content=True, alt_texts=False),
    "all visible text": lambda source: extract_plain_text(source, main_content=False, alt_texts=False),
}


def ours(data: Path) -> Iterator[tuple[AnnotatedPage, str, str]]:
    """Each page with the text and the Markdown that a forest gives which did not see its site."""
    for page, forest in out_of_fold_forests(list(read_annotated_pages(data))):
        content = content_pieces(page.pieces, page.elements, page.title, forest)
        blocks = pieces_to_blocks(select_document(content, page.elements, requested_document(page.name)).pieces, "")
        yield page, render_text(blocks)[0], render_markdown(blocks)
    yield from as_shipped(data)


def as_shipped(data: Path) -> Iterator[tuple[AnnotatedPage, str, str]]:
    """Each page of `smart/` with the text and the Markdown that the shipped forest gives."""
    for path in sorted((data / "smart").glob("*.html")):
        gold = path.with_suffix(".gold.txt").read_text(encoding="utf-8")
        title, blocks, _ = html_blocks(read_source(data, "smart", path.stem), "", path.stem)
        page = AnnotatedPage("smart", path.stem, [], [], title, [gold])
        yield page, render_text(blocks)[0], render_markdown(blocks)


def words(text: str) -> list[str]:
    """The words of a text."""
    return re.findall(r"\w+", text.lower())


def shingles(text: str, size: int = 5) -> set[tuple[str, ...]]:
    """All runs of so many words."""
    found = words(text)
    return {tuple(found[at : at + size]) for at in range(len(found) - size + 1)}


def plain(markdown: str) -> str:
    """Markdown as a reader sees it: no link targets, marks or list numbers."""
    bare = re.sub(r"<br ?/?>", " ", re.sub(r"\]\([^)]*\)", "]", markdown))
    unmarked = re.sub(r"[_*`]", " ", re.sub(r"\\(.)", r"\1", bare))
    return re.sub(r"(?m)^\s*(?:\d+|[a-z])[.)]\s", " ", unmarked)


def precision_recall_f1(text: str, gold: str) -> tuple[float, float, float]:
    """Precision, recall and F1 of 5-word shingles."""
    found, wanted = shingles(text), shingles(gold)
    both = len(found & wanted)
    return both / max(len(found), 1), both / max(len(wanted), 1), 2 * both / max(len(found) + len(wanted), 1)


def scores_of(tool: str, page: AnnotatedPage, text: str) -> Iterator[Score]:
    """The figures of a page's text."""
    if page.collection == "c3pa":
        found = shingles(text, 3)
        wanted = [some for some in (shingles(passage, 3) for passage in page.gold) if len(some) > 5]
        yield from (Score(tool, "c3pa", page.name, len(some & found) > 0.9 * len(some)) for some in wanted)
        whole = sum(len(piece.text.split()) for piece in page.pieces)
        yield Score(tool, "kept", page.name, len(text.split()) / max(whole, 1))
    else:
        reader = plain if page.collection == "ota" else str
        precision, recall, f1 = precision_recall_f1(reader(text), reader(page.gold[0]))
        yield Score(tool, page.collection, page.name, f1)
        yield Score(tool, f"{page.collection} precision", page.name, precision)
        yield Score(tool, f"{page.collection} recall", page.name, recall)


STRUCTURE = {
    "headings": re.compile(r"(?m)^#{1,6} +(.+)$|^(.+)\n(?:=+|-+)$"),
    "items": re.compile(r"(?m)^\s*(?:[*+-]|\d+[.)]) +(.+)$"),
    "cells": re.compile(r"(?<=\|)([^|\n]+)(?=\|)"),
}


def structure_scores(page: AnnotatedPage, markdown: str) -> Iterator[Score]:
    """The share of headings, list items and table cells of the recorded Markdown that are such in ours."""
    for name, pattern in STRUCTURE.items():
        found, wanted = (set(marked(pattern, some)) for some in (markdown, page.gold[0]))
        if wanted:
            yield Score("ours", name, page.name, len(found & wanted) / len(wanted))


def marked(pattern: re.Pattern[str], markdown: str) -> Iterator[str]:
    """The words of each place that a pattern finds, the first ten of them, without a number in front."""
    for match in pattern.finditer(markdown):
        text = re.sub(r"[\[\]]", " ", re.sub(r"\]\([^)]*\)", "]", "".join(group or "" for group in match.groups())))
        if found := words(plain(text))[:10]:
            yield " ".join(found)


def measure_all(data: Path) -> list[Score]:
    """The figures of all tools."""
    scores: list[Score] = []
    for page, text, markdown in ours(data):
        scores += scores_of("ours", page, text)
        if page.collection == "ota":
            scores += structure_scores(page, markdown)
        source = read_source(data, page.collection, page.name)
        for tool, extract in TOOLS.items():
            scores += scores_of(tool, page, extract(source))
    return scores


def read_source(data: Path, kind: str, name: str) -> str:
    """The HTML of a page."""
    return decode((data / kind / f"{name}.html").read_bytes(), "text/html").text


def speeds(data: Path) -> dict[str, float]:
    """Pages a second of CPU time on the pages of OPP-115, from the decoded page to text; ours with Markdown besides."""
    sources = [read_source(data, "opp115", path.stem) for path in sorted((data / "opp115").glob("*.html"))]
    return {tool: len(sources) / best_time(extract, sources) for tool, extract in {"ours": as_blocks, **TOOLS}.items()}


def whole_ratio(data: Path) -> float:
    """How many times trafilatura's pages a second we make of bytes, from decoding to segments with the verdict."""
    pages = [path.read_bytes() for path in sorted((data / "opp115").glob("*.html"))]
    ours = best_time(lambda content: segments(clean(Snapshot(content))), pages)
    return best_time(lambda content: trafilatura.extract(content, favor_recall=True), pages) / ours


def as_blocks(source: str) -> object:
    """Our own way from HTML to text and Markdown."""
    blocks = html_blocks(source, "", "")[1]
    return render_text(blocks), render_markdown(blocks)


def best_time(extract: Callable[[Any], object], sources: list[Any]) -> float:
    """The least CPU time of three rounds, in seconds."""
    times = []
    for _ in range(3):
        start = time.process_time()
        for source in sources:
            extract(source)
        times.append(time.process_time() - start)
    return min(times)


def means(scores: list[Score]) -> dict[str, dict[str, float]]:
    """The mean of each figure of each tool, and that of the worst tenth of the pages with a whole text."""
    gathered: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for score in scores:
        gathered[score.tool][score.measure].append(score.value)
    for by in gathered.values():
        for name in WHOLE_TEXT:
            by[f"{name} worst tenth"] = worst_tenth(by[name])
    return {tool: {name: round(mean(values), 4) for name, values in by.items()} for tool, by in gathered.items()}


def worst_tenth(values: list[float]) -> list[float]:
    """The lowest tenth of some values, at least one."""
    return sorted(values)[: max(1, round(WORST_SHARE * len(values)))]


def show(console: Console, figures: dict[str, dict[str, float]], speed: dict[str, float]) -> None:
    """The tables: one for each collection with whole texts, and one of all else."""
    for name in WHOLE_TEXT:
        columns = {name: "F1", **{f"{name} {part}": part for part in ("precision", "recall", "worst tenth")}}
        console.print(table_of(name, columns, figures))
    columns = {name: name for name in ("c3pa", "kept", *STRUCTURE)}
    console.print(table_of("", columns, figures))
    base = speed["trafilatura (favor_recall)"]
    for tool, pages in speed.items():
        console.print(f"{tool}: {pages:.0f} pages/s, {pages / base:.2f} × trafilatura")


def table_of(title: str, columns: dict[str, str], figures: dict[str, dict[str, float]]) -> Table:
    """A table with a row for each tool."""
    table = Table(title, *columns.values())
    for tool, by in figures.items():
        table.add_row(tool, *(f"{by[name]:.3f}" if name in by else "" for name in columns))
    return table


def data_hash(data: Path) -> str:
    """A hash over the names and sizes of the pages, so that floors are compared on the same data only."""
    files = sorted(path for kind in (*GOLD_SUFFIXES, "smart") for path in (data / kind).iterdir())
    listing = "".join(f"{path.parent.name}/{path.name} {path.stat().st_size}\n" for path in files)
    return hashlib.sha256(listing.encode()).hexdigest()[:16]


def check_floors(data: Path, measured: dict[str, float], *, lower: bool) -> list[str]:
    """What lies below its floor; raises floors that were passed, lowers them only if told to."""
    figures = {name: value for name, value in measured.items() if name != "kept"}  # less may be better
    kept = json.loads(FLOORS.read_text()) if FLOORS.exists() else {}
    floors = kept.get(data_hash(data), {})
    fallen = [f"{name} {figures[name]:.4f} is below {floor:.4f}" for name, floor in floors.items()
              if figures[name] < floor - LOWER_BY]  # fmt: skip
    if not fallen or lower:
        kept[data_hash(data)] = {
            name: value if lower else max(value, floors.get(name, 0)) for name, value in figures.items()
        }
        FLOORS.write_text(json.dumps(kept, indent=2) + "\n")
    return [] if lower else fallen


def main() -> None:
    """Prints the table and checks the floors."""
    parser = argparse.ArgumentParser(description="Extraction, side by side.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--worst", type=int, default=0, metavar="N")
    parser.add_argument("--lower-floors", action="store_true")
    arguments = parser.parse_args()
    console = Console()
    scores = measure_all(arguments.data)
    figures = means(scores)
    show(console, figures, speeds(arguments.data))
    console.print(f"Bytes to segments and verdict: {whole_ratio(arguments.data):.2f} × trafilatura")
    whole = [score for score in scores if score.tool == "ours" and score.measure in WHOLE_TEXT]
    for score in sorted(whole, key=lambda score: score.value)[: arguments.worst]:
        console.print(f"{score.value:.3f} {score.measure}/{score.page}")
    fallen = check_floors(arguments.data, figures["ours"], lower=arguments.lower_floors)
    for line in fallen:
        console.print(line)
    sys.exit(bool(fallen))


if __name__ == "__main__":
    main()
