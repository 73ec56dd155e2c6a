"""Mentions of terms in the text of a policy.

A text is compared word by word with a tree of all names, so that the time grows with the length of the text and not
with the number of terms. spaCy's PhraseMatcher, an Aho-Corasick automaton and a regular expression were compared with
it in docs/decisions/0023-terms.md.
"""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Any, Literal, NamedTuple

from extractor.errors import ConfigurationError
from extractor.history.term_list import Term, TermList

_WORD = re.compile(r"\b[^\W\d_](?:\.[^\W\d_])+\b\.?|\w+|,")  # "U.S." is one word, a comma too
_QUOTES = frozenset('"\u201c\u201d')
_JOINERS = frozenset(" \t\n\xa0-\u2010\u2011\u2013\u2212'\u2019&/()\u00ae\u2122\u00a7\u00b0") | _QUOTES
_MAX_GAP = 4  # characters between two words of a name
_MAX_JOINED_WORDS = 3  # that may be written as one: "webbeacon", "DoNotTrack"
_ENTRIES = ""  # the key of a node's entries; no word is empty
_Node = dict[str, Any]
_Role = Literal["name", "exception", "context"]
_Span = tuple[int, int]


class TermPlace(NamedTuple):
    """A term that stands at `start` to `end` (code points) of a text."""

    term: str
    start: int
    end: int


class TermTree(NamedTuple):
    """All names of a list of terms as a tree of words, and what a mention of each term is also one of."""

    root: _Node
    also: Mapping[str, tuple[str, ...]]
    with_context: frozenset[str]


class _Entry(NamedTuple):
    """What a name in the tree stands for; `exact` is its spelling where capitals matter."""

    role: _Role
    term: str
    exact: str = ""


class _Hit(NamedTuple):
    """An entry that was found in a text."""

    start: int
    end: int
    entry: _Entry


def term_tree(terms: TermList) -> TermTree:
    """The tree of all names of a list. Raises ConfigurationError if a name stands for two terms whatever is beside."""
    root: _Node = {}
    owners: dict[str, str] = {}
    for term in terms.terms:
        for name, entry in _entries_of(term):
            if entry.role == "name" and not (entry.exact and term.context):
                _require_one_owner(owners, entry.exact or _key(name), term.id)
            _add(root, name, entry)
    also = {term.id: _all_also(term, {one.id: one for one in terms.terms}) for term in terms.terms}
    return TermTree(root, also, frozenset(term.id for term in terms.terms if term.context))


