"""What fetching costs the client, beside the loop that a user would write: requests and warcio, no ledger, no checks.

    PYTHONPATH=tests python benchmarks/wayback_fetch.py [PAGES]

Both fetch the same pages from a server in a process of its own; the figures are CPU time of the client alone, so that
they depend little on what else the machine does, and their ratio on the machine hardly at all.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from threading import Event

import requests
from replay.generated import URL, timestamp
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractor.run.collect import Job, plan_and_fetch
from extractor.wayback import Ledger, open_archive, read_targets

TESTS = Path(__file__).parents[1] / "tests"


def ours(base: str, folder: Path) -> float:
    """CPU seconds of planning and fetching all captures: index, WARC, ledger, fixity, one fsync a page."""
    job = Job(tuple(read_targets([URL])), folder, every="all", archive_name=base)
    archive = open_archive(base, rate=0, cdx_rate=0, connections=4)
    started = time.process_time()
    problem = plan_and_fetch(job, archive, Ledger(folder / "ledger.sqlite"), Event(), lambda *_: None)
    assert problem is None, problem
    return time.process_time() - started


def loop(base: str, folder: Path, pages: int) -> float:
    """CPU seconds of a loop over the same pages."""
    started = time.process_time()
    with requests.Session() as session, (folder / "loop.warc.gz").open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for number in range(pages):
            answer = session.get(f"{base}/web/{timestamp(number)}id_/{URL}", timeout=30)
            head = StatusAndHeaders("200 OK", list(answer.headers.items()), "HTTP/1.1")
            body = BytesIO(answer.content)
            writer.write_record(writer.create_warc_record(URL, "response", payload=body, http_headers=head))
    return time.process_time() - started


def main(pages: int) -> None:
    """Measures both and prints them."""
    words = [sys.executable, "-m", "replay.generated", str(pages)]
    environment = os.environ | {"PYTHONPATH": str(TESTS)}
    with (
        tempfile.TemporaryDirectory() as scratch,
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as server,
    ):
        base = f"http://127.0.0.1:{server.stdout.readline().strip()}"  # type: ignore[union-attr]
        plain, full = loop(base, Path(scratch), pages), ours(base, Path(scratch))
        server.kill()
    print(f"{pages} pages: the loop {1000 * plain / pages:.2f} ms of CPU a page, run {1000 * full / pages:.2f} ms")
    print(f"ratio {full / plain:.2f}")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 3000)
