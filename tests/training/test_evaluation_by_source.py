"""`evaluate` by era and source: passages that a language model labelled, and corpora of people with other conventions."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from lxml import html

from extractor.label import load_model
from extractor.records import PRACTICES
from extractor.training import evaluate, evaluation_page, format_measurements, measurements_json
from extractor.training.data import is_held_out, read_era_passages, read_human_passages
from extractor.training.data.opp115 import read_opp115
from extractor.training.evaluation.by_source import measure_eras
from extractor.training.evaluation.folds import out_of_fold_scores
from training.conftest import ERA_THINGS, SENTENCES

PASSAGES = len(SENTENCES) + 1  # of a policy of an era


@pytest.fixture(scope="module")
def measured(opp115_with_eras):
    return evaluate(opp115_with_eras)


@pytest.fixture(scope="module")
def measured_by_name(opp115_with_eras):
    return evaluate(opp115_with_eras, ["fast"])


def figures_of(measurements, kind: str) -> dict[str, dict]:
    return {one.figures["source"]: one.figures for one in measurements if one.figures.get("kind") == kind}


def test_evaluate_measures_practices_of_every_era_on_folds(measured):
    practices = figures_of(measured, "practices")
    assert list(practices) == [
        "OPP-115 of 2015, unseen policies", "all eras", "1999-2010", "2011-2020", "2020-2026",
        "OPP-115 of 2015, validation", "GoPPC-150", "GDPR-200",
    ]  # fmt: skip
    assert practices["all eras"]["passages"] == 9 * PASSAGES
    assert practices["2011-2020"]["passages"] == 3 * PASSAGES
    assert practices["2011-2020"]["labelled by"] == "a language model"
    assert practices["OPP-115 of 2015, validation"]["labelled by"] == "three annotators"
    for one in practices.values():
        assert one["macro interval"][0] <= one["macro"] <= one["macro interval"][1]


def test_evaluate_measures_a_named_model_on_held_out_policies(opp115_with_eras, measured_by_name):
    held_out = [one for one in read_era_passages(opp115_with_eras) if is_held_out(one.policy)]
    assert 0 < len(held_out) < 9 * PASSAGES
    for kind in ("practices", "categories", "polarity"):
        assert figures_of(measured_by_name, kind)["all eras (seen in training)"]["passages"] == len(held_out)


def test_evaluate_measures_corpora_of_people_over_the_practices_they_mark(measured_by_name):
    practices = figures_of(measured_by_name, "practices")
    assert set(practices["GoPPC-150"]["labels"]) == set(PRACTICES)
    assert set(practices["GDPR-200"]["labels"]) == {"collection", "sharing", "rights"}
    assert practices["GDPR-200"]["labelled by"] == "people, other conventions"


def test_measure_eras_of_polarity_counts_denials(opp115_with_eras):
    class Denier:
        """A model that takes every practice of passages with "not" for denied, and no others."""

        def label(self, segments):
            return [
                replace(one, practices=("sharing",), polarity={"sharing": "does_not"})
                if "do not sell" in one.text
                else one
                for one in load_model().label(segments)
            ]

    found = {one.name: one.figures for one in measure_eras("x", Denier(), opp115_with_eras, seen=False)}
    rows = found["x: polarity, all eras, labelled by a language model"]["labels"]
    policies = sum(is_held_out(f"{thing}.example") for things in ERA_THINGS.values() for thing in things)
    assert rows["does_not"]["confusion"]["hits"] == rows["does_not"]["positives"] == policies
    assert rows["mixed"]["positives"] == 0


def test_out_of_fold_scores_learn_from_all_eras(opp115_with_eras, opp115):
    alone, joint = (out_of_fold_scores(data, read_opp115(data)) for data in (opp115, opp115_with_eras))
    assert set(joint.groups) == {"OPP-115", *ERA_THINGS} and set(alone.groups) == {"OPP-115"}
    assert (joint.of(["OPP-115"]).truth == alone.truth).all()


def test_format_measurements_has_one_table_by_era_and_source(measured):
    tables = format_measurements(measured)
    assert tables.count("Practices by era and source, F1") == 1
    head = "| model | passages | labelled by | number | macro F1 | collection | sharing | cookies | rights | children |"
    assert head in tables
    lines = tables.splitlines()
    row = next(line for line in lines if line.startswith("| fast | GDPR-200 | people, other conventions | 24 |"))
    assert [cell.strip() == "" for cell in row.split("|")[6:-1]] == [False, False, True, False, True]
    assert any(line.startswith("| fast | 1999-2010 | a language model |") for line in lines)
    assert "| does_not | mixed |" in tables


def test_measurements_json_has_every_source(measured):
    parts = json.loads(measurements_json(measured))
    assert {"GoPPC-150", "2020-2026"} <= {part["figures"].get("source") for part in parts}


def test_evaluation_page_has_the_table_by_era_and_source(measured):
    page = html.fromstring(evaluation_page(measured))
    tables = page.xpath("//section[@aria-labelledby='sources']//table")
    assert len(tables) == 3
    assert "GoPPC-150" in [cell.text for cell in tables[0].iter("th")]


def test_data_without_eras_has_none(opp115):
    assert read_era_passages(opp115) == [] and read_human_passages(opp115) == []
    assert list(measure_eras("x", load_model(), opp115, seen=False)) == []


def test_evaluate_without_a_validation_set_says_so(tmp_path):
    recipe = Path(__file__).parents[2] / "docs/recipes/small_training_set.py"
    subprocess.run([sys.executable, recipe, "-o", tmp_path / "small"], check=True, capture_output=True)
    command = Path(sys.executable).with_name("archived-policy")
    words = [command, "evaluate", tmp_path / "small", "--model", "fast"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "There are no passages to measure practices on: of validation the data has none." in done.stderr
