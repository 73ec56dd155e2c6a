"""The bundled models on plain passages in the wording of 1999, 2015 and 2025.

`annotations/gold/wording.jsonl` has self-written passages of invented sites. `practices` are those that no careful reader
of the guidelines would leave out, `allowed` those that may be given too. A passage without practices is about something
else: security, retention, contact and the like. Many say a practice in words that no policy would use ("the driver sees
where you are waiting"), so that not all can be found.
"""

import json
from collections import Counter
from collections.abc import Iterable
from functools import cache

import pytest

from extractor.label import load_model
from extractor.records import PRACTICES, Segment
from extractor.resources import bundled_path

MODELS = ("fast", "accurate")
ERAS = ("1999", "2015", "2025")
FIELDS = {"text", "headings", "context", "era", "topic", "practices", "allowed"}

LEAST_RECALL = {  # of the passages with a practice, in all eras together: a little below what the released models have
    "fast": {"collection": 0.92, "sharing": 0.71, "cookies": 0.96, "rights": 0.84, "children": 0.91},
    "accurate": {"collection": 0.96, "sharing": 0.87, "cookies": 0.98, "rights": 0.95, "children": 0.96},
}
LEAST_IN_ERA = 0.25  # how much less of those of one era
MOST_WRONG = 0.08  # share of the passages that may get a label outside `practices` and `allowed`

LEAST_PASSAGES = 260
LEAST_PER_ERA = 60
LEAST_PER_PRACTICE = 40
LEAST_PER_PRACTICE_AND_ERA = 20
LEAST_WITHOUT_PRACTICE = 30


@cache
def gold() -> list[dict]:
    lines = bundled_path("annotations/gold/wording.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


@cache
def assigned(name: str) -> list[set[str]]:
    """The practices that a model assigns to each passage of the gold."""
    if name == "accurate":
        pytest.importorskip("onnxruntime")
        pytest.importorskip("tokenizers")
    segments = [
        Segment(i, 0, len(row["text"]), row["text"], headings=tuple(row["headings"]), context=row["context"])
        for i, row in enumerate(gold())
    ]
    return [set(segment.practices) for segment in load_model(name).label(segments)]


def in_order(practices: Iterable[str]) -> str:
    return ", ".join(sorted(practices, key=PRACTICES.index)) or "nothing"


def report(row: dict, labels: set[str]) -> str:
    place = " | ".join([*row["headings"], row["context"]]).strip(" |")
    return f"  {row['era']} {row['topic']}: {row['text']!r} [{place}] got {in_order(labels)}"


def assert_recall(name: str, practice: str, eras: tuple[str, ...], least: float) -> None:
    pairs = [
        (row, labels)
        for row, labels in zip(gold(), assigned(name), strict=True)
        if practice in row["practices"] and row["era"] in eras
    ]
    missed = [report(row, labels) for row, labels in pairs if practice not in labels]
    recall = 1 - len(missed) / len(pairs)
    summary = f"{name}: {practice} has recall {recall:.3f} (least {least}) in {', '.join(eras)}"
    assert recall >= least, "\n".join([f"{summary}, {len(missed)} of {len(pairs)} missed:", *missed])


@pytest.mark.parametrize("practice", PRACTICES)
@pytest.mark.parametrize("name", MODELS)
def test_label_of_plain_passages_misses_few_of_a_practice(name, practice):
    assert_recall(name, practice, ERAS, LEAST_RECALL[name][practice])


@pytest.mark.parametrize("era", ERAS)
@pytest.mark.parametrize("practice", PRACTICES)
@pytest.mark.parametrize("name", MODELS)
def test_label_of_plain_passages_of_an_era_misses_few_of_a_practice(name, practice, era):
    assert_recall(name, practice, (era,), LEAST_RECALL[name][practice] - LEAST_IN_ERA)


@pytest.mark.parametrize("name", MODELS)
def test_label_of_plain_passages_assigns_few_wrong_practices(name):
    wrong = [
        f"{report(row, labels)}, wrong: {in_order(labels - {*row['practices'], *row['allowed']})}"
        for row, labels in zip(gold(), assigned(name), strict=True)
        if labels - {*row["practices"], *row["allowed"]}
    ]
    share = len(wrong) / len(gold())
    summary = f"{name}: {len(wrong)} of {len(gold())} passages ({share:.3f}, most {MOST_WRONG}) have a wrong label:"
    assert share <= MOST_WRONG, "\n".join([summary, *wrong])


@pytest.mark.parametrize("row", [pytest.param(row, id=str(line)) for line, row in enumerate(gold(), 1)])
def test_gold_passage_is_well_formed(row):
    assert set(row) == FIELDS
    assert row["text"].strip() and row["topic"] and row["era"] in ERAS
    for field in ("practices", "allowed"):
        assert row[field] == [practice for practice in PRACTICES if practice in row[field]]
    assert not set(row["practices"]) & set(row["allowed"])


def test_gold_texts_are_unique():
    texts = Counter(" ".join(row["text"].lower().split()) for row in gold())
    assert not [text for text, count in texts.items() if count > 1]


def test_gold_has_enough_passages_of_each_era_and_practice():
    by_era = Counter(row["era"] for row in gold())
    by_practice = Counter(practice for row in gold() for practice in row["practices"])
    by_both = Counter((practice, row["era"]) for row in gold() for practice in row["practices"])
    assert len(gold()) >= LEAST_PASSAGES
    assert min(by_era[era] for era in ERAS) >= LEAST_PER_ERA
    assert min(by_practice[practice] for practice in PRACTICES) >= LEAST_PER_PRACTICE
    assert min(by_both[practice, era] for practice in PRACTICES for era in ERAS) >= LEAST_PER_PRACTICE_AND_ERA
    assert sum(not row["practices"] for row in gold()) >= LEAST_WITHOUT_PRACTICE
