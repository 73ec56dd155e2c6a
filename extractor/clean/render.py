"""Blocks to text with exact offsets, and to Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from extractor.records import Block


def render_text(blocks: Sequence[Block]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of the blocks, and the (start, end) of each in it, in code points.

    >>> render_text([Block("heading", "Cookies", level=2), Block("paragraph", "None.")])
    ('Cookies\\n\\nNone.', ((0, 7), (9, 14)))
    """
    gaps = ["", *(_gap(before, after) for before, after in pairwise(blocks))] if blocks else []
    pieces = [gap_before + block.text for gap_before, block in zip(gaps, blocks, strict=True)]
    ends = list(accumulate(map(len, pieces)))
    spans = tuple((end - len(block.text), end) for end, block in zip(ends, blocks, strict=True))
    return "".join(pieces), spans


def _gap(before: Block, after: Block) -> str:
    """What parts two blocks: a line end within a list or table, else an empty line."""
    return "\n" if before.kind == after.kind and after.kind in ("item", "row") else "\n\n"


_CLOSING = re.compile(r"(?<=\s)#+$")


@dataclass(frozen=True, slots=True)
class _Open:
    """A list that is open in the Markdown: the level of its items, the number of the last one (0 without numbers), and
    what stands behind the numbers.
    """

    level: int
    number: int
    delimiter: str = "."


def render_markdown(blocks: Sequence[Block]) -> str:
    """The blocks as Markdown, ending in a line end."""
    parts: list[str] = []
    lists: list[_Open] = []
    for before, block in zip([None, *blocks], blocks, strict=False):
        parts += [_gap(before, block) if before else "", *_markdown_lines(before, block, lists)]
    return "".join(parts) + "\n" if parts else ""


def _markdown_lines(before: Block | None, block: Block, lists: list[_Open]) -> Iterator[str]:
    """A block as Markdown; the first row of a table is followed by the rule that Markdown wants there."""
    if block.kind == "item":
        yield _item_lines(before, block, lists)
        return
    lists.clear()
    yield _heading_line(block) if block.kind == "heading" else block.markdown
    if block.kind == "row" and not (before and before.kind == "row"):
        yield f"\n|{' --- |' * len(block.cells)}"


def _heading_line(block: Block) -> str:
    """A heading as Markdown, where a "#" at the end that stands for itself is escaped."""
    return f"{'#' * block.level} {_CLOSING.sub(_escaped, block.markdown)}"


def _escaped(match: re.Match[str]) -> str:
    """A match with a backslash before it."""
    return f"\\{match[0]}"


def _item_lines(before: Block | None, block: Block, lists: list[_Open]) -> str:
    """A list item; what follows its first paragraph is indented below it. Four spaces suit "- " and "10. " alike.

    The indent goes by the lists that are open, not by the level: an item deep in a page may have none around it.
    """
    while lists and lists[-1].level > block.level:
        lists.pop()
    begins = bool(block.marker) and _begin_item(block, lists)
    depth = len(lists) - bool(block.marker)
    mark = f"{block.marker[:-1]}{lists[-1].delimiter} " if block.marker[:-1] else "- " if block.marker else ""
    blank = "\n" if before and before.kind == "item" and (begins or not block.marker) else ""
    indented = block.markdown.replace("  \n", f"  \n{'    ' * len(lists)}")
    return f"{blank}{'    ' * depth}{mark}{indented}"


def _begin_item(block: Block, lists: list[_Open]) -> bool:
    """Opens the list of an item where it is not the next one of an open list; whether an empty line must precede it.

    Markdown takes two numbered lists in a row for one unless their numbers are written differently, and a number other
    than 1 for words unless an empty line stands before it.
    """
    number = int(block.marker[:-1] or 0)
    if not (lists and lists[-1].level == block.level):
        lists.append(_Open(block.level, number))
        return number > 1
    last = lists.pop()
    goes_on = number == last.number + 1 if number and last.number else number == last.number
    other = "." if last.delimiter == ")" else ")"
    anew = bool(number and last.number and not goes_on)
    lists.append(_Open(block.level, number, other if anew else last.delimiter))
    return not goes_on