def _entries_of(term: Term) -> Iterator[tuple[tuple[str, ...], _Entry]]:
    """All ways of writing the names of a term, in lower case, with the entry of each."""
    for name in term.names:
        yield from ((words, _Entry("name", term.id)) for words in _spellings(words_of(name.lower())))
    for name in term.exact:
        for words in _spellings(words_of(name)):
            yield tuple(map(str.lower, words)), _Entry("name", term.id, " ".join(words))
    yield from ((words_of(name.lower()), _Entry("exception", term.id)) for name in term.exceptions)
    for name in term.context:
        yield from ((words, _Entry("context", term.id)) for words in _spellings(words_of(name.lower())))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as names are compared by: without accents, and without the dots of abbreviations.

    >>> words_of("the E.U.-U.S. Privacy Shield, Proteção")
    ('the', 'EU', 'US', 'Privacy', 'Shield', ',', 'Protecao')
    """
    return tuple(map(_plain, _WORD.findall(text)))


def _plain(word: str) -> str:
    """A word without accents and dots."""
    if word.isascii():
        return word.replace(".", "")
    parts = unicodedata.normalize("NFKD", word.replace(".", ""))
    return "".join(char for char in parts if not unicodedata.combining(char)) or word


def _spellings(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """A name, its plural, and both written as one word where that may be: of a few words without a number."""
    for spelling in (words, *((*words[:-1], plural) for plural in _plurals(words[-1]))):
        yield spelling
        if 1 < len(spelling) <= _MAX_JOINED_WORDS and all(word.isalpha() for word in spelling):
            yield ("".join(spelling),)


def _plurals(word: str) -> Iterator[str]:
    """The plural forms that a word may have."""
    lower = word.lower()
    if not lower.isalpha() or len(word) < 2:
        return
    yield f"{word}s"
    if lower.endswith(("s", "x", "ch", "sh")):
        yield f"{word}es"
    if lower.endswith("y") and lower[-2] not in "aeiou":
        yield f"{word[:-1]}ies"


def _key(words: Iterable[str]) -> str:
    """Words as one text."""
    return " ".join(words)


def _require_one_owner(owners: dict[str, str], name: str, term: str) -> None:
    """Raises ConfigurationError if a name is that of another term already."""
    if (owner := owners.setdefault(name, term)) != term:
        raise ConfigurationError(
            f"{name!r} is a name of the terms {owner!r} and {term!r}: give it to one of them, or put it into `exact` "
            "of both and say in `with` which words tell them apart."
        )


def _add(root: _Node, words: Sequence[str], entry: _Entry) -> None:
    """Adds a name to a tree."""
    node = root
    for word in words:
        node = node.setdefault(word, {})
    entries: list[_Entry] = node.setdefault(_ENTRIES, [])
    if entry not in entries:
        entries.append(entry)


def _all_also(term: Term, by_id: Mapping[str, Term]) -> tuple[str, ...]:
    """The terms that a term is a kind of, directly or through others."""
    found: dict[str, None] = {}
    waiting = list(term.also)
    while waiting:
        name = waiting.pop(0)
        if name not in found and name != term.id:
            found[name] = None
            waiting += by_id[name].also
    return tuple(found)


def find_terms(text: str, tree: TermTree) -> list[TermPlace]:
    """The mentions of terms in a text, in order. A name that lies within a longer one is not counted.

    >>> from extractor.history import read_terms, term_tree
    >>> found = find_terms("We set web-beacons. The DMCA safe harbor.", term_tree(read_terms()))
    >>> [tuple(mention) for mention in found]
    [('web_beacon', 7, 18), ('dmca', 24, 28)]
    """
    names, exceptions, contexts = _sorted_hits(text, tree)
    kept = [
        hit
        for hit in names
        if not text.startswith("://", hit.end)  # HTTPS is named, and not used in a link
        and not any(start <= hit.start and hit.end <= end for start, end in exceptions.get(hit.entry.term, ()))
        and _has_context(hit, text, tree, contexts.get(hit.entry.term, ()))
    ]
    return list(dict.fromkeys(mention for hit in _longest(kept) for mention in _mentions_of(hit, tree)))


def _sorted_hits(text: str, tree: TermTree) -> tuple[list[_Hit], dict[str, list[_Span]], dict[str, list[_Span]]]:
    """The names in a text, and by term the places of its exceptions and of the words of its context."""
    names: list[_Hit] = []
    places: dict[_Role, dict[str, list[_Span]]] = {"exception": defaultdict(list), "context": defaultdict(list)}
    for hit in _hits(text, tree.root):
        if hit.entry.role == "name":
            names.append(hit)
        else:
            places[hit.entry.role][hit.entry.term].append((hit.start, hit.end))
    return names, places["exception"], places["context"]


def _hits(text: str, root: _Node) -> Iterator[_Hit]:
    """All entries of a tree in a text."""
    spans = [match.span() for match in _WORD.finditer(text)]
    written = [text[start:end] for start, end in spans]
    if not text.isascii() or "." in text:
        written = [word if word.isalnum() and word.isascii() else _plain(word) for word in written]
    lower = [*map(str.lower, written), ""]
    first_nodes = map(root.get, lower)
    starts = [
        place for place, node in enumerate(first_nodes) if node and (_ENTRIES in node or lower[place + 1] in node)
    ]
    for place in starts:  # a look at the second word, as few names begin at a word that some name begins with
        yield from _hits_from(place, text, root, (spans, written, lower))


def _hits_from(
    first: int, text: str, root: _Node, words: tuple[Sequence[_Span], Sequence[str], Sequence[str]]
) -> Iterator[_Hit]:
    """The entries of a tree that begin with a word of a text."""
    spans, written, lower = words
    node = root
    for place in range(first, len(spans)):
        if place > first and not _is_gap(text[spans[place - 1][1] : spans[place][0]]):
            return
        node = node.get(lower[place])  # type: ignore[assignment]
        if node is None:
            return
        for entry in node.get(_ENTRIES, ()):
            if not entry.exact or entry.exact == _key(written[first : place + 1]):
                yield _Hit(spans[first][0], spans[place][1], entry)


def _is_gap(between: str) -> bool:
    """Whether two words with some characters in between may belong to one name: also "1798.83" and "ftc.gov"."""
    if between in (" ", "-", "."):
        return True
    is_short = len(between) <= _MAX_GAP and "\n\n" not in between
    return is_short and _JOINERS.issuperset(between) and sum(char in _QUOTES for char in between) < 2


def _has_context(hit: _Hit, text: str, tree: TermTree, context: Iterable[_Span]) -> bool:
    """Whether a name counts: it needs no word beside it, or one is in its paragraph and not within the name."""
    if not hit.entry.exact or hit.entry.term not in tree.with_context:
        return True
    start, end = text.rfind("\n\n", 0, hit.start), text.find("\n\n", hit.end)
    return any(
        start < word_start and (end < 0 or word_end <= end) and not (hit.start <= word_start and word_end <= hit.end)
        for word_start, word_end in context
    )


def _longest(hits: Iterable[_Hit]) -> Iterator[_Hit]:
    """The hits that do not lie within longer ones, and of one term the first of those that overlap."""
    reached: _Span = (-1, -1)
    ends: dict[str, int] = {}
    for hit in sorted(hits, key=lambda hit: (hit.start, -hit.end)):
        is_outermost = hit.end > reached[1] or (hit.start, hit.end) == reached
        if is_outermost and hit.start >= ends.get(hit.entry.term, 0):
            reached = hit.start, hit.end
            ends[hit.entry.term] = hit.end
            yield hit


def _mentions_of(hit: _Hit, tree: TermTree) -> Iterator[TermPlace]:
    """A name as a mention of its term, and of those that it is also one of."""
    names = chain([hit.entry.term], tree.also[hit.entry.term])
    return (TermPlace(name, hit.start, hit.end) for name in names)
