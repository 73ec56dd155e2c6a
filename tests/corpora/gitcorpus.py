"""Git repositories for the tests, written commit by commit."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path


def git(folder: Path, *arguments: str, date: str = "2021-03-04T05:06:07+00:00", committed: str = "") -> str:
    environment = {
        **os.environ,
        "GIT_AUTHOR_DATE": date,
        "GIT_COMMITTER_DATE": committed or date,
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_SYSTEM": os.devnull,
        **{f"GIT_{who}_{what}": value for who in ("AUTHOR", "COMMITTER") for what, value in (("NAME", "Recorder"), ("EMAIL", "recorder@archive.example"))},
    }  # fmt: skip
    done = subprocess.run(
        ["git", "-C", str(folder), *arguments], env=environment, check=True, capture_output=True, text=True
    )
    return done.stdout.strip()


def repository(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    git(folder, "init", "--quiet", "--initial-branch", "main")
    return folder


def commit(folder: Path, path: str, content: bytes | str | None, message: str, **dates: str) -> str:
    """Writes a file, or removes it if `content` is None, commits it and returns the hash of the commit."""
    file = folder / path
    if content is None:
        file.unlink()
    else:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
    git(folder, "add", "--all", "--", path)
    git(folder, "commit", "--quiet", "-m", message, **dates)
    return git(folder, "rev-parse", "HEAD")
