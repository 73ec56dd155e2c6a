"""`completion`: its scripts, read by the shells they are for."""

import shutil
import subprocess

import pytest

from extractor.cli import main
from extractor.cli.commands import COMMANDS

# What Tab does in bash: the words so far are set, the function is called that the script registered, and it answers
BASH = """
source "$1"; shift
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=${#COMP_LINE}
register=$(complete -p archived-policy)
[[ $register =~ -F\\ ([^ ]+) ]]
${BASH_REMATCH[1]} archived-policy "${@: -1}" "${@: -2:1}"
printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def script(tmp_path, capsysbinary):
    def write(shell: str) -> str:
        assert main(["completion", shell]) == 0
        (tmp_path / shell).write_bytes(capsysbinary.readouterr().out)
        return str(tmp_path / shell)

    return write


def output_of(*words: str, cwd=None) -> list[str]:
    return subprocess.run(words, capture_output=True, text=True, check=True, cwd=cwd).stdout.split()


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["an"], {"annotate"}),
        (["annotate", "--sh"], {"--shards", "--shard"}),
        (["annotate", "--engine", ""], {"local", "ray"}),
        (["export", "corpus", "--format", "pa"], {"parquet", "parquet-records"}),
        (["extract", "poli"], {"policy.html", "policies"}),
        (["status", "poli"], {"policies"}),
    ],
)
def test_tab_in_bash_offers_commands_options_choices_and_files(words, offered, tmp_path, script):
    (tmp_path / "policies").mkdir()
    (tmp_path / "policy.html").touch()
    assert (
        set(output_of("bash", "-c", BASH, "bash", script("bash"), "archived-policy", *words, cwd=tmp_path)) == offered
    )


def test_tab_in_bash_after_the_program_offers_every_command(script):
    offered = output_of("bash", "-c", BASH, "bash", script("bash"), "archived-policy", "")
    assert set(COMMANDS) <= set(offered)


@pytest.mark.skipif(not shutil.which("fish"), reason="fish is not installed")
def test_tab_in_fish_offers_commands_and_choices(script):
    code = f"source {script('fish')}; complete -C 'archived-policy an'; complete -C 'archived-policy export x --format parq'"
    offered = output_of("fish", "--no-config", "-c", code)
    assert {"annotate", "parquet"} <= set(offered)


@pytest.mark.skipif(not shutil.which("zsh"), reason="zsh is not installed")
def test_script_for_zsh_in_its_folder_of_functions_is_found(tmp_path, script):
    (tmp_path / "_archived-policy").write_text((tmp_path / script("zsh")).read_text())
    code = f"fpath=({tmp_path} $fpath); autoload -Uz compinit; compinit -D -u; print $_comps[archived-policy]"
    assert output_of("zsh", "-f", "-c", code) == ["_archived-policy"]
    assert output_of("zsh", "-n", script("zsh")) == []
