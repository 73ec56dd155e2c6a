"""Shards on Ray: three nodes of which one is killed, a page that kills its process, Ctrl-C (`make test-cluster`)."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import time
from pathlib import Path

import pytest
from run.clusters import COMMAND, PAGES, built_shards, write_corpus

from extractor.cli import main
from extractor.run.collect.verify import verify

pytestmark = pytest.mark.cluster


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    """Pages, and the records that `annotate` writes."""
    return write_corpus(tmp_path_factory.mktemp("corpus") / "pages-and-records", "fast")


# Kills each process that reads a certain page, as a fault in a parser's C code would
KILLER = """
import sys
if any(word in " ".join(sys.orig_argv) for word in ("default_worker", "multiprocessing", "extractor.run.pipeline.sandbox_worker")):
    import os
    import extractor.clean
    clean = extractor.clean.clean_with_cache
    extractor.clean.clean_with_cache = lambda page, cache: os._exit(13) if b"KILL" in page.content else clean(page, cache)
"""


@pytest.fixture
def cluster():
    """The head of a Ray cluster on this machine, to which nodes can be added; it does no work itself."""
    from ray.cluster_utils import Cluster

    found = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        yield found
    finally:
        found.shutdown()


def annotate(folder: Path, *words: str, **more) -> subprocess.Popen[str]:
    command = [COMMAND, "annotate", "pages", "--engine", "ray", *words]
    return subprocess.Popen(command, cwd=folder, stderr=subprocess.PIPE, text=True, **more)


def test_annotate_on_ray_with_a_page_that_kills_the_process_loses_only_that_page(tmp_path):
    (tmp_path / "pages").mkdir()
    for number in range(30):
        word = "KILL" if number == 17 else f"item {number}"
        (tmp_path / f"pages/{number:03}.html").write_text(f"<h1>Privacy policy</h1><p>We use cookies for {word}.</p>")
    (tmp_path / "sitecustomize.py").write_text(KILLER)
    known = {**os.environ, "PYTHONPATH": str(tmp_path)}
    words = [COMMAND, "annotate", "pages", "--workers", "2", "-o", "whole.jsonl", "--quiet"]
    subprocess.run(words, cwd=tmp_path, env=known, check=True, stderr=subprocess.PIPE)
    running = annotate(tmp_path, "-o", "out", "--shards", "3", env=known)
    _, message = running.communicate(timeout=240)
    assert running.returncode == 0
    assert "Shard 3 of 3 was lost" in message
    is_complete(tmp_path, "out")
    assert '"reasons":["stopped: reading it broke down (exit code 13)"]' in (tmp_path / "whole.jsonl").read_text()


def running_tasks(raylet: int) -> list[int]:
    """The processes under a raylet that make a shard now, by the name that Ray gives them."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(status.read_text().rpartition(") ")[2].split()[1])
            title = (status.parent / "cmdline").read_bytes()
        except OSError:  # it has ended
            continue
        if parent == raylet and b"ray::_process_remotely" in title:
            found.append(int(status.parent.name))
    return found


def wait_for(condition, running: subprocess.Popen[str]) -> None:
    while not condition():
        assert running.poll() is None, running.stderr.read()
        time.sleep(0.01)


