"""Headings of HTML that are known by their look: bold, large or in capitals, underlined, numbered, before a line break.

Each becomes a piece of kind "heading", so that the page gives the same blocks as one with <h2>. What is no heading by
itself (a number, a colon, italics) has to recur on the page, each time with text below it.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise, takewhile
from typing import NamedTuple

from extractor.clean.headings import (
    MAX_TITLE_WORDS,
    is_junk,
    is_label,
    is_statement,
    is_title,
    section_number,
    sentence_headings,
    without_full_stop,
    without_junk_end,
)
from extractor.clean.inline import remove_invisible
from extractor.clean.tree import LINE_BREAK, PagePiece, StyledText
from extractor.text import ends_sentence

_MAX_LEVEL = 6
_MAX_PLAIN_TITLE_WORDS = 9
_MAX_RUN_IN_WORDS = 8
_MAX_TITLE_LINES = 2
_MAX_NUMBER_CHARACTERS = 15  # of a section
_MIN_LINE_WORDS = 6  # a shorter line is no sentence
_MIN_TEXT_WORDS = 8  # below a heading that only its place makes one
_MIN_RECURRENCES = 3  # of a look that is no heading by itself
_MIN_RECURRENCE_SHARE = 0.7  # of the lines with the look that are headings
_MAX_TITLE_SHARE = 0.25  # of a page's run-in headings that are the same, as "In short" is above many a section
_MIN_ITEM_WORDS = 12  # of the items of a list of sections, on average
_MIN_SENTENCE_LINES = 0.7  # of the lines of a paragraph, to be paragraphs themselves
_MAX_TEXT_BELOW_LIST = 0.15  # words between a list of sections and the next heading, for each word of the list
_MAX_STYLED_SHARE = 0.5  # of a page's words, for a style to set headings apart
_MIN_STYLED_WORDS = 40

_NUMBER = re.compile(r"\d+")
_QUOTES = "\"'“‘("
_Words = list[StyledText]


def find_headings(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """Pieces with headings and paragraphs told apart: by their words where the page marks them, else by their look."""
    marked = _demote_sentences([part for piece in pieces for part in _split_heading(piece)])
    lines = [part for piece in _with_levels(marked) for part in _split_lines(piece)]
    promoted = _promote_recurring(_promote_strong(lines))
    level = _deepest_level(promoted) + 1
    return _demote_sentences(_split_run_ins(_split_list_sections(promoted, level), level))


def _with_levels(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """Pieces in which the headings that the page gives no level (0) are one level below the deepest."""
    level = _deepest_level(pieces) + 1
    return [_as_heading(piece, level) if piece.kind == "heading" and not piece.level else piece for piece in pieces]


def heading_words(words: Sequence[StyledText]) -> _Words:
    """The styled words of a heading without the junk at its end ("¶", "[edit]", "Back to top") or a final colon."""
    kept = [word for word in words if word is not LINE_BREAK or len(words) > 1]
    while kept and (size := _junk_size(kept)):
        del kept[-size:]
    if not kept:
        return list(words)
    return _without_end(kept, len(_text_of(kept)) - len(without_junk_end(_text_of(kept))))


def _junk_size(words: Sequence[StyledText]) -> int:
    """How many of the last parts of a heading are none of its words: white space, an icon, a link to edit."""
    if not words[-1].text.strip():
        return 1
    return next((size for size in range(min(3, len(words) - 1), 0, -1) if is_junk(_text_of(words[-size:]))), 0)


def _without_end(words: _Words, count: int) -> _Words:
    """Words without the last characters, of white space as many as are there."""
    while count > 0 and words:
        last = words.pop()
        text = last.text.rstrip()
        if len(text) > count:
            return [*words, last._replace(text=text[:-count].rstrip())]
        count -= len(text)
    return words


def _text_of(words: Iterable[StyledText]) -> str:
    """Styled words as one line."""
    return " ".join(remove_invisible("".join(text for text, _ in words)).split())


def _part_of(piece: PagePiece, words: _Words) -> PagePiece:
    """A piece with some of its words."""
    return replace(piece, words=words, text=_text_of(words))


def _as_heading(piece: PagePiece, level: int) -> PagePiece:
    """A piece that looks like a heading as one of a level, without a full stop at its end."""
    words = _without_end(list(piece.words), len(piece.text) - len(without_full_stop(piece.text)))
    title = _part_of(piece, words)
    return replace(title, kind="heading", level=min(level, _MAX_LEVEL), marker="")


def _as_paragraph(piece: PagePiece) -> PagePiece:
    """A piece as a paragraph."""
    return replace(piece, kind="paragraph", level=0, marker="")


def _demote_sentences(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """Pieces with the headings that are sentences made paragraphs."""
    sentences = sentence_headings(pieces)
    return [_as_paragraph(piece) if index in sentences else piece for index, piece in enumerate(pieces)]


# Lines


def _split_heading(piece: PagePiece) -> list[PagePiece]:
    """A heading; if it has a sentence on a line of its own, one piece a line."""
    if piece.kind != "heading" or LINE_BREAK not in piece.words:
        return [piece]
    lines = _lines_of(piece)
    return lines if len(lines) > 1 and any(_is_text_line(line) for line in lines) else [piece]


def _lines_of(piece: PagePiece) -> list[PagePiece]:
    """The lines of a piece that have words."""
    groups = groupby(piece.words, key=lambda word: word is LINE_BREAK)
    lines = [_part_of(piece, list(words)) for is_break, words in groups if not is_break]
    return [line for line in lines if line.text]


def _is_text_line(line: PagePiece) -> bool:
    """Whether a line is a sentence by its length and its end; a question is rather a title."""
    return line.text.count(" ") >= _MIN_LINE_WORDS - 1 and ends_sentence(line.text) and line.text[-1] != "?"


def _split_lines(piece: PagePiece) -> Iterator[PagePiece]:
    """The paragraphs of a piece: it is cut after a heading on a line of its own, and between lines of sentences."""
    if piece.kind != "paragraph" or LINE_BREAK not in piece.words:
        yield piece
        return
    lines = _lines_of(piece)
    are_sentences = _are_sentences(lines)
    group: list[PagePiece] = []
    for index, line in enumerate(lines):
        group.append(line)
        if _is_border(lines[index : index + 3], are_sentences=are_sentences):
            yield _joined(group)
            group = []
    if group:
        yield _joined(group)


def _joined(lines: Sequence[PagePiece]) -> PagePiece:
    """Lines as one piece."""
    words = [word for line in lines for word in (LINE_BREAK, *line.words)][1:]
    return _part_of(lines[0], words) if len(lines) > 1 else lines[0]


def _are_sentences(lines: Sequence[PagePiece]) -> bool:
    """Whether most of the longer lines end like sentences, as wrapped lines do not."""
    long = [line for line in lines if line.text.count(" ") >= _MIN_LINE_WORDS - 1]
    return bool(long) and sum(ends_sentence(line.text) for line in long) >= _MIN_SENTENCE_LINES * len(long)


def _is_border(lines: Sequence[PagePiece], *, are_sentences: bool) -> bool:
    """Whether a paragraph ends between the first two of the next lines."""
    if len(lines) < 2:
        return False
    line, after = lines[:2]
    if _is_bold_title_above(line, after):
        return True
    if len(lines) > 2 and _is_bold_title_above(after, lines[2]) and not _is_strong(line) and line.text[-1] not in ":,":
        return True
    return are_sentences and _are_two_thoughts(*lines)


def _is_bold_title_above(line: PagePiece, after: PagePiece) -> bool:
    """Whether a line is a bold title, and the line after it is text that is not bold."""
    is_text = ends_sentence(after.text) or after.text.count(" ") >= _MIN_TEXT_WORDS - 1
    return _is_bold_title(line) and is_text and not _is_strong(after)


def _are_two_thoughts(line: PagePiece, after: PagePiece, third: PagePiece | None = None) -> bool:
    """Whether two lines are two sentences, or a sentence and a title, rather than a list or an address."""
    if after.text[0].islower() or line.text[-1] in ":,;" or not (after.text[0].isalnum() or after.text[0] in _QUOTES):
        return False
    if not _is_text_line(line):
        return _is_plain_title(line) and _is_text_line(after)
    return _is_text_line(after) or (third is not None and _is_plain_title(after) and _is_text_line(third))


# Looks


def _filled(words: Iterable[StyledText]) -> list[StyledText]:
    """The parts that are not white space."""
    return [word for word in words if word.text.strip()]


def _is_strong(piece: PagePiece) -> bool:
    """Whether a piece is entirely bold or large, or in capitals."""
    return piece.text.isupper() or all(word.style.strong or word.style.large for word in _filled(piece.words))


def _is_underlined(piece: PagePiece) -> bool:
    """Whether a piece is entirely underlined, and no link."""
    return all(word.style.underline and not word.style.href for word in _filled(piece.words))


def _is_emphasized(piece: PagePiece) -> bool:
    """Whether a piece is entirely emphasized."""
    return all(word.style.emphasis for word in _filled(piece.words))


def _is_numbered(piece: PagePiece) -> bool:
    """Whether a piece begins with the number of a section."""
    return section_number(piece.text) != ""


def _has_colon(piece: PagePiece) -> bool:
    """Whether a piece ends in a colon."""
    return piece.text.endswith(":")


def _is_bold_title(piece: PagePiece) -> bool:
    """Whether a piece is a title that is entirely bold, large or in capitals."""
    is_short = piece.text.count(" ") < MAX_TITLE_WORDS and piece.words.count(LINE_BREAK) < _MAX_TITLE_LINES
    return is_short and _is_strong(piece) and is_title(piece.text)


def _is_plain_title(piece: PagePiece) -> bool:
    """Whether a piece reads like a title whatever its look: short, with a capital, without final punctuation."""
    text = piece.text
    return (
        text.count(" ") < _MAX_PLAIN_TITLE_WORDS
        and text[-1] not in ".!;,"
        and (text[0].isupper() or text[0].isdigit() or text[0] in _QUOTES)
        and is_title(text)
        and not is_statement(text)
    )


def _is_prose(piece: PagePiece) -> bool:
    """Whether a piece is a paragraph of at least one sentence, or begins a list."""
    return piece.kind != "heading" and piece.text.count(" ") >= _MIN_TEXT_WORDS - 1 and ends_sentence(piece.text)


def _promote_strong(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """Pieces with the bold, large and capital titles made headings below the deepest one."""
    return _promote(pieces, _strong_headings(pieces), _deepest_level(pieces) + 1)


def _promote_recurring(pieces: Sequence[PagePiece]) -> list[PagePiece]:
    """Pieces with the recurring titles of a weaker look made headings below the deepest one."""
    level = _deepest_level(pieces) + 1
    others = sum(piece.kind == "heading" for piece in pieces[1:]) + len(_run_in_sections(pieces))
    promoted = list(pieces)
    for look in _WEAK_LOOKS if others < _MIN_RECURRENCES else _WEAK_LOOKS_BESIDE_OTHERS:
        promoted = _promote(promoted, _recurring_headings(promoted, look), level)
    return promoted


def _promote(pieces: Sequence[PagePiece], titles: set[int], level: int) -> list[PagePiece]:
    """Pieces with those at the indices `titles` made headings, of a level or, as 1.1 is below 1, of deeper ones."""
    depths = {index: depth for index in titles if (depth := _number_depth(pieces[index].text))}
    least = min(depths.values(), default=0)
    return [
        _as_heading(piece, level + depths.get(index, least) - least) if index in titles else piece
        for index, piece in enumerate(pieces)
    ]


def _number_depth(text: str) -> int:
    """How many numbers the number of a section has: 1 for "2.", 3 for "2.1.4", 0 for a text without a number."""
    return len(_NUMBER.findall(section_number(text)))


def _strong_headings(pieces: Sequence[PagePiece]) -> set[int]:
    """The indices of the titles that are bold, large or in capitals; none at the end, or where most text is so."""
    if _is_usual(pieces, _is_strong):
        return set()
    titles = {index for index, piece in enumerate(pieces) if piece.kind == "paragraph" and _is_bold_title(piece)}
    last = max((index for index, piece in enumerate(pieces) if index not in titles), default=-1)
    return {index for index in titles if index < last and _may_be_above(pieces[index], pieces[index + 1])}


def _may_be_above(title: PagePiece, after: PagePiece) -> bool:
    """Whether a title with a full stop or colon has a text below it, as any other may have."""
    return title.text[-1] not in ".:" or _is_prose(after) or after.kind in ("item", "row")


def _is_usual(pieces: Sequence[PagePiece], has_look: Callable[[PagePiece], bool]) -> bool:
    """Whether most words of a page have a look, which then does not set headings apart."""
    prose = [piece for piece in pieces if piece.kind == "paragraph"]
    styled = _count_words(filter(has_look, prose))
    return styled > max(_MAX_STYLED_SHARE * _count_words(prose), _MIN_STYLED_WORDS)


class _Look(NamedTuple):
    """A look that makes a title a heading only where it recurs."""

    has_look: Callable[[PagePiece], bool]
    needs_prose: bool = True  # the text below has to be prose, not a list


_WEAK_LOOKS_BESIDE_OTHERS = (_Look(_is_underlined), _Look(_is_numbered, needs_prose=False), _Look(_is_emphasized))
_WEAK_LOOKS = (*_WEAK_LOOKS_BESIDE_OTHERS, _Look(_has_colon), _Look(_is_plain_title))


def _recurring_headings(pieces: Sequence[PagePiece], look: _Look) -> set[int]:
    """The indices of the titles with a look; none unless there are several, most of them with text below."""
    titles = [
        index
        for index, piece in enumerate(pieces)
        if piece.kind == "paragraph" and _is_plain_title(piece) and look.has_look(piece)
    ]
    headings = {index for index in titles if _has_text_below(pieces, index, look)}
    texts = {pieces[index].text for index in headings}
    others = [index for index in titles if index not in headings and pieces[index].text not in texts]
    is_recurring = len(headings) >= _MIN_RECURRENCES
    share = len(headings) / max(len(headings) + len(others), 1)
    return headings if is_recurring and share >= _MIN_RECURRENCE_SHARE else set()


def _has_text_below(pieces: Sequence[PagePiece], index: int, look: _Look) -> bool:
    """Whether the piece after a title is its text."""
    if index + 1 == len(pieces):
        return False
    after = pieces[index + 1]
    return _is_prose(after) and (not look.needs_prose or after.kind == "paragraph")


# Run-in headings


class _Section(NamedTuple):
    """A heading that begins a paragraph or list item, and the text after it."""

    heading: PagePiece
    texts: list[PagePiece]


def _split_run_ins(pieces: Sequence[PagePiece], level: int) -> list[PagePiece]:
    """Pieces with the run-in headings of paragraphs made headings of a level, if they recur."""
    sections = _run_in_sections(pieces)
    return [
        part
        for index, piece in enumerate(pieces)
        for part in (_section_pieces(sections[index], level) if index in sections else [piece])
    ]


def _run_in_sections(pieces: Sequence[PagePiece]) -> dict[int, _Section]:
    """The paragraphs with a run-in heading as sections, by their index; none if there are few."""
    sections = {
        index: section
        for index, piece in enumerate(pieces)
        if piece.kind == "paragraph" and (section := _run_in_section(piece))
    }
    counts = Counter(section.heading.text for section in sections.values())
    common = {title for title, count in counts.items() if count > max(2, _MAX_TITLE_SHARE * len(sections))}
    distinct = {index: section for index, section in sections.items() if section.heading.text not in common}
    return distinct if len(distinct) >= _MIN_RECURRENCES else {}


def _section_pieces(section: _Section, level: int) -> list[PagePiece]:
    """The pieces of a section, with a heading of a level."""
    return [_as_heading(section.heading, level), *section.texts]


def _run_in_section(piece: PagePiece) -> _Section | None:
    """A paragraph or item as a section if it begins with a bold or underlined title, set off by punctuation or a line
    break, and goes on as prose.
    """
    size = _head_size(piece.words)
    head, rest = _part_of(piece, piece.words[:size]) if size else piece, piece.words[size:]
    if not size or not rest or not head.text:
        return None
    is_set_off = rest[0] is LINE_BREAK or head.text[-1] in ".:?!–—-" or _text_of(rest)[:1] in tuple(".:–—-")
    if not is_set_off or not _is_run_in_title(head.text):
        return None
    text = _as_paragraph(_part_of(piece, _without_start(rest)))
    return _Section(head, [text]) if _is_prose(text) and not text.text[0].islower() else None


def _head_size(words: Sequence[StyledText]) -> int:
    """How many of the first parts are bold or underlined, with a number before them; all the others are neither."""
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
    return word.style.strong or word.style.underline or not word.text.strip()


def _is_run_in_title(text: str) -> bool:
    """Whether the first words of a paragraph are a title, not a label, a date or a part of its first sentence."""
    return bool(text) and (
        text.count(" ") < _MAX_RUN_IN_WORDS
        and not text[0].islower()
        and is_title(text)
        and not is_statement(text)
        and not is_label(text)
    )


def _without_start(words: Sequence[StyledText]) -> _Words:
    """Words without the punctuation and line breaks that part them from a run-in heading."""
    rest = list(words)
    while rest and not (start := rest[0].text.lstrip(" \t\r\n\u2028\u00a0.:–—-")):
        del rest[0]
    return [rest[0]._replace(text=start), *rest[1:]] if rest else []


def _split_list_sections(pieces: Sequence[PagePiece], level: int) -> list[PagePiece]:
    """Pieces with the lists whose items are sections with a heading of a level turned into these sections."""
    parts: list[PagePiece] = []
    at = 0
    for is_list, run in groupby(pieces, key=lambda piece: piece.kind == "item"):
        members = list(run)
        at += len(members)
        sections = _list_sections(members) if is_list and not _leads_in(parts) else []
        if not sections or not _is_rest_of_section(members, pieces[at:]):
            parts += members
        else:
            parts += [part for section in sections for part in _section_pieces(section, level)]
    return parts


def _is_rest_of_section(items: Sequence[PagePiece], after: Iterable[PagePiece]) -> bool:
    """Whether a list is followed by a heading or by little text, which would seem to belong to its last item."""
    below = takewhile(lambda piece: piece.kind != "heading", after)
    return _MAX_TEXT_BELOW_LIST * _count_words(items) >= _count_words(below)


def _count_words(pieces: Iterable[PagePiece]) -> int:
    """The number of words in pieces."""
    return sum(piece.text.count(" ") + 1 for piece in pieces)


def _leads_in(pieces: Sequence[PagePiece]) -> bool:
    """Whether the last piece leads in a list."""
    return bool(pieces) and pieces[-1].kind != "heading" and pieces[-1].text.endswith(":")


def _list_sections(items: Sequence[PagePiece]) -> list[_Section]:
    """The sections that the items of a list are; none unless each is one, with several words of prose."""
    outermost = min(item.level for item in items)
    starts = [index for index, item in enumerate(items) if item.level == outermost and item.marker]
    if len(starts) < _MIN_RECURRENCES or starts[0]:
        return []
    groups = [items[start:end] for start, end in pairwise([*starts, len(items)])]
    sections = [section for group in groups if (section := _item_section(group))]
    words = _count_words(text for section in sections for text in section.texts)
    return sections if len(sections) == len(groups) and words >= _MIN_ITEM_WORDS * len(groups) else []


def _item_section(group: Sequence[PagePiece]) -> _Section | None:
    """An item with those below it as a section, if it begins with a title that is bold or underlined."""
    first, below = group[0], [_outdented(item, group[0].level) for item in group[1:]]
    if section := _run_in_section(first):
        return _Section(section.heading, [*section.texts, *below])
    is_heading = _head_size(first.words) and _is_bold_title(first) and not is_label(first.text)
    return _Section(first, below) if is_heading and below and ends_sentence(below[-1].text) else None


def _outdented(item: PagePiece, level: int) -> PagePiece:
    """What is below an item of a level, without that item: a paragraph of it, or an item of a list inside it."""
    return replace(item, level=item.level - level) if item.level > level else _as_paragraph(item)


def _deepest_level(pieces: Iterable[PagePiece]) -> int:
    """The deepest level of the headings among pieces, 1 if there are none."""
    return max((piece.level for piece in pieces if piece.kind == "heading"), default=1)
