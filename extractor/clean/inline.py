"""Runs of text within a block, each both as plain text and as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urljoin

# What the archive puts before link targets; its host name may be missing only before an absolute URL
_ARCHIVE_PREFIX = re.compile(
    r"^(?:(?:https?:)?//(?:web|wayback)\.archive\.org(?::\d+)?/web/(?:\d{1,14}\*?|\*)(?:[a-z]{2}_)*/"
    r"|/web/(?:\d{1,14}\*?|\*)(?:[a-z]{2}_)*/(?=[a-z][a-z+.-]*:|//|www\.))+",
    re.IGNORECASE,
)
_SCHEME = re.compile(r"[a-z][a-z+.-]*:|//", re.IGNORECASE)
_ONE_SLASH = re.compile(r"^(https?):/(?=[^/])", re.IGNORECASE)
_MARKDOWN_SPECIAL = re.compile(r"([\\`*_\[\]<>]|&(?=#?\w+;))")
_MARKDOWN_LINE_START = re.compile(r"#|[-+=~|]|\d{1,9}[.)](?=\s|$)")
_LINK_SCHEMES = ("http://", "https://", "mailto:", "tel:")
# Soft hyphen, zero-width space, BOM, direction marks (as entities they are not removed by the decoder)
_INVISIBLE = re.compile("[\u00ad\u200b\ufeff\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069\x00]")


class Run(NamedTuple):
    """Text, and the same text as Markdown. The white space in both is spaces, and "\\n" for a line break."""

    text: str
    markdown: str


def plain_run(text: str) -> Run:
    """A run without emphasis."""
    words = _collapse_spaces(text)
    return Run(words, _escape_markdown(words))


def _collapse_spaces(text: str) -> str:
    """Text with white space, including line ends, as single spaces, and without invisible characters.

    >>> _collapse_spaces("we\\n   collect\\u200b")
    'we collect'
    """
    words = " ".join(remove_invisible(text).split())
    before, after = text[:1].isspace(), text[-1:].isspace()
    return f"{' ' * before}{words}{' ' * after}" if words else " " * before


def remove_invisible(text: str) -> str:
    """Text without invisible characters."""
    return text.replace("\x00", "") if text.isascii() else _INVISIBLE.sub("", text)


def _escape_markdown(text: str) -> str:
    """Text with Markdown's special characters escaped."""
    return _MARKDOWN_SPECIAL.sub(r"\\\1", text) if any(map(text.__contains__, "*_[]<>&`\\")) else text


def emphasis_run(runs: Iterable[Run], mark: str) -> Run:
    """Runs between two marks such as `**`; white space at the ends stays outside, as Markdown requires."""
    run = join_runs(runs)
    words = run.markdown.strip()
    if not words or "\n" in words:
        return run
    before, after = run.markdown.split(words, 1)
    return Run(run.text, f"{before}{mark}{words}{mark}{after}")


def link_run(runs: Iterable[Run], target: str, base: str) -> Run:
    """A link with an absolute URL; only its text if the target is not a usable URL."""
    run = join_runs(runs)
    url = absolute_url(target, base)
    if not url or not run.text.strip():
        return run
    words = run.markdown.strip()
    before, after = run.markdown.split(words, 1)  # white space stays outside, so that words are not joined
    return Run(run.text, f"{before}[{words}]({url}){after}")


@lru_cache(maxsize=5_000)  # most links recur in the next captures of a page
def absolute_url(target: str, base: str) -> str:
    """The absolute URL of a link on the original site, not in the archive; "" for scripts and the like.

    >>> absolute_url("/web/20050101000000/http://a.example/b", "http://a.example/")
    'http://a.example/b'
    """
    try:
        url = urljoin(base, _without_archive_prefix(target.strip()))
    except ValueError:
        return ""
    safe = re.sub(r"[\s()<>]", lambda match: f"%{ord(match[0]):02X}", url)
    return safe if safe.lower().startswith(_LINK_SCHEMES) else ""


def _without_archive_prefix(target: str) -> str:
    """A link target as it was before the archive rewrote it.

    >>> _without_archive_prefix("//web.archive.org/web/2005id_/www.a.example/")
    'http://www.a.example/'
    >>> _without_archive_prefix("/web/2005/about.html")
    '/web/2005/about.html'
    """
    rest = _ARCHIVE_PREFIX.sub("", target)
    if rest == target:
        return target
    return _ONE_SLASH.sub(r"\1://", rest) if _SCHEME.match(rest) else f"http://{rest}"


def join_runs(runs: Iterable[Run]) -> Run:
    """Several runs joined to one."""
    parts = list(runs)
    if len(parts) == 1:
        return parts[0]
    return Run("".join([part.text for part in parts]), "".join([part.markdown for part in parts]))


def split_paragraphs(runs: Iterable[Run]) -> list[Run]:
    """Runs joined to paragraphs: two line breaks in a row separate them, as on old pages."""
    groups: list[list[Run]] = [[]]
    breaks = 0
    for run in runs:
        breaks = breaks + 1 if run.text == "\n" else 0 if run.text.strip() else breaks
        if breaks == 2:
            groups.append([])
        elif not (breaks > 2 and run.text == "\n"):
            groups[-1].append(run)
    return [tidied for tidied in (tidy_run(join_runs(group)) for group in groups) if tidied.text]


def tidy_run(run: Run) -> Run:
    """A paragraph without extra white space, with the starts of its lines escaped in the Markdown."""
    text = _tidy_lines(run.text)
    markdown = text if run.markdown == run.text else _tidy_lines(run.markdown)
    return Run(text, "  \n".join(map(_escape_line_start, markdown.split("\n"))))


def line_run(line: str) -> Run:
    """A paragraph of one tidy line without links or emphasis, as a run."""
    return Run(line, _escape_line_start(_escape_markdown(line)))


def _escape_line_start(line: str) -> str:
    """A line of Markdown, escaped if it would start a list, a heading or the like.

    >>> _escape_line_start("1. January"), _escape_line_start("# of pages")
    ('1\\\\. January', '\\\\# of pages')
    """
    start = _MARKDOWN_LINE_START.match(line)
    return f"{line[: start.end() - 1]}\\{line[start.end() - 1 :]}" if start else line


def _tidy_lines(text: str) -> str:
    """Text of a run with single spaces, no empty lines, and no white space at line ends."""
    if "\n" not in text:
        return " ".join(text.split()) if "  " in text else text.strip()
    return "\n".join(filter(None, (" ".join(line.split()) for line in text.split("\n"))))
