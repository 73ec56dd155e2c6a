"""The teacher: policies nobody labelled, its scores kept without a text, and what is learned from them."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from extractor.errors import ConfigurationError, UnreadableError, UsageError
from extractor.label import LABELS, load_model
from extractor.records import PRACTICES, Segment
from extractor.training import Sources, train, train_model
from extractor.training.data.unlabelled import (
    SCORES,
    content_hash,
    read_soft_labels,
    save_soft_labels,
    unlabelled_passages,
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
    """OPP-115 with unlabelled policies beside it, which speak of gadgets in words that no label ever met."""
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(opp115, folder / "opp115")
    gadgets = ["\n\n".join(GADGETS.format(f"{'abcdefgh'[i]}{'xyzuvw'[k]}") for k in range(6)) for i in range(8)]
    rows = [{"text": POLICY.format(thing=thing, gadgets=gadgets[i])} for i, thing in enumerate(THINGS)]
    write_lines(folder / "unlabelled_policies.jsonl.gz", rows)
    return folder / "opp115"


@pytest.fixture(scope="session")
def teacher(data, tmp_path_factory) -> Path:
    """A teacher that takes gadgets for cookies, and nothing else for anything."""
    folder = tmp_path_factory.mktemp("teacher")
    passages = unlabelled_passages(data.parent / "unlabelled_policies.jsonl.gz")
    scores = np.full((len(passages), len(LABELS)), 0.02)
    scores[["Gizmos" in one.text for one in passages], LABELS.index("cookies")] = 0.98
    save_soft_labels(passages, scores, folder, {})
    return folder


def test_passages_are_cut_once_each_with_their_headings(data):
    passages = unlabelled_passages(data.parent / "unlabelled_policies.jsonl.gz")
    assert len({content_hash(one.text) for one in passages}) == len(passages) > 40
    assert {one.headings for one in passages if "Gizmos" in one.text} == {"of the name shop Gadgets"} | {
        f"of the {thing} shop Gadgets" for thing in THINGS[1:]
    }


def test_a_hash_is_of_words():
    assert content_hash("We collect: -  names;") == content_hash("we collect names") != content_hash("we share names")


def test_no_text_is_kept(teacher):
    assert all(b"izmos" not in path.read_bytes() for path in teacher.iterdir())
    found = read_soft_labels(teacher)
    assert found.scores.shape == (len(found.hashes), len(LABELS)) and (np.diff(found.hashes.astype(object)) > 0).all()


def test_what_only_the_teacher_knows_is_learned(data, teacher, tmp_path):
    train_model(data, tmp_path / "plain")
    train_model(data, tmp_path / "taught", teacher=teacher)
    text = "Doodads watch where you go."
    plain, taught = (
        load_model(tmp_path / name).label([Segment(0, 0, len(text), text)])[0].scores["cookies"]
        for name in ("plain", "taught")
    )
    assert taught > plain + 0.2
    train_model(data, tmp_path / "again", teacher=teacher)
    for path in (tmp_path / "taught").iterdir():
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes()


def test_a_teacher_of_other_policies_is_refused(data, teacher, tmp_path):
    found = read_soft_labels(teacher)
    np.savez(tmp_path / SCORES, hashes=found.hashes + np.uint64(1), scores=found.scores)
    with pytest.raises(UnreadableError, match=r"Only 0 of the"):
        train_model(data, tmp_path / "model", teacher=tmp_path)


@pytest.mark.parametrize("content", [None, b"", b"PK\x03\x04"], ids=["missing", "empty", "cut"])
def test_scores_that_cannot_be_read_are_named(tmp_path, content):
    if content is not None:
        (tmp_path / SCORES).write_bytes(content)
    with pytest.raises(UnreadableError, match=SCORES.replace(".", r"\.")):
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
def test_what_a_step_needs_is_named(data, tmp_path, model, exclude, option):
    with pytest.raises(UsageError, match=option):
        train(model, Sources(data), tmp_path, exclude=exclude)


# With the extra `train` only: a real encoder of a few thousand weights goes the whole way ----------------------------
@pytest.fixture(scope="session")
def tiny(tmp_path_factory) -> Path:
    """A BERT of three layers that knows a few hundred words and nothing of language."""
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


def test_an_encoder_goes_the_whole_way(data, tiny, tmp_path):
    train("fast", Sources(data), tmp_path / "fast", exclude="validation")
    train("encoder", Sources(data, encoders=[tiny]), tmp_path / "tuned", exclude="validation")
    one = Sources(data, encoders=[tmp_path / "tuned"], fast=tmp_path / "fast", passages=40)
    train("teacher", replace(one, encoders=[tmp_path / "tuned", tmp_path / "tuned"]), tmp_path / "teacher")
    assert len(read_soft_labels(tmp_path / "teacher").hashes) == 40
    train("encoder", replace(one, teacher=tmp_path / "teacher"), tmp_path / "taught", exclude="validation")
    train("accurate", replace(one, encoders=[tmp_path / "taught"]), tmp_path / "accurate", exclude="fold")
    text = "Partners and other companies receive your hat from us."
    labelled = load_model(tmp_path / "accurate").label([Segment(0, 0, len(text), text)])[0]
    assert tuple(labelled.scores) == PRACTICES and "sharing" in labelled.practices


def test_a_folder_without_an_encoder_is_named(data, tmp_path):
    pytest.importorskip("torch")
    with pytest.raises(ConfigurationError, match=str(tmp_path)):
        train("encoder", Sources(data, encoders=[tmp_path]), tmp_path / "tuned")
