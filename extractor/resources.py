"""Files bundled with the package: models, label scheme, sample archive."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def bundled_path(path: str) -> Path:
    """The path of a bundled file or folder such as "models/fast", in the installed wheel or in the checkout.

    >>> bundled_path("annotations/scheme.toml").name
    'scheme.toml'
    """
    installed = PACKAGE / "_bundled" / path
    return installed if installed.exists() else PACKAGE.parent / path
