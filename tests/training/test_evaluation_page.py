"""`evaluate --html`: the page has all figures, loads nothing and runs no script."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from sklearn.metrics import average_precision_score, precision_recall_curve

from extractor.cli import main
from extractor.label import Drift, MeasuredEra, read_drift_reference
from extractor.records import CATEGORIES, PRACTICES
from extractor.training import Measurement, evaluate, evaluation_page
from extractor.training.metrics import label_confusion, precision_by_recall, reliability_bins


@pytest.fixture(scope="module")
def measured(opp115):
    return evaluate(opp115, learning_curve=True)


@pytest.fixture(scope="module")
def page(measured):
    tops = (0.5, *[0.0] * 8, 0.5)
    era = MeasuredEra(2020, 2026, "fast", "a language model", 1500, 0.87, 0.84, 0.89)
    drifts = [
        Drift("2014", 3, 900, 0.1, 0.2, 0.3, 0.4, 0.05, tops),
        Drift("2024", 3, 900, 0.1, 0.05, 0.3, 0.4, 0.05, tops, era, ("far",)),
    ]
    return html.fromstring(evaluation_page(measured, drifts, read_drift_reference()))


def test_evaluation_page_has_every_label_of_every_measurement(page, measured):
    tables = [[row.findtext("th") for row in table.findall("tbody/tr")] for table in page.iter("table")][2:]
    titled = [name[:1].upper() + name[1:] for name in PRACTICES]
    assert tables == [titled, titled, list(CATEGORIES), ["2014", "2024"]]
    text = page.text_content()
    for part in measured:
        assert f"{part.figures['macro']:.3f}" in text
        for row in part.figures["labels"].values():
            assert f"{row['precision']:.3f}" in text and f"{row['recall']:.3f}" in text


def test_evaluation_page_has_every_figure(page):
    names = [one.text for one in page.iter("figcaption")]
    assert names[:2] == ["Risk against coverage", "Learning curve"]
    assert names[-5:] == [
        "Unknown words",
        "Distance of words",
        "Uncertain segments",
        "Highest score, 2014",
        "Highest score, 2024",
    ]
    assert names.count("Collection") == 4 and names.count("Data Security") == 2  # precision and calibration
    drawings = page.xpath("//svg")
    assert len(drawings) == len(names) + 3  # the tables of labels
    assert all(one.get("aria-label") for one in drawings)
    numbers = [
        float(value)
        for one in drawings
        for point in one.xpath(".//polyline/@points")
        for value in point.replace(",", " ").split()
    ]
    assert numbers and all(math.isfinite(value) and -1 <= value <= 300 for value in numbers)


def test_evaluation_page_is_self_contained(page):
    assert not page.xpath("//script | //link | //img | //@style | //@src | //*[starts-with(@href, 'http')]")
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0].startswith("default-src 'none'")
    assert page.xpath("//tr[@class='far']/td/text()")[-2:] == ["0.870", "far"]
    targets = {target[1:] for target in page.xpath("//a/@href")}
    assert targets == set(page.xpath("//h2/@id"))
    assert page.xpath("//tr[@class='far']/th/text()") == ["2024"]


def test_evaluation_page_escapes_a_hostile_name(measured):
    part = Measurement("<script>alert(1)</script>: x", measured[0].figures)
    assert b"<script" not in evaluation_page([part])


def test_learning_curve_rises_to_all_policies_and_ends_with_the_macro_f1(measured):
    curve = measured[0].figures["learning curve"]
    assert curve[-1]["macro"] == measured[0].figures["macro"]
    assert [one["policies"] for one in curve] == sorted(one["policies"] for one in curve)
    assert all(one["low"] <= one["macro"] <= one["high"] for one in curve)


def test_evaluate_with_html_writes_the_page(opp115, tmp_path, capsys):
    assert main(["evaluate", str(opp115), "--model", "fast", "--html", str(tmp_path / "page.html")]) == 0
    assert "fast: categories, validation (seen in training)" in (tmp_path / "page.html").read_text()
    assert "Learning curve" not in (tmp_path / "page.html").read_text()
    assert "| collection |" in capsys.readouterr().out


SCORED = st.lists(st.tuples(st.booleans(), st.integers(0, 20)), min_size=1, max_size=80)


@given(SCORED)
def test_precision_by_recall_is_on_the_curve_of_scikit_learn(rows):
    truth, scores = np.array([yes for yes, _ in rows], dtype=np.int8), np.array([score / 20 for _, score in rows])
    curve = precision_by_recall(truth, scores)
    if not truth.any():
        assert curve == []
        return
    precision, recall, _ = precision_recall_curve(truth, scores)
    known = {(round(float(r), 4), round(float(p), 4)) for p, r in zip(precision, recall, strict=True)}
    assert set(curve) <= known and curve[-1][0] == 1
    area = sum((r - before) * p for (before, _), (r, p) in zip([(0.0, 1.0), *curve], curve, strict=False))
    assert area == pytest.approx(average_precision_score(truth, scores), abs=2e-3)


@given(SCORED)
def test_reliability_bins_count_every_passage_once(rows):
    truth, scores = np.array([yes for yes, _ in rows], dtype=np.int8), np.array([score / 20 for _, score in rows])
    bins = reliability_bins(truth, scores)
    assert sum(count for *_, count in bins) == len(rows)
    assert sum(share * count for _, share, count in bins) == pytest.approx(truth.sum(), abs=0.01)
    assert [score for score, *_ in bins] == sorted(score for score, *_ in bins)


def test_label_confusion_counts_pairs_and_none():
    truth, predicted = (
        np.array([[1, 0], [1, 1], [0, 0]], dtype=np.int8),
        np.array([[0, 1], [1, 1], [0, 0]], dtype=np.int8),
    )
    assert label_confusion("ab", truth, predicted) == {
        "a": {"a": 1, "b": 2, "none": 0},
        "b": {"a": 1, "b": 1, "none": 0},
        "none": {"a": 0, "b": 0, "none": 1},
    }
