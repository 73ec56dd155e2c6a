"""Compares the evidence of the models with the words that OPP-115's annotators marked, and with simpler choices.

    .venv/bin/python -m benchmarks.evidence DATA/opp115                     fast, on unseen policies
    .venv/bin/python -m benchmarks.evidence DATA/opp115 --model accurate    on the validation set

The fast models were not trained on a passage's policy (five folds, no teacher); the accurate model is the released one,
on the segments that it was not trained on. The passages are those of several sentences to which a practice was given
correctly; all count the same. An annotator's marks for a practice are the texts of all attributes of an annotation that
has it, or, if the practice depends on one attribute (`annotations/scheme.toml`), the text of that. The constants of
`extractor/label/evidence.py` were chosen on every other policy by name; the figures of fast are of the others.
"""

from __future__ import annotations

import argparse
import re
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits

from extractor.label import FastModel, fast_model, load_model, locate_words, model_input
from extractor.records import PRACTICES, Practice, Segment
from extractor.text import SENTENCE_END
from extractor.training.data import (
    MAJORITY,
    SEGMENT_FIELDS,
    annotation_scheme,
    gold_passages,
    policy_folds,
    read_jsonl_rows,
    read_opp115,
    rule_matches,
    text_segment,
)
from extractor.training.models import fit_fast_model, storable_model

TAG = re.compile(r"<[^>]*>")
CLAUSE_END = re.compile(rf"{SENTENCE_END.pattern}|[,;:]\s+|\s+[-\u2013\u2014]\s+|\s+(?=\()")
RULES = annotation_scheme()["rule"]
Span = tuple[int, int]
Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """A correctly given practice of a passage: the marks, how many annotators marked each character, the evidence.

    `contributions` are those of each word of the text to the practice, by the fast model.
    """

    practice: Practice
    text: str
    marks: list[Span]
    marked_by: np.ndarray
    evidence: list[Span]
    contributions: np.ndarray


Choice = Callable[[Case], list[list[Span]]]  # the possible results for a case, each with its spans


def cases_of(rows: Iterable[tuple[Row, Segment, FastModel]]) -> Iterator[Case]:
    """The cases among labelled segments, each with a fast model."""
    for row, segment, fast in rows:
        contributions = fast.contributions.by_word(fast.vocabulary.features([model_input(segment)]))
        for practice in segment.practices:
            marks = annotators_marks(row, practice)
            if len(marks) >= MAJORITY and any(marks.values()) and len(parts(row["text"], SENTENCE_END)) > 1:
                counts = sum(covered(spans, len(row["text"])).astype(int) for spans in marks.values())
                together, found = sorted(set().union(*marks.values())), list(segment.evidence[practice])
                yield Case(practice, row["text"], together, counts, found, contributions[:, PRACTICES.index(practice)])


def annotators_marks(row: Row, practice: Practice) -> dict[int, set[Span]]:
    """The marks in a segment's text of each annotator who gave it a practice."""
    where, marks = places_in_text(row["html"]), defaultdict(set)
    for annotation in row["annotations"]:
        for rule in RULES:
            if rule["practice"] == practice and rule_matches(rule, annotation):
                marks[annotation["annotator"]] |= set(selections(annotation, rule, where, row["text"]))
    return marks


def selections(annotation: Row, rule: dict[str, str], where: list[int], text: str) -> Iterator[Span]:
    """The spans of the texts that were marked for a rule."""
    attributes = annotation["attributes"]
    for name in [rule["attribute"]] if "attribute" in rule else attributes:
        start, end = (attributes.get(name, {}).get(f"{side}IndexInSegment", -1) for side in ("start", "end"))
        marked = text[where[start] : where[min(end, len(where) - 1)]] if 0 <= start < end else ""
        if marked.strip():
            first = where[start] + len(marked) - len(marked.lstrip())
            yield first, first + len(marked.strip())


def places_in_text(html: str) -> list[int]:
    """The position in a segment's text of each character of its HTML, which the offsets of marks refer to.

    >>> places_in_text("<b>We</b> do")  # We do
    [0, 0, 0, 0, 1, 2, 2, 2, 2, 2, 3, 4, 5]
    """
    found, length, after_space = [], 0, True
    for char in TAG.sub(lambda tag: " " * len(tag[0]), html):
        found.append(length)
        length += not (char.isspace() and after_space)
        after_space = char.isspace()
    return [*found, length]


def covered(spans: Iterable[Span], length: int) -> np.ndarray:
    """Whether each character is in one of the spans."""
    marked = np.zeros(length, dtype=bool)
    for start, end in spans:
        marked[start:end] = True
    return marked


def parts(text: str, ends: re.Pattern[str]) -> list[Span]:
    """The sentences or clauses of a text."""
    borders = [0, *(match.end() for match in ends.finditer(text)), len(text)]
    found = [(start, start + len(text[start:end].rstrip())) for start, end in pairwise(borders)]
    return [(start, end) for start, end in found if re.search(r"\w", text[start:end])]


def sentences(case: Case) -> list[Span]:
    """The sentences of a case."""
    return parts(case.text, SENTENCE_END)


