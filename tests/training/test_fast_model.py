"""The fast model, trained and measured on a corpus of a few sentences."""

import gzip
import json
from xml.etree import ElementTree

import pytest

from extractor.errors import UnreadableError
from extractor.label import load_model
from extractor.records import CATEGORIES, PRACTICES, Segment
from extractor.training import evaluate, format_measurements, measurements_json, risk_plot, train_fast_model
from extractor.training.data.opp115 import read_opp115, text_key
from extractor.training.data.passages import gold_passages, held_out_passages, policy_folds
from extractor.training.data.written import read_written_passages


@pytest.fixture(scope="module")
def trained(opp115, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    train_fast_model(opp115, folder)
    return folder


@pytest.fixture(scope="module")
def measured(opp115):
    return evaluate(opp115)


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_train_twice_gives_the_same_bytes(opp115, trained, tmp_path):
    train_fast_model(opp115, tmp_path)
    assert contents(tmp_path) == contents(trained)


def test_train_stores_no_pickle(trained):
    assert {path.suffix for path in trained.iterdir()} <= {".json", ".txt", ".npz"}
    assert not any(b"sklearn" in content for content in contents(trained).values())


@pytest.mark.parametrize(
    ("text", "practices", "category"),
    [
        ("We gather and use your hat to serve you well.", ("collection",), "First Party Collection/Use"),
        ("Partners and other companies receive your hat from us.", ("sharing",), "Third Party Sharing/Collection"),
        ("Locks and encryption protect your hat against thieves.", (), "Data Security"),
        ("Signals of do not track about your hat are honoured by us.", ("cookies",), "Do Not Track"),
    ],
)
def test_labels_are_learned_for_unseen_words(trained, text, practices, category):
    segment = load_model(trained).label([Segment(0, 0, len(text), text)])[0]
    assert segment.practices == practices
    assert category in segment.categories


def test_train_summary_has_the_number_of_passages(opp115, tmp_path):
    assert str(8 * 13 + len(read_written_passages())) in str(train_fast_model(opp115, tmp_path))


@pytest.mark.parametrize("exclude", ["validation", "fold"])
def test_gold_passages_leave_out_held_out_ones(opp115, exclude):
    corpus = read_opp115(opp115)
    out = {text_key(row.text) for row in held_out_passages(corpus, exclude)}
    pool = gold_passages(corpus, exclude)
    assert pool and out and not out & {text_key(row.text) for row in pool}
    assert out <= {text_key(row.text) for row in gold_passages(corpus)}


def test_held_out_fold_has_whole_policies(opp115):
    corpus = read_opp115(opp115)
    assert not {row.policy for row in held_out_passages(corpus, "fold")} & {
        row.policy for row in gold_passages(corpus, "fold")
    } - {""}


def test_policy_folds_have_no_policy_on_both_sides(opp115):
    pool = gold_passages(read_opp115(opp115))
    tested = []
    for train, test in policy_folds(pool):
        assert not {pool[i].policy for i in train} & {pool[i].policy for i in test}
        tested += list(test)
    assert sorted(tested) == list(range(len(pool)))


def test_evaluate_measures_every_label(measured):
    parts = {part.name: set(part.figures["labels"]) for part in measured}
    assert set(map(frozenset, parts.values())) == {frozenset(PRACTICES), frozenset(CATEGORIES)}
    for figures in (part.figures for part in measured):
        rows = figures["labels"].values()
        assert figures["macro"] == pytest.approx(sum(row["f1"] for row in rows) / len(rows), abs=1e-3)
        assert figures["micro interval"][0] <= figures["micro"] <= figures["micro interval"][1]
        assert all(sum(row["confusion"].values()) == figures["passages"] for row in rows)


def test_evaluate_on_easy_sentences_has_high_figures(measured):
    assert all(part.figures["macro"] > 0.7 for part in measured)


def test_format_measurements_has_every_label_and_figure(measured):
    table = format_measurements(measured)
    for label in (*PRACTICES, *CATEGORIES):
        assert label in table
    for part in measured:
        assert f"{part.figures['macro']:.3f}" in table


def test_format_measurements_of_two_models_compares_them(opp115, trained):
    parts = evaluate(opp115, [str(trained), "fast"])
    table = format_measurements(parts)
    assert f"| label | {trained} | fast |" in table and "(seen in training)" in table
    assert [part["name"] for part in json.loads(measurements_json(parts))] == [part.name for part in parts]


def test_risk_plot_is_svg_with_a_line_through_all_points(measured):
    points = measured[0].figures["risk by coverage"]
    line = ElementTree.fromstring(risk_plot(points)).find("{http://www.w3.org/2000/svg}polyline")
    assert len(line.get("points").split()) == len(points) and points[-1][0] == 1


def test_train_on_a_corpus_without_a_label_is_unreadable(opp115, tmp_path):
    for path in opp115.iterdir():
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        kept = b"".join(line for line in content.splitlines(keepends=True) if b"Data Security" not in line)
        (tmp_path / path.name).write_bytes(gzip.compress(kept) if path.suffix == ".gz" else kept)
    with pytest.raises(UnreadableError, match="Data Security"):
        train_fast_model(tmp_path, tmp_path / "model")
