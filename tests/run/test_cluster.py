"""Shards on Ray: two nodes of which one is killed, a page that kills its process, Ctrl-C (`make test-cluster`)."""

from __future__ import annotations

import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from extractor.cli import main
from extractor.run.collect.verify import verify

pytestmark = pytest.mark.cluster

COMMAND = Path(sys.executable).with_name("archived-policy")
PARAGRAPH = "<p>We collect item {0} from you, share it with partner {0}, and use cookie {0} to remember it.</p>"


@pytest.fixture(scope="module")
def corpus(tmp_path_factory) -> Path:
    """Two hundred pages that take about a tenth of a second each, and the records that `annotate` writes."""
    folder = tmp_path_factory.mktemp("corpus")
    (folder / "pages").mkdir()
    for number in range(200):
        body = "".join(PARAGRAPH.format(f"{number}-{part}") for part in range(150))
        (folder / f"pages/{number:03}.html").write_text(f"<html><h1>Privacy policy</h1>{body}</html>")
    subprocess.run([COMMAND, "annotate", "pages", "-o", "whole.jsonl", "--quiet"], cwd=folder, check=True)
    return folder


# Kills each process that reads a certain page, as a fault in a parser's C code would
KILLER = """
import sys
if any(word in " ".join(sys.orig_argv) for word in ("default_worker", "multiprocessing", "extractor.run.pipeline.sandbox_worker")):
    import os
    import extractor.clean
    clean = extractor.clean.clean
    extractor.clean.clean = lambda page: os._exit(13) if b"KILL" in page.content else clean(page)
"""


@pytest.fixture
def cluster():
    """Two Ray nodes on this machine, each with one CPU; the head does no work."""
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


def built_shards(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "shards").glob("*.json"))


def is_complete(corpus: Path, name: str) -> None:
    os.chdir(corpus)
    assert list(verify(Path(name))) == []
    assert main(["merge", name, "--quiet"]) == 0
    assert Path(name, "policies.jsonl").read_bytes() == Path("whole.jsonl").read_bytes()
    assert list(verify(Path(name))) == []


def test_annotate_on_ray_when_a_node_is_killed_has_every_page_once(corpus, cluster):
    lasting, dying = cluster.add_node(num_cpus=1), cluster.add_node(num_cpus=1)
    cluster.wait_for_nodes()
    raylet = dying.all_processes["raylet"][0].process.pid
    running = annotate(corpus, "-o", "killed", "--shards", "10", "--ray-address", cluster.address, "--quiet")
    wait_for(lambda: built_shards(corpus / "killed") and running_tasks(raylet), running)
    before, at_work = built_shards(corpus / "killed"), running_tasks(raylet)
    cluster.remove_node(dying, allow_graceful=False)
    _, message = running.communicate(timeout=300)
    print(f"\n  {len(before)} of 10 shards were made when the node died with {len(at_work)} under way", flush=True)
    assert 0 < len(before) < 10
    assert (running.returncode, message) == (0, "")
    assert lasting.any_processes_alive()
    is_complete(corpus, "killed")


def test_annotate_on_ray_without_an_address_runs_on_this_machine(corpus):
    running = annotate(corpus, "-o", "local")
    _, message = running.communicate(timeout=300)
    assert running.returncode == 0
    assert f"{2 * os.cpu_count()} made; 200 records." in message
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
