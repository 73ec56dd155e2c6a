"""Packages that only some uses need, each installed by an extra of this package."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from extractor.errors import ArchivedPolicyError, ConfigurationError


def require(
    package: str, *, extra: str, purpose: str, error_type: type[ArchivedPolicyError] = ConfigurationError
) -> Any:
    """An optional package or module, imported. Raises `error_type`, which names the extra, if it is not installed.

    >>> require("no_such_package", extra="parquet", purpose="Parquet")
    Traceback (most recent call last):
    extractor.errors.ConfigurationError: Parquet needs the extra: pip install 'archived-policy[parquet]'.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise error_type(f"{purpose} needs the extra: pip install 'archived-policy[{extra}]'.") from error
