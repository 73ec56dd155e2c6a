"""How well the alignment tells what became of each passage, and how it grows with length, in one run.

    PYTHONPATH=tests python -m benchmarks.history ../shared/data/corpora/open-terms-archive-versions.bundle

1. Known edits in self-made policies (`tests/history/known_edits.py`): insert, delete, edit, move, split,
   merge, rewrite.
2. The same edits planted in the versions of a git corpus; what is inserted comes from its other documents.
3. Re-captures of these versions: other typography, spaces, dates, navigation that leaked. Each change seen is wrong.
4. The versions as they are, each against the one before: which passages have other words. The truth is whether a
   passage stands word for word anywhere in the other version; of kinds nothing is known here.
5. Time: policies of 1,250 and 5,000 passages, beside all pairs by rapidfuzz at 1,250, and difflib over the words.

A change counts as found where its kind and all passages of both sides are right.
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
    found_by_alignment,
    planted,
    policy_texts,
    recaptured,
    score,
    segments_of,
    truth_of,
)
from rapidfuzz import fuzz, process
from rich.console import Console
from rich.table import Table

from extractor.clean import clean
from extractor.history import align
from extractor.history.wording import is_navigation, words_of
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
    show(console, "Known edits in self-made policies", self_made(arguments.wrong))
    with tempfile.TemporaryDirectory() as folder:
        git("clone", "--quiet", str(arguments.bundle.resolve()), folder, at=Path())
        versions = list(versions_in(Path(folder)))
    console.print(f"{sum(map(len, versions))} versions of {len(versions)} documents")
    show(console, "Known edits in these versions", in_documents(versions, arguments.wrong))
    events, passages = recaptures(versions)
    console.print(f"Re-captures: {events} changes seen in {passages:,} passages; none is there.")
    show(
        console, "Versions against the one before: passages with other words", in_succession(versions, arguments.wrong)
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


def self_made(wrong: int) -> Scores:
    scores: Scores = {}
    for seed in SEEDS:
        rng = random.Random(seed)
        texts = policy_texts(rng, rng.randint(15, 80))
        after, _ = planted(rng, texts, rng.randint(1, max(2, len(texts) // 8)))
        wrong = compare(scores, texts, after, wrong)
    return scores


def in_documents(versions: Sequence[Sequence[tuple[str, list[Segment]]]], wrong: int) -> Scores:
    """Edits in the last version of each document, many times over; the foreign passages come from the others."""
    scores: Scores = {}
    texts = [passages(document[-1][1]) for document in versions]
    for seed in SEEDS:
        rng = random.Random(seed)
        chosen = seed % len(texts)
        known = {words_of(one.text) for one in texts[chosen]}
        foreign = [
            one.text for place, document in enumerate(texts) if place != chosen for one in document
            if len(words_of(one.text)) > 8 and words_of(one.text) not in known
        ]  # fmt: skip
        after, _ = planted(rng, texts[chosen], rng.randint(1, 6), lambda rng, _: rng.choice(foreign))  # noqa: B023
        wrong = compare(scores, texts[chosen], after, wrong)
    return scores


def passages(found: Sequence[Segment]) -> list[Text]:
    """The segments of a document that say something, as passages to plant edits in."""
    return [Text(" > ".join(one.headings), one.text) for one in found if words_of(one.text) and not is_navigation(one)]


def compare(scores: Scores, before: Sequence[Text], after: Sequence[Text], wrong: int) -> int:
    truth, seen = truth_of(before, after), found_by_alignment(segments_of(before), segments_of(after))
    score(scores, truth, seen)
    for name, changes in (("missed", truth - seen), ("wrong", seen - truth)):
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
            again = recaptured(random.Random(90_000 + 100 * number + place), texts)
            events += found_by_alignment(segments_of(texts), segments_of(again)).total()
            count += len(texts)
    return events, count


def in_succession(versions: Sequence[Sequence[tuple[str, list[Segment]]]], wrong: int) -> Scores:
    """Which passages do not stand in the other version, by its words and by the alignment."""
    scores: Scores = {}
    for document in versions:
        for (old_page, old), (new_page, new) in pairwise(document):
            groups = [group for group in align(old, new) if not group.cosmetic and group.kind not in ("same", "moved")]
            gone = {i for group in groups for i in group.before}
            come = {j for group in groups for j in group.after}
            for kind, found, side, other in (("gone", gone, old, new_page), ("new", come, new, old_page)):
                text = f" {' '.join(words_of(plain(other)))} "
                truth = Counter(
                    (kind, (words_of(one.text),), ()) for one in side
                    if words_of(one.text) and not is_navigation(one) and f" {' '.join(words_of(one.text))} " not in text
                )  # fmt: skip
                seen = Counter((kind, (words_of(side[index].text),), ()) for index in found)
                score(scores, truth, seen)
                for name, changes in (("missed", truth - seen), ("wrong", seen - truth)):
                    for change in changes:
                        if wrong > 0:
                            print(name, kind, " ".join(change[1][0])[:200], sep="\n    ")
                            wrong -= 1
    return scores


def plain(markdown: str) -> str:
    """The words of Markdown, as a reader of the page would see them."""
    document = clean(Snapshot(markdown.encode(), source=Source("page.md"), content_type="text/markdown"))
    return document.text


def show(console: Console, title: str, scores: Scores) -> None:
    table = Table("kind", "there", "seen", "precision", "recall", title=title, title_justify="left")
    for kind, one in sorted(scores.items()):
        table.add_row(kind, str(one.planted), str(one.seen), f"{one.precision:.3f}", f"{one.recall:.3f}")
    every = Score(*(sum(getattr(one, name) for one in scores.values()) for name in ("planted", "seen", "right")))
    table.add_row("all", str(every.planted), str(every.seen), f"{every.precision:.3f}", f"{every.recall:.3f}")
    console.print(table)


def timings(console: Console) -> None:
    """The time of the alignment at two lengths, as a ratio, and beside two others' on the shorter."""
    pairs = {}
    for length in (1_250, 5_000):
        rng = random.Random(length)
        texts = policy_texts(rng, length)
        pairs[length] = texts, planted(rng, texts, length // 10)[0]
    ours = {length: seconds(lambda: align(*map(segments_of, pair))) for length, pair in pairs.items()}  # noqa: B023
    old, new = ([one.text for one in side] for side in pairs[1_250])
    every_pair = seconds(lambda: process.cdist(old, new, scorer=fuzz.ratio))
    words = [" ".join(side).split() for side in (old, new)]
    by_words = seconds(lambda: SequenceMatcher(None, *words, autojunk=False).get_opcodes())
    console.print(f"4 times the passages (5,000 of 1,250): {ours[5_000] / ours[1_250]:.1f} times as long")
    console.print(f"At 1,250 passages all pairs by rapidfuzz take {every_pair / ours[1_250]:.1f} times as long,")
    console.print(f"difflib over the words {by_words / ours[1_250]:.1f} times; 5,000 passages: {ours[5_000]:.2f} s.")


def seconds(do: Callable[[], object]) -> float:
    words_of.cache_clear()
    start = time.perf_counter()
    do()
    return time.perf_counter() - start


if __name__ == "__main__":
    main()
