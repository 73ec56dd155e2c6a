"""The layout of Open Terms Archive's versions: `Service/Document.md` in a git repository, a commit per version.

A site is the service. Its document is "Privacy Policy"; of a site with several policies each document has the policy's
name in brackets behind that. Where a corpus names its documents, as Open Terms Archive does, they keep these names. The
message of a commit names its snapshot, as theirs do.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from extractor.exports.git import Revision, write_repository
from extractor.exports.tree_documents import TreeDocument, safe_file_name, tree_documents
from extractor.records import Policy
from extractor.version import VERSION

_DOCUMENT = "Privacy Policy"
_MESSAGE = """Record new changes of {path}

This version was recorded after extracting from snapshot {snapshot}

X-engine-version: archived-policy {version}
"""


def write_ota(policies: Iterable[Policy], folder: Path) -> int:
    """Writes the snapshots of policies as a git repository and returns the number of versions that differ."""
    documents = tree_documents(policies, folder, group_of=lambda document: document.site, path_of=_path_of)
    return write_repository(_revisions(documents), folder)


def _revisions(documents: Iterable[tuple[TreeDocument, str]]) -> Iterator[Revision]:
    """The documents as revisions, each in a commit of its own."""
    for number, (document, path) in enumerate(documents):
        content = document.markdown.encode("utf-8", "replace")
        yield Revision(document.timestamp, f"{path}.md", content, _message_of(document, path), str(number))


def _path_of(document: TreeDocument) -> str:
    """The service and the document, without a suffix."""
    return f"{safe_file_name(document.site)}/{safe_file_name(_document_name(document))}"


def _document_name(document: TreeDocument) -> str:
    """The name of a policy within its site.

    >>> _document_name(TreeDocument("", "b.example", "b.example/p", "b.example", "http://b.example/p", "", ""))
    'Privacy Policy (p)'
    >>> _document_name(TreeDocument("", "Shop", "Shop/Terms of Sale", "", "", "", "", is_only=True))
    'Terms of Sale'
    """
    within = document.policy.removeprefix(f"{document.site}/")
    if not document.url:  # the corpus names it
        return within
    return _DOCUMENT if document.is_only or within == document.site else f"{_DOCUMENT} ({within})"


def _message_of(document: TreeDocument, path: str) -> str:
    """The message of the commit of a document."""
    known = f"{document.timestamp}/{document.url}" if document.url else document.id
    return _MESSAGE.format(path=path.replace("/", " "), snapshot=document.archive_url or known, version=VERSION)
