"""The tutorial, done as a reader does it: every block of code is run in order, and prints what the page shows."""

import os
import re
import subprocess
import sys
from pathlib import Path

PAGE = Path(__file__).parents[2] / "docs/tutorial.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PROGRAMS = Path(sys.executable).parent


def run_block(language: str, code: str, names: dict) -> None:
    if language == "python":
        exec(compile(code, str(PAGE), "exec"), names)
        return
    path = os.pathsep.join([str(PROGRAMS), os.environ["PATH"]])
    done = subprocess.run(
        ["bash", "-euc", code], check=False, env={**os.environ, "PATH": path}, capture_output=True, text=True
    )
    assert done.returncode == 0, f"{code}\n{done.stderr}"
    print(done.stdout or done.stderr)


def test_every_block_of_the_tutorial_runs_and_prints_what_the_page_shows(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    names, printed = {}, ""
    blocks = BLOCK.findall(PAGE.read_text(encoding="utf-8").partition("## Now with your own sites")[0])
    for language, code in blocks:
        if language in ("bash", "python"):
            run_block(language, code, names)
            printed = capsys.readouterr().out
        elif code.startswith("# sites.txt"):
            Path("sites.txt").write_text(code, encoding="utf-8")
        else:
            assert " ".join(printed.split()) == " ".join(code.split())
    assert sum(language in ("bash", "python") for language, _ in blocks) == 10
    assert Path("rights.svg").read_text(encoding="utf-8").count("<svg") == 1
    assert Path("study/report.html").exists() and "removed:" in Path("brightcart.txt").read_text(encoding="utf-8")
