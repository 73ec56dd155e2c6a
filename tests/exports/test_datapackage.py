"""The Data Package, checked by Frictionless."""

import json

import pytest
from frictionless import Package, system, validate

from extractor.cli import main


@pytest.fixture
def folder(corpus, tmp_path):
    path = tmp_path / "package"
    assert main(["export", str(corpus), "--format", "datapackage", "-o", str(path), "-q"]) == 0
    return path


def test_frictionless_finds_data_package_valid(folder):
    report = validate(str(folder / "datapackage.json"))
    assert report.valid, report.to_summary()
    assert [task.name for task in report.tasks] == ["policies", "segments"]


def test_frictionless_reads_rows_with_types(folder, policies):
    with system.use_context(trusted=True):
        package = Package(str(folder / "datapackage.json"))
        rows = package.get_resource("policies").read_rows()
        assert [row["id"] for row in rows] == [policy.id for policy in policies]
        assert [row["labelled"] for row in rows] == [policy.labelled for policy in policies]
        assert [row["date"].strftime("%Y%m%d") for row in rows] == [policy.capture.timestamp[:8] for policy in policies]
        segments = package.get_resource("segments").read_rows()
    assert [row["text"] for row in segments] == [segment.text for policy in policies for segment in policy.segments]


@pytest.mark.parametrize(
    ("file", "old", "new", "problem"),
    [
        ("segments.csv", "brightcart.example,", "elsewhere.example,", "foreign-key"),
        ("policies.csv", ",1,fast", ",yes,fast", "type-error"),
        ("policies.csv", "timestamp", "time", "incorrect-label"),
    ],
)
def test_frictionless_finds_what_does_not_fit_the_description(folder, file, old, new, problem):
    text = (folder / file).read_text(encoding="utf-8")
    assert old in text
    (folder / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    report = validate(str(folder / "datapackage.json"))
    assert problem in {error.type for task in report.tasks for error in task.errors}


def test_data_package_describes_every_column(folder):
    described = json.loads((folder / "datapackage.json").read_text(encoding="utf-8"))
    assert described["title"] == "corpus"
    for resource in described["resources"]:
        columns = (folder / resource["path"]).read_text(encoding="utf-8").splitlines()[0].split(",")
        assert [field["name"] for field in resource["schema"]["fields"]] == columns
        assert all(field["description"] for field in resource["schema"]["fields"])
