"""Messages on what is not installed name commands that fit the installation, and extras that exist."""

import ast
import json
import re
import sys
from pathlib import Path

import pytest

from extractor.errors import ConfigurationError, UnreadableError
from extractor.label import load_model
from extractor.optional import extra_command, require, wheel_command
from extractor.version import VERSION

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
WEIGHTS = tomllib.loads((ROOT / "models/accurate/pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md")), *sorted((ROOT / "models").rglob("*.md"))]

CHECKOUT = {"url": "file:///home/anna/archived%20policy", "dir_info": {}}
EDITABLE = {"url": "file:///home/anna/checkout", "dir_info": {"editable": True}}
WHEEL = {"url": "file:///tmp/archived_policy-9.0-py3-none-any.whl", "archive_info": {}}
ADDRESS = {"url": "https://example.org/archived_policy-9.0-py3-none-any.whl", "archive_info": {}}
GIT = {"url": "https://example.org/archived-policy.git", "vcs_info": {"vcs": "git", "commit_id": "1234abcd"}}
LOCAL_GIT = {"url": "file:///srv/archived-policy.git", "vcs_info": {"vcs": "git", "commit_id": "1234abcd"}}


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Puts an installation of this package before the one of the tests: its origin, its installer, its environment."""

    def put(origin=None, installer="pip", prefix="env", marker=""):
        info = tmp_path / "site/archived_policy-9.0.dist-info"
        info.mkdir(parents=True)
        (info / "METADATA").write_text("Metadata-Version: 2.1\nName: archived-policy\nVersion: 9.0\n")
        (info / "INSTALLER").write_text(f"{installer}\n")
        if origin:
            (info / "direct_url.json").write_text(json.dumps(origin))
        binaries = tmp_path / prefix / "bin"
        binaries.mkdir(parents=True)
        for program in ("python", "pip"):
            (binaries / program).touch(0o755)
        if marker:
            (tmp_path / prefix / marker).touch()
        monkeypatch.syspath_prepend(tmp_path / "site")
        monkeypatch.setattr(sys, "prefix", str(tmp_path / prefix))
        monkeypatch.setattr(sys, "executable", str(binaries / "python"))
        monkeypatch.setenv("PATH", str(binaries))
        return binaries

    return put


@pytest.mark.parametrize(
    ("origin", "requirement"),
    [
        (None, "'archived-policy[pdf]'"),
        (CHECKOUT, "'/home/anna/archived policy[pdf]'"),
        (EDITABLE, "-e '/home/anna/checkout[pdf]'"),
        (WHEEL, "'/tmp/archived_policy-9.0-py3-none-any.whl[pdf]'"),
        (ADDRESS, "'archived-policy[pdf] @ https://example.org/archived_policy-9.0-py3-none-any.whl'"),
        (GIT, "'archived-policy[pdf] @ git+https://example.org/archived-policy.git'"),
        (LOCAL_GIT, "'archived-policy[pdf] @ git+file:///srv/archived-policy.git'"),
    ],
    ids=["registry", "checkout", "editable", "wheel", "address", "git", "local git"],
)
def test_extra_command_names_where_the_package_came_from(install, origin, requirement):
    install(origin)
    assert extra_command("pdf") == f"pip install {requirement}"


@pytest.mark.parametrize(
    ("installer", "prefix", "marker", "extra", "wheel"),
    [
        ("pip", "env", "", "pip install 'W[pdf]'", "pip install x.whl"),
        ("uv", "env", "", "uv pip install 'W[pdf]'", "uv pip install x.whl"),
        (
            "uv",
            "archive-v0/a1b2",
            "",
            "uvx --from 'W[pdf]' archived-policy",
            "uvx --with x.whl --from 'W' archived-policy",
        ),
        ("uv", "tools/a", "uv-receipt.toml", "uv tool install 'W[pdf]'", "uv tool install --with x.whl 'W'"),
        (
            "pip",
            "venvs/a",
            "pipx_metadata.json",
            "pipx inject archived-policy 'W[pdf]'",
            "pipx inject archived-policy x.whl",
        ),
    ],
    ids=["pip", "uv", "uvx", "uv tool", "pipx"],
)
def test_extra_and_wheel_command_are_those_of_the_tool_that_installed(install, installer, prefix, marker, extra, wheel):
    install({"url": "file:///W", "archive_info": {}}, installer, prefix, marker)
    assert extra_command("pdf").replace("/W", "W") == extra
    assert wheel_command("x.whl").replace("/W", "W") == wheel


def test_extra_command_where_pip_on_the_path_is_of_another_environment_names_the_python(install, monkeypatch):
    binaries = install()
    monkeypatch.setenv("PATH", "")
    assert extra_command("pdf") == f"{binaries / 'python'} -m pip install 'archived-policy[pdf]'"


def test_require_package_that_is_missing_raises_with_the_command(install):
    install(WHEEL)
    with pytest.raises(ConfigurationError) as raised:
        require("no_such_package", extra="pdf", purpose="PDF")
    command = "pip install '/tmp/archived_policy-9.0-py3-none-any.whl[pdf]'"
    assert str(raised.value) == f"PDF needs the extra pdf, which is not installed: {command}"


def test_require_for_a_record_raises_the_same_on_every_machine(install):
    install(WHEEL)
    with pytest.raises(UnreadableError) as raised:
        require("no_such_package", extra="pdf", purpose="PDF", error_type=UnreadableError)
    assert str(raised.value) == "PDF needs the extra pdf, which is not installed: docs/install.md says how."


def test_require_package_that_does_not_load_says_why(tmp_path, monkeypatch):
    (tmp_path / "broken_package.py").write_text("raise ImportError('libfoo.so: cannot open shared object file')")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ConfigurationError, match=r"does not load \(libfoo\.so: .* file\): install it again\."):
        require("broken_package", extra="pdf", purpose="PDF")


def required() -> list[tuple[str, str]]:
    """The optional packages that the source requires, each with its extra."""
    calls = [
        node
        for path in (ROOT / "extractor").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "require"
    ]
    words = [{word.arg: word.value for word in call.keywords} for call in calls]
    return [
        (ast.unparse(call.args[0]).strip("'"), ast.literal_eval(named["extra"]))
        for call, named in zip(calls, words, strict=True)
    ]


def test_required_packages_come_with_the_extra_that_is_named():
    found = required()
    assert {extra for _, extra in found} == set(EXTRAS)
    for package, extra in found:
        if package != "package":  # the parameter of a helper
            assert package.split(".")[0] in {re.split(r"[><=]", name)[0] for name in EXTRAS[extra]}


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())
def test_page_names_extras_that_exist(page):
    text = page.read_text(encoding="utf-8")
    named = re.findall(r"(?:archived[-_]policy[^\s'\[\]]*|['\" ]\.|\.whl)\[([a-z, ]+)\]", text)
    assert {extra.strip() for names in named for extra in names.split(",")} <= set(EXTRAS)


def test_wheel_of_the_weights_has_the_version_and_packages_of_the_extra():
    assert WEIGHTS["version"] == PROJECT["version"]
    assert WEIGHTS["dependencies"] == EXTRAS["accurate"]


def test_load_accurate_without_weights_names_the_wheel(install, tmp_path, monkeypatch):
    install(WHEEL)
    monkeypatch.setattr("extractor.resources.PACKAGE", tmp_path / "extractor")
    with pytest.raises(ConfigurationError) as raised:
        load_model("accurate")
    wheel = f"archived_policy_accurate-{VERSION}-py3-none-any.whl"
    assert str(raised.value) == f"The weights of the model accurate are not installed: pip install {wheel}"
