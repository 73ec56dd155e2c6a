"""Labelled passages of all eras, and self-written ones, beside OPP-115."""

import shutil
from pathlib import Path

import numpy as np
import pytest

from extractor.errors import UnreadableError
from extractor.label import CATEGORY_COLUMNS, PRACTICE_COLUMNS, load_model
from extractor.records import Segment
from extractor.training import train_fast_model
from extractor.training.data import (
    ERAS,
    OPP115,
    WRITTEN,
    has_own_bias,
    is_held_out,
    labelled_passages,
    read_era_passages,
    read_opp115,
    unseen_passages,
)

from .conftest import write_lines

POLICIES = [f"shop{number}.example" for number in range(30)]
HELD_OUT = {name for name in POLICIES if is_held_out(name)}


def era_row(policy: str, era: str, text: str, practices: list[str], categories: list[str], **more: object) -> dict:
    row = {"policy": policy, "era": era, "text": text, "practices": practices, "categories": categories}
    return {**row, "headings": [], "context": "", "denied": {}, **more}


def era_rows(policy: str, era: str) -> list[dict]:
    pixels = f"Quibbles and pixels of {policy} tell us when letters are opened."
    return [
        era_row(policy, era, pixels, ["collection", "cookies"], ["First Party Collection/Use"]),
        era_row(policy, era, f"Ask {policy} for a copy.", ["rights"], ["User Access, Edit and Deletion"]),
        era_row(policy, era, f"Mangles at {policy} are oiled.", [], ["Data Security"], headings=["Care", "Locks"]),
        era_row(policy, era, "it", [], ["Data Security"], context="We lock:", denied={"sharing": "does_not"}),
    ]


@pytest.fixture(scope="module")
def data(opp115, tmp_path_factory) -> Path:
    """OPP-115 with passages of all eras beside it."""
    folder = tmp_path_factory.mktemp("eras")
    shutil.copytree(opp115, folder / "opp115")
    (folder / "eras").mkdir()
    eras = ("old", "mid", "modern")
    rows = [row for number, policy in enumerate(POLICIES) for row in era_rows(policy, eras[number % 3])]
    write_lines(folder / "eras" / "labelled.jsonl.gz", rows)
    return folder / "opp115"


def test_read_era_passages_has_segments_labels_and_denials(data):
    first, _, locks, denied = read_era_passages(data)[:4]
    assert first.labels == {"collection", "cookies", "First Party Collection/Use"} and first.era == "old"
    assert locks.segment.headings == ("Care", "Locks") and denied.segment.context == "We lock:"
    assert denied.denied == {"sharing": "does_not"} and not first.denied


def test_read_era_passages_without_the_folder_has_none(opp115):
    assert read_era_passages(opp115) == []


def test_read_era_passages_without_a_field_is_unreadable(data, tmp_path):
    (tmp_path / "eras").mkdir()
    write_lines(tmp_path / "eras" / "labelled.jsonl.gz", [{"policy": "a", "text": "b"}])
    with pytest.raises(UnreadableError, match="lacks"):
        read_era_passages(tmp_path / "opp115")


def test_a_fifth_of_many_policies_is_held_out_whatever_their_case():
    names = [f"Policy-{number}.example" for number in range(2_000)]
    assert sum(map(is_held_out, names)) == pytest.approx(400, abs=60)
    assert all(is_held_out(name) == is_held_out(name.upper()) for name in names)


@pytest.mark.parametrize("exclude", ["", "validation", "fold"])
def test_labelled_and_unseen_passages_share_no_era_policy(data, exclude):
    corpus = read_opp115(data)
    seen = {row.policy for row in labelled_passages(data, corpus, exclude) if row.source == ERAS}
    unseen = {row.policy for row in unseen_passages(data, corpus, exclude or "fold") if row.source == ERAS}
    assert unseen == HELD_OUT and seen == (set(POLICIES) if not exclude else set(POLICIES) - HELD_OUT)


def test_labelled_passages_have_each_source_with_all_labels_known(data):
    passages = labelled_passages(data, read_opp115(data))
    assert {row.source for row in passages} == {OPP115, ERAS, WRITTEN}
    assert not np.isnan([row.targets for row in passages if row.source != OPP115]).any()
    assert passages[0].source == OPP115


def test_only_categories_of_eras_have_a_bias_of_their_own(data):
    passages = labelled_passages(data, read_opp115(data))
    own = has_own_bias(passages)
    assert not own[:, PRACTICE_COLUMNS].any()
    assert own[:, CATEGORY_COLUMNS].all(axis=1).tolist() == [row.source == ERAS for row in passages]


def test_fast_model_learns_words_that_only_the_eras_have(opp115, data, tmp_path):
    text = "Quibbles tell us when letters are opened."
    scores = []
    for name, folder in (("plain", opp115), ("eras", data)):
        train_fast_model(folder, tmp_path / name)
        scores.append(load_model(tmp_path / name).label([Segment(0, 0, len(text), text)])[0].scores["cookies"])
    assert scores[1] > scores[0] + 0.3


def test_model_card_counts_the_passages_of_each_source(data, tmp_path):
    train_fast_model(data, tmp_path)
    counts = load_model(tmp_path).card["trained_on"]["passages"]
    assert counts[ERAS] == 4 * len(POLICIES) and counts[OPP115] > 0 and counts[WRITTEN] > 0
