"""The bundled model on the self-written gold, and the spelling of the labels."""

import json
import sys
from functools import cache

import pytest

from extractor.label import load_model
from extractor.records import CATEGORIES, PRACTICES, Segment
from extractor.resources import bundled_path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

# Macro F1; set before the model was run on this gold
FLOORS = {"practices": 0.78, "categories": 0.73}


@cache
def gold() -> list[dict]:
    lines = bundled_path("annotations/gold/segments.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@cache
def labelled() -> list[Segment]:
    rows = gold()
    return load_model("fast").label(
        [
            Segment(i, 0, len(row["text"]), row["text"], headings=tuple(row["headings"]), context=row["context"])
            for i, row in enumerate(rows)
        ]
    )


def macro_f1(truth: list[list[str]], given: list[tuple[str, ...]], labels: tuple[str, ...]) -> float:
    def f1(label: str) -> float:
        total = sum((label in t) + (label in g) for t, g in zip(truth, given, strict=True))
        return 2 * sum(label in t and label in g for t, g in zip(truth, given, strict=True)) / total

    return sum(map(f1, labels)) / len(labels)


@pytest.mark.parametrize(("field", "labels"), [("practices", PRACTICES), ("categories", CATEGORIES)])
def test_label_by_bundled_model_reaches_the_floor_on_the_gold(field, labels):
    given = [getattr(segment, field) for segment in labelled()]
    assert macro_f1([row[field] for row in gold()], given, labels) >= FLOORS[field]


def test_gold_has_the_fields_and_labels_of_records():
    for row in gold():
        assert set(row) == {"text", "headings", "context", "practices", "categories"}
        assert (
            set(row["practices"]) <= set(PRACTICES) and row["categories"] and set(row["categories"]) <= set(CATEGORIES)
        )
    for labels, field in ((PRACTICES, "practices"), (CATEGORIES, "categories")):
        assert {label for row in gold() for label in row[field]} == set(labels)


def test_scheme_has_the_labels_of_records():
    scheme = tomllib.loads(bundled_path("annotations/scheme.toml").read_text(encoding="utf-8"))
    assert tuple(scheme["practices"]) == PRACTICES
    assert tuple(scheme["categories"]) == CATEGORIES
    assert {rule["practice"] for rule in scheme["rule"]} == set(PRACTICES)
    assert {rule["category"] for rule in scheme["rule"] if "category" in rule} <= set(CATEGORIES)
    assert all(scheme["practices"].values()) and all(scheme["categories"].values())
