"""Writes a small training set in the files of OPP-115, so that training can be tried without that corpus.

    python docs/recipes/small_training_set.py -o small-set
    archived-policy train small-set -o my-model

The passages are some of annotations/wording.toml, which were written for this project. A model for research is trained
on OPP-115: its folder takes the place of small-set.
"""

import argparse
import gzip
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

WORDING = Path(__file__).resolve().parents[2] / "annotations/wording.toml"
POLICIES = 40  # that the passages are dealt out to, as training needs to know which belong together
MARKS = {  # the attributes by which OPP-115 has practices that are no categories
    "cookies": {"Personal Information Type": {"value": "Cookies and tracking elements"}},
    "children": {"Audience Type": {"value": "Children"}},
}
OTHER = ("Introductory/Generic", "Practice not covered", "Privacy contact information")  # kinds of "Other" in OPP-115


def annotations_of(passage: dict) -> Iterator[dict]:
    """The annotations of two annotators who agree."""
    marks = {name: value for practice in passage["practices"] for name, value in MARKS.get(practice, {}).items()}
    for category in passage["categories"]:
        other = {"Other Type": {"value": category}} if category in OTHER else {}
        for annotator in ("a", "b"):
            yield {
                "annotator": annotator,
                "category": "Other" if other else category,
                "attributes": {**marks, **other},
            }


def lines(rows: Iterable[dict]) -> bytes:
    """JSON Lines."""
    return "".join(json.dumps(row) + "\n" for row in rows).encode()


def main() -> None:
    """Writes the three files."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("-o", "--output", type=Path, required=True, help="a folder")
    folder = parser.parse_args().output
    folder.mkdir(parents=True, exist_ok=True)
    passages = tomllib.loads(WORDING.read_text(encoding="utf-8"))["passage"][::3]
    segments = [
        {"policy": f"policy-{number % POLICIES}", "segment": number, "text": passage["text"], "split": "train"}
        | {"annotations": list(annotations_of(passage))}
        for number, passage in enumerate(passages)
    ]
    benchmark = [{"text": passage["text"], "labels": passage["categories"]} for passage in passages]
    (folder / "segments.jsonl.gz").write_bytes(gzip.compress(lines(segments)))
    (folder / "majority_train.jsonl").write_bytes(lines(benchmark))
    (folder / "majority_validation.jsonl").write_bytes(lines(benchmark[:1]))
    print(f"{len(passages)} passages in {folder}")


if __name__ == "__main__":
    main()
