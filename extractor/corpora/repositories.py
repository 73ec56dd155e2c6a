"""Git repositories: which corpus one holds, by the layout of its files."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

from extractor.corpora import git
from extractor.corpora.items import CorpusFilter, CorpusPart
from extractor.corpora.princeton import is_princeton_repository, read_princeton_repository
from extractor.corpora.terms_archive import is_terms_archive, read_terms_archive
from extractor.errors import UnreadableError

REPOSITORY_FORMATS = ("princeton", "open-terms-archive")
CorpusReader = Callable[[Path, CorpusFilter], Iterator[CorpusPart]]


def repository_reader(path: Path, format_name: str) -> CorpusReader | None:
    """The reader for a repository; None if it has no known layout but has files that can be read as pages.

    Raises UnreadableError if it has no such files either.
    """
    with git.open_repository(path) as repository:
        if format_name == "open-terms-archive" or (not format_name and is_terms_archive(repository, path)):
            return read_terms_archive
        if format_name == "princeton" or is_princeton_repository(repository, path):
            return read_princeton_repository
    if (path / ".git").exists():
        return None
    raise UnreadableError(
        f"{path} is a git repository of no layout that is known: Service/Document.md (Open Terms Archive) or "
        "k/ka/kay/kayako.com.md (Princeton-Leuven). Name one with --format, or check it out and name the folder."
    )


def read_bundle(path: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusPart]:
    """The versions in a git bundle. Raises UnreadableError."""
    if reader := repository_reader(path, ""):
        yield from reader(path, corpus_filter)
