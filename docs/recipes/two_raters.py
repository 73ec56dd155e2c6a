"""Plays two raters of the sample archive, and the discussion in which they settle their differences.

    python docs/recipes/two_raters.py corpus/audit/sheet.csv -o answers/

Writes anna.csv and ben.csv, each with one column of the sheet filled in, and settled.csv. The answers are in
two_raters.csv beside this file: every passage of the sample archive, identified by the hash of its words, was rated
twice by annotations/guidelines.md before anybody looked at a label. In your corpus two people do this.
"""

import argparse
import csv
import hashlib
from pathlib import Path

ANSWERS = Path(__file__).with_suffix(".csv")
FILES = {"rater_1": "anna.csv", "rater_2": "ben.csv", "settled": "settled.csv"}


def rows_of(path: Path) -> list[dict[str, str]]:
    """The rows of a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def hash_of(text: str) -> str:
    """A hash of a passage's words, without the apostrophe that keeps spreadsheets from reading a formula."""
    return hashlib.sha256(" ".join(text.removeprefix("'").split()).encode()).hexdigest()[:12]


def main() -> None:
    """Fills in three copies of the sheet."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sheet", type=Path)
    parser.add_argument("-o", "--output", type=Path, required=True, help="a folder")
    arguments = parser.parse_args()
    answers = {row["sha256"]: row for row in rows_of(ANSWERS)}
    sheet = rows_of(arguments.sheet)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for column, name in FILES.items():
        with (arguments.output / name).open("w", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, list(sheet[0]))
            table.writeheader()
            table.writerows({**row, column: answers[hash_of(row["text"])][column]} for row in sheet)


if __name__ == "__main__":
    main()
