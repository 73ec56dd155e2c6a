"""Files bundled with the package: models, label scheme, sample archive."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

PACKAGE = Path(__file__).parent


def bundled_path(path: str) -> Path:
    """The path of a bundled file or folder such as "models/fast", in the installed wheel or in the checkout.

    >>> bundled_path("annotations/scheme.toml").name
    'scheme.toml'
    """
    installed = PACKAGE / "_bundled" / path
    return installed if installed.exists() else PACKAGE.parent / path


def read_toml(path: Path) -> dict[str, Any]:
    """The content of a TOML file."""
    if sys.version_info >= (3, 11):
        import tomllib
    else:
        import tomli as tomllib
    return tomllib.loads(path.read_text(encoding="utf-8"))
