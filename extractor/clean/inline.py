"""Runs of words within a block, plain and as Markdown side by side."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urljoin

# What the archive writes before the addresses of links; its own name may be left out before a whole address only
_ARCHIVE_PREFIX = re.compile(
    r"^(?:(?:https?:)?//(?:web|wayback)\.archive\.org(?::\d+)?/web/(?:\d{1,14}\*?|\*)(?:[a-z]{2}_)*/"
    r"|/web/(?:\d{1,14}\*?|\*)(?:[a-z]{2}_)*/(?=[a-z][a-z+.-]*:|//|www\.))+",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[a-z][a-z+.-]*:|//", re.IGNORECASE)
_ONE_SLASH = re.compile(r"^(https?):/(?=[^/])", re.IGNORECASE)
_SPECIAL = re.compile(r"([\\`*_\[\]<>]|&(?=#?\w+;))")
_LINE_START = re.compile(r"#|[-+=~|]|\d{1,9}[.)](?=\s|$)")
_LINK_SCHEMES = ("http://", "https://", "mailto:", "tel:")
# Soft hyphen, zero-width space, BOM, marks of direction (written as entities they pass the decoder)
_INVISIBLE = re.compile("[\u00ad\u200b\ufeff\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\x00]")


class Run(NamedTuple):
    """Words, and the same words as Markdown. "\\n" is a line break."""

    text: str
    markdown: str


def plain(text: str) -> Run:
    """A run without emphasis."""
    words = one_line(text)
    return Run(words, _escape(words))


def one_line(text: str) -> str:
    """White space, line ends among it, as single spaces; invisible characters removed.

    >>> one_line("we\\n   collect\\u200b")
    'we collect'
    """
    words = " ".join(visible(text).split())
    before, after = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' * before}{words}{' ' * after}" if words else " " * before


def visible(text: str) -> str:
    """Text without the characters that nobody sees."""
    return text.replace("\x00", "") if text.isascii() else _INVISIBLE.sub("", text)


def _escape(text: str) -> str:
    """Text with the characters that mean something in Markdown escaped."""
    return _SPECIAL.sub(r"\\\1", text) if any(char in text for char in "*_[]<>&`\\") else text


def emphasised(runs: Iterable[Run], mark: str) -> Run:
    """The runs within a mark such as `**`; the white space at their ends stays outside, as Markdown wants it."""
    whole = joined(runs)
    words = whole.markdown.strip()
    if not words or "\n" in words:
        return whole
    before, after = whole.markdown.split(words, 1)
    return Run(whole.text, f"{before}{mark}{words}{mark}{after}")


def link(runs: Iterable[Run], target: str, base: str) -> Run:
    """A link, made absolute against the original page; without its target where that leads nowhere."""
    whole = joined(runs)
    url = absolute(target, base)
    if not url or not whole.text.strip():
        return whole
    words = whole.markdown.strip()
    before, after = whole.markdown.split(words, 1)  # white space stays outside, or the words around would run together
    return Run(whole.text, f"{before}[{words}]({url}){after}")


def absolute(target: str, base: str) -> str:
    """The original, absolute URL of a link, never the archive's; "" for scripts and the like.

    >>> absolute("/web/20050101000000/http://a.example/b", "http://a.example/")
    'http://a.example/b'
    """
    try:
        url = urljoin(base, _original(target.strip()))
    except ValueError:
        return ""
    safe = re.sub(r"[\s()<>]", lambda match: f"%{ord(match[0]):02X}", url)
    return safe if safe.lower().startswith(_LINK_SCHEMES) else ""


def _original(target: str) -> str:
    """The target of a link before the archive rewrote it.

    >>> _original("//web.archive.org/web/2005id_/www.a.example/"), _original("/web/2005/about.html")
    ('http://www.a.example/', '/web/2005/about.html')
    """
    rest = _ARCHIVE_PREFIX.sub("", target)
    if rest == target:
        return target
    return _ONE_SLASH.sub(r"\1://", rest) if _SCHEME.match(rest) else f"http://{rest}"


def joined(runs: Iterable[Run]) -> Run:
    """Several runs as one."""
    parts = list(runs)
    if len(parts) == 1:
        return parts[0]
    return Run("".join([part.text for part in parts]), "".join([part.markdown for part in parts]))


def paragraphs(runs: Iterable[Run]) -> list[Run]:
    """The runs as paragraphs: two line breaks in a row, as old pages wrote them, part one from the next."""
    groups: list[list[Run]] = [[]]
    breaks = 0
    for run in runs:
        breaks = breaks + 1 if run.text == "\n" else 0 if run.text.strip() else breaks
        if breaks == 2:
            groups.append([])
        elif not (breaks > 2 and run.text == "\n"):
            groups[-1].append(run)
    return [tidied for tidied in (tidy(joined(group)) for group in groups) if tidied.text]


def tidy(run: Run) -> Run:
    """A paragraph without white space at the ends of its lines, its Markdown safe at the start of each."""
    return Run(_tidy_lines(run.text), "  \n".join(map(_safe_line, _tidy_lines(run.markdown).split("\n"))))


def bare_run(line: str) -> Run:
    """A paragraph of one tidy line without links or emphasis."""
    return Run(line, _safe_line(_escape(line)))


def _safe_line(line: str) -> str:
    """A line of Markdown whose start is no list mark, heading mark or the like.

    >>> _safe_line("1. January"), _safe_line("# of pages")
    ('1\\\\. January', '\\\\# of pages')
    """
    start = _LINE_START.match(line)
    return f"{line[: start.end() - 1]}\\{line[start.end() - 1 :]}" if start else line


def _tidy_lines(text: str) -> str:
    """Single spaces, no empty lines, no white space at line ends."""
    if "\n" not in text:
        return " ".join(text.split())
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))
