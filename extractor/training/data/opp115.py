"""OPP-115 for training: the consolidated annotations, and the twelve-label benchmark made from them.

Wilson et al., "The Creation and Analysis of a Website Privacy Policy Corpus", ACL 2016; Shankar et al., "PrivacyGLUE",
Applied Sciences 13(6), 2023. `segments.jsonl.gz` has each segment with the annotations of three annotators,
`majority_train.jsonl` and `majority_validation.jsonl` have the benchmark's texts and labels.
"""

from __future__ import annotations

import gzip
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

from extractor.errors import UnreadableError
from extractor.records import CATEGORIES
from extractor.resources import bundled_path, read_toml
from extractor.text import alphanumeric_words
from extractor.training.data.opp115_published import is_published_layout, published_rows

MAJORITY = 2  # of three annotators
_DAMAGED = re.compile(r"^#(NAME|REF|VALUE)[?!]$")  # what a spreadsheet makes of texts that begin with a dash
SEGMENT_FIELDS = {"annotations", "policy", "split", "text"}  # of a line in segments.jsonl.gz
_BENCHMARK_FIELDS = {"labels", "text"}  # of a line in the benchmark's files
Annotation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class LabelledText:
    """A passage with its labels; `policy` is "" if the source does not name it.

    `votes` is the number of annotators who gave each label, where it is known.
    """

    text: str
    labels: frozenset[str]
    policy: str = ""
    split: str = ""
    votes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Opp115Corpus:
    """The examples in a folder of OPP-115.

    `practices` and `categories` are the segments with their practices, and with their categories; `train` and
    `validation` are the benchmark's texts with categories. `counts` has the numbers of lines read, damaged, and merged
    as duplicates; `rows` are the segments as they were read.
    """

    practices: list[LabelledText]
    categories: list[LabelledText]
    train: list[LabelledText]
    validation: list[LabelledText]
    counts: dict[str, int]
    rows: list[dict[str, Any]]


def read_opp115(folder: Path) -> Opp115Corpus:
    """The examples in a folder of OPP-115, without withheld segments, which have no annotations.

    The folder may also be the corpus as its authors published it, which comes without the benchmark. Raises
    UnreadableError.
    """
    if is_published_layout(folder):
        segments = published_rows(folder)
    else:
        segments = read_jsonl_rows(folder / "segments.jsonl.gz", SEGMENT_FIELDS)
    rows = [row for row in segments if row["annotations"] is not None]
    policy_of = {text_key(row["text"]): row["policy"] for row in rows}
    benchmark = {
        split: [
            LabelledText(row["text"], frozenset(row["labels"]), policy_of.get(text_key(row["text"]), ""), split)
            for row in _read_benchmark(folder, split)
        ]
        for split in ("train", "validation")
    }
    undamaged = [example for example in benchmark["train"] if not _DAMAGED.match(example.text.strip())]
    train = _merge_duplicates(undamaged)
    counts = {
        "segments": len(rows),
        "benchmark train": len(benchmark["train"]),
        "damaged": len(benchmark["train"]) - len(undamaged),
        "doubles": len(undamaged) - len(train),
        "benchmark validation": len(benchmark["validation"]),
    }
    practices = [_labelled_segment(row, practices_of) for row in rows]
    categories = [_labelled_segment(row, _categories_of) for row in rows]
    return Opp115Corpus(practices, categories, train, benchmark["validation"], counts, rows)


def _read_benchmark(folder: Path, split: str) -> list[dict[str, Any]]:
    """The texts of a split of the benchmark; none if the published corpus stands alone."""
    path = folder / f"majority_{split}.jsonl"
    return [] if is_published_layout(folder) and not path.exists() else list(read_jsonl_rows(path, _BENCHMARK_FIELDS))


def read_jsonl_rows(path: Path, fields: set[str]) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file, plain or .gz, each with these fields. Raises UnreadableError."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield _parse_row(number, line, fields)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UnreadableError(f"{path} cannot be read ({error}): name the folder with OPP-115's files.") from error


def _parse_row(number: int, line: str, fields: set[str]) -> dict[str, Any]:
    """The object on a line. Raises ValueError if it is not an object or lacks a field."""
    row: Any = json.loads(line)
    missing = fields - set(row) if isinstance(row, dict) else fields
    if missing:
        raise ValueError(f"line {number} lacks {', '.join(sorted(missing))}")
    return dict(row)


def _labelled_segment(row: dict[str, Any], labels_of: Callable[[Annotation], set[str]]) -> LabelledText:
    """A segment with the labels of the majority, and all votes."""
    labels, votes = majority_labels(row["annotations"], labels_of), _count_votes(row["annotations"], labels_of)
    return LabelledText(row["text"], labels, row["policy"], row["split"], votes)


def majority_labels(annotations: list[Annotation], labels_of: Callable[[Annotation], set[str]]) -> frozenset[str]:
    """The labels that at least two annotators gave."""
    return frozenset(label for label, count in _count_votes(annotations, labels_of).items() if count >= MAJORITY)


def _count_votes(annotations: list[Annotation], labels_of: Callable[[Annotation], set[str]]) -> Counter[str]:
    """How many annotators gave each label; an annotator who gave it several times counts once."""
    votes = {(annotation["annotator"], label) for annotation in annotations for label in labels_of(annotation)}
    return Counter(label for _, label in votes)


def practices_of(annotation: Annotation) -> set[str]:
    """The practices of an annotation by the rules of `annotations/scheme.toml`."""
    return {rule["practice"] for rule in annotation_scheme()["rule"] if rule_matches(rule, annotation)}


@cache
def annotation_scheme() -> dict[str, Any]:
    """The content of `annotations/scheme.toml`."""
    return read_toml(bundled_path("annotations/scheme.toml"))


def rule_matches(rule: dict[str, str], annotation: Annotation) -> bool:
    """Whether an annotation meets each condition of a rule."""
    if rule.get("category", annotation["category"]) != annotation["category"]:
        return False
    if "attribute" not in rule:
        return True
    value = attribute_value(annotation, rule["attribute"])
    return value == rule["value"] if "value" in rule else rule["contains"] in value


def attribute_value(annotation: Annotation, name: str) -> str:
    """The value of an attribute, "" if the annotation does not have it."""
    return str(annotation["attributes"].get(name, {}).get("value", ""))


def _categories_of(annotation: Annotation) -> set[str]:
    """The benchmark's category of an annotation, none for some of OPP-115's "Other"."""
    if annotation["category"] != "Other":
        return {annotation["category"]}
    return {attribute_value(annotation, "Other Type")} & set(CATEGORIES)


def text_key(text: str) -> str:
    """The words of a text alone, as the benchmark's spacing and punctuation differ from the corpus's.

    >>> text_key("We collect: -  names;") == text_key("We collect names")
    True
    """
    return " ".join(alphanumeric_words(text))


def _merge_duplicates(examples: list[LabelledText]) -> list[LabelledText]:
    """Each text once, with the labels of all its duplicates."""
    merged: dict[str, LabelledText] = {}
    for example in examples:
        first = merged.get(text_key(example.text), example)
        merged[text_key(example.text)] = replace(first, labels=first.labels | example.labels)
    return list(merged.values())
