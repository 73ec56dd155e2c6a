"""The archive that the tests talk to: pywb over the sample archive, behind a front in the Wayback Machine's dialect."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings
from replay.archive import SAMPLE, running_archive
from replay.proxy import Proxy

# The pace of an archive is kept in the user's cache: tests have one of their own
os.environ["XDG_CACHE_HOME"] = tempfile.mkdtemp(prefix="archived-policy-tests-")

# How long an example takes says nothing here: the first one loads a model, and machines differ
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

collect_ignore = [  # they run in processes of their own, and import what is not installed here
    "replay/serve.py",
    "run/nfs_mount.py",
]


@pytest.fixture(scope="session")
def sample_warc() -> Path:
    return SAMPLE / "sample.warc.gz"


@pytest.fixture(scope="session")
def wayback(sample_warc: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Proxy]:
    """The archive: `.base`, `.faults` to append `Fault`s to, `.requests` that came, `.reset()` to forget both."""
    with running_archive(sample_warc, SAMPLE / "sample.cdxj", tmp_path_factory.mktemp("pywb")) as front:
        yield front
