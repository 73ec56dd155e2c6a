"""`archived-policy sample`, `audit` and `history --audit`: from records to corrected trends, and what is refused."""

import csv
import json
import re
import sys
from dataclasses import replace

import pytest
from label_studio_sdk.label_interface import LabelInterface

from extractor.audit import read_audit
from extractor.cli import main
from extractor.exports import read_jsonl, write_jsonl
from extractor.records import PRACTICES

RATERS = ("rater_1", "rater_2")


@pytest.fixture(scope="module")
def run_folder(sample_warc, tmp_path_factory):
    """A run folder of the sample archive with a sample of its segments in `audit/`, and of its sites in `sites/`."""
    folder = tmp_path_factory.mktemp("audit") / "run"
    targets = f"@{sample_warc.parent / 'targets.txt'}"
    assert main(["run", targets, "--archive-base", str(sample_warc), "-o", str(folder), "-q"]) == 0
    assert main(["sample", str(folder), "--per-stratum", "2", "--years", "10", "-q"]) == 0
    sites = ["--per-stratum", "4", "--years", "50", "--unit", "sites", "-o", str(folder / "sites")]
    assert main(["sample", str(folder), *sites, "-q"]) == 0
    return folder


def rows_in(path):
    return list(csv.DictReader(path.open(encoding="utf-8-sig", newline="")))


def write_rows(path, rows, delimiter=",", encoding="utf-8"):
    with path.open("w", encoding=encoding, newline="", errors="replace") as stream:
        table = csv.DictWriter(stream, rows[0].keys(), delimiter=delimiter)
        table.writeheader()
        table.writerows(rows)
    return str(path)


def answer_to(text):
    """What a rater by rule finds in a text."""
    marks = {"collection": "collect", "sharing": "shar", "cookies": "cookie", "rights": "you may", "children": "child"}
    return "; ".join(name for name, mark in marks.items() if mark in text.lower()) or "none"


def filled_in(rows, *columns):
    return [{**row, **{name: answer_to(row["text"]) for name in columns}} for row in rows]


def label_studio_export(tasks, *raters, **changes):
    """Tasks as Label Studio exports them."""
    return [
        {
            "id": number,
            "data": task["data"],
            "annotations": [
                {
                    "id": 10 * number + rater,
                    "completed_by": rater,
                    "was_cancelled": False,
                    "ground_truth": False,
                    "result": choices_result(answer_to(task["data"]["text"])),
                    **changes,
                }
                for rater in raters
            ],
        }
        for number, task in enumerate(tasks, 1)
    ]


def choices_result(words):
    value = {"choices": [name for name in words.split("; ") if name != "none"]}
    part = {"from_name": "practices", "to_name": "text", "type": "choices", "value": value}
    return [part] if value["choices"] else []


def test_sample_writes_sheet_and_tasks_without_labels_and_places(run_folder):
    rows, tasks = rows_in(run_folder / "audit/sheet.csv"), json.loads((run_folder / "audit/tasks.json").read_text())
    assert list(rows[0]) == ["id", "headings", "context", "text", *RATERS, "settled"]
    assert not any(row[name] for row in rows for name in (*RATERS, "settled"))
    assert {tuple(task) for task in tasks} == {("data",)}
    assert {tuple(task["data"]) for task in tasks} == {("item", "headings", "context", "text")}
    assert [task["data"]["item"] for task in tasks] == [row["id"] for row in rows]
    hashes = {row["id"] for row in rows}
    policies = list(read_jsonl(run_folder / "policies.jsonl"))
    assert all(re.fullmatch("[0-9a-f]{12}", one) for one in hashes)
    assert not any(
        one.id in (run_folder / "audit" / name).read_text() for one in policies for name in ("sheet.csv", "tasks.json")
    )
    interface = LabelInterface((run_folder / "audit/tasks.xml").read_text())
    interface.validate()
    assert set(interface.get_control("practices").labels) == set(PRACTICES)


