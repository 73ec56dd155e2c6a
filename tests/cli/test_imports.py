"""A command loads only what it needs, so that the light ones answer at once."""

import subprocess
import sys

import pytest

from extractor.cli import main
from extractor.cli.commands import COMMANDS
from extractor.training import MODEL_NAMES
from extractor.wayback import EVERY_VALUES

PAGE_LIBRARIES = {"lxml", "selectolax", "numpy", "scipy", "sklearn", "spacy", "trafilatura"}
FETCH_LIBRARIES = {"requests", "surt", "waybackpy", "warcio"}
OTHER_LIBRARIES = {"jinja2", "rapidfuzz", "markdown_it", "jsonlines"}
CODE = """
import sys
from extractor.cli import main
try:
    main(sys.argv[1:])
except SystemExit:
    pass
print(*sys.modules, sep="\\n", file=sys.stderr)
"""


@pytest.mark.parametrize(
    ("words", "unneeded"),
    [
        (["--help"], PAGE_LIBRARIES | FETCH_LIBRARIES | OTHER_LIBRARIES),
        (["--version"], PAGE_LIBRARIES | FETCH_LIBRARIES | OTHER_LIBRARIES),
        (["status", "no-such-folder"], PAGE_LIBRARIES - {"selectolax"} | OTHER_LIBRARIES),
        (
            ["annotate", "page.html", "-o", "out.jsonl"],
            FETCH_LIBRARIES | OTHER_LIBRARIES | {"lxml", "sklearn", "spacy", "trafilatura"},
        ),
        (["annotate", "page.html", "-o", "out.jsonl", "--workers", "2"], PAGE_LIBRARIES | OTHER_LIBRARIES),
    ],
    ids=lambda one: one[0] if isinstance(one, list) else "",
)
def test_a_light_command_does_not_load_heavy_libraries(words, unneeded, tmp_path):
    (tmp_path / "page.html").write_text("<h1>Privacy</h1><p>We use cookies to remember what is in your basket.</p>")
    done = subprocess.run(
        [sys.executable, "-c", CODE, *words], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    loaded = set(done.stderr.split())
    assert "extractor.cli.main" in loaded
    assert not loaded & unneeded


@pytest.mark.parametrize("command", COMMANDS)
def test_help_of_a_command_loads_no_heavy_library(command, tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", CODE, command, "--help"], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert not set(done.stderr.split()) & (PAGE_LIBRARIES - {"selectolax"} | OTHER_LIBRARIES)


def test_train_offers_the_models_that_can_be_trained(capsys):
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    assert "{" + ",".join(MODEL_NAMES) + "}" in "".join(capsys.readouterr().out.split())


def test_help_of_run_names_every_choice_of_captures(capsys):
    with pytest.raises(SystemExit):
        main(["run", "--help"])
    shown = " ".join(capsys.readouterr().out.split())
    assert all(word in shown for word in EVERY_VALUES)
    assert ", ".join(EVERY_VALUES) in shown
