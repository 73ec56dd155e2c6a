"""Shards on machines that share a folder as NFS shares one, late and with its own errors (`make test-cluster`)."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from run.clusters import COMMAND, PARAGRAPH, assert_complete, wait_until, write_corpus

pytestmark = [
    pytest.mark.cluster,
    pytest.mark.skipif(
        os.geteuid() != 0 or not Path("/dev/fuse").exists() or not importlib.util.find_spec("mfusepy"),
        reason="needs root, FUSE and mfusepy",
    ),
]

NEVER = 10_000  # seconds: nothing that a client knows is asked again within a test
PROGRAM = Path(__file__).with_name("nfs_mount.py")


class Node:
    """A machine that has a folder mounted."""

    def __init__(self, folder: Path, mounted: subprocess.Popen[bytes]) -> None:
        self.folder, self._mounted = folder, mounted

    def start(self, *words: str) -> subprocess.Popen[str]:
        """A command of ours that runs on the node."""
        return subprocess.Popen([COMMAND, *words], cwd=self.folder, stderr=subprocess.PIPE, text=True)

    def run(self, *words: str) -> tuple[int, str]:
        """The exit code and the messages of a command."""
        running = self.start(*words)
        _, message = running.communicate(timeout=120)
        assert "Traceback" not in message
        return running.returncode, " ".join(message.split())

    def annotate(self, number: int, of: int, model: str = "fast") -> tuple[int, str]:
        return self.run(*shard_words(number, of, model))

    def die(self) -> None:
        """The mount goes, as it does with its machine."""
        self._mounted.kill()
        self._mounted.wait()


def shard_words(number: int, of: int, model: str = "fast") -> tuple[str, ...]:
    return ("annotate", "pages", "-o", "out", "--shards", f"{of}", "--shard", f"{number}", "--model", model, "--quiet")


@contextmanager
def mounted(server: Path, seconds: float, mode: str) -> Iterator[tuple[Node, Node, Node]]:
    """Three nodes with the folder of a server, each of which may be behind by so many seconds."""
    nodes = []
    for name in ("node1", "node2", "node3"):
        mount = server.with_name(f"{server.name}-{name}")
        mount.mkdir()
        running = subprocess.Popen([sys.executable, PROGRAM, server, mount, str(seconds), mode])
        wait_until(mount.is_mount)
        nodes.append((Node(mount, running), running))
    try:
        yield tuple(node for node, _ in nodes)
    finally:
        for node, running in nodes:
            subprocess.run(["umount", "--lazy", node.folder], check=False)
            running.kill()
            running.wait()


def write_pages(server: Path, *numbers: int) -> None:
    (server / "pages").mkdir(parents=True, exist_ok=True)
    for number in numbers:
        (server / f"pages/{number:03}.html").write_text(f"<h1>Privacy policy</h1>{PARAGRAPH.format(number)}")


def names_in(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def annotate_whole(server: Path) -> None:
    subprocess.run([COMMAND, "annotate", "pages", "-o", "whole.jsonl", "--quiet"], cwd=server, check=True)


def assert_fails(result: tuple[int, str], *words: str) -> None:
    code, message = result
    assert code == 1
    assert all(word in message for word in words), message


@pytest.mark.parametrize("mode", ["nfs", "busy"])
@pytest.mark.parametrize("model", ["fast", "accurate"])
def test_annotate_on_three_nodes_with_a_shared_folder_when_one_dies_has_every_page_once(tmp_path, model, mode):
    server, begun = write_corpus(tmp_path / "server", model), time.monotonic()
    with mounted(server, NEVER, mode) as (first, second, third):
        for node in (first, second, third):  # each remembers that the shards are missing
            assert node.run("merge", "out")[0] == 1
        for number, node in ((1, first), (2, second), (3, third)):
            assert node.annotate(number, 6, model) == (0, "")
        dying = second.start(*shard_words(5, 6, model))
        wait_until(lambda: list(server.glob("out/shards/.00005-*.part")))
        dying.kill()
        second.die()
        for number, node in ((4, first), (6, third), (5, third)):
            assert node.annotate(number, 6, model) == (0, "")
        assert third.annotate(2, 6, model) == (0, "")
        print(f"\n  {model}, {mode}: six shards on three nodes, {time.monotonic() - begun:.0f} s", flush=True)
        assert list(server.glob("out/shards/.00005-*.part"))
        assert_complete(first.folder, "out")
        assert not list(server.glob("out/shards/.*"))


@pytest.mark.parametrize("mode", ["nfs", "busy"])
def test_annotate_of_one_shard_on_two_nodes_at_a_time_makes_it_on_both(tmp_path, mode):
    server = write_corpus(tmp_path / "server", "fast")
    with mounted(server, NEVER, mode) as nodes:
        running = [node.start(*shard_words(1, 2)) for node in nodes]
        assert [(process.communicate(timeout=120)[1], process.returncode) for process in running] == [("", 0)] * 3
        assert nodes[1].annotate(2, 2) == (0, "")
        assert_complete(nodes[2].folder, "out")


def test_merge_when_a_node_sees_files_late_says_to_wait_and_does_it_then(tmp_path):
    write_pages(server := tmp_path / "server", *range(9))
    annotate_whole(server)
    with mounted(server, 12, "nfs") as (first, second, third):
        advice = "If another machine has just written them, wait a minute"
        assert_fails(first.run("merge", "out"), "holds no shards", advice)
        assert [node.annotate(number, 3)[0] for number, node in ((1, second), (2, third))] == [0, 0]
        time.sleep(12)
        seen = time.monotonic()
        assert_fails(first.run("merge", "out"), "Shard 3 of 3 is missing", advice)
        assert second.annotate(3, 3)[0] == 0
        assert_fails(first.run("merge", "out"), "Shard 3 of 3 is missing", advice)
        assert time.monotonic() < seen + 12, "this machine is too slow for the test"
        time.sleep(12)
        assert_complete(first.folder, "out")


def test_merge_where_a_node_did_not_see_a_new_page_names_its_shard(tmp_path):
    write_pages(server := tmp_path / "server", *range(9))
    with mounted(server, NEVER, "nfs") as (first, second, third):
        assert len(names_in(second.folder / "pages")) == 9
        write_pages(first.folder, 4, 9)
        annotate_whole(server)
        assert [node.annotate(number, 3)[0] for number, node in enumerate((first, second, third), 1)] == [0, 0, 0]
        assert_fails(first.run("merge", "out"), "Shard 2 of 3 was made of another corpus than others")
        assert third.annotate(2, 3) == (0, "")
        assert_complete(third.folder, "out")


@pytest.mark.parametrize("mode", ["nfs", "busy"])
def test_annotate_of_a_shard_that_another_node_reads_replaces_it(tmp_path, mode):
    write_pages(server := tmp_path / "server", *range(4))
    with mounted(server, NEVER, mode) as (first, second, third):
        assert second.annotate(1, 1) == (0, "")
        with (first.folder / "out/shards/00001-of-00001.jsonl").open("rb") as stream:
            assert stream.read(9)
            write_pages(third.folder, 1, 2)
            write_pages(server, 4)
            running = third.start(*shard_words(1, 1))
            time.sleep(4)
        assert (running.communicate(timeout=120)[1], running.returncode) == ("", 0)
        annotate_whole(server)
        assert_complete(third.folder, "out")


def test_annotate_of_a_shard_that_another_node_keeps_open_says_so(tmp_path):
    write_pages(server := tmp_path / "server", *range(4))
    with mounted(server, NEVER, "busy") as (first, second, _):
        assert first.annotate(1, 1) == (0, "")
        write_pages(server, 4)
        with (first.folder / "out/shards/00001-of-00001.jsonl").open("rb"):
            code, message = second.annotate(1, 1)
        assert code == 1
        assert "out/shards/00001-of-00001.jsonl" in message
        assert "another program has it open" in message
        assert names_in(server / "out/shards") == ["00001-of-00001.json", "00001-of-00001.jsonl"]


@pytest.mark.parametrize("mode", ["nfs", "busy"])
@pytest.mark.parametrize("name", ["policies.jsonl", "policies.jsonl.gz"])
def test_annotate_into_a_file_in_a_shared_folder_writes_it_and_leaves_nothing_else(tmp_path, name, mode):
    write_pages(server := tmp_path / "server", *range(4))
    with mounted(server, NEVER, mode) as (first, second, _):
        for node in (first, second):
            assert node.run("annotate", "pages", "-o", name, "--quiet") == (0, "")
        time.sleep(0.5)  # a file that was open when it was removed goes when it is closed
        assert names_in(server) == ["pages", name]
