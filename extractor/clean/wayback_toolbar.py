"""Removes the Wayback Machine's toolbar from pages that were not saved with `id_`.

The archive's scripts and comments ("FILE ARCHIVED ON ...") are removed with all others; `inline` restores its links.
"""

from __future__ import annotations

from typing import Any

_BEGIN, _END = "<!-- BEGIN WAYBACK TOOLBAR INSERT -->", "<!-- END WAYBACK TOOLBAR INSERT -->"
_TOOLBAR_IDS = frozenset(("wm-ipp-base", "wm-ipp", "wm-ipp-print", "donato"))


def remove_toolbar(page: str) -> str:
    """A page without the part between the archive's two comments; unchanged if the second one is missing.

    >>> remove_toolbar(f"<body>{_BEGIN}<p>23 captures</p>{_END}<p>We")
    '<body><p>We'
    """
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    return before + after if begin and end else page


def remove_toolbar_elements(root: Any) -> None:
    """Removes the toolbar from a tree, for pages that were saved without comments."""
    for element in [div for div in root.iter("div") if div.get("id") in _TOOLBAR_IDS]:
        if (parent := element.getparent()) is not None:
            _insert_text_before(element, element.tail or "")
            parent.remove(element)


def _insert_text_before(element: Any, text: str) -> None:
    """Inserts text before an element."""
    if (previous := element.getprevious()) is not None:
        previous.tail = (previous.tail or "") + text
    else:
        parent = element.getparent()
        parent.text = (parent.text or "") + text
