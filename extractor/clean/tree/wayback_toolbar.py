"""Removes the Wayback Machine's toolbar from pages that were not saved with `id_`.

On pages saved without comments `tree` skips the elements with its ids.
The archive's scripts and comments ("FILE ARCHIVED ON ...") are removed with all others; `inline` restores its links.
"""

from __future__ import annotations

_BEGIN, _END = "<!-- BEGIN WAYBACK TOOLBAR INSERT -->", "<!-- END WAYBACK TOOLBAR INSERT -->"
TOOLBAR_IDS = frozenset(("wm-ipp-base", "wm-ipp", "wm-ipp-print", "donato"))


def remove_toolbar(page: str) -> str:
    """A page without the part between the archive's two comments; unchanged if the second one is missing.

    >>> remove_toolbar(f"<body>{_BEGIN}<p>23 captures</p>{_END}<p>We")
    '<body><p>We'
    """
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    return before + after if begin and end else page
