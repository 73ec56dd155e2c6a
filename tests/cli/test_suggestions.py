"""What the command line says to a word that it does not know."""

from pathlib import Path

import pytest

from extractor.cli import main
from extractor.cli.commands import COMMAND_GROUPS, COMMANDS


def error_of(words: list[str], capsys) -> str:
    with pytest.raises(SystemExit) as ended:
        main(words)
    assert ended.value.code == 2
    return capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["anotate", "x"], "There is no command anotate. Did you mean annotate?"),
        (["exprt"], "Did you mean export?"),
        (["eval"], "Did you mean evaluate?"),
        (["help"], "Did you mean --help?"),
        (["--versoin"], "There is no option --versoin. Did you mean --version?"),
        (["run", "a.example", "--evry", "year", "-o", "x"], "There is no option --evry. Did you mean --every?"),
        (["run", "a.example", "--evry=year", "-o", "x"], "There is no option --evry. Did you mean --every?"),
        (["run", "a.example", "--every", "halfyear", "-o", "x"], "Did you mean half-year?"),
        (["export", "x", "--format", "parqet", "-o", "y"], "Did you mean parquet?"),
        (["history", "x", "--every", "years"], "Did you mean year?"),
        (["label", "--scheme", "opp-115"], "invalid choice: 'opp-115' (choose from 'practices', 'opp115'). Did you mean opp115?"),
        (["--quiet", "status", "x"], "There is no option --quiet. The options of a command come after it."),
        (["example.org"], "example.org is a site, not a command. Did you mean `archived-policy run example.org -o example`?"),
        (["https://www.shop.example/privacy"], "`archived-policy run https://www.shop.example/privacy -o shop`?"),
        (["@lists/sites.txt"], "@lists/sites.txt is a list of targets, not a command. Did you mean `archived-policy run @lists/sites.txt -o sites`?"),
        (["report.html"], "Did you mean `archived-policy annotate report.html -o policies.jsonl`?"),
        (["crawl.warc.gz"], "Did you mean `archived-policy annotate crawl.warc.gz -o policies.jsonl`?"),
    ],
)  # fmt: skip
def test_error_on_an_unknown_word_suggests_what_was_meant(words, meant, capsys):
    assert meant in error_of(words, capsys)


@pytest.mark.parametrize("words", [["zzz"], ["run", "a.example", "-o", "x", "--zzz"], ["label", "--scheme", "zzz"]])
def test_error_on_a_word_that_is_like_none_suggests_nothing(words, capsys):
    assert "Did you mean" not in error_of(words, capsys)


def test_error_on_a_folder_as_command_suggests_status_of_a_run_and_annotate_of_others(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    for name in ("my pages", "shops"):
        Path(name).mkdir()
    Path("shops/ledger.sqlite").touch()
    assert "`archived-policy annotate 'my pages' -o policies.jsonl`" in error_of(["my pages"], capsys)
    assert "`archived-policy status shops`" in error_of(["shops"], capsys)


def test_error_has_a_usage_of_what_is_required_only(capsys):
    first, message, help_line = error_of(["run", "a.example", "--zzz"], capsys).splitlines()
    assert first == "usage: archived-policy run [options] -o DIR TARGET [TARGET ...]"
    assert message.startswith("archived-policy run: ")
    assert help_line == "See `archived-policy run --help`."


def test_bare_command_prints_the_help(capsys):
    assert main([]) == 0
    bare = capsys.readouterr().out
    with pytest.raises(SystemExit):
        main(["--help"])
    assert bare == capsys.readouterr().out


def test_help_lists_each_command_in_its_group_on_one_line(capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main([]) == 0
    help_lines = capsys.readouterr().out.splitlines()
    assert help_lines.index("to begin with:") < help_lines.index("collect:")
    for title, commands in COMMAND_GROUPS.items():
        at = help_lines.index(f"{title}:")
        listed = [line.split(maxsplit=1) for line in help_lines[at + 1 : at + 1 + len(commands)]]
        assert listed == [[name, text] for name, text in commands.items()]
    assert max(map(len, help_lines)) <= 80
    assert len(COMMANDS) == sum(map(len, COMMAND_GROUPS.values()))
