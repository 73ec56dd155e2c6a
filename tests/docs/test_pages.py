"""The pages of the documentation, as Markdown: links, navigation, commands, and what is generated from the program."""

import json
import re
import shlex
import sys
from dataclasses import fields
from itertools import chain
from pathlib import Path

import jsonschema
import msgspec
import pytest

import extractor
from extractor.cli import build_parser
from extractor.cli.commands import COMMANDS
from extractor.errors import ArchivedPolicyError
from extractor.records import Event, Policy

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "docs"))

import conf  # noqa: E402
import reference  # noqa: E402

LISTED = sorted(page for pattern in conf.include_patterns for page in ROOT.glob(pattern))
PAGES = [page for page in LISTED if page.suffix == ".md"]
FRONT = ROOT / "README.md"
CODE = re.compile(r"```.*?```", re.DOTALL)


def text_of(page: Path) -> str:
    """A page with what is generated in it."""
    return reference.filled_in(page.read_text(encoding="utf-8"))


def name_of(page: Path) -> str:
    return page.relative_to(ROOT).as_posix()


def anchors_of(page: Path) -> set[str]:
    """The anchors of a page's headings, as GitHub and MyST form them."""
    headings = re.findall(r"^#+ (.+)$", CODE.sub("", text_of(page)), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", [FRONT, *PAGES], ids=name_of)
def test_every_link_leads_to_a_file_and_to_a_heading_in_it(page):
    links = re.findall(r"\]\(([^)\s]+)\)", CODE.sub("", text_of(page)))
    for link in links:
        address, _, anchor = link.partition("#")
        if address.startswith(("http:", "https:", "mailto:")):
            continue
        target = (page.parent / address).resolve() if address else page
        assert target.exists(), link
        assert not anchor or anchor in anchors_of(target), link


def test_every_page_is_in_the_navigation_once_and_every_entry_is_a_page():
    entries = [*chain(*conf.NAVIGATION.values()), *chain(*conf.SUBPAGES.values())]
    listed = {entry: list(ROOT.glob(entry if "*" in entry else f"{entry}.*")) for entry in entries}
    assert [entry for entry, found in listed.items() if not found and "*" not in entry] == []
    assert sorted([ROOT / f"{conf.root_doc}.md", *chain(*listed.values())]) == LISTED


def commands_on(page: Path) -> list[str]:
    """The commands that a page shows: lines of code that begin with the program's name, and words set as code."""
    text = page.read_text(encoding="utf-8")
    code = [line for block in CODE.findall(text) for line in block.splitlines()]
    code += [line for line in CODE.sub("", text).splitlines() if line.startswith("    ")]
    lines = [found[1] for line in code if (found := re.match(r"\s*(?:[a-z]+ .* \| )?(archived-policy [a-z].*)", line))]
    inline = re.findall(r"`(archived-policy [a-z]+ [^`\n]+)`", CODE.sub("", text))
    return [command for command in [*lines, *inline] if "…" not in command]


def words_of(command: str) -> list[str]:
    """The arguments of a command: without the program, what it is piped into, and a remark after it."""
    filled = re.sub(r'"?\$[A-Z_]+"?', "1", command).replace("--format F ", "--format jsonl ")
    words = shlex.split(filled, comments=True)[1:]
    ends = [index for index, word in enumerate(words) if word in ("|", ">", "||", "&&", ";")]
    return words[: min(ends, default=len(words))]


@pytest.mark.parametrize("page", [FRONT, *sorted((ROOT / "docs").rglob("*.md"))], ids=name_of)
def test_every_command_on_a_page_is_one_that_the_parser_takes(page, capsys):
    for command in commands_on(page):
        try:
            build_parser().parse_args(words_of(command))
        except SystemExit:
            pytest.fail(f"{command}\n{capsys.readouterr().err}")


def test_each_task_on_the_first_page_has_a_command_and_a_page():
    text = (ROOT / "docs/index.md").read_text(encoding="utf-8")
    rows = re.findall(
        r"^\| (?!I want)([^|]+) \| `archived-policy [^|]+` \| \[[^|]+\]\([a-z]+\.md\) \|$", text, re.MULTILINE
    )
    assert len(rows) == 10


def test_reference_has_a_section_for_each_command_with_its_options():
    text = text_of(ROOT / "docs/commands.md")
    assert re.findall(r"^## (\S+)$", text, re.MULTILINE) == list(COMMANDS) == reference.command_names()
    section = text.partition("## captures")[0]
    assert "`--max-fail F`" in section and "archived-policy run example.org" in section


def test_every_argument_in_the_reference_has_a_meaning():
    rows = re.findall(r"^\| (`.+) \| (.*?)\|$", text_of(ROOT / "docs/commands.md"), re.MULTILINE)
    assert len(rows) > 100
    assert [argument for argument, meaning in rows if not meaning.strip()] == []


def test_names_of_pages_in_help_are_links_in_the_reference():
    text = text_of(ROOT / "docs/commands.md")
    assert re.search(r"\[formats\]\(formats\.md\)", text) and not re.search(r"docs/[a-z]+\.md", text)


def test_reference_has_each_exit_code():
    rows = re.findall(r"^\| (\d+) \| (.+) \|$", text_of(ROOT / "docs/exit-codes.md"), re.MULTILINE)
    kinds = [ArchivedPolicyError, *ArchivedPolicyError.__subclasses__()]
    assert {int(code) for code, _ in rows} == {0, 18, *(kind.exit_code for kind in kinds)}


@pytest.mark.parametrize(("page", "record"), [("records", Policy), ("events", Event)])
def test_reference_has_each_key_of_the_records(page, record):
    text = text_of(ROOT / f"docs/{page}.md")
    table = text.partition(f"### {record.__name__}\n")[2].partition("###")[0]
    assert set(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == {field.name for field in fields(record)}


def test_reference_has_each_public_name():
    text = text_of(ROOT / "docs/api.md")
    names = set(re.findall(r"^\.\. auto(?:class|function):: extractor\.(\w+)$", text, re.MULTILINE))
    assert names == set(extractor.__all__) - {"__version__", "history", "ArchivedPolicyError"}
    assert ".. autoclass:: extractor.errors.ArchivedPolicyError" in text


def test_page_with_an_unknown_marker_is_refused():
    with pytest.raises(KeyError, match="nothing"):
        reference.filled_in("<!-- generated: nothing -->")


def test_event_schema_accepts_events_and_rejects_others(sample_warc):
    policies = extractor.load().pipe(extractor.read_corpus(sample_warc))
    validator = jsonschema.Draft202012Validator(extractor.event_schema())
    events = [
        json.loads(msgspec.json.encode(event)) for one in extractor.history.histories(policies) for event in one.events
    ]
    assert len(events) > 100
    for event in events:
        validator.validate(event)
    assert not validator.is_valid({**events[0], "kind": "vanished"})
    assert not validator.is_valid({**events[0], "more": 1})