def test_sample_design_has_the_chance_and_place_of_every_text(run_folder):
    design = json.loads((run_folder / "audit/design.json").read_text())
    segments = {
        f"{policy.id}#{one.index}": one
        for policy in read_jsonl(run_folder / "policies.jsonl")
        for one in policy.segments
    }
    shown = {row["id"]: row["text"].removeprefix("'") for row in rows_in(run_folder / "audit/sheet.csv")}
    for item in design["items"]:
        segment = segments[item["place"]]
        assert shown[item["id"]] == segment.text.removeprefix("'")
        assert sorted(segment.practices) == sorted(item["practices"])
        assert item["weight"] == pytest.approx(1 / item["chance"], abs=1e-3)
    assert sum(row["size"] for row in design["strata"]) == len(PRACTICES) * sum(
        len(policy.segments) for policy in read_jsonl(run_folder / "policies.jsonl") if policy.labelled
    )


def test_sample_is_reproducible_and_refuses_to_overwrite(run_folder, tmp_path, capsys):
    words = ["sample", str(run_folder), "--per-stratum", "2", "--years", "10", "-o", str(tmp_path / "again")]
    assert main(words) == 0
    assert "is for the raters" in capsys.readouterr().err
    for name in ("sheet.csv", "tasks.json", "design.json"):
        assert (tmp_path / "again" / name).read_bytes() == (run_folder / "audit" / name).read_bytes()
    assert main(words) == 2
    assert "holds a sample already" in capsys.readouterr().err


def test_audit_by_csv_and_label_studio_is_the_same(run_folder, tmp_path, capsys):
    rows = filled_in(rows_in(run_folder / "audit/sheet.csv"), *RATERS)
    tasks = json.loads((run_folder / "audit/tasks.json").read_text())
    (tmp_path / "label_studio_export.json").write_text(json.dumps(label_studio_export(tasks, 3, 8)))
    interface = LabelInterface((run_folder / "audit/tasks.xml").read_text())
    assert all(
        interface.validate_annotation(one) for task in label_studio_export(tasks, 3, 8) for one in task["annotations"]
    )
    sheets = [
        [write_rows(tmp_path / "both.csv", rows)],
        [write_rows(tmp_path / "windows.csv", rows, ";", "cp1252")],
        [
            write_rows(tmp_path / "one.csv", [{**row, "rater_2": ""} for row in rows]),
            write_rows(tmp_path / "two.csv", [{**row, "rater_1": ""} for row in rows]),
        ],
        [str(tmp_path / "label_studio_export.json")],
    ]
    found = []
    for files in sheets:
        out = tmp_path / "audit.json"
        assert main(["audit", str(run_folder), *files, "-o", str(out)]) == 0
        found.append(read_audit(out))
        assert "| all | children |" in capsys.readouterr().out
    assert all(one.rows == found[0].rows for one in found)
    assert found[0].raters == RATERS and found[3].raters == ("rater 3", "rater 8")
    children = next(row for row in found[0].rows if (row.span, row.practice) == ("all", "children"))
    assert children.agreement.kappa.value == children.agreement.alpha.value == 1
    assert children.recall.low < 0.9 < children.recall.high


def test_audit_counts_a_disagreement_half_until_it_is_adjudicated(run_folder, tmp_path, capsys):
    rows = filled_in(rows_in(run_folder / "audit/sheet.csv"), *RATERS)
    for row in rows:
        row["rater_2"] = "children"
    figures = {}
    for settled in ("", "none", "children"):
        path = write_rows(tmp_path / "sheet.csv", [{**row, "settled": settled} for row in rows])
        assert main(["audit", str(run_folder), path, "-o", str(tmp_path / "a.json"), "--format", "json"]) == 0
        audit = json.loads(capsys.readouterr().out)
        figures[settled] = next(row for row in audit["rows"] if (row["span"], row["practice"]) == ("all", "children"))
    assert figures["none"]["present"] == 0 and figures["children"]["present"] == len(rows)
    assert figures["none"]["note"] and figures["children"]["note"]
    half = figures[""]["bands"][3]["share"]["value"]
    assert 0.49 < half < 0.6
    assert figures[""]["agreement"] == figures["none"]["agreement"]


