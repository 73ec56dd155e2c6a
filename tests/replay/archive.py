"""Starts pywb and the proxy in front of it, for the tests or by hand.

PYTHONPATH=tests python -m replay.archive        # serves the sample archive until Ctrl-C
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from replay.proxy import Proxy, ProxyServer

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
SAMPLE = ROOT / "corpus" / "sample"
PYWB_PYTHON = ROOT / ".venv-pywb" / "bin" / "python"


@contextmanager
def running_archive(warc: Path, cdxj: Path, folder: Path) -> Iterator[Proxy]:
    """Runs a Wayback Machine on 127.0.0.1 that holds one WARC; `folder` is an empty one for pywb."""
    with pywb(warc, cdxj, folder) as port, ProxyServer(port) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        try:
            yield server.proxy
        finally:
            server.shutdown()


@contextmanager
def pywb(warc: Path, cdxj: Path, folder: Path) -> Iterator[int]:
    """Runs pywb as a subprocess; yields its port. Raises RuntimeError where it is not installed or does not start."""
    if not PYWB_PYTHON.exists():
        raise RuntimeError("The tests talk to pywb, and .venv-pywb is missing: `make test` sets it up.")
    (folder / "archive").mkdir()
    shutil.copy(warc, folder / "archive")  # under its own name, which is in the index
    shutil.copy(cdxj, folder / "sample.cdxj")
    shutil.copy(HERE / "config.yaml", folder)
    with (folder / "pywb.log").open("w") as log:
        process = subprocess.Popen(
            [PYWB_PYTHON, HERE / "serve.py"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        )
    try:
        yield read_port(process, folder / "pywb.log")
    finally:
        process.kill()
        process.communicate()


def read_port(process: subprocess.Popen[str], log: Path) -> int:
    """The port that pywb prints when it listens."""
    line = process.stdout.readline() if process.stdout else ""
    if not line:
        raise RuntimeError(f"pywb did not start:\n{log.read_text()[-2000:]}")
    return int(line)


def serve() -> None:
    """Serves the sample archive until Ctrl-C and prints its base URL."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        with running_archive(SAMPLE / "sample.warc.gz", SAMPLE / "sample.cdxj", folder) as proxy:
            print(proxy.base, file=sys.stderr)
            threading.Event().wait()


if __name__ == "__main__":
    serve()
