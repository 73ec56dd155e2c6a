"""Time and memory of each export of 100,000 segments, beside reading the same file with pandas and writing a table.

    python -m benchmarks.exports                    a corpus made of the sample archive's policies
    python -m benchmarks.exports --segments 10000

The policies of the sample archive are repeated under other sites and times until there are enough segments. Memory is
the largest resident size of one process (the command, or the git that it calls). Times are given as ratios to pandas'.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import count, islice
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from extractor import Policy, load, read_corpus, write_jsonl
from extractor.exports import EXPORTS
from extractor.resources import bundled

LIMIT = 300  # MB that a corpus of 100,000 segments may take
PER_FILE = {"docbin": 500}
PANDAS = """
import sys, pandas
policies = pandas.read_json(sys.argv[1], lines=True)
segments = pandas.json_normalize(policies.to_dict("records"), "segments", ["id", "domain", ["capture", "timestamp"]])
segments.to_parquet(sys.argv[2], compression="zstd")
"""

# A process counts what the one that started it held at that moment: this one holds next to nothing
METER = """
import os, sys, time
start = time.perf_counter()
_, status, used = os.wait4(os.posix_spawn(sys.argv[1], sys.argv[1:], os.environ), 0)
print(time.perf_counter() - start, used.ru_maxrss)
sys.exit(bool(status))
"""


class Cost(NamedTuple):
    """What a command took: seconds, megabytes, and the bytes it wrote."""

    seconds: float
    megabytes: float
    written: int


def many_policies(segments: int) -> Iterator[Policy]:
    """The sample's labelled policies again and again, with so many segments in all."""
    pages = read_corpus(bundled("corpus/sample/sample.warc.gz"))
    sample = [policy for policy in load().pipe(pages) if policy.labelled]
    made = 0
    for number in count():
        for policy in sample:
            if made >= segments:
                return
            made += len(policy.segments)
            yield moved(policy, number)


def moved(policy: Policy, number: int) -> Policy:
    """A policy of another site."""
    domain = f"site{number}-{policy.domain}"
    url = policy.capture.url.replace(policy.domain, domain)
    return replace(
        policy,
        id=f"{policy.capture.timestamp}/{url}",
        domain=domain,
        capture=replace(policy.capture, url=url),
    )


def cost_of(words: list[str], written: Path) -> Cost:
    """Runs a command and measures it."""
    done = subprocess.run([sys.executable, "-IS", "-c", METER, *words], stdout=subprocess.PIPE, check=True)
    seconds, kilobytes = map(float, done.stdout.split())
    return Cost(seconds, kilobytes / 1024, size_of(written))


def size_of(path: Path) -> int:
    """The bytes of a file, or of all files in a folder."""
    return sum(file.stat().st_size for file in [path, *path.rglob("*")] if file.is_file())


def export_words(name: str, source: Path, path: Path) -> list[str]:
    """The command that exports."""
    command = str(Path(sys.executable).parent / "archived-policy")
    shards = ["--per-file", str(PER_FILE[name])] if PER_FILE.get(name) else []
    return [command, "export", str(source), "--format", name, "-o", str(path), "-q", *shards]


def measure(segments: int, names: list[str]) -> Iterator[tuple[str, Cost]]:
    """What each format costs, pandas first."""
    with TemporaryDirectory() as folder:
        source, out = Path(folder) / "policies.jsonl", Path(folder) / "out"
        out.mkdir()
        write_jsonl(many_policies(segments), source)
        yield "pandas to Parquet", cost_of([sys.executable, "-c", PANDAS, str(source), str(out / "pd")], out / "pd")
        for name in names:
            path = out / name
            yield name, cost_of(export_words(name, source, path), path)


def main() -> None:
    """Measures and prints the table; ends with 1 where a format took more than LIMIT."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--segments", type=int, default=100_000)
    parser.add_argument("--format", action="append", choices=tuple(EXPORTS), help="only these (default: all)")
    arguments = parser.parse_args()
    found = list(measure(arguments.segments, arguments.format or list(EXPORTS)))
    table = Table("export", "seconds", "of pandas' time", "MB of memory", "MB written")
    for name, cost in found:
        ratio = cost.seconds / found[0][1].seconds
        table.add_row(name, f"{cost.seconds:.1f}", f"{ratio:.2f}", f"{cost.megabytes:.0f}", f"{cost.written / 1e6:.1f}")
    Console().print(table)
    raise SystemExit(any(cost.megabytes > LIMIT for _, cost in islice(found, 1, None)))


if __name__ == "__main__":
    main()
