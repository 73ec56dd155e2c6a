"""Training and measuring, on a corpus of a few sentences."""

import gzip

import pytest

from extractor.errors import UnreadableError
from extractor.label import load_model
from extractor.records import CATEGORIES, PRACTICES, Segment
from extractor.training import evaluate, format_report, train_model
from extractor.training.opp115 import key, read_opp115
from extractor.training.train import policy_folds, training_pools


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


def test_an_excluded_set_is_in_neither_pool(opp115):
    corpus = read_opp115(opp115)
    held_out = {key(row.text) for row in corpus.validation}
    for pool in training_pools(corpus, "validation"):
        assert pool and not held_out & {key(row.text) for row in pool}
        assert "validation" not in {row.split for row in pool}
    for pool in training_pools(corpus, ""):
        assert held_out & {key(row.text) for row in pool}


def test_no_policy_is_on_both_sides_of_a_fold(opp115):
    pool = read_opp115(opp115).practices
    tested = []
    for train, test in policy_folds(pool):
        assert not {pool[i].policy for i in train} & {pool[i].policy for i in test}
        tested += list(test)
    assert sorted(tested) == list(range(len(pool)))


def test_the_report_has_every_label(measured):
    parts = {name: set(part["labels"]) for name, part in measured.items()}
    assert set(map(frozenset, parts.values())) == {frozenset(PRACTICES), frozenset(CATEGORIES)}
    for part in measured.values():
        assert 0 <= part["micro"] <= 1
        assert part["macro"] == pytest.approx(
            sum(row["f1"] for row in part["labels"].values()) / len(part["labels"]), abs=1e-3
        )


def test_the_sentences_of_the_corpus_are_easy(measured):
    assert all(part["macro"] > 0.7 for part in measured.values())


def test_the_table_names_every_label_and_figure(measured):
    table = format_report(measured)
    for label in (*PRACTICES, *CATEGORIES):
        assert label in table
    for part in measured.values():
        assert f"{part['macro']:.3f}" in table


def test_a_folder_without_a_label_is_refused_in_a_sentence(opp115, tmp_path):
    for path in opp115.iterdir():
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        kept = b"".join(line for line in content.splitlines(keepends=True) if b"Data Security" not in line)
        (tmp_path / path.name).write_bytes(gzip.compress(kept) if path.suffix == ".gz" else kept)
    with pytest.raises(UnreadableError, match="Data Security"):
        train_model(tmp_path, tmp_path / "model")
