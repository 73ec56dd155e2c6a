"""The layout of Open Terms Archive's versions: `Service/Document.md` in a git repository, a commit per version.

A site is the service, and its privacy policy the document. The message of a commit names its snapshot, as theirs do. If
there are several policies of one site, their snapshots are versions of one document.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from extractor.exports.git import Revision, write_repository
from extractor.exports.princeton import safe_file_name
from extractor.records import Policy
from extractor.version import VERSION

_DOCUMENT = "Privacy Policy"
_MESSAGE = """Record new changes of {service} {document}

This version was recorded after extracting from snapshot {snapshot}

X-engine-version: archived-policy {version}
"""


def write_ota(policies: Iterable[Policy], folder: Path) -> int:
    """Writes the snapshots of policies as a git repository and returns the number of versions that differ."""
    return write_repository(_revisions(policies), folder)


def _revisions(policies: Iterable[Policy]) -> Iterator[Revision]:
    """The snapshots as revisions, each in a commit of its own."""
    for number, policy in enumerate(policies):
        service = safe_file_name(policy.domain)
        content = policy.markdown.encode("utf-8", "replace")
        yield Revision(policy.capture.timestamp, f"{service}/{_DOCUMENT}.md", content, _message_of(policy), str(number))


def _message_of(policy: Policy) -> str:
    """The message of the commit of a policy's snapshot."""
    snapshot = policy.capture.archive_url or f"{policy.capture.timestamp}/{policy.capture.url}"
    service = safe_file_name(policy.domain)
    return _MESSAGE.format(service=service, document=_DOCUMENT, snapshot=snapshot, version=VERSION)
