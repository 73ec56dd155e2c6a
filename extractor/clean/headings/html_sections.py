"""Sections of a page that begin with a run-in heading: paragraphs, list items, and rows of two cells."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from operator import attrgetter
from typing import NamedTuple

from extractor.clean.headings.line_cuts import split_lines
from extractor.clean.headings.piece_edits import (
    StyledWords,
    as_heading,
    as_paragraph,
    count_piece_words,
    lines_of_piece,
    part_of_piece,
)
from extractor.clean.headings.title_looks import is_bold_title, is_plain_title, is_prose
from extractor.clean.headings.titles import is_label, is_statement, is_title, section_number
from extractor.clean.inline import remove_invisible
from extractor.clean.tree import LINE_BREAK, PagePiece, StyledText, words_as_line
from extractor.text import ends_sentence

_HEAD_ENDS = frozenset(".:?!–—-")
_TEXT_STARTS = frozenset(".:–—-")
_PLAIN_HEAD = re.compile(
    r"\s*(?:(\d{1,2}(?:\.\d{1,2})?[.)]\s+[A-Z][^.:;!?–—]{2,60})|([A-Z][^.:;!?–—a-z]{2,60}))[.:–—](?=\s+[A-Z\"“‘])"
)
MIN_RECURRENCES = 3  # of a look that is no heading by itself
_MAX_RUN_IN_WORDS = 8
_MAX_NUMBER_CHARACTERS = 15  # of a section
_MAX_TITLE_SHARE = 0.25  # of a page's run-in headings that are the same, as "In short" is above many a section
_MIN_ITEM_WORDS = 12  # of the items of a list of sections, on average
_MAX_TEXT_BELOW_LIST = 0.15  # words between a list of sections and the next heading, for each word of the list


_kind = attrgetter("kind")


class _Section(NamedTuple):
    """A heading that begins a paragraph or list item, and the text after it."""

    heading: PagePiece
    texts: list[PagePiece]


def split_run_ins(pieces: Sequence[PagePiece], sections: Mapping[int, _Section], level: int) -> list[PagePiece]:
    """Pieces with those that are in `sections`, by their identity, turned into a heading of a level and a text."""
    return [
        part
        for piece in pieces
        for part in (_section_pieces(sections[id(piece)], level) if id(piece) in sections else [piece])
    ]


def run_in_sections(pieces: Sequence[PagePiece]) -> dict[int, _Section]:
    """The paragraphs with a run-in heading as sections, by the identity of the piece; none if there are few."""
    sections = {
        id(piece): section for piece in pieces if piece.kind == "paragraph" and (section := _run_in_section(piece))
    }
    counts = Counter(section.heading.text for section in sections.values())
    common = {title for title, count in counts.items() if count > max(2, _MAX_TITLE_SHARE * len(sections))}
    distinct = {key: section for key, section in sections.items() if section.heading.text not in common}
    return distinct if len(distinct) >= MIN_RECURRENCES else {}


def _section_pieces(section: _Section, level: int) -> list[PagePiece]:
    """The pieces of a section, with a heading of a level."""
    return [as_heading(section.heading, level), *section.texts]


def _run_in_section(piece: PagePiece) -> _Section | None:
    """A paragraph or item as a section if it begins with a title, set off by its style and by punctuation or a line
    break, and goes on as prose.
    """
    head, rest = _styled_head(piece.words) or _plain_head(piece.words)
    if not head or not rest:
        return None
    title = part_of_piece(piece, head)
    if not _is_run_in_title(title.text):
        return None
    text = as_paragraph(part_of_piece(piece, _without_start(rest)))
    return _Section(title, split_lines(text)) if is_prose(text) and not text.text[0].islower() else None


def _styled_head(words: StyledWords) -> tuple[StyledWords, StyledWords] | None:
    """The bold, underlined or emphasized words that begin a text, if they are set off, and the others."""
    size = _head_size(words) if len(words) > 1 else 0
    if not 0 < size < len(words):
        return None
    end, start = words_as_line(words[:size])[-1:], _first_character(words[size:])
    is_set_off = words[size] is LINE_BREAK or end in _HEAD_ENDS or start in _TEXT_STARTS
    return (words[:size], words[size:]) if is_set_off else None


def _first_character(words: StyledWords) -> str:
    """The first visible character of words, "" if there is none."""
    return next((start for text, _ in words if (start := remove_invisible(text).lstrip()[:1])), "")


def _plain_head(words: StyledWords) -> tuple[StyledWords, StyledWords]:
    """The words in capitals, or after a number, that begin a text without a style and end in a stop or colon."""
    first = words[0]
    match = _PLAIN_HEAD.match(first.text)
    if not match or _is_head_part(first) or not (match[1] or match[2].isupper()):
        return [], []
    return [first._replace(text=match[0])], [first._replace(text=first.text[match.end() :]), *words[1:]]


def _head_size(words: Sequence[StyledText]) -> int:
    """How many of the first parts are bold, underlined or emphasized, with a number before them."""
    start = int(_is_only_number(words[0].text))
    size = start
    while size < len(words) and words[size] is not LINE_BREAK and _is_head_part(words[size]):
        size += 1
    while size > start and not words[size - 1].text.strip():
        size -= 1
    return size if size > start else 0


def _is_only_number(text: str) -> bool:
    """Whether a text is the number of a section and nothing else."""
    number = text.strip()
    return 0 < len(number) <= _MAX_NUMBER_CHARACTERS and section_number(f"{number} x") == number


def _is_head_part(word: StyledText) -> bool:
    """Whether a part of a text can belong to a run-in heading."""
    return word.style.strong or word.style.underline or word.style.emphasis or not word.text.strip()


def _is_run_in_title(text: str) -> bool:
    """Whether the first words of a paragraph are a title, not a label, a date or a part of its first sentence."""
    return bool(text) and (
        text.count(" ") < _MAX_RUN_IN_WORDS
        and not text[0].islower()
        and is_title(text)
        and not is_statement(text)
        and not is_label(text)
    )


def _without_start(words: Sequence[StyledText]) -> StyledWords:
    """Words without the punctuation and line breaks that part them from a run-in heading."""
    rest = list(words)
    while rest and not (start := rest[0].text.lstrip(" \t\r\n\u2028\u00a0.:–—-")):
        del rest[0]
    return [rest[0]._replace(text=start), *rest[1:]] if rest else []


def split_list_sections(pieces: Sequence[PagePiece], level: int) -> list[PagePiece]:
    """Pieces with the lists and tables whose items or rows are sections turned into these, with headings of a level."""
    parts: list[PagePiece] = []
    at = 0
    for kind, run in groupby(pieces, key=_kind):
        members = list(run)
        at += len(members)
        sections = [] if _leads_in(parts) else _row_sections(members) if kind == "row" else _list_sections(members)
        if not sections or not _is_rest_of_section(members, pieces, at):
            parts += members
        else:
            parts += [part for section in sections for part in _section_pieces(section, level)]
    return parts


def _is_rest_of_section(members: Sequence[PagePiece], pieces: Sequence[PagePiece], at: int) -> bool:
    """Whether a list is followed by a heading or by little text, which would seem to belong to its last item."""
    limit = _MAX_TEXT_BELOW_LIST * count_piece_words(members)
    words = 0
    while at < len(pieces) and pieces[at].kind != "heading" and words <= limit:
        words += count_piece_words(pieces[at : at + 1])
        at += 1
    return words <= limit


def _row_sections(rows: Sequence[PagePiece]) -> list[_Section]:
    """The sections that the rows of a table without a header are; none unless each has a title and a text."""
    if len(rows) < MIN_RECURRENCES or rows[0].header:
        return []
    sections = [section for row in rows if (section := _row_section(row))]
    words = count_piece_words(text for section in sections for text in section.texts)
    return sections if len(sections) == len(rows) and words >= _MIN_ITEM_WORDS * len(rows) else []


def _row_section(row: PagePiece) -> _Section | None:
    """A row of two cells as a section: a title, and a text of one sentence or more."""
    cells = [part for cell in row.cells if (part := part_of_piece(as_paragraph(row), cell)).text]
    if len(cells) != 2 or not _is_run_in_title(cells[0].text):
        return None
    texts = split_lines(cells[1])
    return _Section(cells[0], texts) if all(map(is_prose, texts)) else None


def _leads_in(pieces: Sequence[PagePiece]) -> bool:
    """Whether the last piece leads in a list."""
    return bool(pieces) and pieces[-1].kind != "heading" and pieces[-1].text.endswith(":")


def _list_sections(items: Sequence[PagePiece]) -> list[_Section]:
    """The sections that the items of a list are; none unless each is one, with several words of prose."""
    if items[0].kind != "item":
        return []
    outermost = min(item.level for item in items)
    starts = [index for index, item in enumerate(items) if item.level == outermost and item.marker]
    if len(starts) < MIN_RECURRENCES or starts[0]:
        return []
    groups = [items[start:end] for start, end in pairwise([*starts, len(items)])]
    sections = [section for group in groups if (section := _item_section(group))]
    words = count_piece_words(text for section in sections for text in section.texts)
    return sections if len(sections) == len(groups) and words >= _MIN_ITEM_WORDS * len(groups) else []


def _item_section(group: Sequence[PagePiece]) -> _Section | None:
    """An item with those below it as a section, if it begins with a title of its own style, line or paragraph."""
    first, below = group[0], [_outdented(item, group[0].level) for item in group[1:]]
    section = _run_in_section(first) or _first_line_section(first)
    if section:
        return _Section(section.heading, [*section.texts, *below])
    is_heading = (is_bold_title(first) or is_plain_title(first)) and not is_label(first.text)
    return _Section(first, below) if is_heading and below and ends_sentence(below[-1].text) else None


def _first_line_section(item: PagePiece) -> _Section | None:
    """An item as a section if its first line is a title, and the others are prose."""
    if LINE_BREAK not in item.words or not is_plain_title(title := lines_of_piece(item)[0]):
        return None
    texts = split_lines(part_of_piece(as_paragraph(item), item.words[item.words.index(LINE_BREAK) + 1 :]))
    return _Section(title, texts) if texts and is_prose(texts[0]) and not texts[0].text[0].islower() else None


def _outdented(item: PagePiece, level: int) -> PagePiece:
    """What is below an item of a level, without that item: a paragraph of it, or an item of a list inside it."""
    return replace(item, level=item.level - level) if item.level > level else as_paragraph(item)


def free_lone_items(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """Pieces with the titles that are lists of one item each, above a paragraph, made paragraphs."""
    lone = {index for index, piece in enumerate(pieces) if piece.kind == "item" and _is_lone_title(pieces, index)}
    if len(lone) < MIN_RECURRENCES:
        return list(pieces)
    return [as_paragraph(piece) if index in lone else piece for index, piece in enumerate(pieces)]


def _is_lone_title(pieces: Sequence[PagePiece], index: int) -> bool:
    """Whether an item is a title, alone in its list, and above a paragraph."""
    is_first = index == 0 or pieces[index - 1].kind != "item"
    if not is_first or index + 1 == len(pieces) or pieces[index + 1].kind != "paragraph":
        return False
    return is_prose(pieces[index + 1]) and (is_bold_title(pieces[index]) or is_plain_title(pieces[index]))
