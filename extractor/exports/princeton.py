"""The tree of the Princeton-Leuven corpus: `k/ka/kay/kayako.com.md`, Markdown under a line that names the capture.

Amos et al., "Privacy Policies over Time: Curation and Analysis of a Million-Document Dataset", WWW 2021. There a
site has one policy; where several were taken of a site, all its snapshots are versions of one file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote

from extractor.exports.git import Version, write_repository
from extractor.records import Policy

_HEADER = (
    "> *The following text is extracted and transformed from the {domain} privacy policy that was archived on {date}. "
    "Please check the [original snapshot on the Wayback Machine]({address}) for the most accurate reproduction.*\n\n"
)


def write_princeton(policies: Iterable[Policy], folder: Path) -> int:
    """Writes the latest snapshot of each site into a tree. Gives the number of files."""
    latest: dict[str, str] = {}
    for policy in policies:
        place = place_of(policy.domain)
        if policy.capture.timestamp >= latest.get(place, ""):
            latest[place] = policy.capture.timestamp
            (folder / place).parent.mkdir(parents=True, exist_ok=True)
            (folder / place).write_bytes(document(policy))
    return len(latest)


def write_princeton_git(policies: Iterable[Policy], folder: Path) -> int:
    """Writes all snapshots as a git repository of such trees, a commit a day. Gives the number of snapshots."""
    return write_repository(map(_version_of, policies), folder)


def _version_of(policy: Policy) -> Version:
    """A snapshot as a version of its site's file; those of one day share a commit."""
    day = _day_of(policy)
    return Version(policy.capture.timestamp, place_of(policy.domain), document(policy), f"Snapshots of {day}\n", day)


def document(policy: Policy) -> bytes:
    """A policy as the corpus writes it."""
    address = f"https://web.archive.org/web/{policy.capture.timestamp}id_/{quote(policy.capture.url)}"
    header = _HEADER.format(domain=policy.domain, date=_day_of(policy), address=address)
    return (header + policy.markdown).encode("utf-8", "replace")


def _day_of(policy: Policy) -> str:
    """The day of a capture: YYYY-MM-DD."""
    when = policy.capture.timestamp
    return f"{when[:4]}-{when[4:6]}-{when[6:8]}"


def place_of(domain: str) -> str:
    """The path of a site's file.

    >>> place_of("kayako.com"), place_of("../a")
    ('k/ka/kay/kayako.com.md', '_/_a/_a/_a.md')
    """
    name = file_name(domain)
    return "/".join((*(name[:length] for length in (1, 2, 3)), f"{name}.md"))


def file_name(name: str) -> str:
    """A name that is safe as a part of a path.

    >>> file_name("..\\n/x.example")
    '_x.example'
    """
    return re.sub(r"[^\w.-]+", "_", name.strip(".")) or "_"
