"""The list of terms that `terms` counts: read from a TOML file, and checked so that each mistake has a sentence."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from extractor.errors import ConfigurationError, UnreadableError
from extractor.resources import bundled_path, read_toml

_VERSION = 1
_TEXTS = ("id", "label", "group", "source")
_LISTS = ("names", "exact", "with", "not", "also", "matches", "not_matches")
_ID = re.compile(r"[a-z0-9_]+")


@dataclass(frozen=True, slots=True)
class Term:
    """A term and its names.

    Capitals matter in `exact` alone. Where there is `context`, a name in `exact` counts only in a paragraph that has
    one of these words too. In the `exceptions` a name means something else. A mention of the term is also one of the
    terms in `also`. `matches` and `not_matches` are sentences for tests.
    """

    id: str
    label: str
    group: str
    source: str = ""
    names: tuple[str, ...] = ()
    exact: tuple[str, ...] = ()
    context: tuple[str, ...] = ()
    exceptions: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    matches: tuple[str, ...] = ()
    not_matches: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class TermList:
    """Terms in order of the file, and the titles of their groups."""

    groups: Mapping[str, str]
    terms: tuple[Term, ...]


def read_terms(path: Path | None = None) -> TermList:
    """The terms in a file; without one, those that come with the package.

    Raises UnreadableError where there is no such file or it is no TOML, ConfigurationError where an entry is wrong.
    """
    path = path or bundled_path("annotations/terms.toml")
    try:
        content = read_toml(path)
    except FileNotFoundError as error:
        raise UnreadableError(f"There is no file {path}: check the path.") from error
    except (ValueError, OSError) as error:  # TOMLDecodeError and UnicodeDecodeError are ValueErrors
        raise UnreadableError(f"{path} is no list of terms in TOML: {error}.") from error
    if mistake := next(_mistakes(content), ""):
        raise ConfigurationError(f"{path}: {mistake}")
    return TermList(dict(content["groups"]), tuple(map(_term_of, content["term"])))


def _term_of(entry: Mapping[str, Any]) -> Term:
    """The term in an entry that has no mistake."""
    renamed = {"with": "context", "not": "exceptions"}
    values: dict[str, Any] = {key: entry.get(key, "") for key in _TEXTS}
    values |= {renamed.get(key, key): tuple(entry.get(key, ())) for key in _LISTS}
    return Term(**values)


def _mistakes(content: Mapping[str, Any]) -> Iterator[str]:
    """A sentence on each mistake in the content of a file, the most basic first."""
    if content.get("version") != _VERSION:
        yield f"write `version = {_VERSION}` at the top: this is the form of terms that is understood."
    groups, entries = content.get("groups"), content.get("term")
    if not (isinstance(groups, dict) and groups and all(isinstance(title, str) for title in groups.values())):
        yield 'write a table [groups] with a line `name = "Title"` for each group.'
    if not (isinstance(entries, list) and entries and all(isinstance(entry, dict) for entry in entries)):
        yield "write a table [[term]] for each term."
    for number, entry in enumerate(entries or [], 1):
        place = f"term {number} ({entry['id']})" if isinstance(entry.get("id"), str) else f"term {number}"
        yield from (f"{place} {mistake}" for mistake in _mistakes_in_values(entry))
        yield from (f"{place} {mistake}" for mistake in _mistakes_in_entry(entry, groups or {}))
    yield from _mistakes_between(entries or [])


def _mistakes_in_values(entry: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with the keys of an entry and the types of its values."""
    for key, value in entry.items():
        if key not in (*_TEXTS, *_LISTS):
            yield f"has a key `{key}`, which means nothing: use {', '.join((*_TEXTS, *_LISTS))}."
        if key in _TEXTS and not isinstance(value, str):
            yield f'needs a text as its `{key}`: write {key} = "…".'
        if key in _LISTS and not (isinstance(value, list) and all(isinstance(one, str) for one in value)):
            yield f'needs a list of texts as its `{key}`: write {key} = ["…"].'


def _mistakes_in_entry(entry: Mapping[str, Any], groups: Collection[str]) -> Iterator[str]:
    """What is wrong with the values of an entry, each of the right type."""
    for key in ("id", "label", "group"):
        if not entry.get(key):
            yield f"has no `{key}`: write one."
    if not _ID.fullmatch(entry.get("id", "")):
        yield "needs an id of lower-case letters, digits and underscores."
    if entry["group"] not in groups:
        yield f"is in the group {entry['group']!r}, which [groups] does not list: it has {', '.join(groups)}."
    if not (entry.get("names") or entry.get("exact")):
        yield "has no name that could be found: write `names` or `exact`."
    if entry.get("with") and not entry.get("exact"):
        yield "has `with` but no `exact`, which is what it narrows: move the ambiguous names to `exact`."
    for key in ("names", "exact", "with", "not"):
        if blank := [name for name in entry.get(key, ()) if not any(map(str.isalnum, name))]:
            yield f"has {blank[0]!r} in `{key}`, which has no letter or digit."


def _mistakes_between(entries: Collection[Mapping[str, Any]]) -> Iterator[str]:
    """What is wrong between entries: ids that stand twice, and `also` of terms that are not there."""
    ids = [entry["id"] for entry in entries]
    for name in dict.fromkeys(name for name in ids if ids.count(name) > 1):
        yield f"the id {name!r} stands twice: each term needs its own."
    for entry in entries:
        for other in entry.get("also", ()):
            if other not in ids or other == entry["id"]:
                yield f"the term {entry['id']!r} is also {other!r}, which is no other term of the file."
