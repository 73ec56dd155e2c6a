"""The decisions in docs/decisions/ have one form, and the index lists them all."""

import re
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "docs/decisions"
PAGES = sorted(FOLDER.glob("0*.md"))
HEAD = re.compile(r"# (\d+)\. (.+)\n\nDate: (\d{4}-\d\d-\d\d)\nStatus: (.+?)\n\n\*\*Question\.\*\*", re.DOTALL)


def test_index_of_decisions_lists_number_title_date_and_status_of_each():
    rows = []
    for page in PAGES:
        number, title, date, status = HEAD.match(page.read_text(encoding="utf-8")).groups()
        rows.append(f"| {number} | [{title}]({page.name}) | {date} | {' '.join(status.split())} |")
        assert page.name.startswith(f"{int(number):04}-")
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    assert [line for line in index.splitlines() if line.startswith("| ") and "](0" in line] == rows


def test_each_decision_says_what_was_asked_decided_and_follows():
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        assert all(f"**{part}.**" in text for part in ("Question", "Decision", "Consequences")), page.name
