"""Open Terms Archive: versions and snapshots from the history of a git repository, or from a released dataset.

A repository has `Service/Document.md` (versions) or `.html` and `.pdf` (snapshots), one record per commit. The author's
date of a commit is the date on which the page was fetched, and the message of a version names the snapshot it was made
from (OpenTermsArchive/engine, src/archivist/recorder/repositories/git). A released dataset has
`Service/Document/2021-08-01T01-03-12Z.md`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from pathlib import Path

from extractor.corpora import git
from extractor.corpora.items import CorpusFilter, CorpusItem, CorpusPart, UnreadableItem, source_path
from extractor.corpora.memento_urls import parse_archived_url
from extractor.errors import UnreadableError
from extractor.identity import Identity
from extractor.records import Capture, Snapshot, Source

PRIVACY_DOCUMENTS = ("*privacy*",)  # Privacy Policy, Children Privacy Policy, Privacy Notice
_MEDIA_TYPES = {".md": "text/markdown", ".html": "text/html", ".pdf": "application/pdf"}
_COMMIT_SUBJECTS = (
    "^(First record of|Record new changes of|Apply technical or declaration upgrade on|Start tracking|Refilter) "
)
_SNAPSHOT_REFERENCE = re.compile(r"(?:(?<=snapshot )|(?<=^- ))\S+$", re.MULTILINE)
_CAPTURE_ID = re.compile(r"\d{14}/(https?://\S+)")  # as `export` writes it
_DATED_NAME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d)-(\d\d)-(\d\d)Z\.(?:md|html|pdf)", re.IGNORECASE)


def is_terms_archive(repository: list[str], path: Path) -> bool:
    """Whether a repository is one of Open Terms Archive's, by its layout and the messages of its commits."""
    if not any(map(_is_document, git.paths_in(repository, path))):
        return False
    search = ["log", "-1", "--format=%H", "--extended-regexp", f"--grep={_COMMIT_SUBJECTS}"]
    return bool(git.git_output([*repository, *search, git.history_revision(repository, path)], path, check=False))


def _is_document(path: str) -> bool:
    """Whether a path in a repository is that of a service's document.

    >>> _is_document("Example Shop/Privacy Policy.md"), _is_document("README.md"), _is_document("a/b/c.md")
    (True, False, False)
    """
    return path.count("/") == 1 and Path(path).suffix.lower() in _MEDIA_TYPES


def _document_name(path: str) -> str:
    """The name of a document: the name of its file, without the part that follows a # in snapshots.

    >>> _document_name("Example Shop/Privacy Policy #cookies.html")
    'Privacy Policy'
    """
    return Path(path).stem.partition(" #")[0]


def read_terms_archive(path: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusPart]:
    """Every version of the selected documents, oldest first; by default, of those with "privacy" in their names.

    Raises UnreadableError if the repository holds none of them or cannot be read.
    """
    if not corpus_filter.documents:
        corpus_filter = replace(corpus_filter, documents=PRIVACY_DOCUMENTS)
    other_names: set[str] = set()
    found = False
    with git.open_repository(path) as repository, git.open_blobs(repository) as blobs:
        for version in filter(lambda version: _is_document(version.path), git.file_versions(repository, path)):
            name = _document_name(version.path)
            if not corpus_filter.matches_name(name + Path(version.path).suffix):
                other_names.add(name)
                continue
            found = True
            yield CorpusPart(
                f"{path}: {version.path} {version.commit.sha}", partial(_read_version, path, version, blobs)
            )
    if not found:
        raise _no_document_error(path, corpus_filter, other_names)


def _read_version(path: Path, version: git.FileVersion, blobs: git.BlobReader) -> Iterator[CorpusItem]:
    """One version as a snapshot. Its source names the file, the commit, and the snapshot it was made from."""
    try:
        content = blobs.read(version.blob)
    except ValueError as error:
        yield UnreadableItem(f"{path}: {version.path} of commit {version.commit.sha[:12]} cannot be read: {error}.")
        return
    references = _SNAPSHOT_REFERENCE.findall(version.commit.message.partition("\n")[2])
    yield Snapshot(
        content,
        Capture("", version.commit.timestamp, _archived_url(references), target=_target_of(version.path)),
        Source(
            f"{source_path(path)}/{version.path}",
            " ".join((version.commit.sha, *references)),
            fields=_fields_of(version, references),
        ),
        _MEDIA_TYPES[Path(version.path).suffix.lower()],
        site=Path(version.path).parent.name,
        policy=_target_of(version.path),
    )


def _fields_of(version: git.FileVersion, references: list[str]) -> dict[str, str]:
    """What a repository says about a version: its service, document and commit, the snapshots it was made from."""
    path = Path(version.path)
    fields = {"service": path.parent.name, "document": path.stem, "commit": version.commit.sha}
    return {**fields, "snapshot": " ".join(references)} if references else fields


def _archived_url(references: list[str]) -> str:
    """The URL of the page if a version was made from a capture in a web archive, "" for one of their own snapshots.

    >>> _archived_url(["https://web.archive.org/web/20120304050607/http://lamps.example/privacy"])
    'http://lamps.example/privacy'
    """
    ids = (match[1] for match in map(_CAPTURE_ID.fullmatch, references) if match)
    archived = (found.url for found in map(parse_archived_url, references) if found)
    return next(chain(ids, archived), "")


def _target_of(path: str) -> str:
    """The target of a version: the service and the document, which all versions of one document share."""
    return f"{Path(path).parent}/{Path(path).stem}"


def _no_document_error(path: Path, corpus_filter: CorpusFilter, other_names: set[str]) -> UnreadableError:
    """The error for a repository without the selected documents, which names those that it has."""
    names = " or ".join(corpus_filter.documents)
    existing = ", ".join(sorted(other_names)[:20]) or "no Service/Document.md, .html or .pdf at all"
    return UnreadableError(f"{path} holds no document named {names}: it has {existing}. Name one with --document.")


def timestamp_in_name(path: Path) -> str:
    """The timestamp in the name of a dataset's file, as 14 digits; "" for any other file.

    >>> timestamp_in_name(Path("Example Shop/Privacy Policy/2021-08-01T01-03-12Z.md"))
    '20210801010312'
    """
    match = _DATED_NAME.fullmatch(path.name)
    return "".join(match.groups()) if match else ""


def dataset_names(path: Path) -> Identity:
    """The names of the service and the document of a dataset's file; "" for any other file.

    >>> dataset_names(Path("data/Example Shop/Privacy Policy/2021-08-01T01-03-12Z.md"))
    Identity(site='Example Shop', policy='Example Shop/Privacy Policy')
    """
    folder = path.absolute().parent
    if not timestamp_in_name(path) or not folder.parent.name:
        return Identity()
    service = source_path(Path(folder.parent.name))
    return Identity(service, f"{service}/{source_path(Path(folder.name))}")
