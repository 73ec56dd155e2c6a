"""The teacher: unlabelled policies, its stored scores without text, and what is learned from them."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from extractor.errors import ConfigurationError, UnreadableError, UsageError
from extractor.label import LABELS, load_model
from extractor.records import PRACTICES, Segment
from extractor.training import TrainingInputs, train, train_fast_model
from extractor.training.data.unlabelled import (
    DATED_POLICIES,
    SCORES_FILE,
    passage_hash,
    read_soft_labels,
    read_unlabelled_passages,
    save_soft_labels,
)

from .conftest import THINGS, write_lines

GADGETS = "Gizmos and doodads watch where you go on our pages all day long, number {}."
POLICY = """# Privacy policy of the {thing} shop

This privacy policy tells what personal information we collect when you buy a {thing} and what we do with this data.

## Gadgets

{gadgets}

## Your {thing}

You may write to us at any time to have your {thing} and all other personal information corrected or deleted by us.
"""


@pytest.fixture(scope="session")
def data(opp115, tmp_path_factory) -> Path:
    """OPP-115 with unlabelled policies beside it, about gadgets, in words that are in no labelled passage."""
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(opp115, folder / "opp115")
    gadgets = ["\n\n".join(GADGETS.format(f"{'abcdefgh'[i]}{'xyzuvw'[k]}") for k in range(6)) for i in range(8)]
    rows = [
        {"text": POLICY.format(thing=thing, gadgets=gadgets[i]), "date": f"{2004 + i // 7}-05-01"}
        for i, thing in enumerate(THINGS)
    ]
    (folder / "eras").mkdir()
    write_lines(folder / "eras" / "dated.jsonl.gz", rows)
    return folder / "opp115"


@pytest.fixture(scope="session")
def teacher(data, tmp_path_factory) -> Path:
    """A teacher that labels gadgets as cookies, and nothing else."""
    folder = tmp_path_factory.mktemp("teacher")
    passages = read_unlabelled_passages(data.parent / DATED_POLICIES)
    scores = np.full((len(passages), len(LABELS)), 0.02)
    scores[["Gizmos" in one.text for one in passages], LABELS.index("cookies")] = 0.98
    save_soft_labels(passages, scores, folder, {})
    return folder


def test_read_unlabelled_passages_gives_each_wording_once_with_its_headings(data):
    passages = read_unlabelled_passages(data.parent / DATED_POLICIES)
    assert len({passage_hash(one.text) for one in passages}) == len(passages) > 40
    assert {one.headings for one in passages if "Gizmos" in one.text} == {"of the name shop Gadgets"} | {
        f"of the {thing} shop Gadgets" for thing in THINGS[1:]
    }


def test_read_unlabelled_passages_takes_years_in_turn(data):
    first = read_unlabelled_passages(data.parent / DATED_POLICIES)[:6]
    of_2005 = [one for one in first if THINGS[7] in one.headings]
    assert len(of_2005) == 3


def test_passage_hash_depends_on_words_only():
    assert passage_hash("We collect: -  names;") == passage_hash("we collect names") != passage_hash("we share names")


def test_save_soft_labels_stores_no_text(teacher):
    assert all(b"izmos" not in path.read_bytes() for path in teacher.iterdir())
    found = read_soft_labels(teacher)
    assert found.scores.shape == (len(found.hashes), len(LABELS)) and (np.diff(found.hashes.astype(object)) > 0).all()


def test_train_with_teacher_learns_its_labels_with_the_same_bytes_each_time(data, teacher, tmp_path):
    train_fast_model(data, tmp_path / "plain")
    train_fast_model(data, tmp_path / "taught", teacher=teacher)
    text = "Doodads watch where you go."
    plain, taught = (
        load_model(tmp_path / name).label([Segment(0, 0, len(text), text)])[0].scores["cookies"]
        for name in ("plain", "taught")
    )
    assert taught > plain + 0.2
    train_fast_model(data, tmp_path / "again", teacher=teacher)
    for path in (tmp_path / "taught").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_train_with_a_teacher_of_other_policies_is_unreadable(data, teacher, tmp_path):
    found = read_soft_labels(teacher)
    np.savez(tmp_path / SCORES_FILE, hashes=found.hashes + np.uint64(1), scores=found.scores)
    with pytest.raises(UnreadableError, match=r"Only 0 of the"):
        train_fast_model(data, tmp_path / "model", teacher=tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04"], ids=["missing", "empty", "cut"])
def test_read_soft_labels_of_a_damaged_file_names_it(tmp_path, content):
    if content is not None:
        (tmp_path / SCORES_FILE).write_bytes(content)
    with pytest.raises(UnreadableError, match=SCORES_FILE.replace(".", r"\.")):
        read_soft_labels(tmp_path)


@pytest.mark.parametrize(
    ("model", "exclude", "option"),
    [
        ("encoder", "", "--encoder"),
        ("teacher", "", "--encoder"),
        ("accurate", "", "--exclude"),
        ("accurate", "fold", "--encoder"),
    ],
)
def test_train_without_a_required_option_names_it(data, tmp_path, model, exclude, option):
    with pytest.raises(UsageError, match=option):
        train(model, TrainingInputs(data), tmp_path, exclude=exclude)


# With the extra `train` only: an encoder of a few thousand weights
@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """An untrained BERT of three layers with a vocabulary of a few hundred words."""
    pytest.importorskip("torch")
    pytest.importorskip("onnx")
    transformers = pytest.importorskip("transformers")
    from tokenizers import BertWordPieceTokenizer

    folder = tmp_path_factory.mktemp("tiny")
    words = BertWordPieceTokenizer()
    words.train_from_iterator([POLICY, GADGETS, *THINGS] * 20, vocab_size=300, show_progress=False)
    words.save_model(str(folder))
    transformers.BertTokenizerFast(vocab=str(folder / "vocab.txt")).save_pretrained(folder)
    shape = {"hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 2, "intermediate_size": 64}
    transformers.BertModel(transformers.BertConfig(vocab_size=300, **shape)).save_pretrained(folder)
    return folder


def test_train_encoder_teacher_and_accurate_gives_a_model(data, tiny, tmp_path):
    train("fast", TrainingInputs(data), tmp_path / "fast", exclude="validation")
    train("encoder", TrainingInputs(data, encoders=[tiny]), tmp_path / "tuned", exclude="validation")
    one = TrainingInputs(data, encoders=[tmp_path / "tuned"], fast=tmp_path / "fast", passages=40)
    train("teacher", replace(one, encoders=[tmp_path / "tuned", tmp_path / "tuned"]), tmp_path / "teacher")
    assert len(read_soft_labels(tmp_path / "teacher").hashes) == 40
    train("encoder", replace(one, teacher=tmp_path / "teacher"), tmp_path / "taught", exclude="validation")
    train("accurate", replace(one, encoders=[tmp_path / "taught"]), tmp_path / "accurate", exclude="fold")
    text = "Partners and other companies receive your hat from us."
    labelled = load_model(tmp_path / "accurate").label([Segment(0, 0, len(text), text)])[0]
    assert tuple(labelled.scores) == PRACTICES and "sharing" in labelled.practices


def test_train_encoder_of_a_folder_without_one_is_a_configuration_error(data, tmp_path):
    pytest.importorskip("torch")
    with pytest.raises(ConfigurationError, match=str(tmp_path)):
        train("encoder", TrainingInputs(data, encoders=[tmp_path]), tmp_path / "tuned")
