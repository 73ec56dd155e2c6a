"""The layout of Open Terms Archive's versions: `Service/Document.md` in a git repository, a commit a version.

A site is the service, and its privacy policy the document; the message of a commit names the snapshot that it is of,
as theirs do. Where several policies were taken of one site, their snapshots are versions of one document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from extractor.exports.git import Version, write_repository
from extractor.exports.princeton import file_name
from extractor.records import Policy
from extractor.version import VERSION

_DOCUMENT = "Privacy Policy"
_MESSAGE = """Record new changes of {service} {document}

This version was recorded after extracting from snapshot {snapshot}

X-engine-version: archived-policy {version}
"""


def write_ota(policies: Iterable[Policy], folder: Path) -> int:
    """Writes the snapshots of policies as versions, in a git repository. Gives the number of versions that differ."""
    return write_repository(_versions(policies), folder)


def _versions(policies: Iterable[Policy]) -> Iterator[Version]:
    """The snapshots as versions, each for a commit of its own."""
    for number, policy in enumerate(policies):
        service = file_name(policy.domain)
        content = policy.markdown.encode("utf-8", "replace")
        yield Version(policy.capture.timestamp, f"{service}/{_DOCUMENT}.md", content, _message_of(policy), str(number))


def _message_of(policy: Policy) -> str:
    """The message of a version's commit."""
    snapshot = policy.capture.archive_url or f"{policy.capture.timestamp}/{policy.capture.url}"
    service = file_name(policy.domain)
    return _MESSAGE.format(service=service, document=_DOCUMENT, snapshot=snapshot, version=VERSION)
