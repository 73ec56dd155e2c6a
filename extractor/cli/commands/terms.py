"""`terms`: which laws, bodies, technologies, rights and companies policies name, by period."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console

from extractor.cli.options import nonempty_path
from extractor.cli.output import report_problems
from extractor.cli.screen import ProgressBar, plain_table, print_line
from extractor.layout import TERMS, records_folder

if TYPE_CHECKING:
    from extractor.history import DiscoveredPhrase, Span
    from extractor.run.studies import TermsSummary

EXAMPLE = "archived-policy terms corpus --every year --discover --spans 2012-2014 2020-2022"
_SHOWN_PHRASES = 8  # of each direction, on the screen


def add_options(parser: argparse.ArgumentParser) -> None:
    """The options of `terms`."""
    parser.add_argument("folder", type=Path, metavar="DIR", help="a run folder, or a policies.jsonl or .parquet")
    parser.add_argument("--policy", default="", metavar="NAME", help="only this policy, or this site")
    parser.add_argument(
        "--terms", type=nonempty_path, metavar="FILE", help="a list of terms of your own, in TOML (docs/terms.md)"
    )
    parser.add_argument(
        "-o",
        "--output",
        type=nonempty_path,
        metavar="OUT",
        help="the folder for mentions.jsonl, tables and the chart (default: terms/ in the run folder)",
    )
    parser.add_argument(
        "--every", choices=("half-year", "year"), default="half-year", help="periods of the table (default: half-year)"
    )
    parser.add_argument("--parquet", action="store_true", help="write the tables as Parquet as well")
    parser.add_argument(
        "--discover",
        action="store_true",
        help="also find the phrases that rose and fell most, on all sites and on those of both spans: discovered.csv",
    )
    parser.add_argument(
        "--spans",
        nargs=2,
        default=[],
        metavar=("BEFORE", "AFTER"),
        help="the years that --discover compares, like 2012-2014 2020 (default: those of the first and the last "
        "third of the captures)",
    )


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Writes the mentions and tables, and on request the phrases."""
    from extractor.run.studies import write_discovered_phrases, write_terms

    output = arguments.output or records_folder(arguments.folder) / TERMS
    options = {"term_file": arguments.terms, "parquet": arguments.parquet, "policy": arguments.policy}
    with ProgressBar(console, quiet=arguments.quiet) as bar:
        summary = write_terms(arguments.folder, output, every=arguments.every, progress=bar, **options)
    if not arguments.quiet:
        _show_summary(console, summary, output)
    if arguments.discover or arguments.spans:
        with ProgressBar(console, quiet=arguments.quiet) as bar:
            given = {"spans": arguments.spans, "progress": bar, **options}
            found = write_discovered_phrases(arguments.folder, output, summary.years, **given)
        if not arguments.quiet:
            _show_phrases(console, *found)
    return report_problems(console, summary.problems, fatal=False)


def _show_summary(console: Console, summary: TermsSummary, folder: Path) -> None:
    """Prints how much was found, and where it is."""
    if not summary.captures:
        print_line(console, "No policy has a usable, labelled capture with a time, so there are no shares.")
    table = plain_table("sites", "captures", "mentions", "terms found")
    found = f"{len(summary.found)} of {summary.terms}"
    table.add_row(str(summary.sites), str(summary.captures), str(summary.mentions), found)
    console.print(table)
    print_line(console, f"Mentions: {folder / 'mentions.jsonl'}")
    print_line(console, f"Shares and chart: {folder}")


def _show_phrases(console: Console, found: list[DiscoveredPhrase], before: Span, after: Span) -> None:
    """Prints the first phrases that rose, and that fell, in each panel."""
    spans = " to ".join("-".join(dict.fromkeys(span)) for span in (before, after))
    for panel in ("all", "fixed"):
        of_panel = [one for one in found if one.panel == panel]
        sites = {(one.before_of, one.after_of) for one in of_panel}
        counts = "".join(f" ({earlier} and {later} sites)" for earlier, later in sites)
        for direction in ("rose", "fell"):
            phrases = [one.phrase for one in of_panel if one.direction == direction][:_SHOWN_PHRASES]
            print_line(console, f"{direction}, {spans}, {panel}{counts}: {', '.join(phrases) or 'nothing'}")
