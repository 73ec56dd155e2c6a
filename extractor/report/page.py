"""Writes the report as files: one page, or for a large corpus an overview and a page for each site."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from hashlib import sha256
from importlib.resources import files
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO, Literal

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

from extractor.charts import Point
from extractor.files import write_atomically
from extractor.progress import Progress, no_progress
from extractor.records import PRACTICES, Practice
from extractor.report.capture_list import capture_list
from extractor.report.charts import Chart, chart_columns, chart_svg, chart_values
from extractor.report.findings import STANCE_WORDS, PracticeFindings
from extractor.report.overview import PRACTICE_MEANINGS, CaptureRow, Overview
from extractor.report.periods import SitesByPeriod, grid_data, share_points, sites_by_period
from extractor.report.sanitize import replace_unshowable, script_json
from extractor.report.share_chart import has_few_sites, interval_text, share_chart_svg
from extractor.report.site_data import site_data
from extractor.report.sites import PeriodChoice, ReportInfo, Site, TermSeries
from extractor.report.term_findings import TermFinding, term_findings
from extractor.report.term_table import TermTable, point_text, term_data, term_table
from extractor.report.word_index import WordIndex

MAX_POLICIES_IN_PAGE = 300
MAX_BYTES_IN_PAGE = 25_000_000  # of records
_SCRIPT_PARTS = (
    "elements", "rows", "navigation", "timeline", "changes", "reading", "copying", "comparison", "stepping",
    "alignment", "rewrites", "words", "grid", "terms", "overview", "download", "captures", "search", "passages", "find",
    "start",
)  # fmt: skip
_MAX_INDEX_BYTES = 20_000_000


@dataclass(slots=True)
class _SiteBlocks:
    """The data of all sites, one after the other in a file, and where each ends."""

    stream: BinaryIO
    ends: list[int] = field(default_factory=lambda: [0])

    def add(self, block: bytes) -> None:
        """Appends the data of one site."""
        self.stream.write(block)
        self.ends.append(self.ends[-1] + len(block))

    def __iter__(self) -> Iterator[bytes]:
        self.stream.seek(0)
        for start, end in zip(self.ends, self.ends[1:], strict=False):
            yield self.stream.read(end - start)


@dataclass(frozen=True, slots=True)
class _PageContext:
    """What every page shows, apart from the data of sites."""

    info: ReportInfo
    overview: Overview
    charts: Sequence[Chart]
    warnings: Sequence[str]
    findings: Sequence[PracticeFindings]
    by_period: SitesByPeriod
    shares: Mapping[Practice, Sequence[Point]]
    term_findings: Sequence[TermFinding]
    term_table: TermTable | None
    term_series: Sequence[TermSeries]


def write_report(  # noqa: PLR0913 - what is known only after the last site comes as functions
    sites: Iterable[Site],
    path: Path,
    info: ReportInfo,
    charts: Callable[[], Sequence[Chart]] = tuple,
    warnings: Callable[[], Sequence[str]] = tuple,
    *,
    periods: Callable[[], PeriodChoice] = PeriodChoice,
    progress: Progress = no_progress,
) -> list[Path]:
    """Writes the sites as one self-contained page, in the order given; returns the files written, the main one first.

    With more than 300 policies, or 25 MB of them, it writes an overview at `path` and a page for each site in a folder
    beside it, of which `progress` is told as the stage "pages". `sites` is read once and one site is held at a time;
    `charts`, `warnings` and `periods` are called after the last.
    Each file is written completely or not at all. Raises OSError if `path` cannot be written.
    """
    path, overview, words = Path(path), Overview(), WordIndex()
    with TemporaryFile(dir=path.parent) as stream:
        blocks = _SiteBlocks(stream)
        for site in sites:
            overview.add(site)
            words.add(site)
            blocks.add(script_json(site_data(site)))
        context = _page_context(info, overview, charts(), warnings(), periods())
        folder = path.with_name(f"{path.stem}-sites")
        _remove_site_pages(folder)
        if len(overview.captures) <= MAX_POLICIES_IN_PAGE and blocks.ends[-1] <= MAX_BYTES_IN_PAGE:
            _write_page(path, context, enumerate(blocks, 1))
            return [path]
        folder.mkdir(exist_ok=True)
        pages = [folder / f"{number}.html" for number in range(1, len(overview.sites) + 1)]
        rows = groupby(overview.captures, key=attrgetter("site"))
        for (number, of_site), page, block in zip(rows, pages, blocks, strict=True):
            _write_page(page, context, [(number, block)], rows=of_site, home=f"../{path.name}")
            progress("pages", number, len(pages))
        index = script_json(words.data())
        _write_page(path, context, [], folder=f"{folder.name}/", index=index if len(index) <= _MAX_INDEX_BYTES else b"")
        return [path, *pages]


def _page_context(
    info: ReportInfo, overview: Overview, charts: Sequence[Chart], warnings: Sequence[str], choice: PeriodChoice
) -> _PageContext:
    """What every page shows, once all sites are known."""
    by_period = sites_by_period(overview.by_site, choice)
    named = info.terms, overview.terms, choice.terms, len({site for _, site, _ in choice.captures})
    return _PageContext(
        info, overview, charts, warnings, overview.courses.findings(), by_period, share_points(by_period),
        term_findings(*named), term_table(*named), choice.terms,
    )  # fmt: skip


def _remove_site_pages(folder: Path) -> None:
    """Removes the pages of an earlier report, and nothing else."""
    if folder.is_dir():
        for page in folder.glob("[0-9]*.html"):
            page.unlink()


def _write_page(  # noqa: PLR0913 - what differs from page to page
    path: Path,
    context: _PageContext,
    blocks: Iterable[tuple[int, bytes]],
    *,
    rows: Iterable[CaptureRow] | None = None,
    index: bytes = b"",
    folder: str = "",
    home: str = "",
) -> None:
    """Writes one page with the data of some sites. It contains the overview unless that is elsewhere, at `home`.

    `rows` are its captures, by default all; `index` is the index of words, if there is one. `folder` is the folder of
    the sites' pages, "" if the sites are in this page.
    """
    captures = capture_list(context.overview.captures if rows is None else rows, context.info.terms)
    with write_atomically(path) as page:
        page.write(_render("opening", context, folder, home))
        page.write(_data_block("captures", script_json(captures)))
        if index:
            page.write(_data_block("words", index))
        for number, block in blocks:
            page.write(_data_block(f"site-{number}", block))
        page.write(_render("closing", context, folder, home))


def _data_block(name: str, data: bytes) -> bytes:
    """Data as a script element that is never run."""
    return b'<script type="application/json" id="%b">%b</script>\n' % (name.encode(), data)


def _render(part: Literal["opening", "closing"], context: _PageContext, folder: str, home: str) -> bytes:
    """A part of the page, from its template."""

    def link(site: int, route: str = "") -> str:
        return f"{folder}{site}.html#s{site}{route}" if folder else f"#s{site}{route}"

    html = _template(f"{part}.html.j2").render(
        info=context.info, overview=context.overview, charts=context.charts, warnings=context.warnings, home=home,
        link=link, folder=folder, findings=context.findings, by_period=context.by_period, shares=context.shares,
        few_sites=has_few_sites(context.shares), stance_words=STANCE_WORDS,
        term_findings=context.term_findings, term_table=context.term_table, term_series=context.term_series,
        practices=PRACTICES, meanings=PRACTICE_MEANINGS,
        style=_style(), script=_script(), policy=_content_security_policy(),
    )  # fmt: skip
    return html.encode()


@cache
def _template(name: str) -> Template:
    """A template; it escapes everything that is not our own markup."""
    environment = Environment(
        loader=PackageLoader("extractor.report"), autoescape=True, finalize=replace_unshowable,
        undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters.update(
        drawing=chart_svg, columns=chart_columns, table=chart_values, share_chart=share_chart_svg,
        interval=interval_text, point=point_text, json=lambda data: Markup(script_json(data).decode()),
        grid=grid_data, term_data=term_data,
    )  # fmt: skip
    return environment.get_template(name)


def _content_security_policy() -> str:
    """Forbids everything except the page's own style and script, which are identified by their hashes."""
    style, script = _source_hash(_style()), _source_hash(_script())
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def _source_hash(source: str) -> str:
    """The hash of a style or script in a Content-Security-Policy (CSP level 3, hash-source)."""
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"


@cache
def _style() -> Markup:
    """Our own style, which the page contains unchanged."""
    return Markup(_source("page.css"))


@cache
def _script() -> Markup:
    """Our own script, which the page contains unchanged: its parts, of which the last runs when all are defined."""
    return Markup("\n".join(_source(f"script/{part}.js") for part in _SCRIPT_PARTS))


def _source(name: str) -> str:
    """One of our own files."""
    return (files("extractor.report") / name).read_text(encoding="utf-8")
