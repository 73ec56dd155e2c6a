"""A Slurm of three nodes on this machine, each in a process namespace of its own, so that it can die at once."""

from __future__ import annotations

import os
import secrets
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

NEEDS = ("slurmctld", "slurmd", "sbatch", "munged", "unshare")
NODES = ("node1", "node2", "node3")
CONFIGURATION = """
ClusterName=test
SlurmctldHost=localhost
SlurmctldPort=17817
SlurmUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.socket
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool-%n
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd-%n.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd-%n.log
ProctrackType=proctrack/pgid
TaskPlugin=task/none
SwitchType=switch/none
MpiDefault=none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SlurmdTimeout=10
SlurmdParameters=config_overrides
NodeName=node[1-3] NodeHostname=localhost NodeAddr=127.0.0.1 Port=[17821-17823] CPUs=1 RealMemory=4000
PartitionName=main Nodes=node[1-3] Default=YES State=UP
"""


def has_slurm() -> bool:
    """Whether Slurm is installed, and its daemons may be started."""
    return os.geteuid() == 0 and all(map(shutil.which, NEEDS))


class Slurm:
    """A running Slurm: commands to it, and its nodes."""

    def __init__(self, folder: Path, nodes: dict[str, subprocess.Popen[bytes]]) -> None:
        self._folder, self._nodes = folder, nodes

    def call(self, *words: str, cwd: Path | None = None) -> str:
        """What a command of Slurm's prints. `archived-policy` is on the PATH of the jobs."""
        known = {**os.environ, "SLURM_CONF": str(self._folder / "slurm.conf")}
        return subprocess.run(words, cwd=cwd, env=known, check=True, capture_output=True, text=True, timeout=60).stdout

    def running(self) -> dict[str, int]:
        """The nodes that work, each with the number of its array task."""
        lines = self.call("squeue", "--noheader", "--states=RUNNING", "--format=%N %K").splitlines()
        return {node: int(task) for node, task in map(str.split, lines)}

    def is_idle(self) -> bool:
        """Whether no job waits or runs."""
        return not self.call("squeue", "--noheader")

    def kill(self, node: str) -> None:
        """Kills all processes of a node at once, as a power cut does."""
        self._nodes[node].kill()
        self._nodes[node].wait()


@contextmanager
def started_slurm(folder: Path) -> Iterator[Slurm]:
    """A Slurm with its files in a folder, which is short enough for the name of a socket. It ends with the block."""
    (folder / "slurm.conf").write_text(CONFIGURATION.format(folder=folder))
    (folder / "state").mkdir()
    key = folder / "munge.key"
    key.touch(mode=0o600)
    key.write_bytes(secrets.token_bytes(1024))
    known = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf")}
    with ExitStack() as ended:

        def start(*words: str) -> subprocess.Popen[bytes]:
            running = subprocess.Popen(words, env=known, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            ended.callback(running.wait)
            ended.callback(running.kill)
            return running

        files = [f"--{name}-file={folder}/munge.{name}" for name in ("key", "pid", "log", "seed")]
        start("munged", "--foreground", "--force", f"--socket={folder}/munge.socket", *files)
        start("slurmctld", "-D", "-c")
        apart = ("unshare", "--pid", "--fork", "--kill-child", "--mount-proc")
        slurm = Slurm(folder, {node: start(*apart, "slurmd", "-D", "-N", node) for node in NODES})
        _wait_for_nodes(slurm)
        yield slurm


def _wait_for_nodes(slurm: Slurm) -> None:
    """Waits until all nodes are idle."""
    for _ in range(100):
        try:
            if slurm.call("sinfo", "--noheader", "--format=%T %D").split() == ["idle", str(len(NODES))]:
                return
        except subprocess.CalledProcessError:  # the controller does not answer yet
            pass
        time.sleep(0.2)
    raise AssertionError("the nodes of Slurm did not come up")
