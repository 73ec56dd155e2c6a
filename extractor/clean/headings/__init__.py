"""What is a heading and what is text, by words, by look, and by place."""

from extractor.clean.headings.html_headings import find_headings
from extractor.clean.headings.piece_edits import heading_words
from extractor.clean.headings.titles import (
    is_junk,
    is_statement,
    is_title,
    section_number,
    tells_policy_date,
    tidy_headings,
    without_junk_end,
)

__all__ = [
    "find_headings",
    "heading_words",
    "is_junk",
    "is_statement",
    "is_title",
    "section_number",
    "tells_policy_date",
    "tidy_headings",
    "without_junk_end",
]
