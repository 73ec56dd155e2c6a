"""The parts of the reference that the program itself knows: commands, exit codes, schemas, public names.

A page of docs/ has a comment such as `<!-- generated: commands -->` where one of them belongs.
"""

from __future__ import annotations

import argparse
import inspect
import re
from collections.abc import Callable, Iterator
from typing import Any

import extractor
from extractor import errors
from extractor.cli import build_parser
from extractor.exports import compact_schema, event_schema, policy_schema
from extractor.label.estimator import PolicyClassifier

_MARKER = re.compile(r"<!-- generated: ([a-z-]+) -->")


def filled_in(page: str) -> str:
    """A page with each marker replaced by what it stands for; KeyError for a marker that stands for nothing.

    >>> "11" in filled_in("<!-- generated: exit-codes -->")
    True
    """
    return _MARKER.sub(lambda found: _GENERATED[found[1]](), page)


def command_names() -> list[str]:
    """The commands, in the order of `archived-policy --help`."""
    return list(_commands())


def _commands() -> dict[str, argparse.ArgumentParser]:
    actions = build_parser()._actions
    return next(action.choices for action in actions if isinstance(action, argparse._SubParsersAction))


def _commands_text() -> str:
    return "\n\n".join(_command_text(name, parser) for name, parser in _commands().items())


def _command_text(name: str, parser: argparse.ArgumentParser) -> str:
    """A section on a command: what it does, how it is called, its options, examples."""
    parser.formatter_class = lambda prog: argparse.RawDescriptionHelpFormatter(prog, width=96)
    usage = parser.format_usage().removeprefix("usage: ").replace("\n       ", "\n")  # as far in as the first line was
    arguments = [action for action in parser._actions if "--help" not in action.option_strings]
    arguments.sort(key=lambda action: bool(action.option_strings))  # what has no name comes first
    rows = [f"| {_cell(_invocation(action))} | {_cell(_help(action))} |" for action in arguments]
    table = "\n".join(["| argument | meaning |", "|---|---|", *rows])
    example = f"```bash\n{_without_indent(parser.epilog or '')}\n```"
    return "\n\n".join([f"## {name}", _linked(parser.description or ""), f"```text\n{usage}```", table, example])


def _without_indent(epilog: str) -> str:
    """The commands of an epilog: what follows its first line, without the indentation."""
    return "\n".join(line.strip() for line in epilog.strip().splitlines()[1:])


def _invocation(action: argparse.Action) -> str:
    """How an argument is written: `-o`, `--output DIR`."""
    names = sorted(action.option_strings, key=len)
    value = str(action.metavar or (names or [action.dest])[-1].strip("-").upper()) if action.nargs != 0 else ""
    return ", ".join(f"`{name}`" for name in [*names[:-1], " ".join(filter(None, [*names[-1:], value]))])


def _help(action: argparse.Action) -> str:
    """What an argument means, and which values it may have."""
    text = (action.help or "").replace("%%", "%").replace("%(default)s", str(action.default))
    choices = [str(choice) for choice in action.choices or ()]
    unsaid = ", ".join(f"`{choice}`" for choice in choices) if any(choice not in text for choice in choices) else ""
    return _linked("; one of ".join(filter(None, [text, unsaid])))


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _linked(text: str) -> str:
    """A text as Markdown: names of pages are links, options are code, and what is no markup stays as it is."""
    parts = re.split(r"(`[^`]*`)", text)  # every other one is code
    return "".join(part if index % 2 else _prose(part) for index, part in enumerate(parts))


def _prose(text: str) -> str:
    escaped = re.sub(r"([*_<])", r"\\\1", text)
    return re.sub(r"docs/([a-z-]+)\.md", r"[\1](\1.md)", re.sub(r"(?<![\w-])--[a-z][a-z-]*", r"`\g<0>`", escaped))


def _exit_code_table() -> str:
    """Exit codes by the errors that lead to them."""
    rows = {0: "Done.", **{kind.exit_code: _first_lines(kind) for kind in _errors() if "exit_code" in vars(kind)}}
    rows[1] = "Something could not be done; the message says what, and what to do."
    lines = [f"| {code} | {meaning} |" for code, meaning in sorted(rows.items())]
    return "\n".join(["| code | meaning |", "|---:|---|", *lines])


def _errors() -> Iterator[type[errors.ArchivedPolicyError]]:
    kinds = (kind for _, kind in inspect.getmembers(errors, inspect.isclass))
    return (kind for kind in kinds if issubclass(kind, errors.ArchivedPolicyError))


def _first_lines(kind: type) -> str:
    """The first paragraph of a docstring, in one line."""
    return " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())


