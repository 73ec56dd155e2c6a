"""The batch script of docs/cluster.md on a Slurm of three nodes, one of which dies (`make test-cluster`)."""

from __future__ import annotations

import re
import subprocess
import tempfile
import time
from pathlib import Path

import pytest
from run.clusters import COMMAND, assert_complete, built_shards, wait_until, write_corpus
from run.slurm import NODES, Slurm, has_slurm, started_slurm

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(not has_slurm(), reason="Slurm and munge are not installed, or this is not root"),
]

DOCUMENT = Path(__file__).parents[2] / "docs" / "cluster.md"
SHARDS = 9


@pytest.fixture
def slurm(monkeypatch):
    monkeypatch.setenv("PATH", str(COMMAND.parent), prepend=":")
    with tempfile.TemporaryDirectory(prefix="slurm-") as folder, started_slurm(Path(folder)) as found:
        yield found


def write_script(corpus: Path, model: str) -> None:
    """The script as the page has it, for fewer shards, and with the model."""
    script = re.search(r"```bash\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)[1]
    changes = {"--array=1-100": f"--array=1-{SHARDS}", "SHARDS=100": f"SHARDS={SHARDS}", "--quiet": f"--model {model}"}
    for old, new in changes.items():
        assert script.count(old) == 1
        script = script.replace(old, new)
    (corpus / "annotate.sbatch").write_text(script)


def kill_a_node_at_work(slurm: Slurm, corpus: Path) -> int:
    """Kills the second node while it makes a shard after its first; returns the number of the shard."""

    def shard_under_way() -> int:
        number = slurm.running().get(NODES[1], 0)
        return number if number > len(NODES) and list(corpus.glob(f"corpus/shards/.{number:05}-*.part")) else 0

    wait_until(shard_under_way)
    number = shard_under_way()
    slurm.kill(NODES[1])
    made = built_shards(corpus / "corpus")
    assert f"{number:05}-of-{SHARDS:05}.json" not in made
    assert list(corpus.glob(f"corpus/shards/.{number:05}-*.part"))
    print(f"\n  {len(made)} of {SHARDS} shards were made when the node died with shard {number} under way", flush=True)
    return number


def test_annotate_in_a_slurm_array_when_a_node_dies_is_requeued_and_has_every_page_once(tmp_path, slurm):
    corpus, begun = write_corpus(tmp_path / "fast", "fast"), time.monotonic()
    write_script(corpus, "fast")
    slurm.call("sbatch", "annotate.sbatch", cwd=corpus)
    kill_a_node_at_work(slurm, corpus)
    wait_until(slurm.is_idle, seconds=400)
    print(f"  Slurm put it on another node: all ended after {time.monotonic() - begun:.0f} s", flush=True)
    assert_complete(corpus, "corpus")


def test_annotate_in_a_slurm_array_when_a_node_dies_goes_on_with_the_task_submitted_again(tmp_path, slurm):
    corpus, begun = write_corpus(tmp_path / "accurate", "accurate"), time.monotonic()
    write_script(corpus, "accurate")
    slurm.call("sbatch", "--no-requeue", "annotate.sbatch", cwd=corpus)
    number = kill_a_node_at_work(slurm, corpus)
    wait_until(slurm.is_idle, seconds=120)
    merged = subprocess.run([COMMAND, "merge", "corpus"], cwd=corpus, capture_output=True, text=True, check=False)
    assert merged.returncode == 1
    assert f"Shard {number} of {SHARDS} is missing" in merged.stderr
    slurm.call("sbatch", f"--array={number}", "annotate.sbatch", cwd=corpus)
    wait_until(slurm.is_idle)
    print(f"  submitted again: all ended after {time.monotonic() - begun:.0f} s", flush=True)
    assert_complete(corpus, "corpus")
