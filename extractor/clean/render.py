"""Blocks to text with exact offsets, and to Markdown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise

from extractor.records import Block


def render_text(blocks: Sequence[Block]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """The text of the blocks, and the (start, end) of each in it, in code points.

    >>> render_text([Block("heading", "Cookies", level=2), Block("paragraph", "None.")])
    ('Cookies\\n\\nNone.', ((0, 7), (9, 14)))
    """
    gaps = ["", *(gap(before, after) for before, after in pairwise(blocks))] if blocks else []
    pieces = [gap_before + block.text for gap_before, block in zip(gaps, blocks, strict=True)]
    ends = list(accumulate(map(len, pieces)))
    spans = tuple((end - len(block.text), end) for end, block in zip(ends, blocks, strict=True))
    return "".join(pieces), spans


def gap(before: Block, after: Block) -> str:
    """What parts two blocks: a line end within a list or table, else an empty line."""
    return "\n" if before.kind == after.kind and after.kind in ("item", "row") else "\n\n"


def render_markdown(blocks: Sequence[Block]) -> str:
    """The blocks as Markdown, ending in a line end."""
    parts: list[str] = []
    for before, block in zip([None, *blocks], blocks, strict=False):
        parts += [gap(before, block) if before else "", *markdown_lines(before, block)]
    return "".join(parts) + "\n" if parts else ""


def markdown_lines(before: Block | None, block: Block) -> Iterator[str]:
    """A block as Markdown; the first row of a table is followed by the rule that Markdown wants there."""
    if block.kind == "heading":
        yield f"{'#' * block.level} {block.markdown}"
    elif block.kind == "item":
        yield item_lines(before, block)
    else:
        yield block.markdown
    if block.kind == "row" and not (before and before.kind == "row"):
        yield f"\n|{' --- |' * len(block.cells)}"


def item_lines(before: Block | None, block: Block) -> str:
    """A list item; what follows its first paragraph is indented below it. Four spaces suit "- " and "10. " alike."""
    indent = "    " * (block.level - 1)
    if block.marker:
        return f"{indent}{block.marker} {block.markdown}".replace("  \n", f"  \n{indent}    ")
    blank = "\n" if before and before.kind == "item" else ""
    return f"{blank}{indent}    {block.markdown}".replace("  \n", f"  \n{indent}    ")
