"""The lines of a paragraph or heading as pieces of their own: titles, and sentences that are paragraphs themselves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from extractor.clean.headings.piece_edits import lines_of_piece, part_of_piece
from extractor.clean.headings.title_looks import MIN_TEXT_WORDS, is_bold_title, is_plain_title, is_strong, is_text_line
from extractor.clean.headings.titles import ends_in_full_stop
from extractor.clean.tree import LINE_BREAK, PagePiece
from extractor.text import ends_sentence

_MIN_LINE_WORDS = 6  # a shorter line is no sentence
_MIN_SENTENCE_LINES = 0.7  # of the lines of a paragraph, to be paragraphs themselves
_QUOTES = "\"'“‘("


def split_heading(piece: PagePiece) -> list[PagePiece]:
    """A heading; if it has a sentence on a line of its own, one piece a line."""
    if piece.kind != "heading" or LINE_BREAK not in piece.words:
        return [piece]
    lines = lines_of_piece(piece)
    return lines if len(lines) > 1 and any(is_text_line(line) for line in lines) else [piece]


def split_lines(piece: PagePiece) -> list[PagePiece]:
    """The paragraphs of a piece: it is cut after a heading on a line of its own, and between lines of sentences."""
    if piece.kind != "paragraph" or LINE_BREAK not in piece.words:
        return [piece]
    return list(_paragraphs_of_lines(lines_of_piece(piece)))


def _paragraphs_of_lines(lines: Sequence[PagePiece]) -> Iterator[PagePiece]:
    """The paragraphs that lines belong to."""
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
    return part_of_piece(lines[0], words) if len(lines) > 1 else lines[0]


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
    if len(lines) > 2 and _is_bold_title_above(after, lines[2]) and not is_strong(line) and line.text[-1] not in ":,":
        return True
    return are_sentences and _are_two_thoughts(*lines)


def _is_bold_title_above(line: PagePiece, after: PagePiece) -> bool:
    """Whether a line is a bold title, and the line after it is text that is not bold."""
    is_text = ends_in_full_stop(after.text) or after.text[-1] in "?:;" or after.text.count(" ") >= MIN_TEXT_WORDS - 1
    return is_bold_title(line) and is_text and not is_strong(after)


def _are_two_thoughts(line: PagePiece, after: PagePiece, third: PagePiece | None = None) -> bool:
    """Whether two lines are two sentences, or a sentence and a title, rather than a list or an address."""
    if after.text[0].islower() or line.text[-1] in ",;" or not (after.text[0].isalnum() or after.text[0] in _QUOTES):
        return False
    if not is_text_line(line):
        return is_plain_title(line) and is_text_line(after)
    if line.text[-1] == ":":
        return False
    return is_text_line(after) or (third is not None and is_plain_title(after) and is_text_line(third))
