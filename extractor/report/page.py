"""The report as files: one page, or for a large corpus an overview with a page a site."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from extractor.files import write_atomically
from extractor.records import PRACTICES
from extractor.report.block import block_of
from extractor.report.charts import Chart, drawing, table
from extractor.report.showing import json_block, showable
from extractor.report.story import About, Site
from extractor.report.tally import MEANINGS, SiteRow, Tally, figures, makers

MOST_POLICIES = 300  # in one page
MOST_BYTES = 25_000_000  # of records in one page
_VERDICTS = ("usable", "doubtful", "unusable", "not looked at")

_Part = Literal["opening", "closing"]


@dataclass(slots=True)
class _Store:
    """The sites' records, one behind the other in a file, and where each begins and ends."""

    stream: BinaryIO
    ends: list[int] = field(default_factory=lambda: [0])

    def add(self, block: bytes) -> None:
        """Appends one site's."""
        self.stream.write(block)
        self.ends.append(self.ends[-1] + len(block))

    def blocks(self) -> Iterator[bytes]:
        """All of them, one by one."""
        self.stream.seek(0)
        for start, end in zip(self.ends, self.ends[1:], strict=False):
            yield self.stream.read(end - start)


@dataclass(frozen=True, slots=True)
class _Whole:
    """What every page is made from, but for the records."""

    about: About
    tally: Tally
    charts: Sequence[Chart]
    warnings: Sequence[str]


def write_report(
    sites: Iterable[Site],
    path: Path,
    about: About,
    charts: Callable[[], Sequence[Chart]] = tuple,
    warnings: Callable[[], Sequence[str]] = tuple,
) -> list[Path]:
    """Writes the sites, in the order they come, as one self-contained page; gives the files written, the first to open.

    More than 300 policies, or 25 MB of them, make an overview at `path` and a page a site in a folder beside it.
    `sites` is passed over once and one site is held at a time; `charts` and `warnings` are asked when all have passed.
    Each file is whole or not there. Raises OSError where `path` cannot be written.
    """
    path, tally = Path(path), Tally()
    with TemporaryFile(dir=path.parent) as stream:
        store = _Store(stream)
        for site in sites:
            tally.add(site)
            store.add(json_block(block_of(site)))
        whole = _Whole(about, tally, charts(), warnings())
        _remove_pages(_folder_of(path))
        if len(tally.rows) <= MOST_POLICIES and store.ends[-1] <= MOST_BYTES:
            _write_page(path, whole, enumerate(store.blocks(), 1))
            return [path]
        pages = list(_write_pages(path, whole, store))
        _write_page(path, whole, [], folder=f"{_folder_of(path).name}/")
        return [path, *pages]


def _folder_of(path: Path) -> Path:
    """The folder of the sites' pages, beside the overview."""
    return path.with_name(f"{path.stem}-sites")


def _write_pages(path: Path, whole: _Whole, store: _Store) -> Iterator[Path]:
    """Writes a page a site."""
    folder = _folder_of(path)
    folder.mkdir(exist_ok=True)
    for number, block in enumerate(store.blocks(), 1):
        page = folder / f"{number}.html"
        _write_page(page, whole, [(number, block)], home=f"../{path.name}")
        yield page


def _remove_pages(folder: Path) -> None:
    """Removes the pages of an earlier report, and nothing else."""
    if folder.is_dir():
        for page in folder.glob("[0-9]*.html"):
            page.unlink()


def _write_page(
    path: Path, whole: _Whole, blocks: Iterable[tuple[int, bytes]], *, folder: str = "", home: str = ""
) -> None:
    """Writes one page with some sites' records. It has the overview unless that is elsewhere, at `home`.

    `folder` is where the sites' pages are, "" where they are in this one.
    """
    with write_atomically(path) as page:
        page.write(_rendered("opening", whole, folder, home))
        for number, block in blocks:
            page.write(f'<script type="application/json" id="site-{number}">'.encode())
            page.write(block)
            page.write(b"</script>\n")
        page.write(_rendered("closing", whole, folder, home))


def _rendered(part: _Part, whole: _Whole, folder: str, home: str) -> bytes:
    """A part of the page, from its template."""

    def link(site: int, route: str = "") -> str:
        return f"{folder}{site}.html#s{site}{route}" if folder else f"#s{site}{route}"

    tally = whole.tally
    words = _template(f"{part}.html.j2").render(
        about=whole.about, charts=whole.charts, warnings=whole.warnings, tally=tally, home=home, link=link,
        practices=PRACTICES,
        meanings=MEANINGS, verdicts=_VERDICTS, figures=list(figures(tally)), makers=list(makers(tally)),
        histories=_with_history(tally), style=_asset("page.css"), script=_asset("page.js"),
        policy=_content_security_policy(),
    )  # fmt: skip
    return words.encode()


def _with_history(tally: Tally) -> list[SiteRow]:
    """The sites that have more than one capture."""
    return [site for site in tally.sites if site.captures > 1]


@cache
def _template(name: str) -> Template:
    """A template; it escapes whatever is not our own markup."""
    environment = Environment(
        loader=PackageLoader("extractor.report", ""), autoescape=True, finalize=showable, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(drawing=drawing, table=table)
    return environment.get_template(name)


def _content_security_policy() -> str:
    """Forbids everything but the page's own style and script, which are named by their hashes."""
    style, script = _source_hash(_asset("page.css")), _source_hash(_asset("page.js"))
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _source_hash(source: str) -> str:
    """The name of a style or script in a Content-Security-Policy (CSP level 3, hash-source)."""
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"


@cache
def _asset(name: str) -> Markup:
    """A file of ours that goes into the page as it is."""
    return Markup((files("extractor.report") / name).read_text(encoding="utf-8"))
