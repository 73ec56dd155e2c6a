"""What the Wayback Machine puts into the pages that it shows: its toolbar, where a page was not saved as `id_`.

Its scripts and its comments ("FILE ARCHIVED ON ...") go with all others; its links are put right in `inline`.
"""

from __future__ import annotations

from typing import Any

_BEGIN, _END = "<!-- BEGIN WAYBACK TOOLBAR INSERT -->", "<!-- END WAYBACK TOOLBAR INSERT -->"
_TOOLBARS = frozenset(("wm-ipp-base", "wm-ipp", "wm-ipp-print", "donato"))


def without_toolbar(page: str) -> str:
    """A page without what stands between the archive's marks; one whose second mark is missing stays as it is.

    >>> without_toolbar(f"<body>{_BEGIN}<p>23 captures</p>{_END}<p>We")
    '<body><p>We'
    """
    before, begin, rest = page.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    return before + after if begin and end else page


def drop_toolbar(root: Any) -> None:
    """Takes the toolbar out of a tree, for pages that lost their comments when somebody saved them."""
    for element in [some for some in root.iter("div") if some.get("id") in _TOOLBARS]:
        if (parent := element.getparent()) is not None:
            _put_before(element, element.tail or "")
            parent.remove(element)


def _put_before(element: Any, text: str) -> None:
    """Adds text before an element."""
    if (previous := element.getprevious()) is not None:
        previous.tail = (previous.tail or "") + text
    else:
        parent = element.getparent()
        parent.text = (parent.text or "") + text
