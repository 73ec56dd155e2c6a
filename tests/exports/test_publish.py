"""A corpus to publish, read by MLCommons' own reader."""

import hashlib
import json

import mlcroissant
import pytest

from extractor.cli import main
from extractor.exports.policy_table import POLICY_COLUMN_TYPES
from extractor.exports.segment_table import SEGMENT_COLUMN_TYPES


@pytest.fixture(scope="module")
def published(corpus, tmp_path_factory):
    folder = tmp_path_factory.mktemp("published") / "to-publish"
    assert main(["export", str(corpus), "--format", "croissant", "-o", str(folder), "-q"]) == 0
    return folder


@pytest.fixture(scope="module")
def dataset(published):
    return mlcroissant.Dataset(str(published / "croissant.json"))


def test_croissant_description_lacks_only_what_publisher_knows(dataset):
    issues = dataset.metadata.ctx.issues
    assert not issues.errors
    assert {warning.split('"')[1].rpartition("/")[2] for warning in issues.warnings} <= {
        *("license", "url", "datePublished", "creator"),
    }


def test_mlcroissant_reads_segments_and_policies(dataset, policies):
    segments = list(dataset.records("segments"))
    assert set(segments[0]) == {f"segments/{name}" for name in SEGMENT_COLUMN_TYPES}
    texts = [row["segments/text"].decode() for row in segments]
    assert texts == [segment.text for policy in policies for segment in policy.segments]
    rows = list(dataset.records("policies"))
    assert set(rows[0]) == {f"policies/{name}" for name in POLICY_COLUMN_TYPES}
    assert [row["policies/id"].decode() for row in rows] == [policy.id for policy in policies]
    assert [row["policies/segments_children"] for row in rows] == [
        sum("children" in segment.practices for segment in policy.segments) for policy in policies
    ]


def test_mlcroissant_reads_whole_texts_from_records(dataset, policies):
    rows = list(dataset.records("records"))
    assert [(row["records/id"].decode(), row["records/text"].decode()) for row in rows] == [
        (policy.id, policy.text) for policy in policies
    ]
    assert [row["records/labelled"] for row in rows] == [policy.labelled for policy in policies]


def test_croissant_describes_every_column_and_names_keys(dataset, policies):
    fields = [field for record_set in dataset.metadata.record_sets for field in record_set.fields]
    assert all(field.description for field in fields)
    for name in ("policies", "segments", "records"):
        (record_set,) = (one for one in dataset.metadata.record_sets if one.id == name)
        keys = [tuple(row[column] for column in record_set.key) for row in dataset.records(name)]
        assert len(set(keys)) == len(keys) > 0


def test_croissant_description_has_hash_of_every_file(published):
    described = json.loads((published / "croissant.json").read_text())["distribution"]
    files = {path.name for path in published.iterdir()} - {"croissant.json", "datasheet.md"}
    assert (
        {one["name"] for one in described}
        == files
        == {
            *("policies.jsonl.gz", "segments.parquet", "policies.csv", "manifest.json"),
        }
    )
    for one in described:
        assert one["sha256"] == hashlib.sha256((published / one["name"]).read_bytes()).hexdigest()


def test_datasheet_has_figures_and_marks_missing_answers(published, policies):
    sheet = (published / "datasheet.md").read_text()
    assert f"{len(policies)} captures of 5 privacy policies of 4 sites from 1999-05-08 to 2025-04-02" in sheet
    assert sheet.count("TODO") == 5
    assert "$" not in sheet
