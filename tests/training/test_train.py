"""Training and measuring, on a corpus of a few sentences."""

import gzip
import json
from xml.etree import ElementTree

import pytest

from extractor.errors import UnreadableError
from extractor.label import load_model
from extractor.records import CATEGORIES, PRACTICES, Segment
from extractor.training import as_json, evaluate, format_report, risk_plot, train_model
from extractor.training.data.opp115 import key, read_opp115
from extractor.training.data.pool import gold_pool, held_out, policy_folds


@pytest.fixture(scope="module")
def trained(opp115, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    train_model(opp115, folder)
    return folder


@pytest.fixture(scope="module")
def measured(opp115):
    return evaluate(opp115)


def contents(folder) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_twice_gives_the_same_bytes(opp115, trained, tmp_path):
    train_model(opp115, tmp_path)
    assert contents(tmp_path) == contents(trained)


def test_nothing_is_pickled(trained):
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
def test_what_is_learned_holds_for_another_policy(trained, text, practices, category):
    segment = load_model(trained).label([Segment(0, 0, len(text), text)])[0]
    assert segment.practices == practices
    assert category in segment.categories


def test_the_summary_says_what_it_was_trained_on(opp115, tmp_path):
    assert str(8 * 13) in str(train_model(opp115, tmp_path))


@pytest.mark.parametrize("exclude", ["validation", "fold"])
def test_what_is_held_out_is_not_learned_from(opp115, exclude):
    corpus = read_opp115(opp115)
    out = {key(row.text) for row in held_out(corpus, exclude)}
    pool = gold_pool(corpus, exclude)
    assert pool and out and not out & {key(row.text) for row in pool}
    assert out <= {key(row.text) for row in gold_pool(corpus)}


def test_a_fold_is_of_whole_policies(opp115):
    corpus = read_opp115(opp115)
    assert not {row.policy for row in held_out(corpus, "fold")} & {row.policy for row in gold_pool(corpus, "fold")} - {
        ""
    }


def test_no_policy_is_on_both_sides_of_a_fold(opp115):
    pool = gold_pool(read_opp115(opp115))
    tested = []
    for train, test in policy_folds(pool):
        assert not {pool[i].policy for i in train} & {pool[i].policy for i in test}
        tested += list(test)
    assert sorted(tested) == list(range(len(pool)))


def test_the_report_has_every_label(measured):
    parts = {part.name: set(part.figures["labels"]) for part in measured}
    assert set(map(frozenset, parts.values())) == {frozenset(PRACTICES), frozenset(CATEGORIES)}
    for figures in (part.figures for part in measured):
        rows = figures["labels"].values()
        assert figures["macro"] == pytest.approx(sum(row["f1"] for row in rows) / len(rows), abs=1e-3)
        assert figures["micro interval"][0] <= figures["micro"] <= figures["micro interval"][1]
        assert all(sum(row["confusion"].values()) == figures["passages"] for row in rows)


def test_the_sentences_of_the_corpus_are_easy(measured):
    assert all(part.figures["macro"] > 0.7 for part in measured)


def test_the_table_names_every_label_and_figure(measured):
    table = format_report(measured)
    for label in (*PRACTICES, *CATEGORIES):
        assert label in table
    for part in measured:
        assert f"{part.figures['macro']:.3f}" in table


def test_two_models_stand_side_by_side(opp115, trained):
    parts = evaluate(opp115, [str(trained), "fast"])
    table = format_report(parts)
    assert f"| label | {trained} | fast |" in table and "(seen in training)" in table
    assert [part["name"] for part in json.loads(as_json(parts))] == [part.name for part in parts]


def test_the_plot_is_svg_with_a_line_through_all_points(measured):
    points = measured[0].figures["risk by coverage"]
    line = ElementTree.fromstring(risk_plot(points)).find("{http://www.w3.org/2000/svg}polyline")
    assert len(line.get("points").split()) == len(points) and points[-1][0] == 1


def test_a_folder_without_a_label_is_refused_in_a_sentence(opp115, tmp_path):
    for path in opp115.iterdir():
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        kept = b"".join(line for line in content.splitlines(keepends=True) if b"Data Security" not in line)
        (tmp_path / path.name).write_bytes(gzip.compress(kept) if path.suffix == ".gz" else kept)
    with pytest.raises(UnreadableError, match="Data Security"):
        train_model(tmp_path, tmp_path / "model")
