"""Renders blocks as text with exact offsets, and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from extractor.records import Block

_CLOSING_HASHES = re.compile(r"(?<=\s)(#+)$")


def render_text(blocks: Sequence[Block]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of the blocks, and the (start, end) of each in it, in code points.

    >>> render_text([Block("heading", "Cookies", level=2), Block("paragraph", "None.")])
    ('Cookies\\n\\nNone.', ((0, 7), (9, 14)))
    """
    separators = ["", *(_separator(before, after) for before, after in pairwise(blocks))] if blocks else []
    parts = [separator + block.text for separator, block in zip(separators, blocks, strict=True)]
    ends = list(accumulate(map(len, parts)))
    spans = tuple((end - len(block.text), end) for end, block in zip(ends, blocks, strict=True))
    return "".join(parts), spans


def _separator(before: Block, after: Block) -> str:
    """The separator of two blocks: a line end within a list or table, else an empty line."""
    return "\n" if before.kind == after.kind and after.kind in ("item", "row") else "\n\n"


@dataclass(frozen=True, slots=True)
class _OpenList:
    """A list that is open in the Markdown: the level of its items, the number of the last item (0 in a list without
    numbers), and the character after the numbers.
    """

    level: int
    number: int
    delimiter: str = "."


def render_markdown(blocks: Sequence[Block]) -> str:
    """The blocks as Markdown, with a line end at the end."""
    parts: list[str] = []
    lists: list[_OpenList] = []
    for before, block in zip([None, *blocks], blocks, strict=False):
        parts += (_separator(before, block) if before else "", _block_markdown(before, block, lists))
    return "".join(parts) + "\n" if parts else ""


def _block_markdown(before: Block | None, block: Block, lists: list[_OpenList]) -> str:
    """A block as Markdown; after the first row of a table comes the delimiter row."""
    if block.kind == "item":
        return _item_markdown(before, block, lists)
    lists.clear()
    if block.kind == "heading":
        return _heading_markdown(block)
    if block.kind == "row" and not (before and before.kind == "row"):
        return f"{block.markdown}\n|{' --- |' * len(block.cells)}"
    return block.markdown


def _heading_markdown(block: Block) -> str:
    """A heading as Markdown, with any "#" at its end escaped."""
    escaped = _CLOSING_HASHES.sub(r"\\\1", block.markdown) if "#" in block.markdown else block.markdown
    return f"{'#' * block.level} {escaped}"


def _item_markdown(before: Block | None, block: Block, lists: list[_OpenList]) -> str:
    """A list item as Markdown; its further paragraphs are indented by four spaces, which suits both "- " and "10. ".

    The indent depends on the open lists, not on the level: a deep item may have no list around it.
    """
    while lists and lists[-1].level > block.level:
        lists.pop()
    needs_blank = bool(block.marker) and _begin_item(block, lists)
    depth = len(lists) - bool(block.marker)
    mark = f"{block.marker[:-1]}{lists[-1].delimiter} " if block.marker[:-1] else "- " if block.marker else ""
    blank = "\n" if before and before.kind == "item" and (needs_blank or not block.marker) else ""
    indented = block.markdown.replace("  \n", f"  \n{'    ' * len(lists)}")
    return f"{blank}{'    ' * depth}{mark}{indented}"


def _begin_item(block: Block, lists: list[_OpenList]) -> bool:
    """Opens a list for an item unless it continues the open one; returns whether an empty line must precede the item.

    Markdown merges two numbered lists in a row unless the character after the numbers differs, and a number other than
    1 starts a list only after an empty line.
    """
    number = int(block.marker[:-1] or 0)
    if not (lists and lists[-1].level == block.level):
        lists.append(_OpenList(block.level, number))
        return number > 1
    last = lists.pop()
    continues = number == last.number + 1 if number and last.number else number == last.number
    is_new_numbered_list = bool(number and last.number and not continues)
    other_delimiter = "." if last.delimiter == ")" else ")"
    lists.append(_OpenList(block.level, number, other_delimiter if is_new_numbered_list else last.delimiter))
    return not continues
