"""The precision and recall of the alignment for each kind of change, and its time by length.

    PYTHONPATH=tests python -m benchmarks.history DATA/corpora/open-terms-archive-versions.bundle

1. Planted edits in generated policies (`tests/history/known_edits.py`): insert, delete, edit, move, split, merge,
   rewrite.
2. The same edits planted in the versions of a git corpus; inserted passages come from its other documents.
3. Re-captures of these versions, with other typography, spaces, dates and leaked navigation. Any change found is wrong.
4. The versions themselves, each compared with the one before: which passages have other words. The truth is whether a
   passage occurs word for word anywhere in the other version; the kinds of changes are unknown.
5. Time: policies of 1,250 and 5,000 passages; at 1,250 also all pairs by rapidfuzz, and difflib over the words.

A change counts as found if its kind and all passages of both sides are right.
"""

from __future__ import annotations

import argparse
import random
import subprocess
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path

from history.known_edits import (
    Score,
    Text,
    add_scores,
    aligned_changes,
    plant_edits,
    planted_changes,
    policy_texts,
    recapture,
    segments_of,
)
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.table import Table

from extractor.clean import clean
from extractor.history import align, is_navigation, significant_words
from extractor.records import Segment, Snapshot, Source
from extractor.segment import segments

SEEDS = range(5_000, 5_300)  # the constants of the alignment were set while looking at others, below 1,000
Scores = dict[str, Score]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--wrong", type=int, default=0, metavar="N", help="print N wrong changes of each part")
    arguments = parser.parse_args()
    console = Console(width=120)
    show(console, "Planted edits in generated policies", in_generated_policies(arguments.wrong))
    with tempfile.TemporaryDirectory() as folder:
        git("clone", "--quiet", str(arguments.bundle.resolve()), folder, at=Path())
        versions = list(versions_in(Path(folder)))
    console.print(f"{sum(map(len, versions))} versions of {len(versions)} documents")
    show(console, "Planted edits in these versions", in_documents(versions, arguments.wrong))
    events, passages = recaptures(versions)
    console.print(f"Re-captures: {events} changes found in {passages:,} passages; there are none.")
    show(
        console,
        "Versions compared with the one before: passages with other words",
        in_succession(versions, arguments.wrong),
    )
    timings(console)


def git(*words: str, at: Path) -> bytes:
    return subprocess.run(["git", *words], cwd=at, check=True, capture_output=True).stdout


def versions_in(folder: Path) -> Iterator[list[tuple[str, list[Segment]]]]:
    """The versions of each document of a git corpus, oldest first, as Markdown and as segments."""
    for name in sorted(git("ls-files", "-z", "*.md", at=folder).decode().strip("\0").split("\0")):
        commits = git("log", "--reverse", "--format=%H", "--", name, at=folder).decode().split()
        pages = [git("show", f"{commit}:{name}", at=folder) for commit in commits]
        yield [(page.decode(), segments_in(page, name)) for page in pages]


def segments_in(page: bytes, name: str) -> list[Segment]:
    document = clean(Snapshot(page, source=Source(name), content_type="text/markdown"))
    return list(segments(document))


