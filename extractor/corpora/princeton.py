"""The Princeton-Leuven Longitudinal Corpus of Privacy Policies: Markdown under a header line, HTML under a comment.

Amos et al., "Privacy Policies over Time: Curation and Analysis of a Million-Document Dataset", WWW 2021. The header
names the site, the date, and the URL of the capture in the Wayback Machine with its 14 digits. A document is at
`k/ka/kay/kayako.com.md` with its HTML beside it, and each commit of the repository holds a later version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import unquote

from extractor.compression import read_bytes
from extractor.corpora import git
from extractor.corpora.items import CorpusFilter, CorpusItem, CorpusPart, UnreadableItem, page_suffix, source_path
from extractor.corpora.princeton_markdown import repair_markdown, restore_site_links
from extractor.errors import UnreadableError
from extractor.records import Capture, Snapshot, Source

_ADDRESS = rb"\((?P<address>https?://web\.archive\.org/web/(?P<timestamp>\d{14})(?:[a-z]{2}_)?/(?P<url>[^\s)]+))\)"
_MARKDOWN = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*>\s*\*?The following text is extracted and transformed from the "
    rb"(?P<domain>\S+) privacy policy[^\n]*?" + _ADDRESS + rb"[^\n]*(?:\n|\Z)"
)
_HTML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*<!--\s*The following is the downloaded HTML source of the "
    rb"(?P<domain>\S+) privacy policy[^>]*?" + _ADDRESS + rb"[^>]*?-->\s*"
)
_LAYOUT = re.compile(r"(?:.*/)?[^/]/[^/]{1,2}/[^/]{1,3}/[^/]+\.(md|html)")


def princeton_snapshot(content: bytes, source: Source = Source()) -> Snapshot | None:
    """A document of the corpus as a snapshot, without its header and known defects; None for anything else."""
    if header := _MARKDOWN.match(content):
        url = _url_in(header)
        body = repair_markdown(content[header.end() :], url)
        media = "text/markdown; charset=utf-8"
    elif header := _HTML.match(content):
        url = _url_in(header)
        body = restore_site_links(content[header.end() :], url)
        media = "text/html"
    else:
        return None
    timestamp = header["timestamp"].decode()
    return Snapshot(
        body,
        Capture("", timestamp, url, target=_target_of(header, url)),
        source,
        media,
        archive_url=header["address"].decode("utf-8", "replace"),
        served_url=url,
        served_timestamp=timestamp,
        site=_policy_in(header).partition("/")[0],
        policy=_policy_in(header),
    )


def _policy_in(header: re.Match[bytes]) -> str:
    """The domain of the site in a header; our own exports of sites with several policies name the policy, escaped."""
    domain, slash, path = unquote(header["domain"].decode("utf-8", "replace")).partition("/")
    return f"{domain.lower().removeprefix('www.')}{slash}{path}"


def _url_in(header: re.Match[bytes]) -> str:
    """The URL of the page in a header, unescaped."""
    return unquote(header["url"].decode("utf-8", "replace"))


def _target_of(header: re.Match[bytes], url: str) -> str:
    """The site in a header if the page is on another, "" otherwise: some policies are their owner's, or had moved."""
    site = header["domain"].decode("utf-8", "replace").lower()
    host = re.split("[/?#]", url.lower().partition("://")[2])[0].rpartition("@")[2].partition(":")[0]
    return "" if f".{host}".endswith(f".{site}") else site


def _is_document_path(path: str) -> bool:
    """Whether a path follows the layout of the corpus.

    >>> _is_document_path("k/ka/kay/kayako.com.md"), _is_document_path("docs/api/index.html")
    (True, False)
    """
    return bool(_LAYOUT.fullmatch(path)) and all(
        part == Path(path).name[: len(part)] for part in Path(path).parts[-4:-1]
    )


def _is_selected(path: str, paths: set[str], corpus_filter: CorpusFilter) -> bool:
    """Whether to read a file: Markdown, or HTML if there is no Markdown of that name, or what the user names."""
    if corpus_filter.documents:
        return corpus_filter.matches_name(Path(path).name)
    return not path.endswith(".html") or f"{path.removesuffix('.html')}.md" not in paths


def is_princeton_repository(repository: list[str], path: Path) -> bool:
    """Whether a repository has the corpus's layout."""
    return any(map(_is_document_path, git.paths_in(repository, path)))


def read_princeton_repository(path: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusPart]:
    """Every version in a repository of the corpus, oldest first. Raises UnreadableError if there is none."""
    found = False
    with git.open_repository(path) as repository, git.open_blobs(repository) as blobs:
        paths = set(git.paths_in(repository, path))
        for version in git.file_versions(repository, path):
            if _is_document_path(version.path) and _is_selected(version.path, paths, corpus_filter):
                found = True
                yield CorpusPart(
                    f"{path}: {version.path} {version.commit.sha}", partial(_read_version, path, version, blobs)
                )
    if not found:
        raise UnreadableError(
            f"{path} holds no document of the Princeton-Leuven corpus: those lie at k/ka/kay/kayako.com.md."
        )


def _read_version(path: Path, version: git.FileVersion, blobs: git.BlobReader) -> Iterator[CorpusItem]:
    """One version as a snapshot. Its source names the file in the repository and the commit."""
    where = f"{path}: {version.path} of commit {version.commit.sha[:12]}"
    try:
        content = blobs.read(version.blob)
    except ValueError as error:
        yield UnreadableItem(f"{where} cannot be read: {error}.")
        return
    source = Source(f"{source_path(path)}/{version.path}", version.commit.sha, fields={"commit": version.commit.sha})
    yield princeton_snapshot(content, source) or UnreadableItem(
        f"{where} has no header of the Princeton-Leuven corpus."
    )


def read_princeton_file(path: Path, corpus_filter: CorpusFilter) -> Iterator[CorpusPart]:  # noqa: ARG001
    """A file of the corpus as its only part."""
    yield CorpusPart(str(path), partial(_read_document, path))


def _read_document(path: Path) -> Iterator[CorpusItem]:
    """The document in a file. Raises UnreadableError if it has no header of the corpus."""
    if not (snapshot := princeton_snapshot(read_bytes(path), Source(source_path(path)))):
        raise UnreadableError(f"{path} has no header of the Princeton-Leuven corpus: leave out --format.")
    yield snapshot


def is_duplicate_html(path: Path, corpus_filter: CorpusFilter) -> bool:
    """Whether a file is the HTML of a document of the corpus whose Markdown, beside it, is read instead."""
    if corpus_filter.documents or page_suffix(path) != ".html" or not _is_document_path(path.as_posix()):
        return False
    return path.with_suffix(".md").exists()