def is_complete(corpus: Path, name: str) -> None:
    os.chdir(corpus)
    assert list(verify(Path(name))) == []
    assert main(["merge", name, "--quiet"]) == 0
    assert Path(name, "policies.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
    assert list(verify(Path(name))) == []


@pytest.mark.parametrize("model", ["fast", "accurate"])
def test_annotate_on_ray_when_one_of_three_nodes_is_killed_has_every_page_once(tmp_path, cluster, model):
    corpus, begun = write_corpus(tmp_path / "corpus", model), time.monotonic()
    *lasting, dying = (cluster.add_node(num_cpus=1) for _ in range(3))
    cluster.wait_for_nodes()
    raylet = dying.all_processes["raylet"][0].process.pid
    words = ("-o", "killed", "--shards", "12", "--model", model, "--ray-address", cluster.address, "--quiet")
    running = annotate(corpus, *words)
    wait_for(lambda: built_shards(corpus / "killed") and drafts_of(running_tasks(raylet), corpus / "killed"), running)
    before, at_work = built_shards(corpus / "killed"), running_tasks(raylet)
    kill_node(dying, at_work)
    left = drafts_of(at_work, corpus / "killed")
    _, message = running.communicate(timeout=300)
    print(
        f"\n  {model}: {len(before)} of 12 shards were made when the node died with {len(left)} under way; all after "
        f"{time.monotonic() - begun:.0f} s",
        flush=True,
    )
    assert 0 < len(before) < 12
    assert left
    assert (running.returncode, message) == (0, "")
    assert all(node.any_processes_alive() for node in lasting)
    is_complete(corpus, "killed")


def drafts_of(processes: list[int], folder: Path) -> list[Path]:
    """The unfinished shards that processes write, by the number in their names."""
    return [path for process in processes for path in (folder / "shards").glob(f".*.{process}-*.part")]


def kill_node(node, at_work: list[int]) -> None:
    """Kills all processes of a node at once, as a power cut does."""
    for process in (*(found.process.pid for kind in node.all_processes.values() for found in kind), *at_work):
        os.kill(process, signal.SIGKILL)


def test_annotate_on_ray_without_an_address_runs_on_this_machine(corpus):
    running = annotate(corpus, "-o", "local")
    _, message = running.communicate(timeout=300)
    assert running.returncode == 0
    assert f"{2 * os.cpu_count()} made; {PAGES['fast'][0]} records." in message
    is_complete(corpus, "local")
    assert annotate(corpus, "-o", "local", "--quiet").wait() == 0


def test_annotate_on_ray_after_ctrl_c_goes_on_with_the_same_command(corpus):
    """As in a terminal, where Ctrl-C reaches all processes in the foreground."""
    main_end, terminal = pty.openpty()
    running = annotate(corpus, "-o", "stopped", "--shards", "20", start_new_session=True, stdin=terminal)
    wait_for(lambda: len(built_shards(corpus / "stopped")) > 1, running)
    os.killpg(running.pid, signal.SIGINT)
    _, message = running.communicate(timeout=60)
    os.close(main_end), os.close(terminal)
    assert running.returncode == 11
    assert message.strip() == "archived-policy: Interrupted: the same command goes on with the shards that are missing."
    kept = built_shards(corpus / "stopped")
    assert 1 < len(kept) < 20
    times = {name: (corpus / "stopped/shards" / name).stat().st_mtime_ns for name in kept}
    assert annotate(corpus, "-o", "stopped", "--quiet").wait() == 0  # 20 shards again, as they were begun
    assert times == {name: (corpus / "stopped/shards" / name).stat().st_mtime_ns for name in kept}
    is_complete(corpus, "stopped")


@pytest.mark.parametrize("address", ["127.0.0.1:1", "auto", "no.such.host.example:6379", "nonsense"])
def test_annotate_on_ray_at_an_address_without_a_cluster_is_an_error(corpus, address):
    running = annotate(corpus, "-o", "nobody", "--ray-address", address, "--quiet")
    _, message = running.communicate(timeout=120)
    assert running.returncode == 4
    assert f"Cannot use the Ray cluster at {address}" in message
    assert "Traceback" not in message


def test_annotate_on_ray_with_a_shard_that_fails_names_it_and_makes_the_others(corpus, tmp_path):
    (tmp_path / "pages").mkdir()
    for name in ("a.html", "b.html"):
        (tmp_path / "pages" / name).write_text("<p>We use cookies.</p>")
    (tmp_path / "pages/c.html.gz").write_bytes(b"no gzip")
    running = annotate(tmp_path, "-o", "out", "--shards", "3", "--strict", "--quiet")
    _, message = running.communicate(timeout=120)
    assert running.returncode == 1
    assert "Shard 3 of 3 is missing: pages/c.html.gz cannot be read" in message.replace("\n", " ")
    assert built_shards(tmp_path / "out") == ["00001-of-00003.json", "00002-of-00003.json"]
