"""The Princeton-Leuven Longitudinal Corpus of Privacy Policies: Markdown under a header line, HTML under a comment.

Amos et al., "Privacy Policies over Time: Curation and Analysis of a Million-Document Dataset", WWW 2021. The header
names the site, the date, and the address of the capture in the Wayback Machine with its fourteen digits. A document
lies at `k/ka/kay/kayako.com.md`, its HTML beside it, and each commit of the repository holds a later version.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from extractor.compression import read_bytes
from extractor.corpora import git
from extractor.corpora.reading import Item, Part, Unread, Wanted, name_of, page_suffix
from extractor.errors import UnreadableError
from extractor.records import Capture, Snapshot, Source

_ADDRESS = rb"\((?P<address>https?://web\.archive\.org/web/(?P<timestamp>\d{14})(?:[a-z]{2}_)?/(?P<url>[^\s)]+))\)"
_MARKDOWN = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*>\s*\*?The following text is extracted and transformed from the \S+ privacy policy[^\n]*?"
    + _ADDRESS
    + rb"[^\n]*(?:\n|\Z)"
)
_HTML = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*<!--\s*The following is the downloaded HTML source of the \S+ privacy policy[^>]*?"
    + _ADDRESS
    + rb"[^>]*?-->\s*"
)
_LAYOUT = re.compile(r"(?:.*/)?[^/]/[^/]{1,2}/[^/]{1,3}/[^/]+\.(md|html)")
# Links of the site that were made absolute on the archive's own address, not on that of the page
_MISPLACED = re.compile(rb"""(\]\(|<|=["']?)https?://web\.archive\.org(?=[/)>"'\s])(?!/web/(?:\d|\*))""")
_EMPTY_LINK = re.compile(rb"(?<![!\\])\[[ \t]*\]\([^()\s]*(?:\([^()\s]*\)[^()\s]*)*\)")
_BARE_BARS = re.compile(rb"[ \t]*\|[ \t|]*")
_RULE = re.compile(rb"[ \t|:-]*-[ \t|:-]*\|[ \t|:-]*|[ \t]*\|[ \t|:-]*-[ \t|:-]*")
_FENCE = re.compile(rb"[ \t]*(```|~~~)")


def princeton_snapshot(content: bytes, source: Source = Source()) -> Snapshot | None:
    """The snapshot of such a document, its header read and taken off, its defects undone; None for anything else."""
    if header := _MARKDOWN.match(content):
        url = _url_in(header)
        body = mended(content[header.end() :], url)
        media = "text/markdown; charset=utf-8"
    elif header := _HTML.match(content):
        url = _url_in(header)
        body = _on_its_site(content[header.end() :], url)
        media = "text/html"
    else:
        return None
    timestamp = header["timestamp"].decode()
    return Snapshot(
        body,
        Capture("", timestamp, url),
        source,
        media,
        archive_url=header["address"].decode("utf-8", "replace"),
        served_url=url,
        served_timestamp=timestamp,
    )


def _url_in(header: re.Match[bytes]) -> str:
    """The page's own address in a header, its escapes undone."""
    return unquote(header["url"].decode("utf-8", "replace"))


def mended(markdown: bytes, url: str) -> bytes:
    """Markdown without the corpus's known defects: lost sites, links without text, what layout tables left.

    >>> mended(b"Write [here](https://web.archive.org/contact/).[](http://a.example/x)", "http://shop.example/privacy")
    b'Write [here](http://shop.example/contact/).'
    """
    return _without_debris(_EMPTY_LINK.sub(b"", _on_its_site(markdown, url)))


def _on_its_site(page: bytes, url: str) -> bytes:
    """A page whose links to the archive's own root lead to the site again."""
    parts = urlsplit(url)
    site = f"{parts.scheme}://{parts.netloc}".encode()
    return _MISPLACED.sub(lambda found: found[1] + site, page) if parts.netloc else page


def _without_debris(markdown: bytes) -> bytes:
    """Markdown without what layout tables left: lines of bars alone, bars before a text, rules under no header.

    A table of two columns and more stays as it is.

    >>> _without_debris(b"|  **Privacy**\\n\\nWe keep\\n---|---\\nnothing.\\n|\\n")
    b'**Privacy**  \\n\\nWe keep\\nnothing.\\n'
    """
    if b"|" not in markdown:
        return markdown
    kept: list[bytes] = []
    fenced = in_table = False
    lines = markdown.split(b"\n")
    for number, line in enumerate(lines):
        fenced ^= bool(_FENCE.match(line))
        heads_table = number + 1 < len(lines) and bool(_RULE.fullmatch(lines[number + 1].rstrip())) and _cells(line) > 1
        in_table = heads_table or (in_table and b"|" in line)
        if fenced or in_table or b"|" not in line:
            kept.append(line)
        elif not (_BARE_BARS.fullmatch(line) or _RULE.fullmatch(line.rstrip())):
            kept.append(line.strip(b" \t|") + b"  " if line.lstrip().startswith(b"|") else line)
    return b"\n".join(kept)


def _cells(line: bytes) -> int:
    """How many cells of a row hold text."""
    return sum(bool(cell.strip()) for cell in line.split(b"|"))


def _in_layout(path: str) -> bool:
    """Whether a path is one of the corpus's.

    >>> _in_layout("k/ka/kay/kayako.com.md"), _in_layout("docs/api/index.html")
    (True, False)
    """
    return bool(_LAYOUT.fullmatch(path)) and all(
        part == Path(path).name[: len(part)] for part in Path(path).parts[-4:-1]
    )


def _is_asked_for(name: str, others: set[str] | None, wanted: Wanted) -> bool:
    """Whether to read a file: the Markdown, or the HTML where there is no Markdown of that name or it is named."""
    if wanted.documents:
        return wanted.names(Path(name).name)
    return others is None or not name.endswith(".html") or f"{name.removesuffix('.html')}.md" not in others


def is_princeton(repository: list[str], path: Path) -> bool:
    """Whether a repository has the corpus's layout."""
    return any(map(_in_layout, git.paths_in(repository, path)))


def read_history(path: Path, wanted: Wanted) -> Iterator[Part]:
    """Every version in a repository of the corpus, oldest first. Raises UnreadableError where there is none."""
    found = False
    with git.opened(path) as repository, git.blobs(repository) as blobs:
        files = set(git.paths_in(repository, path))
        for version in git.versions(repository, path):
            if _in_layout(version.path) and _is_asked_for(version.path, files, wanted):
                found = True
                yield Part(f"{path}: {version.path} {version.commit.sha}", partial(_read_version, path, version, blobs))
    if not found:
        raise UnreadableError(
            f"{path} holds no document of the Princeton-Leuven corpus: those lie at k/ka/kay/kayako.com.md."
        )


def _read_version(path: Path, version: git.Version, blobs: git.Blobs) -> Iterator[Item]:
    """One version as a snapshot; its source names the file in the repository and the commit."""
    where = f"{path}: {version.path} of commit {version.commit.sha[:12]}"
    try:
        content = blobs.read(version.blob)
    except ValueError as error:
        yield Unread(f"{where} cannot be read: {error}.")
        return
    source = Source(f"{name_of(path)}/{version.path}", version.commit.sha)
    yield princeton_snapshot(content, source) or Unread(f"{where} has no header of the Princeton-Leuven corpus.")


def read_princeton(path: Path, wanted: Wanted) -> Iterator[Part]:  # noqa: ARG001
    """The one part of a file."""
    yield Part(str(path), partial(_read_document, path))


def _read_document(path: Path) -> Iterator[Item]:
    """The document in a file. Raises UnreadableError where it has no header of the corpus."""
    if not (snapshot := princeton_snapshot(read_bytes(path), Source(name_of(path)))):
        raise UnreadableError(f"{path} has no header of the Princeton-Leuven corpus: leave out --format.")
    yield snapshot


def is_shadowed(path: Path, wanted: Wanted) -> bool:
    """Whether a file is the HTML of the corpus whose Markdown lies beside it, and so not read twice."""
    if wanted.documents or page_suffix(path) != ".html" or not _in_layout(path.as_posix()):
        return False
    return path.with_suffix(".md").exists()
