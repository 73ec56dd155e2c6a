"""Texts for raters who are not to know what the model says: a CSV to fill in, and Label Studio's tasks."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from pathlib import Path

from extractor.exports.labelstudio import PRACTICE, TEXT, choice_list
from extractor.exports.lines import Record, write_array
from extractor.exports.summary import guarded
from extractor.files import write_atomically
from extractor.records import PRACTICES

_SHOWN = ("id", "headings", "context", "text")
_SHEET = (*_SHOWN, "rater_1", "rater_2", "settled")


def write_sheet(rows: Iterable[Record], path: Path) -> None:
    """Writes a CSV with a line a text and empty columns for two raters and for what settles their disagreements.

    A byte order mark tells spreadsheets that it is UTF-8; what they would compute has an apostrophe in front.
    """
    stream = io.StringIO(newline="")
    table = csv.writer(stream)
    table.writerow(_SHEET)
    table.writerows([*(guarded(row[name]) for name in _SHOWN), "", "", ""] for row in rows)
    with write_atomically(path) as file:
        file.write(stream.getvalue().encode("utf-8-sig", "replace"))


def write_tasks(rows: Iterable[Record], path: Path) -> None:
    """Writes the tasks to import into Label Studio, and beside them, as `.xml`, the labelling interface."""
    write_array(({"data": {"item": row["id"], **{name: row[name] for name in _SHOWN[1:]}}} for row in rows), path)
    with write_atomically(path.with_suffix(".xml")) as stream:
        stream.write(_blind_interface().encode())


def _blind_interface() -> str:
    """The interface: the headings above a text, the text, and the five practices to choose from; none is an answer."""
    return f"""<View>
  <Header value="$headings"/>
  <Text name="lead" value="$context"/>
  <Text name="{TEXT}" value="$text"/>
{choice_list(PRACTICE, PRACTICES)}
</View>
"""
