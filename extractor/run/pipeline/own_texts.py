"""Calls checked: what a person gives as a page, as pages, and as texts of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from os import PathLike
from pathlib import Path
from textwrap import shorten

from extractor.records import Segment, Snapshot

_MARKUP = re.compile(r"<[a-z!/]|^#{1,6} |^(?:=+|-+)$|\]\(", re.IGNORECASE | re.MULTILINE)
_SENTENCE_END = re.compile(r"[.!?][\"'”’)]*\s+(?=\S)|[。！？]\s*(?=\S)")
_MIN_PAGE_WORDS = 15  # `clean` takes no page with fewer for usable
_MAX_SENTENCE_WORDS = 50  # of a text that is one sentence and nothing else
_MAX_PATH_CHARACTERS = 1_000
_HEADINGS_ADVICE = 'give a list with the headings above each text, [["Choices", "Cookies"], []], or a str for each'


def check_page(page: object) -> None:
    """Raises an error for what a person cannot mean as one page; what is in a file, an archive or bytes is not checked.

    TypeError for a list and for other types; ValueError for a str that is the path of a file or folder, or an address,
    and for one without markup that is no more than a sentence or a few words.
    """
    if isinstance(page, (bytes, Path, Snapshot)):
        return
    if not isinstance(page, str):
        raise TypeError(_not_a_page(page))
    _check_no_path(page)
    if re.match(r"\s*https?://\S+\s*$", page):
        raise ValueError(f"{page.strip()} is an address, and nothing is fetched here: give the page's bytes or HTML.")
    if _is_too_short(page):
        raise ValueError(
            f"A few words without markup are no page ({shorten(page, 40, placeholder=' …')!r}): label passages of your "
            "own with annotator.label([text]); give a page in a file as a Path, an empty page as bytes."
        )


def _is_too_short(page: str) -> bool:
    """Whether a text can only be a passage of a page: a sentence, or fewer words than a usable page has, no markup.

    >>> _is_too_short("We sell your data."), _is_too_short("<p>We sell your data.</p>")
    (True, False)
    >>> _is_too_short("We sell no data. " * 5), _is_too_short("We sell no data, " * 5)
    (False, True)
    """
    from extractor.clean import count_words

    words = count_words(page)
    if words > _MAX_SENTENCE_WORDS or _MARKUP.search(page):
        return False
    text = page.strip()
    return words < _MIN_PAGE_WORDS or not ("\n" in text or _SENTENCE_END.search(text))


def check_pages(pages: object) -> None:
    """Raises TypeError if one page is given instead of several, or a path instead of what is there."""
    if isinstance(pages, (str, bytes, Snapshot)):
        raise TypeError("annotator.pipe takes a list or another iterable of pages: for one page call annotator(page).")
    if isinstance(pages, PathLike):
        raise TypeError("annotator.pipe takes pages, not their folder: give it extractor.read_corpus(path).")


def _check_no_path(page: str) -> None:
    """Raises ValueError if the text of a page is the path of a file or folder."""
    if not page or len(page) > _MAX_PATH_CHARACTERS or "\n" in page or "<" in page or "\0" in page:
        return
    try:
        path = Path(page)
        is_file, is_folder = path.is_file(), path.is_dir()
    except (OSError, ValueError):
        return
    if is_file:
        raise ValueError(f"{page!r} is a file, and a str is the text of a page: give pathlib.Path({page!r}).")
    if is_folder:
        raise ValueError(f"{page!r} is a folder: give annotator.pipe(extractor.read_corpus({page!r})).")


def _not_a_page(page: object) -> str:
    """What is wrong with a page of another type."""
    kind = type(page).__name__
    if isinstance(page, Iterable) and not isinstance(page, (bytearray, memoryview, dict)):
        return (
            f"annotator(...) takes one page, and this is a {kind}: for several pages call annotator.pipe(pages), "
            "for texts of your own annotator.label(texts)."
        )
    return f"A page is bytes, a str, a Path or a Snapshot, and this is a {kind}."


def own_passages(texts: Iterable[str], headings: Iterable[str | Sequence[str]] | None) -> list[Segment]:
    """Texts of a person's own as segments, each with its own offsets and the headings above it.

    Raises TypeError if `texts` is no iterable of str, or `headings` none of str or of lists of str; ValueError if they
    differ in number.
    """
    if isinstance(texts, (str, bytes)):
        raise TypeError("annotator.label takes texts, and this is one: give a list, annotator.label([text]).")
    if not isinstance(texts, Iterable):
        raise TypeError(f"annotator.label takes texts, and this is a {type(texts).__name__}: give a list of str.")
    if isinstance(headings, (str, bytes)):
        raise TypeError(f"`headings` is a {type(headings).__name__}: {_HEADINGS_ADVICE}.")
    given = list(texts)
    paths = list(headings) if headings is not None else [()] * len(given)
    if len(paths) != len(given):
        raise ValueError(f"There are {len(given)} texts and headings for {len(paths)}: {_HEADINGS_ADVICE}.")
    return [_passage(number, text, path) for number, (text, path) in enumerate(zip(given, paths, strict=True))]


def _passage(number: int, text: object, headings: object) -> Segment:
    """A text as a segment. Raises TypeError."""
    if not isinstance(text, str):
        raise TypeError(f"Text {number} is a {type(text).__name__}: each text is a str.")
    path = (headings,) if isinstance(headings, str) else headings
    if not isinstance(path, Sequence) or not all(isinstance(heading, str) for heading in path):
        raise TypeError(f"The headings of text {number} are a {type(headings).__name__}: {_HEADINGS_ADVICE}.")
    return as_passage(text, tuple(filter(None, path)))


def as_passage(text: str, headings: tuple[str, ...] = (), context: str = "") -> Segment:
    """A text as a segment of its own."""
    return Segment(0, 0, len(text), text, headings=headings, context=context)