def with_changed_first_row(rows, **changes):
    return [{**rows[0], **changes}, *rows[1:]]


@pytest.mark.parametrize(
    "change_rows, reason",
    [
        (lambda rows: [{k: v for k, v in row.items() if k != "id"} for row in rows], "no column id"),
        (lambda rows: [{k: v for k, v in row.items() if k not in RATERS} for row in rows], "no column rater_1"),
        (
            lambda rows: with_changed_first_row(rows, rater_1="coookies"),
            "row 2 has the label 'coookies': write collection, ",
        ),
        (lambda rows: with_changed_first_row(rows, rater_1="none; rights"), "'none' beside a practice"),
        (lambda rows: with_changed_first_row(rows, id="0123456789ab"), "'0123456789ab' is not of this sample"),
        (lambda rows: with_changed_first_row(rows, rater_1="", rater_2=""), "1 of the"),
        (lambda rows: rows[5:], "5 of the"),
        (lambda rows: [*rows, {**rows[0], "rater_1": "children; rights"}], "has another answer on"),
        (lambda rows: [{**row, "rater_1": "", "rater_2": ""} for row in rows], "a text that mentions no practice"),
    ],
)
def test_audit_with_a_wrong_sheet_exits_with_1(run_folder, tmp_path, capsys, change_rows, reason):
    rows = [{**row, "rater_1": "collection"} for row in filled_in(rows_in(run_folder / "audit/sheet.csv"), *RATERS)]
    assert main(["audit", str(run_folder), write_rows(tmp_path / "sheet.csv", change_rows(rows))]) == 1
    said = capsys.readouterr().err
    assert reason in said and "Traceback" not in said
    assert not (run_folder / "audit/audit.json").exists()


@pytest.mark.parametrize(
    "content, reason",
    [
        ("", "no column id"),
        ('[{"id": 1, "text": "x", "practices": "sharing"}]', "(not JSON-MIN): it has no 'data'"),
        ("[{}]", "neither a filled-in sheet nor Label Studio's export"),
        ('[{"data": {"item": 1}, "annotations": 3}]', "neither a filled-in sheet nor Label Studio's export"),
        ("[" * 100_000, "neither a filled-in sheet nor Label Studio's export"),
        (
            "\x00\x01",
            "no column id" if sys.version_info >= (3, 11) else "line contains NUL",
        ),  # csv read none before 3.11
        (None, "cannot be read"),
    ],
)
def test_audit_with_a_file_that_is_not_a_sheet_exits_with_1(run_folder, tmp_path, capsys, content, reason):
    path = tmp_path / "sheet"
    if content is not None:
        path.write_text(content)
    assert main(["audit", str(run_folder), str(path)]) == 1
    assert reason in capsys.readouterr().err


def test_audit_with_cancelled_or_unknown_answers_in_an_export_exits_with_1(run_folder, tmp_path, capsys):
    tasks = json.loads((run_folder / "audit/tasks.json").read_text())
    path = tmp_path / "label_studio_export.json"
    for change, reason in (
        ({"was_cancelled": True}, "have no answer"),
        ({"result": choices_result("tracking")}, "'tracking'"),
    ):
        path.write_text(json.dumps(label_studio_export(tasks, 1, **change)))
        assert main(["audit", str(run_folder), str(path)]) == 1
        assert reason in capsys.readouterr().err


def test_audit_with_one_rater_has_no_agreement(run_folder, tmp_path, capsys):
    path = write_rows(tmp_path / "sheet.csv", filled_in(rows_in(run_folder / "audit/sheet.csv"), "rater_1"))
    assert main(["audit", str(run_folder / "audit"), path, "-o", str(tmp_path / "a.json")]) == 0
    assert "One rater alone" in capsys.readouterr().out
    assert {row.agreement.kappa.value for row in read_audit(tmp_path / "a.json").rows} == {None}


