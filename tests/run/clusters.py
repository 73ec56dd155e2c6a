"""A corpus to divide between machines, and what must hold of it when they are done."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

COMMAND = Path(sys.executable).with_name("archived-policy")
PARAGRAPH = "<p>We collect item {0} from you, share it with partner {0}, and use cookie {0} to remember it.</p>"
PAGES = {"fast": (300, 150), "accurate": (45, 20)}  # pages and paragraphs for each model: some seconds of work


def write_corpus(folder: Path, model: str) -> Path:
    """A folder with `pages/` and `whole.jsonl`, the records that a single process writes of them."""
    (folder / "pages").mkdir(parents=True)
    count, paragraphs = PAGES[model]
    for number in range(count):
        body = "".join(PARAGRAPH.format(f"{number}-{part}") for part in range(paragraphs))
        (folder / f"pages/{number:03}.html").write_text(f"<html><h1>Privacy policy</h1>{body}</html>")
    command = [COMMAND, "annotate", "pages", "-o", "whole.jsonl", "--model", model, "--quiet"]
    subprocess.run(command, cwd=folder, check=True)
    return folder


def built_shards(folder: Path) -> list[str]:
    """The names of the manifests of the shards that are made."""
    return sorted(path.name for path in (folder / "shards").glob("*.json"))


def wait_until(condition: Callable[[], object], *, seconds: float = 60) -> None:
    """Returns when a condition holds; fails where it does not after so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.02)


def assert_complete(corpus: Path, name: str) -> None:
    """Merges the shards in a folder: every page is there once, the bytes are a single process's, `verify` is silent."""
    for command in ("verify", "merge", "verify"):
        done = subprocess.run([COMMAND, command, name], cwd=corpus, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    assert (corpus / name / "policies.jsonl").read_bytes() == (corpus / "whole.jsonl").read_bytes()
