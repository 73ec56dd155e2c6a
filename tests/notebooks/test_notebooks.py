"""The notebooks in docs/notebooks, run from beginning to end on the sample archive."""

import csv
import json
import os
import re
import shutil
import sys
from hashlib import sha256
from itertools import chain
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

from extractor import read_jsonl
from extractor.label import load_model
from extractor.records import PRACTICES

ROOT = Path(__file__).parents[2]
NAMES = sorted(path.stem for path in (ROOT / "docs/notebooks").glob("*.ipynb"))
OWN_PATHS = re.compile(r"/(?:home|root|tmp|work|Users)/")
NUMBER = re.compile(r"(?<![\w.-])\d*\.\d+(?![\w.])")
TOLERANCE = 0.03  # of a score or a share: other versions of the libraries train a little otherwise


@pytest.fixture(scope="module")
def run_notebook(tmp_path_factory):
    """Runs a notebook, once, in a folder like docs/notebooks; gives the notebook as it ran, and that folder."""
    done = {}

    def run(name):
        if name not in done:
            root = tmp_path_factory.mktemp(name)
            for part in ("corpus", "annotations"):
                (root / part).symlink_to(ROOT / part)
            shutil.copytree(ROOT / "docs/recipes", root / "docs/recipes")
            folder = root / "docs/notebooks"
            folder.mkdir()
            notebook = nbformat.read(ROOT / f"docs/notebooks/{name}.ipynb", as_version=4)
            environment = {**os.environ, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"}
            client = NotebookClient(notebook, timeout=300, kernel_name="python3", coalesce_streams=True)
            client.resources = {"metadata": {"path": str(folder)}}
            client.execute(env=environment)  # raises CellExecutionError for a cell, or a command in it, that fails
            done[name] = notebook, folder
        return done[name]

    return run


def kinds_of_output(notebook):
    """What each cell puts out: texts on which stream, and values of which media types."""
    return [
        {
            kind
            for one in cell.get("outputs", [])
            for kind in (one.get("data", {}) or (one.output_type, one.get("name")))
        }
        for cell in notebook.cells
    ]


@pytest.mark.parametrize("name", NAMES)
def test_notebook_runs_and_puts_out_what_is_stored(run_notebook, name):
    stored = nbformat.read(ROOT / f"docs/notebooks/{name}.ipynb", as_version=4)
    nbformat.validate(stored)
    ran, _ = run_notebook(name)
    assert kinds_of_output(ran) == kinds_of_output(stored)
    assert any("image/png" in kinds for kinds in kinds_of_output(stored))


def texts_of_output(notebook):
    """What each cell prints and shows as text: the words, and the numbers with a decimal point apart."""
    texts = [
        "\n".join(one.get("text", "") or one.get("data", {}).get("text/plain", "") for one in cell.get("outputs", []))
        for cell in notebook.cells
    ]
    return [NUMBER.sub("#", text) for text in texts], [[float(one) for one in NUMBER.findall(text)] for text in texts]


@pytest.mark.parametrize("name", NAMES)
def test_notebook_prints_the_words_and_numbers_that_are_stored(run_notebook, name):
    stored_words, stored_numbers = texts_of_output(nbformat.read(ROOT / f"docs/notebooks/{name}.ipynb", as_version=4))
    words, numbers = texts_of_output(run_notebook(name)[0])
    assert words == stored_words
    assert [*chain(*numbers)] == pytest.approx([*chain(*stored_numbers)], abs=TOLERANCE)


@pytest.mark.parametrize("name", NAMES)
def test_stored_notebook_has_no_error_and_no_path_of_a_machine(name):
    stored = nbformat.read(ROOT / f"docs/notebooks/{name}.ipynb", as_version=4)
    outputs = [one for cell in stored.cells for one in cell.get("outputs", [])]
    assert outputs and not any(one.output_type == "error" or one.get("name") == "stderr" for one in outputs)
    assert all(cell.execution_count for cell in stored.cells if cell.cell_type == "code")
    assert not any("execution" in cell.metadata for cell in stored.cells)  # the times at which it ran
    texts = [one.get("text", "") or one.get("data", {}).get("text/plain", "") for one in outputs]
    assert not any(OWN_PATHS.search(text) for text in texts)


def text_of(notebook):
    """All that a notebook printed."""
    return "".join(one.get("text", "") for cell in notebook.cells for one in cell.get("outputs", []))


def test_retrain_notebook_prints_a_better_score_with_corrections(run_notebook):
    ran, folder = run_notebook("retrain")
    without, learned = map(float, re.search(r"micro F1\): ([\d.]+) without, ([\d.]+) with", text_of(ran)).groups())
    assert learned > without
    assert load_model(folder / "my-model").card["trained_on"]["corrected"] > 0


def true_shares(policies):
    """The share of segments with each practice by the answers that both raters settled on."""
    answers = {row["sha256"]: row for row in csv.DictReader((ROOT / "docs/recipes/two_raters.csv").open(newline=""))}
    found = [
        answers[sha256(" ".join(segment.text.split()).encode()).hexdigest()[:12]]
        for policy in policies
        if policy.labelled
        for segment in policy.segments
    ]
    settled = [row["settled"] or row["rater_1"] for row in found]
    return {name: sum(name in one for one in settled) / len(settled) for name in PRACTICES}


def test_audit_notebook_corrects_the_shares(run_notebook):
    _, folder = run_notebook("audit")
    audit = json.loads((folder / "corpus/audit/audit.json").read_text())
    rows = {row["practice"]: row for row in audit["rows"] if row["span"] == "all"}
    truth = true_shares(read_jsonl(folder / "corpus/policies.jsonl"))
    held = [rows[name]["corrected"]["low"] <= share <= rows[name]["corrected"]["high"] for name, share in truth.items()]
    assert sum(held) >= 4  # of five intervals of 95%
    off = {
        name: (abs(row["raw"] - truth[name]), abs(row["corrected"]["value"] - truth[name]))
        for name, row in rows.items()
    }
    assert sum(after for _, after in off.values()) < sum(before for before, _ in off.values()) / 2
    assert all(0.6 < row["agreement"]["kappa"]["value"] <= 1 for row in rows.values())
    trend = list(csv.DictReader((folder / "corpus/history/trends.csv").open(newline="")))
    known = [row for row in trend if row["unit"] == "segments" and row["share"]]
    assert known and all(row["corrected"] and row["rates"] for row in known)
    assert all(row["corrected"] == "" for row in trend if row["unit"] == "sites")


@pytest.mark.parametrize(("name", "figures"), [("denials", 1), ("first-to-name", 1), ("audit", 2), ("duckdb", 1)])
def test_notebook_saves_its_figures(run_notebook, name, figures):
    assert len(list(run_notebook(name)[1].glob("*.svg"))) == figures
