"""Git repositories: which corpus one holds, by the layout of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from extractor.corpora import git
from extractor.corpora.princeton import is_princeton, read_history
from extractor.corpora.reading import Part, Wanted
from extractor.corpora.terms_archive import is_terms_archive, read_terms_archive
from extractor.errors import UnreadableError

REPOSITORIES = ("princeton", "open-terms-archive")
Reader = Callable[[Path, Wanted], Iterator[Part]]


def repository_reader(path: Path, form: str) -> Reader | None:
    """The reader of a repository; None, for its files, where it has no layout that is known.

    Raises UnreadableError where it has no files either.
    """
    with git.opened(path) as repository:
        if form == "open-terms-archive" or (not form and is_terms_archive(repository, path)):
            return read_terms_archive
        if form == "princeton" or is_princeton(repository, path):
            return read_history
    if (path / ".git").exists():
        return None
    raise UnreadableError(
        f"{path} is a git repository of no layout that is known: Service/Document.md (Open Terms Archive) or "
        "k/ka/kay/kayako.com.md (Princeton-Leuven). Name one with --format, or check it out and name the folder."
    )


def read_bundle(path: Path, wanted: Wanted) -> Iterator[Part]:
    """The versions in a git bundle. Raises UnreadableError."""
    if reader := repository_reader(path, ""):
        yield from reader(path, wanted)