def _schema_text(schema: dict[str, Any]) -> str:
    """The objects of a JSON Schema, a section each: name, description, a table of the keys."""
    objects = {name: rule for name, rule in schema["$defs"].items() if "properties" in rule}
    first = schema["$ref"].rpartition("/")[2]
    return "\n\n".join(_object_text(name, objects[name]) for name in sorted(objects, key=lambda name: name != first))


def _compact_schema_text() -> str:
    """The objects of a compact record that a full one does not have."""
    schema = compact_schema()
    own = {name: rule for name, rule in schema["$defs"].items() if name not in policy_schema()["$defs"]}
    return _schema_text({**schema, "$defs": own})


def _object_text(name: str, rule: dict[str, Any]) -> str:
    rows = [f"| `{key}` | {_cell(_type_text(value))} |" for key, value in rule["properties"].items()]
    table = "\n".join(["| key | type |", "|---|---|", *rows])
    return "\n\n".join([f"### {name}", inspect.cleandoc(rule.get("description", "")), table])


def _type_text(rule: dict[str, Any]) -> str:
    """What a value may be, in words: `array of integer ≥ 0`, a link to an object, the values of an enumeration."""
    if "$ref" in rule:
        name = rule["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "enum" in rule or "const" in rule:
        return ", ".join(f"`{value!r}`".replace("'", '"') for value in rule.get("enum", [rule.get("const")]))
    if "anyOf" in rule:
        return " or ".join(map(_type_text, rule["anyOf"]))
    return _compound_text(rule) or " ".join(filter(None, [rule["type"], _limits_text(rule)]))


def _compound_text(rule: dict[str, Any]) -> str:
    """What an array or an object with any keys holds, "" for other values."""
    if "prefixItems" in rule:
        items = list(dict.fromkeys(map(_type_text, rule["prefixItems"])))
        return f"array of {len(rule['prefixItems'])}: {', '.join(items)}{' each' if len(items) == 1 else ''}"
    if rule["type"] == "array":
        return f"array of {_type_text(rule['items'])}"
    if isinstance(rule.get("additionalProperties"), dict):
        return f"object of {_type_text(rule['additionalProperties'])}"
    return ""


def _limits_text(rule: dict[str, Any]) -> str:
    limits = [f"{sign} {rule[key]}" for key, sign in (("minimum", "≥"), ("maximum", "≤")) if key in rule]
    pattern = [f"`{rule['pattern']}`"] if "pattern" in rule else []
    return ", ".join([*limits, *pattern])


_HISTORY = ("histories", "History", "align", "SegmentGroup", "diff", "Diff", "DiffRow", "DiffPiece", "observations_of")
_HISTORY += ("Observation", "shares", "SharePoint", "read_terms", "Term", "term_tree", "find_terms", "TermPlace")
_PARTS = (
    "PolicyCapture",
    "Verdict",
    "Source",
    "Provenance",
    "Event",
    "Side",
    "Evidence",
    "Quote",
    "Passage",
    "Version",
)


def _api_text() -> str:
    """Each public name of the package with its docstring."""
    names = [name for name in extractor.__all__ if name not in ("__version__", "history", "ArchivedPolicyError")]
    parts = {
        "The package": [f"extractor.{name}" for name in names],
        "Parts of records": [f"extractor.records.{name}" for name in _PARTS],
        "Policies over time": [f"extractor.history.{name}" for name in _HISTORY],
        "For scikit-learn": [f"extractor.label.estimator.{PolicyClassifier.__name__}"],
        "Errors": [f"extractor.errors.{kind.__name__}" for kind in _errors()],
    }
    return "\n\n".join(f"## {title}\n\n{_directives(names)}" for title, names in parts.items())


def _directives(names: list[str]) -> str:
    lines = [line for name in names for line in _directive(name)]
    return "\n".join(["```{eval-rst}", *lines, "```"])


def _directive(name: str) -> list[str]:
    """Sphinx's directive for a public name."""
    module, _, attribute = name.rpartition(".")
    value = getattr(__import__(module, fromlist=[attribute]), attribute)
    if not inspect.isclass(value):
        return [f".. autofunction:: {name}", ""]
    members = ", ".join(_own_members(value))
    return [f".. autoclass:: {name}", *[f"   :members: {members}"] * bool(members), ""]


def _own_members(kind: type) -> Iterator[str]:
    """The public methods and properties of a class; not what a library adds to it. An object may also be called."""
    for name, value in vars(kind).items():
        is_own = getattr(getattr(value, "fget", None) or value, "__module__", "").startswith("extractor.")
        if is_own and inspect.getdoc(value) and (not name.startswith("_") or name == "__call__"):
            yield name


_GENERATED: dict[str, Callable[[], str]] = {
    "commands": _commands_text,
    "exit-codes": _exit_code_table,
    "record-schema": lambda: _schema_text(policy_schema()),
    "compact-schema": _compact_schema_text,
    "event-schema": lambda: _schema_text(event_schema()),
    "api": _api_text,
}
