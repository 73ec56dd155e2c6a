"""CPU time and memory of each export of 100,000 segments, compared with pandas, which reads them and writes Parquet.

    python -m benchmarks.exports                    100,000 segments
    python -m benchmarks.exports --segments 10000

The policies of the sample archive are repeated under other sites until there are enough segments. Memory is the largest
resident size of one process (the command, or the git that it runs).
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from extractor import Policy, load, read_corpus, write_jsonl
from extractor.exports import EXPORT_FORMATS
from extractor.resources import bundled_path

MAX_MEGABYTES = 300  # of memory, for 100,000 segments
PER_FILE = {"docbin": 500}
PANDAS_SCRIPT = """
import sys, pandas
policies = pandas.read_json(sys.argv[1], lines=True)
segments = pandas.json_normalize(policies.to_dict("records"), "segments", ["id", "domain", ["capture", "timestamp"]])
segments.to_parquet(sys.argv[2], compression="zstd")
"""

# The memory of a process includes that of its parent when it was started: this parent needs almost none
METER_SCRIPT = """
import os, sys
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
print(used.ru_utime + used.ru_stime, used.ru_maxrss)
sys.exit(bool(status))
"""


class Cost(NamedTuple):
    """The seconds of CPU and megabytes of memory that a command needed, and the bytes that it wrote."""

    seconds: float
    megabytes: float
    written: int


def many_policies(segments: int) -> Iterator[Policy]:
    """The labelled policies of the sample, repeated until there are that many segments."""
    pages = read_corpus(bundled_path("corpus/sample/sample.warc.gz"))
    sample = [policy for policy in load().pipe(pages) if policy.labelled]
    total = 0
    for number in count():
        for policy in sample:
            if total >= segments:
                return
            total += len(policy.segments)
            yield with_site_number(policy, number)


def with_site_number(policy: Policy, number: int) -> Policy:
    """A policy as one of another site."""
    domain = f"site{number}-{policy.domain}"
    url = policy.capture.url.replace(policy.domain, domain)
    return replace(
        policy,
        id=f"{policy.capture.timestamp}/{url}",
        site=domain,
        policy=policy.policy.replace(policy.domain, domain),
        domain=domain,
        capture=replace(policy.capture, url=url),
    )


def run_measured(command: list[str], written: Path) -> Cost:
    """Runs a command and measures it."""
    done = subprocess.run([sys.executable, "-IS", "-c", METER_SCRIPT, *command], stdout=subprocess.PIPE, check=True)
    seconds, kilobytes = map(float, done.stdout.split())
    return Cost(seconds, kilobytes / 1024, size_of(written))


def size_of(path: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())


def export_command(name: str, source: Path, path: Path) -> list[str]:
    """The command line that exports."""
    executable = str(Path(sys.executable).parent / "archived-policy")
    shards = ["--per-file", str(PER_FILE[name])] if PER_FILE.get(name) else []
    return [executable, "export", str(source), "--format", name, "-o", str(path), "-q", *shards]


def measure(segments: int, names: list[str]) -> Iterator[tuple[str, Cost]]:
    """The costs of each format, pandas first."""
    with TemporaryDirectory() as folder:
        source, out = Path(folder) / "policies.jsonl", Path(folder) / "out"
        out.mkdir()
        write_jsonl(many_policies(segments), source)
        table = out / "pandas"
        yield "pandas to Parquet", run_measured([sys.executable, "-c", PANDAS_SCRIPT, str(source), str(table)], table)
        for name in names:
            path = out / name
            yield name, run_measured(export_command(name, source, path), path)


def main() -> None:
    """Prints the table; the exit code is 1 if a format needed more than MAX_MEGABYTES."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--segments", type=int, default=100_000)
    parser.add_argument("--format", action="append", choices=tuple(EXPORT_FORMATS), help="only these (default: all)")
    arguments = parser.parse_args()
    costs = list(measure(arguments.segments, arguments.format or list(EXPORT_FORMATS)))
    table = Table("export", "seconds of CPU", "of pandas' time", "MB of memory", "MB written")
    for name, cost in costs:
        ratio = cost.seconds / costs[0][1].seconds
        table.add_row(name, f"{cost.seconds:.1f}", f"{ratio:.2f}", f"{cost.megabytes:.0f}", f"{cost.written / 1e6:.1f}")
    Console().print(table)
    raise SystemExit(any(cost.megabytes > MAX_MEGABYTES for _, cost in costs[1:]))


if __name__ == "__main__":
    main()
