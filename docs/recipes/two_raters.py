"""Plays two raters of the sample archive, and the discussion in which they settle their differences.

    python docs/recipes/two_raters.py corpus/audit/sheet.csv -o answers/
    python docs/recipes/two_raters.py tasks.json -o exported.json

Of a sheet, writes anna.csv and ben.csv, each with one column filled in, and settled.csv. Of tasks for Label Studio,
writes what it exports when somebody has corrected them all. The answers are in two_raters.csv beside this file: every
passage of the sample archive, identified by the hash of its words, was rated twice by annotations/guidelines.md before
anybody looked at a label. In your corpus people do this.
"""

import argparse
import csv
import hashlib
import json
import re
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


def fill_sheets(sheet: Path, folder: Path, answers: dict[str, dict[str, str]]) -> None:
    """Fills in three copies of a sheet."""
    rows = rows_of(sheet)
    folder.mkdir(parents=True, exist_ok=True)
    for column, name in FILES.items():
        with (folder / name).open("w", encoding="utf-8", newline="") as stream:
            table = csv.DictWriter(stream, list(rows[0]))
            table.writeheader()
            table.writerows({**row, column: answers[hash_of(row["text"])][column]} for row in rows)


def submit_tasks(tasks: Path, exported: Path, answers: dict[str, dict[str, str]]) -> None:
    """Submits the settled answer to each task of Label Studio."""
    done = []
    for task in json.loads(tasks.read_text(encoding="utf-8")):
        answer = answers[hash_of(task["data"]["text"])]
        practices = [name for name in re.split(r"\W+", answer["settled"] or answer["rater_1"]) if name != "none"]
        chosen = {"from_name": "practices", "to_name": "text", "type": "choices", "value": {"choices": practices}}
        result = [chosen] if practices else []
        done.append({**task, "annotations": [{"id": 1, "was_cancelled": False, "result": result}]})
    exported.write_text(json.dumps(done), encoding="utf-8")


def main() -> None:
    """Plays the raters."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("questions", type=Path, help="a sheet (CSV) or tasks for Label Studio (JSON)")
    parser.add_argument("-o", "--output", type=Path, required=True, help="a folder for sheets, a file for tasks")
    arguments = parser.parse_args()
    answers = {row["sha256"]: row for row in rows_of(ANSWERS)}
    fill = submit_tasks if arguments.questions.suffix == ".json" else fill_sheets
    fill(arguments.questions, arguments.output, answers)


if __name__ == "__main__":
    main()
