"""The tree of the Princeton-Leuven corpus: `k/ka/kay/kayako.com.md`, Markdown under a line that names the capture.

Amos et al., "Privacy Policies over Time: Curation and Analysis of a Million-Document Dataset", WWW 2021. There a
site has one policy; if there are several of a site, all its snapshots are versions of one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from extractor.exports.git import Revision, write_repository
from extractor.records import Policy
from extractor.timestamps import iso_day

_HEADER = (
    "> *The following text is extracted and transformed from the {domain} privacy policy that was archived on {date}. "
    "Please check the [original snapshot on the Wayback Machine]({address}) for the most accurate reproduction.*\n\n"
)


def write_princeton(policies: Iterable[Policy], folder: Path) -> int:
    """Writes the latest snapshot of each site into a tree and returns the number of files."""
    latest: dict[str, str] = {}
    for policy in policies:
        path = document_path(policy.domain)
        if policy.capture.timestamp >= latest.get(path, ""):
            latest[path] = policy.capture.timestamp
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(document_bytes(policy))
    return len(latest)


def write_princeton_git(policies: Iterable[Policy], folder: Path) -> int:
    """Writes all snapshots as a git repository of such trees, a commit per day, and returns the number of snapshots."""
    return write_repository(map(_revision_of, policies), folder)


def _revision_of(policy: Policy) -> Revision:
    """A snapshot as a revision of its site's file; those of one day share a commit."""
    day = iso_day(policy.capture.timestamp)
    return Revision(
        policy.capture.timestamp, document_path(policy.domain), document_bytes(policy), f"Snapshots of {day}\n", day
    )


def document_bytes(policy: Policy) -> bytes:
    """A policy as a document of the corpus."""
    address = f"https://web.archive.org/web/{policy.capture.timestamp}id_/{quote(policy.capture.url)}"
    header = _HEADER.format(domain=policy.domain, date=iso_day(policy.capture.timestamp), address=address)
    return (header + policy.markdown).encode("utf-8", "replace")


def document_path(domain: str) -> str:
    """The path of a site's file in the tree.

    >>> document_path("kayako.com"), document_path("../a")
    ('k/ka/kay/kayako.com.md', '_/_a/_a/_a.md')
    """
    name = safe_file_name(domain)
    return "/".join((*(name[:length] for length in (1, 2, 3)), f"{name}.md"))


def safe_file_name(name: str) -> str:
    """A name as a safe part of a path.

    >>> safe_file_name("..\\n/x.example")
    '_x.example'
    """
    return re.sub(r"[^\w.-]+", "_", name.strip(".")) or "_"
