"""Which lines can be headings: titles, not sentences that a page sets like headings.

A heading is not in a segment, so a sentence taken for one would be lost to the labels. `tidy_headings` is for the
blocks of any format; for HTML, `html_headings` adds the headings that are known by their look.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Protocol

from extractor.records import Block
from extractor.text import lowercase_words

_MAX_TITLE_WORDS = 12
_MAX_TITLE_QUESTION_WORDS = 20
_MAX_TITLE_CHARACTERS = 150
_MAX_STATEMENT_TITLE_WORDS = 8  # a longer statement that only looks like a heading is a sentence
_MAX_STOPPED_TITLE_WORDS = 20  # a longer heading with a full stop is a sentence
_MAX_HEADING_WORDS = 30  # a longer heading is a passage
_MAX_QUESTION_WORDS = 40
_MIN_STATEMENT_WORDS = 4
_MIN_RUN_HEADINGS = 4  # so many headings in a row, with nothing below any of them, are text
_MAX_CLAUSE_WORDS = 10  # the verb of a statement is among its first words
_MAX_JUNK_CHARACTERS = 40
_MIN_LETTERS = 2  # of a title
_LEVELS = 8  # of headings, 0 to 7; 0 is that of one without a level, which is below all others

_SECTION_NUMBER = re.compile(
    r"^(?:(?:section|article|part|chapter|clause)\s+(?:\d{1,2}(?:\.\d{1,2}){0,3}|[ivx]{1,5}|[a-z])\b\s*[.:)–—-]?"
    r"|\d{1,2}(?:\.\d{1,2}){0,3}\s?[.):](?![\d.])|\d{1,2}(?:\.\d{1,2}){1,3}(?![\d.])|§\s?\d{1,3}\.?"
    r"|\((?:\d{1,2}|[a-z]|[ivx]{1,5})\)|(?:[a-z]|[ivx]{1,5})[.)])\s*[–—-]?\s*(?=\S)",
    re.IGNORECASE,
)
_ASKING = frozenset("what how why when where which who whom whose whether if".split())
_ASKING_MANNER = frozenset("what how why which who whom whose whether".split())
_PRONOUNS = frozenset("we you they i it".split())
_JOINERS = frozenset("and or".split())
_SUBORDINATORS = _ASKING | _PRONOUNS | frozenset("that to as because while unless do does is are may can".split())
_AUXILIARIES = frozenset(
    "may might will shall must can cannot could should would is are was were does do has have had isn't aren't won't"
    " can't doesn't don't hasn't haven't".split()
)
_OPENERS = frozenset(
    "after although as at because before by during for from however if in on once since sometimes to unless until upon"
    " when where while with".split()
)  # of a sentence with its subject further on
_NEGATIONS = frozenset("not never no nor neither none nobody nothing cannot without".split())
_ACTIVE_VERB = re.compile(
    r"\w (?:respect|value|take|protect|collect|use|share|sell|keep|honou?r|guard|reserve|maintain|provide|require)s"
    r" (?:your|the|its|no|any|all)\b",
    re.IGNORECASE,
)
_COMMA_CLAUSE = re.compile(r",\s+(?:we|you|please)\s", re.IGNORECASE)
_LONG_WORD = re.compile(r"[^\W\d_]{5,}")  # shorter ones stay small in titles: from, with, your
_NAME_OF_CHOICE = re.compile(r"\bdo not (?:track|call|mail|contact|(?:sell|share)\b.{0,20}\bmy)\b", re.IGNORECASE)
_MONTH_MAY = re.compile(r"\bmay\s+\d", re.IGNORECASE)
_INNER_SENTENCE_END = re.compile(r"[a-z]{4}[.!?]\s+[A-Z]")
_ABBREVIATION = re.compile(r"(?:\b(?:inc|ltd|co|corp|etc|no|vs|llc|dept|st)|\.\w)\.$", re.IGNORECASE)
_CONTACT = re.compile(r"@|https?:|www\.|\battn\b|\d{5}|\d{3}[-.\s]\d{4}|\bp\.?\s?o\.? box\b|\|", re.IGNORECASE)
_DATE_LINE = re.compile(
    r"\W*(?:(?:(?:this|our|the) )?(?:(?:privacy|cookie) )?(?:policy|statement|notice) (?:was |is )?)?"
    r"(?:last |date |policy )?"
    r"(?:updated?|effective|revised|revision|modified|changed|released|reviewed|posted|version|starting date)\b"
    r".*\b(?:19|20)\d\d\b"
    r"|\W*(?:\d{1,2}\s+)?(?:jan|feb|mar|apr|may|june?|july?|aug|sep|oct|nov|dec)[a-z]{0,6}\.?\s+"
    r"(?:\d{1,2}(?:st|nd|rd|th)?,?\s+)?(?:19|20)\d\d\W*$",
    re.IGNORECASE,
)
_LABEL = re.compile(
    r"(?:please )?(?:note|example|for example|e\.?g|i\.?e|tip|warning|attention|important(?: note)?|notice|in short"
    r"|(?:the )?short version|tl;?\s?dr|in brief|(?:in )?plain english|what this means|basically"
    r"|summary|(?:e-?|postal |electronic )?mail(?: address)?|address|(?:tele)?phone|tel|fax|website|web|contact"
    r"|date|effective(?: date)?|last \w+|updated?|version|by \w+|to|from|re|subject|attn|n\.?b|p\.?s|or|and)\W*",
    re.IGNORECASE,
)
_LEAD_IN_END = re.compile(
    r"\b(?:includ(?:e|es|ing)|following|follows|below|are|is|as|that|may|can|will|or|and|ways|because|example)\W*:\s*$",
    re.IGNORECASE,
)
_PREPOSITION_END = re.compile(r"\b(?:for|to|by|with|from|of|like|when|if|where|through)\W*:\s*$", re.IGNORECASE)

_JUNK = (
    r"expand_(?:more|less)|keyboard_arrow_(?:down|up|right|left)|keyboard_double_arrow_\w+"
    r"|arrow_(?:drop_down|drop_up|right|left|downward|upward|forward|back|forward_ios)|chevron_(?:right|left|down|up)"
    r"|(?:add|remove)_circle(?:_outline)?|\[\s?edit(?:\s\w+)?\s?\]|[#¶§+–—▼▾▽▲▴△▶►▸◀›»⌄⌃⌵˅🔗⊕⊖-]"
    r"|[\[(]?(?:back|return|go) to (?:the )?top\b[\])]?|(?:show|read) (?:more|less)"
    r"|copy (?:the )?link(?: to (?:this )?(?:section|heading|clipboard))?|toggle(?: (?:section|menu|content|panel))?"
    r"|click (?:here )?to (?:expand|collapse|open|close|view|show|toggle)(?: \w+)?|(?:expand|collapse)(?: section)?"
    r"|permalink|(?:direct )?link to (?:this )?(?:section|heading)|\(top\)|\[top\]"
)
_JUNK_LINE = re.compile(
    rf"(?:{_JUNK}|(?:view|see|learn) (?:more|all)|top|edit|anchor|link|add|open|close|[x×])", re.IGNORECASE
)
_JUNK_END = re.compile(rf"(?:(?<!\sto)\s+(?:{_JUNK})|[¶▼▾▽⌄⌵]|expand_more|keyboard_arrow_down)\s*$", re.IGNORECASE)
_FINAL_COLON = re.compile(r"(?<=\w)\s*[:–—]\s*$")


class _HeadingOrText(Protocol):
    """A block or a piece of a page."""

    @property
    def kind(self) -> str: ...
    @property
    def text(self) -> str: ...
    @property
    def level(self) -> int: ...


def tidy_headings(blocks: Sequence[Block]) -> list[Block]:
    """Blocks with the junk at the ends of headings removed ("expand_more", "¶", "[edit]", "Back to top"), and with
    headings that are sentences or passages made paragraphs.

    For every format whose blocks come with headings: Markdown, plain text, PDF.
    """
    cleaned = [_tidy_heading(block) if block.kind == "heading" else block for block in blocks]
    passages = sentence_headings(cleaned)
    return [
        replace(block, kind="paragraph", level=0) if index in passages else block for index, block in enumerate(cleaned)
    ]


def _tidy_heading(block: Block) -> Block:
    """A heading without junk at its end, in its text and in its Markdown; the same if the two do not match."""
    text = without_junk_end(block.text)
    if text == block.text:
        return block
    junk = "".join(rf"\\?{re.escape(char)}" for char in block.text[len(text) :].strip())
    markdown = re.sub(rf"\s*\[?\s*{junk}(?:\]\([^()\s]*\))?([*_]*)\s*$", r"\1", block.markdown)
    return replace(block, text=text, markdown=markdown) if markdown != block.markdown else block


@lru_cache(maxsize=5_000)  # headings recur in the next captures
def without_junk_end(text: str) -> str:
    """A heading's text without what ends it but is none of its words; the same if nothing would be left.

    >>> without_junk_end("Cookies expand_more"), without_junk_end("Children: ¶")
    ('Cookies', 'Children')
    """
    end = len(text)
    while junk := _junk_length(text[max(0, end - _MAX_JUNK_CHARACTERS) : end]):
        end -= junk
    return text[:end] if text[:end].strip() else text


def _junk_length(text: str) -> int:
    """The number of characters at the end of a text that are none of its words."""
    return len(text) - len(_FINAL_COLON.sub("", _JUNK_END.sub("", text)).rstrip())


def without_full_stop(text: str) -> str:
    """A title without a full stop at its end, unless that belongs to an abbreviation.

    >>> without_full_stop("Cookies."), without_full_stop("Example Inc.")
    ('Cookies', 'Example Inc.')
    """
    return text[:-1] if text.endswith(".") and not text.endswith("..") and ends_in_full_stop(text) else text


def is_junk(text: str) -> bool:
    """Whether a separate part at the end of a heading is none of its words."""
    return len(text) <= _MAX_JUNK_CHARACTERS and _JUNK_LINE.fullmatch(text.strip(" []()")) is not None


def sentence_headings(parts: Sequence[_HeadingOrText]) -> set[int]:
    """The indices of the headings that are text: passages; sentences with nothing below them, or of a level that
    mostly holds passages; dates; and headings in a long row of such with nothing below.
    """
    headings = [index for index, part in enumerate(parts) if part.kind == "heading"]
    texts = {index for index in headings if _is_passage(parts[index].text)}
    levels = Counter(parts[index].level for index in headings)
    long = Counter(parts[index].level for index in headings if _is_long(parts[index].text))
    bodies = {level for level, count in long.items() if count > 1 and 2 * count > levels[level]}
    texts |= {index for index in headings if parts[index].level in bodies and _is_in_body(parts[index].text)}
    empty = _headings_without_text(parts, texts)
    return texts | _long_runs(parts, empty)


@lru_cache(maxsize=5_000)  # most headings recur in the next captures of a page
def _is_passage(text: str) -> bool:
    """Whether a heading is too long to be one, or the date of the policy."""
    count = len(text.split())
    if text.endswith("?"):
        return count > _MAX_QUESTION_WORDS
    if count > _MAX_TITLE_WORDS and (is_statement(text) or _is_two_sentences(text)):
        return True
    is_stopped = ends_in_full_stop(text) and (count > _MAX_STOPPED_TITLE_WORDS or not _is_title_case(text))
    return (count > _MAX_TITLE_WORDS and is_stopped) or count > _MAX_HEADING_WORDS or tells_policy_date(text)


def _is_long(text: str) -> bool:
    """Whether a heading is a passage, or too long for a title and with a full stop."""
    return _is_passage(text) or (len(text.split()) > _MAX_TITLE_WORDS and ends_in_full_stop(text))


def _is_in_body(text: str) -> bool:
    """Whether a heading of a level that mostly holds passages is one of them."""
    return _is_said(text) or ends_in_full_stop(text)


def _is_said(text: str) -> bool:
    """Whether a heading says something, rather than naming what is said below."""
    return _is_sentence(text) or _is_long(text) or (len(text.split()) >= _MIN_STATEMENT_WORDS and is_statement(text))


def _headings_without_text(parts: Sequence[_HeadingOrText], texts: set[int]) -> set[int]:
    """The headings with no text before the next one of the same or a higher level; those that say something are added
    to `texts` and count as text below the headings above them.
    """
    empty = set()
    has_text = [False] * _LEVELS
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        level = part.level or _LEVELS - 1
        if part.kind != "heading" or index in texts:
            if False in has_text and not tells_policy_date(part.text):
                has_text = [True] * _LEVELS
        elif has_text[level]:
            has_text[level:] = [False] * (_LEVELS - level)
        elif _is_said(part.text):
            texts.add(index)
            has_text = [True] * _LEVELS
        else:
            empty.add(index)
            has_text[level:] = [False] * (_LEVELS - level)
    return empty


def _long_runs(parts: Sequence[_HeadingOrText], empty: set[int]) -> set[int]:
    """The headings without text below that follow one another in long runs, as in a list of contents."""
    runs: list[list[int]] = []
    for index in sorted(empty):
        if runs and runs[-1][-1] == index - 1:
            runs[-1].append(index)
        else:
            runs.append([index])
    long = [run for run in runs if len(run) >= _MIN_RUN_HEADINGS]
    last = {_key(part.text): index for index, part in enumerate(parts) if part.kind == "heading"} if long else {}
    ends = [end for run in long if (end := run[-1] + 1) < len(parts) and parts[end].kind == "heading"]
    entries = {end for end in ends if last.get(_key(parts[end].text), end) > end}  # there is such a heading below
    return {index for run in long for index in run if index} | entries


def _key(text: str) -> str:
    """The text of a heading without its number, to compare it with its entry in a list of contents."""
    return " ".join(lowercase_words(_SECTION_NUMBER.sub("", text, count=1)))


def has_title_length(text: str) -> bool:
    """Whether a line is short enough for a title: questions are longer than other titles."""
    return len(text) <= _MAX_TITLE_CHARACTERS and text.count(" ") < _most_title_words(text)


def _most_title_words(text: str) -> int:
    """The most words that a title may have."""
    return _MAX_TITLE_QUESTION_WORDS if text.endswith("?") else _MAX_TITLE_WORDS


@lru_cache(maxsize=5_000)  # as above
def is_title(text: str) -> bool:
    """Whether a line that looks like a heading reads like one: short, and no sentence, denial, date or address.

    >>> [is_title(line) for line in ("Information we collect:", "WE DO NOT SHARE YOUR DATA", "Cookies.", "We use:")]
    [True, False, True, False]
    """
    count = len(text.split())
    if count > _most_title_words(text) or len(text) > _MAX_TITLE_CHARACTERS or text[-1] in ";," or _is_other_line(text):
        return False
    if is_statement(text):
        is_short = count <= _MAX_STATEMENT_TITLE_WORDS or _is_title_case(text)
        return text[-1] != ":" and is_short and not _denies(text)
    return not (text[-1] == ":" and _is_lead_in(text))


def _is_other_line(text: str) -> bool:
    """Whether a short line is a sentence, a date, an address, a label of the page, or has no words."""
    has_words = sum(map(str.isalpha, text)) >= _MIN_LETTERS
    is_mark = _CONTACT.search(text) is not None or is_junk(text)
    return not has_words or is_mark or _is_sentence(text) or tells_policy_date(text)


def _is_lead_in(text: str) -> bool:
    """Whether a line with a colon leads in what follows, or is a label such as "Note:"."""
    is_cut_off = _PREPOSITION_END.search(text) is not None and not _asks(text)
    return is_cut_off or _LEAD_IN_END.search(text) is not None or is_label(text)


def _asks(text: str) -> bool:
    """Whether a line begins with an interrogative: "What we ask for"."""
    words = _title_words(text)
    return bool(words) and words[0] in _ASKING_MANNER


def is_label(text: str) -> bool:
    """Whether words before a colon mark a remark or an address rather than a section."""
    return _LABEL.fullmatch(text) is not None


def tells_policy_date(text: str) -> bool:
    """Whether a line tells the date or version of the policy."""
    return len(text) <= _MAX_TITLE_CHARACTERS and _DATE_LINE.match(text) is not None


def _is_sentence(text: str) -> bool:
    """Whether a line is a sentence that ends in a full stop, not a title with a stop after it."""
    count = len(text.split())
    if not ends_in_full_stop(text) or count < _MIN_STATEMENT_WORDS:
        return False
    words = _title_words(text)
    if not words or words[0] in _ASKING_MANNER:
        return False
    has_clause = words[0] in _OPENERS and not _PRONOUNS.isdisjoint(words)
    return (
        is_statement(text)
        or has_clause
        or count > _MAX_TITLE_WORDS
        or (count > _MAX_STATEMENT_TITLE_WORDS and not _is_title_case(text))
    )


@lru_cache(maxsize=5_000)
def is_statement(text: str) -> bool:
    """Whether a line has a subject and a verb of its own: "We sell nothing", not "What we sell" or "Data we sell".

    >>> [is_statement(line) for line in ("We sell nothing", "No data is sold", "If you write to us, we answer")]
    [True, True, True]
    >>> [is_statement(line) for line in ("What we sell", "Data that is sold", "If you write to us", "Do not track")]
    [False, False, False, False]
    """
    words = _title_words(text)
    if len(words) < 2 or words[0] in _ASKING_MANNER or text.endswith("?"):
        return False
    if _COMMA_CLAUSE.search(text):
        return True
    if words[0].split("'")[0] in _PRONOUNS:
        return words[1] not in _JOINERS
    if _ACTIVE_VERB.search(text) and words[0] not in _SUBORDINATORS:
        return True
    return _has_verb(words[:_MAX_CLAUSE_WORDS]) if not _MONTH_MAY.search(text) else False


def _has_verb(words: Sequence[str]) -> bool:
    """Whether a noun comes before an auxiliary verb that is not part of a subordinate clause."""
    if words[0] == "please":
        return len(words) >= _MIN_STATEMENT_WORDS
    if words[0] in _SUBORDINATORS:
        return False
    first = next((word for word in words[1:] if word in _AUXILIARIES or word in _SUBORDINATORS), "")
    return first in _AUXILIARIES


def _is_title_case(text: str) -> bool:
    """Whether the longer words of a line begin with capitals, and the line is not all in capitals."""
    return not text.isupper() and not any(word[0].islower() for word in _LONG_WORD.findall(text))


def _denies(text: str) -> bool:
    """Whether a statement says that something is not done."""
    return any(word in _NEGATIONS or word.endswith("n't") for word in _title_words(text))


def _title_words(text: str) -> list[str]:
    """The words of a line in lower case, without the number of the section."""
    return lowercase_words(_NAME_OF_CHOICE.sub("", _SECTION_NUMBER.sub("", text, count=1)))


def section_number(text: str) -> str:
    """The number that a line begins with ("1.", "2.1", "Section 3 -", "IV.", "(b)"), "" if there is none."""
    match = _SECTION_NUMBER.match(text)
    return match[0].strip() if match else ""


def ends_in_full_stop(text: str) -> bool:
    """Whether a line ends in a full stop or exclamation mark that is not part of an abbreviation."""
    end = text.rstrip("\"')]”’ ")
    return end.endswith("!") or (end.endswith(".") and not _ABBREVIATION.search(end[-12:]))


def _is_two_sentences(text: str) -> bool:
    """Whether a line ends like a sentence and has the end of another one inside."""
    return ends_in_full_stop(text) and _INNER_SENTENCE_END.search(text) is not None
