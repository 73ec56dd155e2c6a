"""The tree of the Princeton-Leuven corpus: `k/ka/kay/kayako.com.md`, Markdown under a line that names the capture.

Amos et al., "Privacy Policies over Time: Curation and Analysis of a Million-Document Dataset", WWW 2021. There a
site has one policy, whose file is called as the site; of a site with several each is called by its own name.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import quote

from extractor.exports.git import Revision, write_repository
from extractor.exports.tree_documents import TreeDocument, safe_file_name, tree_documents
from extractor.records import Policy
from extractor.timestamps import iso_day

_NAME_CHARACTERS = "/:?#[]@!$&'()*+,;=~"  # of a policy's name in the first line, which has no spaces
_HEADER = (
    "> *The following text is extracted and transformed from the {name} privacy policy that was archived on {date}. "
    "Please check the [original snapshot on the Wayback Machine]({address}) for the most accurate reproduction.*\n\n"
)


def write_princeton(policies: Iterable[Policy], folder: Path) -> int:
    """Writes the latest snapshot of each policy into a tree and returns the number of files."""
    latest: dict[str, str] = {}
    for document, path in _documents(policies, folder):
        if document.timestamp >= latest.get(path, ""):
            latest[path] = document.timestamp
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(_content_of(document))
    return len(latest)


def write_princeton_git(policies: Iterable[Policy], folder: Path) -> int:
    """Writes all snapshots as a git repository of such trees, a commit per day, and returns the number of snapshots."""
    return write_repository((_revision_of(*one) for one in _documents(policies, folder)), folder)


def _documents(policies: Iterable[Policy], folder: Path) -> Iterator[tuple[TreeDocument, str]]:
    """The documents of policies, with the paths of their files."""
    named = tree_documents(policies, folder, group_of=lambda document: document.domain, path_of=_name_of)
    return ((document, document_path(name)) for document, name in named)


def _name_of(document: TreeDocument) -> str:
    """The name of a file without its suffix: the site's, or the policy's if the site has several."""
    return safe_file_name(document.domain if document.is_only else document.policy)


def _revision_of(document: TreeDocument, path: str) -> Revision:
    """A snapshot as a revision of its policy's file; those of one day share a commit."""
    day = iso_day(document.timestamp)
    return Revision(document.timestamp, path, _content_of(document), f"Snapshots of {day}\n", day)


def _content_of(document: TreeDocument) -> bytes:
    """A snapshot as a document of the corpus. Of a site with several policies the first line names the policy."""
    address = f"https://web.archive.org/web/{document.timestamp}id_/{quote(document.url)}"
    name = document.domain if document.is_only else quote(document.policy, safe=_NAME_CHARACTERS)
    header = _HEADER.format(name=name, date=iso_day(document.timestamp), address=address)
    return (header + document.markdown).encode("utf-8", "replace")


def document_path(name: str) -> str:
    """The path of a file in the tree, given its name without the suffix.

    >>> document_path("kayako.com"), document_path("../a")
    ('k/ka/kay/kayako.com.md', '_/_a/_a/_a.md')
    """
    name = safe_file_name(name)
    return "/".join((*(name[:length].strip(" ") for length in (1, 2, 3)), f"{name}.md"))
