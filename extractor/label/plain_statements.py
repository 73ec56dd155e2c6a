"""A segment as plain statements: questions with their answers, cells with their headers, items with their lead-in.

"Do you sell my address? No." says what "We do not sell your address." says. The polarity rules are learned on sentences
of the second kind, so the other kinds are rewritten to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, takewhile

from extractor.label.features import MAX_PASSAGE_CHARACTERS
from extractor.label.negation import has_negation, is_practice_verb
from extractor.records import Segment
from extractor.text import statements

_CELL_BORDER = " | "
_MISSING_SPACE = re.compile(r"[.!?](?<=[a-z][.!?])(?=[A-Z][a-z])")  # a pattern that begins with a mark is fast
_MAX_QUESTION_CHARACTERS = 300  # longer ones are not rewritten
_ANSWER_END = r"(?=\s*(?:[.,;:!\u2013\u2014-]|$))[\s.,;:!\u2013\u2014-]*"
_NO = (
    r"no(?: one|body|ne|thing|pe|t at all)?|never|(?:absolutely|certainly|definitely|of course) not"
    r"|(?:we|it|they) (?:do|does|will|would|have|are|is)(?: not|n['\u2019]t)|we won['\u2019]t"
)
_NO_ANSWER = re.compile(rf"(?:(?:{_NO}){_ANSWER_END})+", re.IGNORECASE)
_YES_ANSWER = re.compile(rf"(?:(?:yes|absolutely|certainly|of course|we do){_ANSWER_END})+", re.IGNORECASE)
_BEFORE_ANSWER = re.compile(r"(?<=\?)\s+(?=(?:a: *)?(?:no|not|never|none|yes)\b)", re.IGNORECASE)
_SPEAKER = re.compile(r"(?:q|a|question|answer)\s*:\s*", re.IGNORECASE)
_QUESTION = re.compile(
    r"(?P<before>(?:.*?\s)??)(?P<auxiliary>do|does|did|will|would|can|could|may|is|are|was|were|have|has)\s+(?P<rest>\S.*?)\W*",
    re.IGNORECASE | re.DOTALL,
)
_OTHER_PERSON = {"you": "we", "your": "our", "i": "you", "me": "you", "my": "your"}
_FIRST_PERSON = re.compile(r"\b(?:we|our|us)\b", re.IGNORECASE)  # by the one who answers
_LEAD_IN_END = re.compile(
    r"(?:\b(?:not|never|cannot)|n['\u2019]t)(?: \w+ly)?(?: do)?(?:\s*:\s*\n\s*|[^\S\n]*\n\s*\n\s*)", re.IGNORECASE
)
_DENYING_LEAD_IN = re.compile(r"(?:\b(?:not|never|cannot)|n['\u2019]t)(?: \w+ly)?(?: do)?\s*:?\s*$", re.IGNORECASE)
_BULLET = re.compile(r"^[\s*\u2022\u00b7\u25cf\u25aa\u2013\u2014-]+")
_OWN_SUBJECT = re.compile(r"(?:we|you|your|our|the|this|these|if|i|it|they|however)\b", re.IGNORECASE)
_NO_CELL = re.compile(
    r"(?:no|none|never|n ?/ ?a|not (?:applicable|collected|sold|shared|disclosed)|[\u2717\u2718\u2715\u2716\u274c])\.?",
    re.IGNORECASE,
)
_NO_MARK = re.compile(r"\b[nN] ?/ ?[aA]\b|[\u2717\u2718\u2715\u2716\u274c]")
_YES_CELL = re.compile(r"(?:yes|y|collected|sold|shared|disclosed|[\u2713\u2714\u2611\u2705\u221a])\.?", re.IGNORECASE)
_COLUMN_VERBS = [  # the first whose pattern is in the header
    (re.compile(r"can you|limit|\bopt", re.IGNORECASE), "You can {}limit the sharing of"),
    (re.compile(r"\b(?:s[oe]ld|sell|sale|shar|disclos|transfer|recipient|third.part)", re.IGNORECASE), "We {}share"),
    (re.compile(r"\b(?:collect|gather|process|obtain|used?\b)", re.IGNORECASE), "We {}collect"),
    (re.compile(r"\bcookie", re.IGNORECASE), "We {}use cookies for"),
]
_RECIPIENT_HEADER = re.compile(r"(?:\b(?:to|with)(?: whom)?$|recipient|third.part)", re.IGNORECASE)


def may_deny(text: str) -> bool:
    """Whether a passage has a word or mark that can deny a practice.

    >>> may_deny("We sell it."), may_deny("We never sell it."), may_deny("Name | \u2713 | \u2717")
    (False, True, True)
    """
    return has_negation(text) or (has_cells(text) and _NO_MARK.search(text) is not None)


def has_cells(text: str) -> bool:
    """Whether a passage is a row of cells."""
    return _CELL_BORDER in text


def plain_statements(segment: Segment) -> list[str]:
    """The statements of a segment, its nearest heading and its lead-in included.

    >>> question = "Do you sell my data?"
    >>> plain_statements(Segment(0, 0, 3, "No. We keep it.", headings=(question,)))
    ['we do not sell your data.', 'We keep it.']
    >>> plain_statements(Segment(0, 0, 8, "Age | No", context="Data | Sold"))
    ['Age', 'We do not share Age.']
    >>> plain_statements(Segment(0, 0, 15, "sell it;\\nlend it.", context="We do not:"))
    ['We do not sell it;', 'We do not lend it.']
    """
    text = _MISSING_SPACE.sub(r"\g<0> ", segment.text[:MAX_PASSAGE_CHARACTERS])
    sentences: Iterable[str]
    if has_cells(text):
        sentences = _row_statements(text.split(_CELL_BORDER), segment.context.split(_CELL_BORDER))
    elif _DENYING_LEAD_IN.search(segment.context):
        sentences = _statements_with_lead_ins(f"{segment.context.rstrip(': ')}:\n{text}")
    else:
        sentences = [*statements(segment.context), *_statements_with_lead_ins(text)]
    return list(_answered([*segment.headings[-1:], *sentences]))


def _statements_with_lead_ins(text: str) -> list[str]:
    """The statements of a text; a line that ends in "not" begins each line of the list after it."""
    end = _LEAD_IN_END.search(text) if "\n" in text else None
    if end is None:
        return statements(text)
    *before, lead_in = statements(text[: end.start()] + end[0].split(":")[0].rstrip())
    lines = [_BULLET.sub("", line) for line in text[end.end() :].split("\n") if line.strip()]
    items = list(takewhile(lambda line: not _OWN_SUBJECT.match(line), lines))
    after = "\n".join(lines[len(items) :])
    return [*before, *(f"{lead_in} {item}" for item in items or [""]), *_statements_with_lead_ins(after)]


def _row_statements(cells: Sequence[str], headers: Sequence[str]) -> Iterator[str]:
    """The cells of a row as statements, those that say yes or no with what their header asks."""
    headers = headers if len(headers) == len(cells) else [""] * len(cells)
    for header, cell in zip(headers, cells, strict=True):
        verb = next((verb for pattern, verb in _COLUMN_VERBS if pattern.search(header)), "")
        if verb and _NO_CELL.fullmatch(cell.strip()):
            yield f"{verb.format('not ' if verb.startswith('You') else 'do not ')} {cells[0]}."
        elif verb and _YES_CELL.fullmatch(cell.strip()):
            yield f"{verb.format('')} {cells[0]}."
        elif _RECIPIENT_HEADER.search(header) and not has_negation(cell):
            yield f"We share {cells[0]} with {cell}."
        else:
            yield from statements(cell)


def _answered(sentences: Iterable[str]) -> Iterator[str]:
    """Sentences in which each question with a yes or no after it is a statement, and every other stays as it is."""
    question = ""
    for part in chain.from_iterable(map(_split_before_answer, sentences)):
        speaker = _SPEAKER.match(part)
        sentence = part[speaker.end() :] if speaker else part
        if question and sentence:
            is_denied, is_affirmed = _NO_ANSWER.match(sentence), _YES_ANSWER.match(sentence)
            answer = is_denied or is_affirmed
            yield _declared(question, is_denied=is_denied is not None) if answer else question
            sentence, question = sentence[answer.end() :] if answer else sentence, ""
        if sentence.endswith("?") and len(sentence) <= _MAX_QUESTION_CHARACTERS:
            question = sentence
        elif sentence:
            yield sentence
    if question:
        yield question


def _split_before_answer(sentence: str) -> list[str]:
    """A sentence in two where an answer follows a question."""
    return _BEFORE_ANSWER.split(sentence) if "?" in sentence else [sentence]


def _declared(question: str, *, is_denied: bool) -> str:
    """What a question asks for as a statement by the one who answers.

    >>> _declared("Does the bank sell my name?", is_denied=True)
    'the bank does not sell your name.'
    >>> _declared("What do you collect?", is_denied=True), _declared("What do you collect?", is_denied=False)
    ('we do not collect What.', 'we do collect What.')
    """
    parts = _QUESTION.fullmatch(question)
    if parts is None:
        return question
    other = {} if _FIRST_PERSON.search(question) else _OTHER_PERSON
    words = [other.get(word.lower(), word) for word in parts["rest"].split()]
    subject_end = next((place for place, word in enumerate(words) if place and is_practice_verb(word)), 1)
    negation = [parts["auxiliary"].lower(), *["not"] * is_denied]
    return " ".join([*words[:subject_end], *negation, *words[subject_end:], *parts["before"].split()]) + "."
