"""The page around the policies, written while they stream past."""

from __future__ import annotations

import shutil
from base64 import b64encode
from collections.abc import Iterable
from hashlib import sha256
from importlib.resources import files
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from extractor.atomic import write_atomically
from extractor.records import PRACTICES, Policy
from extractor.report.markup import NOTHING, Html, element, joined, text
from extractor.report.policy import COLUMNS, policy_rows
from extractor.report.tally import Tally, makers, overview

NOT_YET = "There is nothing here yet: no page has been turned into a record."
WHAT_TO_DO = (
    ("Collect policies out of the Wayback Machine:", "archived-policy run example.com --from 2005 --to 2020 -o corpus"),
    ("See what an archive holds of a site before that:", "archived-policy captures example.com"),
    ("Then write this page again:", "archived-policy report corpus -o report.html"),
)
HOW_TO_READ = (
    "A number says in how many segments of a policy a practice was found, a dash that it was found in none. "
    "“Not looked at” says that nobody looked, as the page is unusable or not in English: it is no finding. "
    "Select a row to read the policy."
)
MACHINE_MADE = (
    "Practices and scores are a model’s, not a lawyer’s; segments it was unsure of are marked “uncertain”. "
    "The archived original decides what a site has said."
)


def write_report(policies: Iterable[Policy], path: Path, *, title: str) -> None:
    """Writes policies, in the order they come, as one self-contained HTML page that is whole or not there.

    `policies` is passed over once and one policy is held at a time. Raises OSError where `path` cannot be written.
    """
    path = Path(path)
    with write_atomically(path) as page, TemporaryFile(dir=path.parent) as rows:
        tally = write_rows(policies, rows)
        page.write(opening(title, tally).encode())
        rows.seek(0)
        shutil.copyfileobj(rows, page)
        page.write(closing(tally).encode())


def write_rows(policies: Iterable[Policy], stream: BinaryIO) -> Tally:
    """Writes the rows of each policy as it comes, and counts."""
    tally = Tally()
    for policy in policies:
        tally.add(policy)
        stream.write(policy_rows(policy, f"p{tally.policies}").encode())
    return tally


def opening(title: str, tally: Tally) -> str:
    """Everything before the first policy."""
    return f'<!doctype html>\n<html lang="en">\n{head(title)}\n<body>\n{banner(title)}\n<main>\n{before_rows(tally)}\n'


def closing(tally: Tally) -> str:
    """Everything after the last policy."""
    end = "</table>\n</section>\n" if tally.policies else ""
    return f"{end}</main>\n{footer(tally)}\n<script>{asset('page.js')}</script>\n</body>\n</html>\n"


def head(title: str) -> Html:
    """The head: what the page may do (nothing but its own style and script), its title and its style."""
    return Html(
        '<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{content_security_policy()}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="referrer" content="no-referrer">\n<meta name="color-scheme" content="light dark">\n'
        f"{element('title', text(title))}\n<style>{asset('page.css')}</style>\n</head>"
    )


def content_security_policy() -> str:
    """Forbids everything but the page's own style and script, which are named by their hashes."""
    style, script = source_hash(asset("page.css")), source_hash(asset("page.js"))
    return (
        f"default-src 'none'; style-src '{style}'; script-src '{script}'; base-uri 'none'; form-action 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )


def source_hash(source: str) -> str:
    """The name of a style or script in a Content-Security-Policy (CSP level 3, hash-source)."""
    return f"sha256-{b64encode(sha256(source.encode()).digest()).decode()}"


def asset(name: str) -> Html:
    """A file of ours that goes into the page as it is."""
    return Html((files("extractor.report") / name).read_text(encoding="utf-8"))


def banner(title: str) -> Html:
    """The title, and for the keyboard the way past the overview."""
    skip = element("a", text("Skip to the policies"), href="#policies", class_="skip")
    return joined([skip, element("header", element("h1", text(title)))], "\n")


def before_rows(tally: Tally) -> Html:
    """The overview and the open table; where there is no policy, what to do about that."""
    return joined([overview(tally), opened_table()], "\n") if tally.policies else nothing_yet()


def nothing_yet() -> Html:
    """A page without policies says how to come to some."""
    steps = (element("li", text(words), element("pre", element("code", text(line)))) for words, line in WHAT_TO_DO)
    says = element("p", text(NOT_YET), class_="lead")
    return element("section", element("h2", text("No policies"), id="policies"), says, element("ol", joined(steps)))


def opened_table() -> Html:
    """The section of the policies up to the first row."""
    heading = element("h2", text("Policies"), id="policies")
    note = element("p", text(HOW_TO_READ), class_="note")
    top = element("thead", element("tr", joined(map(column, COLUMNS)), role="row"), role="rowgroup")
    start = Html('<section aria-labelledby="policies">')
    table = Html('<table class="policies" role="table" aria-labelledby="policies">')
    return joined([start, heading, note, filters(), table, top], "\n")


def column(name: str) -> Html:
    """The header of a column; the script makes it sort by the cells of its class."""
    return element("th", text(name.capitalize()), scope="col", role="columnheader", class_=name, data_key=name)


def filters() -> Html:
    """What narrows the table down: hidden until the script shows it."""
    search = element("label", text("Site or title "), Html('<input type="search" name="words" autocomplete="off">'))
    legend = element("legend", text("With all of"))
    boxes = element("fieldset", legend, joined(map(tick_box, PRACTICES)))
    return Html(f'<form role="search" hidden>{search}{boxes}{element("output", NOTHING, name="count")}</form>')


def tick_box(practice: str) -> Html:
    """The box that asks for one practice."""
    box = Html(f'<input type="checkbox" name="practice" value="{practice}">')
    return element("label", box, text(f" {practice.capitalize()}"), class_=f"chip {practice}")


def footer(tally: Tally) -> Html:
    """Where all this comes from."""
    heading = element("h2", text("Where this comes from"))
    return element("footer", heading, element("p", text(MACHINE_MADE)), makers(tally))
