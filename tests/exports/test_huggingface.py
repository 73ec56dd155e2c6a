"""The folder for Hugging Face, loaded by `datasets` without a network, and its card."""

import datasets
import pytest
import yaml

from extractor.cli import main
from extractor.exports.huggingface import write_huggingface
from extractor.exports.policy_table import POLICY_COLUMN_TYPES
from extractor.exports.segment_table import SEGMENT_COLUMN_TYPES


@pytest.fixture(scope="module")
def folder(corpus, tmp_path_factory):
    path = tmp_path_factory.mktemp("hub") / "dataset"
    assert main(["export", str(corpus), "--format", "huggingface", "-o", str(path), "-q"]) == 0
    return path


@pytest.fixture
def load(folder, tmp_path, monkeypatch):
    """`load_dataset`, which may not use the network."""
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    return lambda *names: datasets.load_dataset(str(folder), *names, cache_dir=str(tmp_path), split="train")


@pytest.fixture(scope="module")
def card(folder):
    """The header of the card, and its text."""
    _, header, text = (folder / "README.md").read_text(encoding="utf-8").split("---\n", 2)
    return yaml.safe_load(header), text


def test_load_dataset_segments_is_default_and_has_every_segment(load, policies):
    segments = [(policy.id, segment.text, list(segment.headings)) for policy in policies for segment in policy.segments]
    for loaded in (load("segments"), load()):
        assert list(zip(loaded["id"], loaded["text"], loaded["headings"], strict=True)) == segments
        assert list(loaded.features) == list(SEGMENT_COLUMN_TYPES)


def test_load_dataset_policies_has_every_policy_with_its_text(load, policies):
    loaded = load("policies")
    assert list(zip(loaded["id"], loaded["text"], strict=True)) == [(policy.id, policy.text) for policy in policies]
    assert list(loaded.features) == [*POLICY_COLUMN_TYPES, "text"]


def test_load_dataset_segment_stands_in_text_of_its_policy(load):
    texts = {(row["site"], row["id"]): row["text"] for row in load("policies")}
    assert all(texts[row["site"], row["id"]][row["start"] : row["end"]] == row["text"] for row in load("segments"))


def test_card_declares_types_of_parquet_files(card, folder):
    header, _ = card
    for declared in header["dataset_info"]:
        file = str(folder / f"{declared['config_name']}.parquet")
        found = datasets.Dataset.from_parquet(file, cache_dir=str(folder.parent)).features
        assert datasets.Features._from_yaml_list(declared["features"]) == found
    assert [(one["config_name"], one["data_files"]) for one in header["configs"]] == [
        ("segments", "segments.parquet"),
        ("policies", "policies.parquet"),
    ]
    assert header["language"] == ["en"]


def test_card_has_counts_provenance_and_columns_and_leaves_licence_to_publisher(card, folder, policies):
    header, text = card
    assert "21 captures of 5 privacy policies of 4 sites from 1999-05-08 to 2025-04-02" in text
    assert f"| `segments` (default) | segment of a capture | {sum(len(one.segments) for one in policies)} |" in text
    assert policies[0].provenance.model in text and "manifest.json" in text and (folder / "manifest.json").is_file()
    assert "license" not in header and text.count("TODO") == 1
    assert all(f"| `{name}` |" in text for name in (*SEGMENT_COLUMN_TYPES, *POLICY_COLUMN_TYPES))
    assert "$" not in text


def test_export_huggingface_of_a_file_has_no_manifest(corpus, tmp_path):
    assert main(["export", str(corpus / "policies.jsonl"), "--format", "huggingface", "-o", str(tmp_path / "d")]) == 0
    assert {path.name for path in (tmp_path / "d").iterdir()} >= {"README.md"}


def test_write_huggingface_many_policies_are_all_written(tmp_path, hard):
    assert write_huggingface([hard] * 450, tmp_path) == 450  # more than are held in memory
    loaded = datasets.load_dataset(str(tmp_path), "segments", cache_dir=str(tmp_path / "cache"), split="train")
    assert loaded.num_rows == 900
