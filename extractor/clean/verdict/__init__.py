"""Whether a page can be used, and whether it is a privacy policy."""

from extractor.clean.verdict.judgment import judge, unusable_verdict
from extractor.clean.verdict.language import count_words, detect_language, unusual_characters
from extractor.clean.verdict.page_content import PageContent
from extractor.clean.verdict.phrases import SECTION_HEADING, TERMS_NAME
from extractor.clean.verdict.text_kind import (
    CUE_SCALE,
    CUE_WORDS,
    TEXT_KINDS,
    TextKind,
    kind_probabilities,
    sample_words,
)

__all__ = [
    "CUE_SCALE",
    "CUE_WORDS",
    "SECTION_HEADING",
    "TERMS_NAME",
    "TEXT_KINDS",
    "PageContent",
    "TextKind",
    "count_words",
    "detect_language",
    "judge",
    "kind_probabilities",
    "sample_words",
    "unusable_verdict",
    "unusual_characters",
]
