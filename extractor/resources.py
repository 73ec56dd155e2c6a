"""Files that travel with the package: the model, the label scheme, the sample archive."""

from __future__ import annotations

from pathlib import Path

PACKAGE = Path(__file__).parent


def bundled(path: str) -> Path:
    """The file or folder at `path` ("models/fast", …): in the installed wheel, or in the checkout it is built from.

    >>> bundled("annotations/scheme.toml").name
    'scheme.toml'
    """
    installed = PACKAGE / "_bundled" / path
    return installed if installed.exists() else PACKAGE.parent / path