def best_parts(ends: re.Pattern[str], share: float) -> Choice:
    """The parts with the largest sum of contributions, or at least this share of it."""

    def choice(case: Case) -> list[list[Span]]:
        found, starts = parts(case.text, ends), locate_words([case.text]).starts
        which = np.searchsorted([start for start, _ in found], starts, side="right") - 1
        sums = np.bincount(which, case.contributions, len(found))
        return [[part for part, value in zip(found, sums, strict=True) if value >= share * sums.max() > 0]]

    return choice


def evidence(case: Case) -> list[list[Span]]:
    """The evidence of the model."""
    return [case.evidence]


def at_random(case: Case) -> list[list[Span]]:
    """A random sentence; all are equally likely."""
    return [[part] for part in sentences(case)]


PLAIN: dict[str, Choice] = {
    "a sentence at random": at_random,
    "the first sentence": lambda case: [sentences(case)[:1]],
    "the longest sentence": lambda case: [[max(sentences(case), key=lambda part: part[1] - part[0])]],
    "the whole passage": lambda case: [[(0, len(case.text))]],
}
BY_WEIGHTS: dict[str, Choice] = {
    "the best sentence by weights": best_parts(SENTENCE_END, 1),
    "sentences with half as much": best_parts(SENTENCE_END, 0.5),
    "the best clause": best_parts(CLAUSE_END, 1),
    "clauses with half as much": best_parts(CLAUSE_END, 0.5),
}


def figures(case: Case, spans: Sequence[Span]) -> list[float]:
    """Shares of characters marked by any and by two, share of marks touched, characters, spans."""
    chosen = covered(spans, len(case.text))
    touched = np.mean([any(start < b and a < end for start, end in spans) for a, b in case.marks])
    by_any, by_two = ((case.marked_by[chosen] >= least).mean() if chosen.any() else 0.0 for least in (1, 2))
    return [by_any, by_two, float(touched), float(chosen.sum()), float(len(spans))]


def mean_figures(cases: Sequence[Case], choice: Choice) -> np.ndarray:
    """The mean figures of a choice."""
    return np.mean([np.mean([figures(case, spans) for spans in choice(case)], axis=0) for case in cases], axis=0)


def table(cases: Sequence[Case], choices: dict[str, Choice]) -> Iterator[str]:
    """A table with a line for each choice."""
    yield f"| {len(cases)} passages | inside the marks | inside two's | marks touched | F1 | characters | spans |"
    yield "|---|---:|---:|---:|---:|---:|---:|"
    for name, choice in choices.items():
        inside, by_two, touched, characters, spans = mean_figures(cases, choice)
        f1 = 2 * inside * touched / (inside + touched)
        yield f"| {name} | {inside:.3f} | {by_two:.3f} | {touched:.3f} | {f1:.3f} | {characters:.0f} | {spans:.1f} |"


def by_practice(cases: Sequence[Case]) -> Iterator[str]:
    """A table of the evidence of each practice, compared with a random sentence."""
    yield "| | passages | inside the marks | a random sentence | marks touched | a random sentence |"
    yield "|---|---:|---:|---:|---:|---:|"
    for practice in PRACTICES:
        of = [case for case in cases if case.practice == practice]
        ours, chance = mean_figures(of, evidence), mean_figures(of, at_random)
        yield f"| {practice} | {len(of)} | {ours[0]:.3f} | {chance[0]:.3f} | {ours[2]:.3f} | {chance[2]:.3f} |"


def annotated(data: Path) -> list[Row]:
    """The segments that have annotations."""
    return [row for row in read_jsonl_rows(data / "segments.jsonl.gz", SEGMENT_FIELDS | {"html"}) if row["annotations"]]


def fold_cases(data: Path) -> Iterator[Case]:
    """The cases of every other policy, each by a model that was not trained on the policy."""
    corpus = read_opp115(data)
    pool = [row for row in gold_passages(corpus) if row.policy]
    rows, measured_on = annotated(data), set(sorted({row.policy for row in pool})[1::2])
    for train, test in policy_folds(pool):
        seen = [pool[place] for place in train]
        fast = fast_model(storable_model(fit_fast_model(seen, []), corpus, "", seen, []))
        policies = {pool[place].policy for place in test} & measured_on
        mine = [row for row in rows if row["policy"] in policies]
        labelled = fast.label([text_segment(row["text"]) for row in mine])
        yield from cases_of((row, segment, fast) for row, segment in zip(mine, labelled, strict=True))


def fast_tables(data: Path) -> Iterator[str]:
    """The tables of fast."""
    cases = list(fold_cases(data))
    yield from table(cases, {"`fast`": evidence, **BY_WEIGHTS, **PLAIN})
    yield ""
    yield from by_practice(cases)


def accurate_tables(data: Path) -> Iterator[str]:
    """The table of the accurate model, and the time it took."""
    rows = [row for row in annotated(data) if row["split"] == "validation"]
    model, start = load_model("accurate"), time.process_time()
    labelled = model.label([text_segment(row["text"]) for row in rows])
    seconds = time.process_time() - start
    cases = list(cases_of((row, segment, model.fast) for row, segment in zip(rows, labelled, strict=True)))
    yield from table(cases, {"`accurate`": evidence, **BY_WEIGHTS, **PLAIN})
    yield f"{1000 * seconds / len(rows):.0f} ms a segment\n"


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--model", choices=("fast", "accurate"), default="fast")
    arguments = parser.parse_args()
    with threadpool_limits(1):
        for line in (fast_tables if arguments.model == "fast" else accurate_tables)(arguments.data):
            print(line, flush=True)
