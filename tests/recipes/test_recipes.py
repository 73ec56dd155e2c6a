"""The recipes in docs/recipes, run as a reader would run them, on the sample archive."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import pytest
from training.conftest import opp115  # noqa: F401 - a fixture

from extractor import read_jsonl
from extractor.cli import main
from extractor.label import load_model

RECIPES = Path(__file__).parents[2] / "docs/recipes"
TARGETS = Path(__file__).parents[2] / "corpus/sample/targets.txt"


def recipe(name, *words, cwd):
    command = [sys.executable, RECIPES / f"{name}.py", *map(str, words)]
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def corpus(tmp_path_factory, sample_warc):
    folder = tmp_path_factory.mktemp("recipes") / "corpus"
    words = ["--archive-base", str(sample_warc), "--from", "2000", "--to", "2020", "--every", "half-year", "-q"]
    assert main(["run", f"@{TARGETS}", *words, "-o", str(folder)]) == 0
    return folder


def test_label_my_folder_prints_the_labels(tmp_path):
    (tmp_path / "pages").mkdir()
    (tmp_path / "pages/a.html").write_text(
        "<h1>Privacy policy</h1><p>We collect your name and address when you order. We sell them to other companies."
        "</p><h2>Cookies</h2><p>We use cookies and beacons; you can refuse them in your browser.</p>" * 2
    )
    (tmp_path / "pages/b.html").write_text("<title>404</title><p>The page was not found.</p>")
    printed = recipe("label_my_folder", "pages", cwd=tmp_path).splitlines()
    assert "collection, cookies" in printed[0] and "segments uncertain" in printed[0]
    assert printed[1].startswith("pages/b.html\tnot labelled: ")
    assert len(list(read_jsonl(tmp_path / "policies.jsonl.gz"))) == 2


def test_childrens_data_by_half_year_draws_the_share(corpus, tmp_path):
    printed = recipe("childrens_data_by_half_year", corpus / "policies.jsonl", cwd=tmp_path)
    lines = dict(line.split("\t") for line in printed.splitlines())
    assert set(lines) == {
        f"{policy.capture.timestamp[:4]}-{1 if policy.capture.timestamp[4:6] <= '06' else 2}"
        for policy in read_jsonl(corpus / "policies.jsonl")
        if policy.labelled
    }
    assert lines["2000-2"] == "1 of 1"
    assert min(lines) >= "2000-1" and max(lines) <= "2020-2"
    drawn = ElementTree.parse(tmp_path / "children.svg").getroot()
    assert drawn.tag.endswith("svg")
    bars = [path for path in drawn.iter() if path.get("style", "").startswith("fill: #336699")]
    assert len(bars) == len(lines)


def corrected(task):
    """Tasks as Label Studio exports them, by a rater who finds sharing in every one."""
    result = [{"from_name": "practices", "to_name": "text", "type": "choices", "value": {"choices": ["sharing"]}}]
    return {**task, "annotations": [{"id": 1, "was_cancelled": False, "result": result}]}


def test_correct_and_retrain_prints_both_scores(corpus, opp115, tmp_path):  # noqa: F811
    recipe("correct_and_retrain", "choose", corpus / "policies.jsonl", "-n", 6, "-o", "to-correct.jsonl", cwd=tmp_path)
    assert len(list(read_jsonl(tmp_path / "to-correct.jsonl"))) == 6
    words = [
        "export",
        str(tmp_path / "to-correct.jsonl"),
        "--format",
        "labelstudio",
        "-o",
        str(tmp_path / "tasks.json"),
    ]
    assert main(words) == 0
    tasks = json.loads((tmp_path / "tasks.json").read_text())
    (tmp_path / "exported.json").write_text(json.dumps([*map(corrected, tasks[1:]), {**tasks[0], "annotations": []}]))
    printed = recipe("correct_and_retrain", "retrain", opp115, "exported.json", "-o", "mine", cwd=tmp_path)
    without, learned = (float(word) for word in printed.split() if word.startswith(("0.", "1.")))
    assert learned > without
    assert load_model(tmp_path / "mine").card["trained_on"]["corrected"] > 0


# Snakefile ------------------------------------------------------------------------------------------------------------
_RULE = re.compile(r"rule (\w+):\n    input:\n(.*?)    output:\n(.*?)    shell:\n +\"(.*?)\"$", re.M | re.S)


def first_rule(part):
    """Name, input, output and command of a rule; None of what has no command."""
    found = _RULE.search(part)
    return found and found.groups()


def snakefile_commands(**names):
    """The commands of the Snakefile in their order, with the files that each is told to make."""
    made = {}
    text = (RECIPES / "Snakefile").read_text()
    for rule, given, wanted, command in filter(None, map(first_rule, text.split("\n\n\n"))):
        outputs = re.findall(r'"(study/[^"]+)"', wanted)
        source = re.search(r"rules\.(\w+)", given)
        value = made[source[1]] if source else names["TARGETS"]
        made[rule] = outputs[0]
        yield command.format(input=value, output=outputs[0], **names), outputs


def test_commands_of_snakefile_make_the_files_that_it_names(tmp_path, sample_warc):
    environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
    names = {"TARGETS": TARGETS, "OPTIONS": f"--archive-base {sample_warc}", "MODEL": "fast", "RECIPES": RECIPES}
    commands = list(snakefile_commands(**names))
    assert len(commands) == (RECIPES / "Snakefile").read_text().count("shell:")
    for command, outputs in commands:
        subprocess.run(command, shell=True, check=True, cwd=tmp_path, env=environment)
        assert all((tmp_path / path).is_file() for path in outputs)