def test_audit_without_design_and_sample_without_records_are_refused(tmp_path, capsys):
    (tmp_path / "sheet.csv").write_text("id,rater_1\n")
    assert main(["audit", str(tmp_path), str(tmp_path / "sheet.csv")]) == 1
    assert "design.json: draw one with `sample`" in capsys.readouterr().err
    write_jsonl([], tmp_path / "policies.jsonl")
    assert main(["sample", str(tmp_path), "--per-stratum", "1"]) == 2
    assert "no usable, labelled text" in capsys.readouterr().err


def test_sample_of_records_by_two_models_exits_with_2(run_folder, tmp_path, capsys):
    policies = [one for one in read_jsonl(run_folder / "policies.jsonl") if one.labelled]
    other = replace(policies[0], id="other", provenance=replace(policies[0].provenance, model_sha256="1" * 64))
    write_jsonl([*policies, other], tmp_path / "policies.jsonl")
    assert main(["sample", str(tmp_path), "--per-stratum", "1"]) == 2
    assert "are by 2 models" in capsys.readouterr().err
    assert not (tmp_path / "audit").exists()


def trend_rows(folder, **wanted):
    rows = rows_in(folder / "trends.csv")
    return [row for row in rows if all(row[name] == value for name, value in wanted.items())]


@pytest.fixture(scope="module")
def audits(run_folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("audits")
    for name in ("audit", "sites"):
        sheet = write_rows(out / f"{name}.csv", filled_in(rows_in(run_folder / name / "sheet.csv"), *RATERS))
        assert main(["audit", str(run_folder / name), sheet, "-o", str(out / f"{name}.json")]) == 0
    return out


def test_history_with_audits_writes_raw_and_corrected_trends(run_folder, audits, tmp_path):
    words = ["--audit", str(audits / "audit.json"), "--audit", str(audits / "sites.json")]
    assert main(["history", str(run_folder), "-o", str(tmp_path / "with"), "--parquet", "-q", *words]) == 0
    assert main(["history", str(run_folder), "-o", str(tmp_path / "without"), "-q"]) == 0
    both = trend_rows(tmp_path / "with"), trend_rows(tmp_path / "without")
    assert both[0][0].keys() == both[1][0].keys()
    for ours, plain in zip(*both, strict=True):
        assert all(ours[name] == plain[name] for name in ("period", "unit", "practice", "stance", "of", "share"))
        assert plain["corrected"] == plain["rates"] == plain["note"] == ""
        assert bool(ours["share"]) == bool(ours["corrected"] or ours["note"])
        if ours["corrected"]:
            assert 0 <= float(ours["corrected_low"]) <= float(ours["corrected"]) <= float(ours["corrected_high"]) <= 1
    mentioned, done, denied = (
        float(row["corrected"])
        for row in trend_rows(tmp_path / "with", unit="segments", practice="cookies", period="2022-H1")
    )
    assert done + denied == pytest.approx(mentioned, abs=2e-4) and done
    sharing = trend_rows(tmp_path / "with", unit="sites", practice="sharing", period="2022-H1")[0]
    assert sharing["note"].startswith("Not corrected: ")
    shares = {
        (row["period"], row["practice"], row["stance"]): row["share"]
        for row in rows_in(tmp_path / "with/practices.csv")
        if row["panel"] == "all"
    }
    assert {
        (row["period"], row["practice"], row["stance"]): row["share"]
        for row in trend_rows(tmp_path / "with", unit="sites")
    } == shares
    drawing = (tmp_path / "with/trends.svg").read_text()
    assert "Cookies, share of segments, 2022-H1, corrected: " in drawing and "style=" not in drawing
    assert ", corrected: " not in (tmp_path / "without/trends.svg").read_text()


def test_history_with_an_unsuitable_audit_is_refused(run_folder, audits, tmp_path, capsys):
    other = json.loads((audits / "audit.json").read_text())
    (tmp_path / "other.json").write_text(json.dumps({**other, "model_sha256": "0" * 64}))
    (tmp_path / "broken.json").write_text('{"rows": 1}')
    for files, code, reason in (
        (["other.json"], 2, "records by another one: its errors are not known"),
        (["broken.json"], 1, "make one with `audit`"),
        (["nowhere.json"], 1, "There is no"),
    ):
        words = [word for name in files for word in ("--audit", str(tmp_path / name))]
        assert main(["history", str(run_folder), "-o", str(tmp_path / "out"), "-q", *words]) == code
        assert reason in capsys.readouterr().err
    twice = ["--audit", str(audits / "audit.json")] * 2
    assert main(["history", str(run_folder), "-o", str(tmp_path / "out"), "-q", *twice]) == 2
    assert "second audit of segments" in capsys.readouterr().err


def test_sample_of_sites_counts_them_as_history_does(run_folder, tmp_path):
    words = ["--per-stratum", "100", "--unit", "sites", "-o", str(tmp_path / "all")]
    assert main(["sample", str(run_folder), *words, "-q"]) == 0
    assert main(["history", str(run_folder), "-o", str(tmp_path / "history"), "-q"]) == 0
    items = json.loads((tmp_path / "all/design.json").read_text())["items"]
    assert all(item["chance"] == 1 for item in items)
    for row in trend_rows(tmp_path / "history", unit="sites", stance="any"):
        given = [row["practice"] in item["practices"] for item in items if item["place"].endswith(f"#{row['period']}")]
        assert (len(given), sum(given)) == (int(row["of"]), int(row["with_practice"]))
    texts = {row["id"]: row["text"] for row in rows_in(tmp_path / "all/sheet.csv")}
    policies = {policy.text for policy in read_jsonl(run_folder / "policies.jsonl")}
    assert {text.removeprefix("'") for text in texts.values()} <= policies


def test_sample_and_audit_of_one_policy(run_folder, tmp_path, capsys):
    words = ["sample", str(run_folder), "--per-stratum", "2", "--policy", "tadpole-club.example", "-o", str(tmp_path)]
    assert main(words) == 0
    design = json.loads((tmp_path / "design.json").read_text())
    assert design["policy"] == "tadpole-club.example"
    assert {"tadpole-club.example" in item["place"] for item in design["items"]} == {True}
    sheet = write_rows(tmp_path / "filled.csv", filled_in(rows_in(tmp_path / "sheet.csv"), *RATERS))
    assert main(["audit", str(tmp_path), sheet, "--policy", "tadpole-club.example"]) == 0
    assert main(["audit", str(tmp_path), sheet, "--policy", "brightcart.example"]) == 2
    assert "is of tadpole-club.example, not of brightcart.example" in capsys.readouterr().err


def test_trends_of_each_stance_add_up_before_and_after_the_correction(run_folder, audits, tmp_path):
    words = ["--audit", str(audits / "audit.json"), "--audit", str(audits / "sites.json")]
    assert main(["history", str(run_folder), "-o", str(tmp_path), "-q", *words]) == 0
    rows = {(r["unit"], r["period"], r["practice"], r["stance"]): r for r in trend_rows(tmp_path)}
    for key in {key[:3] for key in rows}:
        mentioned, done, denied = (rows[(*key, stance)] for stance in ("any", "does", "denies only"))
        assert int(mentioned["with_practice"]) == int(done["with_practice"]) + int(denied["with_practice"])
        if done["corrected"]:
            total = float(done["corrected"]) + float(denied["corrected"])
            assert total == pytest.approx(float(mentioned["corrected"]), abs=2e-4)
            assert float(done["corrected_low"]) <= float(done["corrected"]) <= float(done["corrected_high"])
            assert "divided as counted" in done["note"]
    assert any(row["stance"] == "denies only" and row["with_practice"] != "0" for row in rows.values())
