"""What was probably meant by a word that the command line does not know."""

from __future__ import annotations

import re
import shlex
from collections.abc import Collection
from pathlib import Path

from extractor.cli.commands import COMMANDS
from extractor.layout import is_run_folder

_MIN_SIMILARITY = 0.6
_FILE_SUFFIX = re.compile(r"\.(html?|txt|md|pdf|warc|arc|wacz|jsonl?|csv|tsv|parquet|gz|zst)$", re.IGNORECASE)
_SITE = re.compile(r"(https?://\S+|[\w-]+(\.[\w-]+)+(/\S*)?)")


def suggestion(word: str, known: Collection[str]) -> str:
    """A question that names the known word nearest to this one, with a space before it; "" where none is near.

    >>> suggestion("parqet", ["jsonl", "parquet"])
    ' Did you mean parquet?'
    >>> suggestion("x", ["jsonl", "parquet"])
    ''
    """
    from difflib import get_close_matches  # only a mistake has need of it

    near = [name for name in known if len(word) > 1 and name.startswith(word)]
    near = near or get_close_matches(word, known, 1, _MIN_SIMILARITY)
    return f" Did you mean {near[0]}?" if near else ""


def unknown_command(word: str) -> str:
    """The error message on a word where a command has to be: a slip, or a site or file with its command left out."""
    if "." not in word and (meant := suggestion(word, [*COMMANDS, "--help", "--version"])):
        return f"There is no command {word}.{meant}"
    if word.startswith("@"):
        return f"{word} is a list of targets, not a command. Did you mean `{_run_command(word)}`?"
    if Path(word).is_dir() and is_run_folder(Path(word)):
        return f"{word} is a run folder, not a command. Did you mean `archived-policy status {shlex.quote(word)}`?"
    if Path(word).exists() or _FILE_SUFFIX.search(word):
        command = f"archived-policy annotate {shlex.quote(word)} -o policies.jsonl"
        return f"{word} is a file or folder, not a command. Did you mean `{command}`?"
    if _SITE.fullmatch(word):
        return f"{word} is a site, not a command. Did you mean `{_run_command(word)}`?"
    return f"There is no command {word}."


def _run_command(target: str) -> str:
    """The command that collects a target, into a folder named after it.

    >>> _run_command("https://www.shop.example/privacy")
    'archived-policy run https://www.shop.example/privacy -o shop'
    """
    host = target.rpartition("://")[2].partition("/")[0].removeprefix("www.")
    folder = Path(target[1:]).stem if target.startswith("@") else host.partition(".")[0]
    return f"archived-policy run {shlex.quote(target)} -o {shlex.quote(folder)}"


def unknown_arguments(words: Collection[str], options: Collection[str], *, after_command: bool) -> str:
    """The error message on words that a command has no use for."""
    wrong = next((word.partition("=")[0] for word in words if word.startswith("-")), "")
    if not wrong:
        return f"Too many arguments: {' '.join(words)}."
    where = "" if after_command else " The options of a command come after it."
    return f"There is no option {wrong}.{suggestion(wrong, options) or where}"