def in_generated_policies(wrong: int) -> Scores:
    scores: Scores = {}
    for seed in SEEDS:
        rng = random.Random(seed)
        texts = policy_texts(rng, rng.randint(15, 80))
        after, _ = plant_edits(rng, texts, rng.randint(1, max(2, len(texts) // 8)))
        wrong = compare(scores, texts, after, wrong)
    return scores


def in_documents(versions: Sequence[Sequence[tuple[str, list[Segment]]]], wrong: int) -> Scores:
    """Edits in the last version of each document, many times over; the foreign passages come from the others."""
    scores: Scores = {}
    texts = [passages(document[-1][1]) for document in versions]
    for seed in SEEDS:
        rng = random.Random(seed)
        chosen = seed % len(texts)
        known = {significant_words(one.text) for one in texts[chosen]}
        foreign = [
            one.text for place, document in enumerate(texts) if place != chosen for one in document
            if len(significant_words(one.text)) > 8 and significant_words(one.text) not in known
        ]  # fmt: skip
        after, _ = plant_edits(rng, texts[chosen], rng.randint(1, 6), lambda rng, _: rng.choice(foreign))  # noqa: B023
        wrong = compare(scores, texts[chosen], after, wrong)
    return scores


def passages(found: Sequence[Segment]) -> list[Text]:
    """The segments of a document that are passages, as texts to plant edits in."""
    return [
        Text(" > ".join(one.headings), one.text)
        for one in found
        if significant_words(one.text) and not is_navigation(one)
    ]


def compare(scores: Scores, before: Sequence[Text], after: Sequence[Text], wrong: int) -> int:
    truth, found = planted_changes(before, after), aligned_changes(segments_of(before), segments_of(after))
    add_scores(scores, truth, found)
    for name, changes in (("missed", truth - found), ("wrong", found - truth)):
        for kind, *sides in changes:
            if wrong > 0:
                print(name, kind, *([" ".join(words)[:150] for words in side] for side in sides), sep="\n    ")
                wrong -= 1
    return wrong


def recaptures(versions: Sequence[Sequence[tuple[str, list[Segment]]]]) -> tuple[int, int]:
    events = count = 0
    for number, document in enumerate(versions):
        for place, (_, found) in enumerate(document):
            texts = passages(found)
            again = recapture(random.Random(90_000 + 100 * number + place), texts)
            events += aligned_changes(segments_of(texts), segments_of(again)).total()
            count += len(texts)
    return events, count


def in_succession(versions: Sequence[Sequence[tuple[str, list[Segment]]]], wrong: int) -> Scores:
    """The passages that the other version does not contain, by its words and by the alignment."""
    scores: Scores = {}
    for document in versions:
        for (old_page, old), (new_page, new) in pairwise(document):
            groups = [group for group in align(old, new) if not group.cosmetic and group.kind not in ("same", "moved")]
            removed = {i for group in groups for i in group.before}
            added = {j for group in groups for j in group.after}
            for kind, changed, side, other in (("removed", removed, old, new_page), ("added", added, new, old_page)):
                text = f" {' '.join(significant_words(plain(other)))} "
                truth = Counter(
                    (kind, (words,), ()) for one in side if not is_navigation(one)
                    for words in [significant_words(one.text)] if words and f" {' '.join(words)} " not in text
                )  # fmt: skip
                found = Counter((kind, (significant_words(side[index].text),), ()) for index in changed)
                add_scores(scores, truth, found)
                for name, changes in (("missed", truth - found), ("wrong", found - truth)):
                    for change in changes:
                        if wrong > 0:
                            print(name, kind, " ".join(change[1][0])[:200], sep="\n    ")
                            wrong -= 1
    return scores


def plain(markdown: str) -> str:
    """The text of Markdown, as a reader of the page sees it."""
    document = clean(Snapshot(markdown.encode(), source=Source("page.md"), content_type="text/markdown"))
    return document.text


def show(console: Console, title: str, scores: Scores) -> None:
    table = Table("kind", "planted", "found", "precision", "recall", title=title, title_justify="left")
    for kind, one in sorted(scores.items()):
        table.add_row(kind, str(one.planted), str(one.found), f"{one.precision:.3f}", f"{one.recall:.3f}")
    every = Score(*(sum(getattr(one, name) for one in scores.values()) for name in ("planted", "found", "right")))
    table.add_row("all", str(every.planted), str(every.found), f"{every.precision:.3f}", f"{every.recall:.3f}")
    console.print(table)


def timings(console: Console) -> None:
    """The time of the alignment at two lengths, as a ratio, and that of two other methods at the shorter one."""
    pairs = {}
    for length in (1_250, 5_000):
        rng = random.Random(length)
        texts = policy_texts(rng, length)
        pairs[length] = texts, plant_edits(rng, texts, length // 10)[0]
    ours = {length: seconds(lambda: align(*map(segments_of, pair))) for length, pair in pairs.items()}  # noqa: B023
    old, new = ([one.text for one in side] for side in pairs[1_250])
    every_pair = seconds(lambda: process.cdist(old, new, scorer=fuzz.ratio))
    words = [" ".join(side).split() for side in (old, new)]
    by_words = seconds(lambda: SequenceMatcher(None, *words, autojunk=False).get_opcodes())
    console.print(f"4 times the passages (5,000 of 1,250): {ours[5_000] / ours[1_250]:.1f} times as long")
    console.print(f"At 1,250 passages all pairs by rapidfuzz take {every_pair / ours[1_250]:.1f} times as long,")
    console.print(f"difflib over the words {by_words / ours[1_250]:.1f} times; 5,000 passages: {ours[5_000]:.2f} s.")


def seconds(do: Callable[[], object]) -> float:
    significant_words.cache_clear()
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
