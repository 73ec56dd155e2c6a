"""Texts for raters who must not see the model's labels: a CSV to fill in, and tasks for Label Studio."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from extractor.exports.fields import JsonObject
from extractor.exports.jsonl import write_json_array
from extractor.exports.labelstudio import PRACTICES_PART, TEXT_PART, choices_element
from extractor.exports.tables import escape_formula, write_csv_table
from extractor.files import write_atomically
from extractor.records import PRACTICES

_SHOWN_FIELDS = ("id", "headings", "context", "text")
_CSV_COLUMNS = (*_SHOWN_FIELDS, "rater_1", "rater_2", "settled")


def write_rater_csv(rows: Iterable[JsonObject], path: Path) -> None:
    """Writes a CSV with a row per text and empty columns for two raters and for how disagreements were settled.

    A byte order mark makes spreadsheets read it as UTF-8. Text that they would take for a formula has an apostrophe in
    front.
    """
    values = ([*(escape_formula(row[name]) for name in _SHOWN_FIELDS), "", "", ""] for row in rows)
    write_csv_table(_CSV_COLUMNS, values, path, encoding="utf-8-sig", errors="replace")


def write_rater_tasks(rows: Iterable[JsonObject], path: Path) -> None:
    """Writes tasks to import into Label Studio and, beside them as `.xml`, the labelling interface."""
    tasks = ({"data": {"item": row["id"], **{name: row[name] for name in _SHOWN_FIELDS[1:]}}} for row in rows)
    write_json_array(tasks, path)
    with write_atomically(path.with_suffix(".xml")) as stream:
        stream.write(_rater_interface().encode())


def _rater_interface() -> str:
    """The labelling interface: headings, text, and the five practices to choose from; choosing none is an answer."""
    return f"""<View>
  <Header value="$headings"/>
  <Text name="lead" value="$context"/>
  <Text name="{TEXT_PART}" value="$text"/>
{choices_element(PRACTICES_PART, PRACTICES)}
</View>
"""
