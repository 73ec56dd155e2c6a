"""The time to read the pages of a corpus, as a share of the time to annotate them.

    python -m benchmarks.reading DATA [--pages 150]

All readers are timed in one process, as only ratios count. JSONL is also compared with what a user would write instead:
json.loads on each line.
"""

from __future__ import annotations

import argparse
import gzip
import json
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any

import extractor
from extractor.records import Snapshot

Corpus = tuple[str, Path, dict[str, Any]]


def main() -> None:
    arguments = parse_arguments()
    annotator = extractor.load()
    annotator("<p>We use cookies.</p>")  # loads the models
    print("| corpus | pages | reading, ms a page | annotating, ms a page | reading adds |\n|---|---:|---:|---:|---:|")
    with tempfile.TemporaryDirectory() as folder:
        for name, path, options in corpora(arguments.data, Path(folder)):
            reading, pages = timed(lambda p=path, o=options: extractor.read_corpus(p, **o), arguments.pages)
            annotating, _ = timed(lambda pages=pages: map(annotator, pages), arguments.pages)
            row = (len(pages), f"{1000 * reading / len(pages):.2f}", f"{1000 * annotating / len(pages):.1f}")
            print(f"| {name} | {' | '.join(map(str, row))} | {reading / annotating:.1%} |", flush=True)
    compare_with_json(arguments.data)


def parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--pages", type=int, default=150, help="of each corpus at most")
    return parser.parse_args()


def timed(get_items: Callable[[], Iterable[Any]], limit: int) -> tuple[float, list[Any]]:
    """The seconds that it takes to get some items, and the items."""
    start = time.perf_counter()
    items = list(islice(get_items(), limit))
    return time.perf_counter() - start, items


def corpora(data: Path, folder: Path) -> Iterator[Corpus]:
    """The corpora in the data, and corpora made of them in other formats."""
    bundle = data / "corpora/open-terms-archive-versions.bundle"
    all_documents = {"documents": ["*"]}
    yield "Open Terms Archive, bundle", bundle, all_documents
    subprocess.run(["git", "clone", "--quiet", "--bare", str(bundle), str(folder / "bare.git")], check=True)
    yield "Open Terms Archive, bare repository", folder / "bare.git", all_documents
    yield "folder of HTML", data / "extraction/c3pa", {}
    yield "JSONL, .gz", data / "unlabelled_policies.jsonl.gz", {}
    yield "Parquet", write_parquet(data / "unlabelled_policies.jsonl.gz", folder), {}
    yield "Princeton-Leuven Markdown", write_princeton(data / "corpora/kayako.com.md", folder / "princeton"), {}
    sample = Path("corpus/sample/sample.warc.gz")
    yield "WARC, by its index", sample, {}
    (folder / "bare").mkdir()
    (folder / "bare/sample.warc.gz").write_bytes(sample.read_bytes())
    yield "WARC, record by record", folder / "bare/sample.warc.gz", {}


def write_parquet(lines: Path, folder: Path) -> Path:
    import pyarrow
    import pyarrow.parquet

    with gzip.open(lines, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    pyarrow.parquet.write_table(pyarrow.table({"text": [row["text"] for row in rows]}), folder / "policies.parquet")
    return folder / "policies.parquet"


def write_princeton(document: Path, folder: Path) -> Path:
    for number in range(100):
        name = f"site{number:02}.example.md"
        place = folder / name[:1] / name[:2] / name[:3] / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(document.read_bytes())
    return folder


def compare_with_json(data: Path) -> None:
    path = data / "unlabelled_policies.jsonl.gz"
    ours, _ = timed(lambda: extractor.read_corpus(path), 10_000)
    theirs, _ = timed(lambda: read_with_json(path), 10_000)
    print(f"\nJSONL beside gzip and json.loads: {ours / theirs:.2f} times their time")


def read_with_json(path: Path) -> Iterator[Snapshot]:
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        for line in stream:
            yield Snapshot(json.loads(line)["text"].encode())


if __name__ == "__main__":
    main()
