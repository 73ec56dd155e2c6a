"""How well policies are cut where OPP-115's makers cut them, beside the two simple ways, in one run.

    python -m benchmarks.segments DATA
    python -m benchmarks.segments DATA --worst 10        the policies to look at

DATA holds `opp115/segments.jsonl.gz`, the annotated segments, and `extraction/opp115`, the pages they come from. The
words of a page's text and of its segments are aligned, and a border counts as found where one of ours is within
TOLERANCE words of it, each of ours for one. A border at a heading stands before the heading, as in OPP-115. What is in
one of the two texts only is left out. A segment is found again where one of ours shares more than half of the 3-word
shingles of the shorter of the two, and five or more. The constants of `segment.py` were chosen on the first half of
the policies (every other one by name); the second half is what speaks for others.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from extractor.clean import clean
from extractor.records import Document, Snapshot
from extractor.segment import segments, sentence_splitter

TOLERANCE = 3  # words
SHORTEST_RUN = 3  # words; shorter agreements of the two texts are chance
WORD = re.compile(r"\w+")
Span = tuple[int, int]


class Score(NamedTuple):
    """Counts of policies: borders of ours, annotated ones, those in both; annotated segments, those found again."""

    ours: int
    annotated: int
    both: int
    wanted: int
    found: int

    @property
    def precision(self) -> float:
        """The share of our borders that are annotated ones."""
        return self.both / max(self.ours, 1)

    @property
    def recall(self) -> float:
        """The share of the annotated borders that are ours."""
        return self.both / max(self.annotated, 1)

    @property
    def f1(self) -> float:
        """The harmonic mean of the two; 1 where there is no border to find and none was set."""
        return 2 * self.both / (self.ours + self.annotated) if self.ours + self.annotated else 1.0

    @property
    def lost(self) -> float:
        """The share of the annotated segments that are not found again."""
        return 1 - self.found / max(self.wanted, 1)


class Policy(NamedTuple):
    """A page as we read it, and its annotated segments."""

    name: str
    document: Document
    annotated: list[str]


def paragraphs(document: Document) -> list[Span]:
    """Each block that is no heading."""
    return [span for block, span in zip(document.blocks, document.spans, strict=True) if block.kind != "heading"]


def sentences(document: Document) -> list[Span]:
    """Each sentence of these."""
    found = []
    for start, end in paragraphs(document):
        for sentence in sentence_splitter()(document.text[start:end]).sents:
            found.append((start + sentence.start_char, start + sentence.end_char))
    return found


def ours(document: Document) -> list[Span]:
    """The segments that the package gives."""
    return [(segment.start, segment.end) for segment in segments(document)]


WAYS: dict[str, Callable[[Document], list[Span]]] = {
    "archived-policy": ours,
    "one a paragraph": paragraphs,
    "one a sentence": sentences,
}


def read_policies(data: Path) -> Iterator[Policy]:
    """The given pages with their annotated segments, by name."""
    by: dict[str, dict[int, str]] = defaultdict(dict)
    with gzip.open(data / "opp115" / "segments.jsonl.gz", "rt", encoding="utf-8") as lines:
        for row in map(json.loads, lines):
            by[row["policy"]][row["segment"]] = row["text"]
    for path in sorted((data / "extraction" / "opp115").glob("*.html")):
        if path.stem in by:
            texts = [text for _, text in sorted(by[path.stem].items())]
            yield Policy(path.stem, clean(Snapshot(path.read_bytes())), texts)


def words(text: str) -> list[str]:
    """The words of a text."""
    return WORD.findall(text.lower())


def counterparts(some: Sequence[str], others: Sequence[str]) -> dict[int, int]:
    """For each word of the first list that is in both, its place in the second."""
    runs = SequenceMatcher(None, some, others, autojunk=False).get_matching_blocks()
    return {run.a + i: run.b + i for run in runs if run.size >= SHORTEST_RUN for i in range(run.size)}


def borders_of(lengths: Iterable[int]) -> list[int]:
    """The word at which each segment but the first begins, from the number of words that each has."""
    at, found = 0, []
    for length in lengths:
        at += length
        found.append(at)
    return found[:-1]


def own_borders(text: str, spans: Sequence[Span]) -> list[int]:
    """The same for spans of a text; what stands between two spans belongs to the one after it."""
    ends = [0, *(end for _, end in spans)]
    return borders_of(len(words(text[start:end])) for start, end in pairwise(ends))


def carried_over(borders: Iterable[int], places: dict[int, int]) -> list[int]:
    """Borders in the words of the other text; those whose surroundings it does not have are left out."""
    found = []
    for border in borders:
        near = (step for reach in range(TOLERANCE + 1) for step in (reach, -reach) if border + step in places)
        if (step := next(near, None)) is not None:
            found.append(places[border + step] - step)
    return found


def agreements(some: Sequence[int], others: Sequence[int]) -> int:
    """How many of the two ordered lists of borders lie within the tolerance of one another, each taken once."""
    i = j = found = 0
    while i < len(some) and j < len(others):
        if abs(some[i] - others[j]) <= TOLERANCE:
            i, j, found = i + 1, j + 1, found + 1
        elif some[i] < others[j]:
            i += 1
        else:
            j += 1
    return found


def shingles(text: str, size: int = 3) -> set[tuple[str, ...]]:
    """All runs of so many words."""
    found = words(text)
    return {tuple(found[at : at + size]) for at in range(len(found) - size + 1)}


def is_found(wanted: set[tuple[str, ...]], own: Iterable[set[tuple[str, ...]]]) -> bool:
    """Whether one of ours is largely the same as an annotated segment, or a part of it, or it a part of ours."""
    return any(
        len(both) > 0.5 * min(len(some), len(wanted)) and len(both) >= min(5, len(wanted)) > 0
        for some in own
        for both in [some & wanted]
    )


def score_of(policy: Policy, places: dict[int, int], spans: Sequence[Span]) -> Score:
    """The counts of one policy, cut in one way."""
    text = policy.document.text
    own = [border for border in own_borders(text, spans) if carried_over([border], places)]
    backward = {theirs: here for here, theirs in places.items()}
    annotated = carried_over(borders_of(len(words(some)) for some in policy.annotated), backward)
    runs = [shingles(text[start:end]) for start, end in spans]
    found = sum(is_found(shingles(some), runs) for some in policy.annotated)
    return Score(len(own), len(annotated), agreements(own, annotated), len(policy.annotated), found)


def total(scores: Iterable[Score]) -> Score:
    """The counts of several policies together."""
    return Score(*map(sum, zip(*scores, strict=True)))


def scores_by_way(policies: Sequence[Policy]) -> dict[str, list[Score]]:
    """The counts of each policy, by the way it is cut."""
    found: dict[str, list[Score]] = {way: [] for way in WAYS}
    for policy in policies:
        texts = [word for text in policy.annotated for word in words(text)]
        places = counterparts(words(policy.document.text), texts)
        for way, cut in WAYS.items():
            found[way].append(score_of(policy, places, cut(policy.document)))
    return found


def milliseconds(cut: Callable[[Document], object], policies: Sequence[Policy]) -> float:
    """The CPU time a page, the least of three rounds."""
    rounds = []
    for _ in range(3):
        start = time.process_time()
        for policy in policies:
            cut(policy.document)
        rounds.append(time.process_time() - start)
    return 1000 * min(rounds) / len(policies)


def show(console: Console, scores: dict[str, list[Score]], policies: Sequence[Policy]) -> None:
    """The table."""
    columns = ("precision", "recall", "F1", "F1 first half", "F1 second half", "lost", "segments", "ms a page")
    table = Table("", *columns)
    for way, by_policy in scores.items():
        whole = total(by_policy)
        halves = (total(by_policy[half::2]).f1 for half in (0, 1))
        figures = [f"{figure:.3f}" for figure in (whole.precision, whole.recall, whole.f1, *halves, whole.lost)]
        number = sum(len(WAYS[way](policy.document)) for policy in policies)
        table.add_row(way, *figures, str(number), f"{milliseconds(WAYS[way], policies):.2f}")
    console.print(table)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description="Segments, side by side.")
    parser.add_argument("data", type=Path)
    parser.add_argument("--worst", type=int, default=0, metavar="N")
    arguments = parser.parse_args()
    policies = list(read_policies(arguments.data))
    scores = scores_by_way(policies)
    console = Console()
    console.print(f"{len(policies)} policies, {sum(len(policy.annotated) for policy in policies)} annotated segments")
    show(console, scores, policies)
    own = zip(scores["archived-policy"], policies, strict=True)
    for score, policy in sorted(own, key=lambda pair: pair[0].f1)[: arguments.worst]:
        console.print(
            f"{score.f1:.3f} {policy.name}: {score.ours} borders, {score.annotated} annotated, {score.both} both"
        )


if __name__ == "__main__":
    main()
