"""OPP-115 as training examples: the consolidated annotations, and the twelve-label benchmark made from them.

Wilson et al., "The Creation and Analysis of a Website Privacy Policy Corpus", ACL 2016; Shankar et al., "PrivacyGLUE",
Applied Sciences 13(6), 2023. `segments.jsonl.gz` has each segment with the annotations of three annotators,
`majority_train.jsonl` and `majority_validation.jsonl` the benchmark's texts and labels.
"""

from __future__ import annotations

import gzip
import json
import re
import sys
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

from extractor.errors import UnreadableError
from extractor.records import CATEGORIES
from extractor.resources import bundled_path
from extractor.text import alphanumeric_words
from extractor.training.data.original import is_original, original_rows

MAJORITY = 2  # of three annotators
_DAMAGED = re.compile(r"^#(NAME|REF|VALUE)[?!]$")  # what a spreadsheet left of texts that begin with a dash
SEGMENT, _PASSAGE = {"annotations", "policy", "split", "text"}, {"labels", "text"}  # fields of the files' lines
Annotation = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Example:
    """A passage with its labels; `policy` is "" where the source does not say which one it is from.

    `_votes` says how many annotators gave a label, where that is known.
    """

    text: str
    labels: frozenset[str]
    policy: str = ""
    split: str = ""
    votes: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Corpus:
    """All examples of a folder: five practices by segment, twelve categories by segment and by benchmark text.

    `counts` says how many lines were read, damaged, and merged as doubles; `rows` are the segments as they were read.
    """

    practices: list[Example]
    categories: list[Example]
    train: list[Example]
    validation: list[Example]
    counts: dict[str, int]
    rows: list[dict[str, Any]]


def read_opp115(folder: Path) -> Corpus:
    """The examples in a folder; what is withheld there has no annotations and is left out. Raises UnreadableError.

    The folder may also be the corpus as its authors give it out, which comes without the benchmark.
    """
    given = original_rows(folder) if is_original(folder) else read_lines(folder / "segments.jsonl.gz", SEGMENT)
    rows = [row for row in given if row["annotations"] is not None]
    benchmark = {name: _benchmark_lines(folder, name) for name in ("train", "validation")}
    home = {key(row["text"]): row["policy"] for row in rows}
    texts = {
        name: [Example(row["text"], frozenset(row["labels"]), home.get(key(row["text"]), ""), name) for row in lines]
        for name, lines in benchmark.items()
    }
    train = _without_doubles(_whole(texts["train"]))
    counts = {
        "segments": len(rows),
        "benchmark train": len(texts["train"]),
        "damaged": len(texts["train"]) - len(_whole(texts["train"])),
        "doubles": len(_whole(texts["train"])) - len(train),
        "benchmark validation": len(texts["validation"]),
    }
    practices, categories = (_examples(rows, by) for by in (practice_rules(), _category_of))
    return Corpus(practices, categories, train, texts["validation"], counts, rows)


def _benchmark_lines(folder: Path, name: str) -> list[dict[str, Any]]:
    """The texts of one of the benchmark's sets; none where the original corpus stands alone."""
    path = folder / f"majority_{name}.jsonl"
    return [] if is_original(folder) and not path.exists() else list(read_lines(path, _PASSAGE))


def read_lines(path: Path, fields: set[str]) -> Iterator[dict[str, Any]]:
    """The objects of a JSONL file, plain or .gz, each with these fields. Raises UnreadableError."""
    try:
        with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                yield _parsed(number, line, fields)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise UnreadableError(f"{path} cannot be read ({error}): name the folder with OPP-115's files.") from error


def _parsed(number: int, line: str, fields: set[str]) -> dict[str, Any]:
    """The object on a line. Raises ValueError where it is none or lacks a field."""
    row: Any = json.loads(line)
    lacking = fields - set(row) if isinstance(row, dict) else fields
    if lacking:
        raise ValueError(f"line {number} lacks {', '.join(sorted(lacking))}")
    return dict(row)


def _examples(rows: Iterable[dict[str, Any]], labels_of: Callable[[Annotation], set[str]]) -> list[Example]:
    """Segments with the labels that a majority of annotators gave."""
    return [_example(row, labels_of) for row in rows]


def _example(row: dict[str, Any], labels_of: Callable[[Annotation], set[str]]) -> Example:
    """A segment with the labels that a majority gave, and all votes."""
    annotations = row["annotations"]
    return Example(
        row["text"], majority(annotations, labels_of), row["policy"], row["split"], _votes(annotations, labels_of)
    )


def majority(annotations: list[Annotation], labels_of: Callable[[Annotation], set[str]]) -> frozenset[str]:
    """The labels that at least two annotators gave."""
    return frozenset(label for label, count in _votes(annotations, labels_of).items() if count >= MAJORITY)


def _votes(annotations: list[Annotation], labels_of: Callable[[Annotation], set[str]]) -> Counter[str]:
    """How many annotators gave each label; one who gave it several times counts once."""
    given = {(annotation["annotator"], label) for annotation in annotations for label in labels_of(annotation)}
    return Counter(label for _, label in given)


def practice_rules() -> Callable[[Annotation], set[str]]:
    """The practices of an annotation by the rules of `annotations/scheme.toml`."""
    rules = scheme()["rule"]
    return lambda annotation: {rule["practice"] for rule in rules if fits(rule, annotation)}


def scheme() -> dict[str, Any]:
    """What `annotations/scheme.toml` holds."""
    return tomllib.loads(bundled_path("annotations/scheme.toml").read_text(encoding="utf-8"))


def fits(rule: dict[str, str], annotation: Annotation) -> bool:
    """Whether a rule fits an annotation: each condition it has holds."""
    if rule.get("category", annotation["category"]) != annotation["category"]:
        return False
    if "attribute" not in rule:
        return True
    value = str(annotation["attributes"].get(rule["attribute"], {}).get("value", ""))
    return value == rule["value"] if "value" in rule else rule["contains"] in value


def _category_of(annotation: Annotation) -> set[str]:
    """The benchmark's category of an annotation; "Other" is known by its kind."""
    if annotation["category"] != "Other":
        return {annotation["category"]}
    return {annotation["attributes"].get("Other Type", {}).get("value", "")} & set(CATEGORIES)


def key(text: str) -> str:
    """A text by its words alone; the benchmark's spacing and punctuation differ from the corpus's.

    >>> key("We collect: -  names;") == key("We collect names")
    True
    """
    return " ".join(alphanumeric_words(text))


def _whole(rows: list[Example]) -> list[Example]:
    """Those whose text is not damaged."""
    return [row for row in rows if not _DAMAGED.match(row.text.strip())]


def _without_doubles(rows: list[Example]) -> list[Example]:
    """Each text once, with the labels of all its doubles."""
    merged: dict[str, Example] = {}
    for row in rows:
        before = merged.get(key(row.text), row)
        merged[key(row.text)] = replace(before, labels=before.labels | row.labels)
    return list(merged.values())
