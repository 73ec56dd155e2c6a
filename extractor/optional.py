"""Packages that only some uses need, and the command that adds them to this installation."""

from __future__ import annotations

import json
import re
import shutil
import sys
from collections.abc import Iterable
from importlib import import_module
from importlib.metadata import Distribution, distribution
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from extractor.errors import ArchivedPolicyError, ConfigurationError, UnreadableError

_NAME = "archived-policy"
_PAGE_READERS = {"pdf": "pypdfium2", "zstd": "zstandard", "brotli": "brotli"}  # what a page may need, by extra
_MISSING_EXTRA = re.compile(r"needs the extra (\w+), which is not installed")


def require(
    package: str, *, extra: str, purpose: str, error_type: type[ArchivedPolicyError] = ConfigurationError
) -> Any:
    """An optional package or module, imported.

    Raises `error_type`, with the command that installs the extra, if the package is not installed or does not load. An
    UnreadableError names the extra alone, as it goes into records, which are the same on every machine.
    """
    try:
        return import_module(package)
    except ModuleNotFoundError as error:
        how = "docs/install.md says how." if error_type is UnreadableError else extra_command(extra)
        raise error_type(f"{purpose} needs the extra {extra}, which is not installed: {how}") from error
    except ImportError as error:
        raise error_type(f"{purpose} needs {package}, which does not load ({error}): install it again.") from error


def missing_extra(reasons: Iterable[str]) -> str:
    """The extra without which a page was not read, by the reasons of its verdict; "" if none was missing.

    >>> missing_extra(["PDF needs the extra pdf, which is not installed: docs/install.md says how."])
    'pdf'
    """
    return next((found[1] for reason in reasons if (found := _MISSING_EXTRA.search(reason))), "")


def is_page_reader_installed(extra: str) -> bool:
    """Whether the package that an extra adds for reading pages is installed."""
    return find_spec(_PAGE_READERS.get(extra, extra)) is not None


def missing_extra_advice(extra: str, pages: int) -> str:
    """The sentence on pages that were not read for want of an extra."""
    what = "1 page was" if pages == 1 else f"{pages:,} pages were"
    return f"{what} not read for want of the extra {extra}: {extra_command(extra)}, then the same command again."


def extra_command(extra: str) -> str:
    """The command that adds an extra of this package to the environment it runs in."""
    return _install_command(_requirement(f"[{extra}]"))


def wheel_command(wheel: str) -> str:
    """The command that adds a wheel to the environment that this package runs in."""
    return _install_command(_requirement(), wheel)


def _install_command(requirement: str, wheel: str = "") -> str:
    """The command that installs this package as required, or a wheel beside it."""
    beside = f"--with {wheel} " if wheel else ""
    commands = {
        "uvx": f"uvx {beside}--from {requirement} {_NAME}",
        "uv tool": f"uv tool install {beside}{requirement}",
        "pipx": f"pipx inject {_NAME} {wheel or requirement}",
    }
    return commands.get(_environment_tool(), f"{_pip()} install {wheel or requirement}")


def _environment_tool() -> str:
    """The tool that made the environment for this package alone, "" for one that the user made."""
    prefix = Path(sys.prefix)
    if (prefix / "pipx_metadata.json").exists():
        return "pipx"
    if (prefix / "uv-receipt.toml").exists():
        return "uv tool"
    return "uvx" if prefix.parent.name == "archive-v0" else ""  # a folder of uv's cache


def _pip() -> str:
    """The pip of the environment that this package runs in."""
    if (_distribution().read_text("INSTALLER") or "").strip() == "uv":
        return "uv pip"
    found = shutil.which("pip")
    is_same = found is not None and Path(found).parent == Path(sys.executable).parent
    return "pip" if is_same else f"{sys.executable} -m pip"


def _requirement(extras: str = "") -> str:
    """What to name to an installer, in quotation marks: where this package was installed from, with extras.

    PEP 610 has the form of direct_url.json, which a package from a registry lacks.
    """
    from urllib.request import url2pathname  # imports http and ssl

    origin: dict[str, Any] = json.loads(_distribution().read_text("direct_url.json") or "{}")
    url = origin.get("url", "")
    if url.startswith("file:") and "vcs_info" not in origin:
        flag = "-e " if origin.get("dir_info", {}).get("editable") else ""
        return f"{flag}'{url2pathname(urlsplit(url).path)}{extras}'"
    vcs = f"{origin['vcs_info']['vcs']}+" if "vcs_info" in origin else ""
    return f"'{_NAME}{extras} @ {vcs}{url}'" if url else f"'{_NAME}{extras}'"


def _distribution() -> Distribution:
    return distribution(_NAME)
