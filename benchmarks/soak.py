"""Twenty thousand pages through one process: does it slow down, does it grow, is every record valid?

    python -m benchmarks.soak DATA --pages 20000 -o benchmarks/results

The pages are the given ones, shuffled and altered, with damaged ones among them (cut, bytes changed, of another kind).
A record is valid when the schema's types hold, its offsets give its segments' texts, and its segments are in order.
Memory is what the process has resident after each tenth of the pages, time the CPU seconds of each tenth.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import time
from collections.abc import Iterator
from itertools import islice, pairwise
from pathlib import Path
from typing import Any

from extractor.exports import encode_line
from extractor.records import Policy, Snapshot
from extractor.run.pipeline import load_long_lived

SEED = 115
TENTHS = 10
WORDS = (b"information", b"personal", b"cookies", b"third part", b"collect")


def altered_pages(given: list[Path], draw: random.Random) -> Iterator[bytes]:
    """The given pages without end: each time in another order, with other words, one in twenty damaged."""
    number = 0
    while True:
        draw.shuffle(given)
        for path in given:
            number += 1
            changed = path.read_bytes().replace(draw.choice(WORDS), b"word%d" % number, draw.randint(1, 60))
            yield damaged(changed, draw) if number % 20 == 0 else changed


def damaged(page: bytes, draw: random.Random) -> bytes:
    """A page cut somewhere, with bytes changed, or with its tags in disorder."""
    at = draw.randrange(len(page))
    return draw.choice((page[:at], page[:at] + draw.randbytes(200) + page[at:], page[at:] + page[:at]))


def fault_of(line: bytes) -> str:
    """What is wrong with a record, "" where nothing is."""
    policy = Policy.from_dict(json.loads(line))
    for segment in policy.segments:
        if policy.text[segment.start : segment.end] != segment.text or not segment.text:
            return f"segment {segment.index} is not what its offsets say"
    if any(before.end > after.start for before, after in pairwise(policy.segments)):
        return "segments overlap"
    return "" if policy.verdict.usable or policy.verdict.reasons else "unusable without a reason"


def resident() -> float:
    """What the process has resident, in MB."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE") / 1e6


def tenths(pages: Iterator[bytes], number: int) -> Iterator[dict[str, Any]]:
    """What each tenth of the pages took and left behind."""
    annotator = load_long_lived("fast")
    for tenth in range(1, TENTHS + 1):
        seconds, faults, size = 0.0, 0, 0
        for page in islice(pages, number // TENTHS):
            began = time.process_time()
            line = encode_line(annotator(Snapshot(page)))
            seconds += time.process_time() - began
            faults += bool(fault_of(line))
            size += len(page)
        yield {
            "pages": tenth * (number // TENTHS),
            "resident MB": round(resident()),
            "ms a page": round(1000 * seconds / (number // TENTHS), 1),
            "ms a kB": round(1e6 * seconds / size, 4),
            "invalid": faults,
        }


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=20_000)
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args(words)
    given = sorted((arguments.data / "extraction").glob("*/*.html"))
    rows = []
    print("| pages | resident MB | ms a page | ms a kB | invalid |\n|---:|---:|---:|---:|---:|")
    for row in tenths(altered_pages(given, random.Random(SEED)), arguments.pages):
        rows.append(row)
        print(f"| {' | '.join(map(str, row.values()))} |", flush=True)
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "soak.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])
