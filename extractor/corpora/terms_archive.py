"""Open Terms Archive: its versions and snapshots, out of the history of a git repository or a dataset of its releases.

A repository keeps `Service/Document.md` (versions) or `.html` and `.pdf` (snapshots), one record a commit. The date a
page was fetched on is the author's date of its commit, and a version's message names the snapshot it was made from
(OpenTermsArchive/engine, src/archivist/recorder/repositories/git). A dataset of a release has
`Service/Document/2021-08-01T01-03-12Z.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from extractor.corpora import git
from extractor.corpora.reading import Item, Part, Unread, Wanted, name_of
from extractor.errors import UnreadableError
from extractor.records import Capture, Snapshot, Source

PRIVACY = ("*privacy*",)  # Privacy Policy, Children Privacy Policy, Privacy Notice
_TYPES = {".md": "text/markdown", ".html": "text/html", ".pdf": "application/pdf"}
_MESSAGES = (
    "^(First record of|Record new changes of|Apply technical or declaration upgrade on|Start tracking|Refilter) "
)
_SNAPSHOT = re.compile(r"(?:(?<=snapshot )|(?<=^- ))\S+$", re.MULTILINE)
_ARCHIVED = re.compile(
    r"(?:https?://web\.archive\.org/web/)?\d{14}(?:[a-z]{2}_)?/(https?://\S+)"
)  # as `export` writes it
_DATED = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d)-(\d\d)-(\d\d)Z\.(?:md|html|pdf)", re.IGNORECASE)


def is_terms_archive(repository: list[str], path: Path) -> bool:
    """Whether a repository is one of Open Terms Archive's: by its layout, and its commits' messages."""
    command = [
        *repository,
        "log",
        "-1",
        "--format=%H",
        "--extended-regexp",
        f"--grep={_MESSAGES}",
        git.tip(repository, path),
    ]
    return any(map(_is_document, git.paths_in(repository, path))) and bool(git.output(command, path, check=False))


def _is_document(path: str) -> bool:
    """Whether a path in a repository is a document of a service.

    >>> _is_document("Example Shop/Privacy Policy.md"), _is_document("README.md"), _is_document("a/b/c.md")
    (True, False, False)
    """
    return path.count("/") == 1 and Path(path).suffix.lower() in _TYPES


def _document_name(path: str) -> str:
    """The name of a document: that of its file, without the part of it that a snapshot holds.

    >>> _document_name("Example Shop/Privacy Policy #cookies.html")
    'Privacy Policy'
    """
    return Path(path).stem.partition(" #")[0]


def read_terms_archive(path: Path, wanted: Wanted) -> Iterator[Part]:
    """Every version of the documents asked for, oldest first; without a name, of those whose name has "privacy" in it.

    Raises UnreadableError where the repository holds none of them, or cannot be read.
    """
    asked = wanted if wanted.documents else replace(wanted, documents=PRIVACY)
    others: set[str] = set()
    found = False
    with git.opened(path) as repository, git.blobs(repository) as blobs:
        for version in filter(lambda version: _is_document(version.path), git.versions(repository, path)):
            name = _document_name(version.path)
            if not asked.names(name + Path(version.path).suffix):
                others.add(name)
                continue
            found = True
            yield Part(f"{path}: {version.path} {version.commit.sha}", partial(_read_version, path, version, blobs))
    if not found:
        raise _no_document(path, asked, others)


def _read_version(path: Path, version: git.Version, blobs: git.Blobs) -> Iterator[Item]:
    """One version as a snapshot: its source names the file, the commit, and the snapshot it was made from."""
    try:
        content = blobs.read(version.blob)
    except ValueError as error:
        yield Unread(f"{path}: {version.path} of commit {version.commit.sha[:12]} cannot be read: {error}.")
        return
    references = _SNAPSHOT.findall(version.commit.message.partition("\n")[2])
    yield Snapshot(
        content,
        Capture("", version.commit.timestamp, _archived_url(references), target=_target_of(version.path)),
        Source(f"{name_of(path)}/{version.path}", " ".join((version.commit.sha, *references))),
        _TYPES[Path(version.path).suffix.lower()],
    )


def _archived_url(references: list[str]) -> str:
    """The address of the page, where a version was made from a capture in a web archive; "" for a snapshot of theirs.

    >>> _archived_url(["https://web.archive.org/web/20120304050607/http://lamps.example/privacy"])
    'http://lamps.example/privacy'
    """
    return next((found[1] for found in map(_ARCHIVED.fullmatch, references) if found), "")


def _target_of(path: str) -> str:
    """What was asked for: the service and the document, by which the versions of one are told from those of another."""
    return f"{Path(path).parent}/{Path(path).stem}"


def _no_document(path: Path, asked: Wanted, others: set[str]) -> UnreadableError:
    """That a repository holds no such document, and which it does hold."""
    names = " or ".join(asked.documents)
    held = (
        f"it has {', '.join(sorted(others)[:20])}" if others else "it has no Service/Document.md, .html or .pdf at all"
    )
    return UnreadableError(f"{path} holds no document named {names}: {held}. Name one with --document.")


def dated_by_name(path: Path) -> str:
    """The 14 digits that a file of a dataset has for a name, "" for any other file.

    >>> dated_by_name(Path("Example Shop/Privacy Policy/2021-08-01T01-03-12Z.md"))
    '20210801010312'
    """
    match = _DATED.fullmatch(path.name)
    return "".join(match.groups()) if match else ""
