"""Documents of the Princeton-Leuven Longitudinal Corpus of Privacy Policies: Markdown under a header line.

Amos et al., "Privacy Policies over Time: Curation and Analysis of a Million-Document Dataset", WWW 2021. The header
names the site, the date, and the address of the capture in the Wayback Machine with its fourteen digits.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from extractor.records import Capture, Snapshot

HEADER = re.compile(
    rb"\A(?:\xef\xbb\xbf)?\s*>\s*\*?The following text is extracted and transformed from the \S+ privacy policy[^\n]*?"
    rb"\((?P<address>https?://web\.archive\.org/web/(?P<timestamp>\d{14})(?:[a-z]{2}_)?/(?P<url>[^\s)]+))\)[^\n]*\n"
)


def princeton_snapshot(content: bytes) -> Snapshot | None:
    """The snapshot of such a document, its header read and taken off; None for anything else."""
    header = HEADER.match(content)
    if not header:
        return None
    timestamp, url = header["timestamp"].decode(), unquote(header["url"].decode("utf-8", "replace"))
    return Snapshot(
        content[header.end() :],
        Capture("", timestamp, url),
        content_type="text/markdown; charset=utf-8",
        archive_url=header["address"].decode("utf-8", "replace"),
        served_url=url,
        served_timestamp=timestamp,
    )
