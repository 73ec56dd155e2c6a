"""Pages that cannot be read for want of an extra: they are said, and read once it is installed."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fpdf import FPDF

COMMAND = Path(sys.executable).with_name("archived-policy")


@pytest.fixture
def without_pdf(tmp_path, monkeypatch):
    """A module in place of pypdfium2 that is not found by programs started from now on; deleted, it is the real one."""
    folder = tmp_path / "modules"
    folder.mkdir()
    stub = folder / "pypdfium2.py"
    stub.write_text("raise ModuleNotFoundError('No module named pypdfium2')")
    monkeypatch.setenv("PYTHONPATH", str(folder))
    return stub


def program(*words) -> subprocess.CompletedProcess[str]:
    return subprocess.run([COMMAND, *map(str, words)], capture_output=True, text=True, check=True)


def write_pdf(path):
    pdf = FPDF()
    pdf.add_page()
    pdf.set_font("helvetica", size=11)
    pdf.multi_cell(0, text="Privacy policy. We collect your name and address when you order from us. " * 9)
    pdf.output(path)


def test_run_without_the_extra_for_pdf_says_so_and_reads_the_pages_once_it_is_there(without_pdf, tmp_path, sample_warc):
    command = ["run", "healthbridge.example", "--archive-base", sample_warc, "-o", tmp_path / "c"]
    said = program(*command).stderr
    assert "1 usable" in said
    assert "2 pages were not read for want of the extra pdf: " in said and "then the same command again." in said
    without_pdf.unlink()
    said = program(*command).stderr
    assert "3 usable" in said and "for want of" not in said


@pytest.mark.parametrize("to_file", [True, False])
def test_annotate_without_the_extra_for_pdf_says_so(without_pdf, tmp_path, to_file):
    write_pdf(tmp_path / "p.pdf")
    (tmp_path / "p.html").write_text("<h1>Privacy policy</h1><p>We collect your name when you order from us.</p>" * 3)
    output = ["-o", tmp_path / "p.jsonl"] if to_file else []
    done = program("annotate", tmp_path / "p.pdf", tmp_path / "p.html", *output)
    assert "1 page was not read for want of the extra pdf: " in done.stderr
    lines = (tmp_path / "p.jsonl").read_text() if to_file else done.stdout
    assert [json.loads(line)["verdict"]["usable"] for line in lines.splitlines()] == [False, True]
