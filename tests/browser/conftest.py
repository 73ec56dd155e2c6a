"""A headless Chromium that records the errors, dialogs and requests of a page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from extractor.cli import main

# Without these Chromium sends requests of its own, and waits for the answers if there is no network
FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
ROOT = Path(__file__).parents[2]


@dataclass
class WatchedPage:
    """A page with its messages and its requests."""

    page: Any
    messages: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def watch(self) -> None:
        self.page.on("console", lambda message: self.messages.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.messages.append(str(error)))
        self.page.on("dialog", lambda dialog: (self.messages.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        self.page.on("request", lambda request: self.requests.append(request.url))


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    from playwright.sync_api import sync_playwright

    path = shutil.which(os.environ.get("CHROMIUM", "chromium"))
    assert path, "There is no Chromium: make test-browser installs it, or set CHROMIUM to its path."
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def opened(chromium) -> Iterator[Any]:
    """Opens a file: `opened(path, "#s1", width=390, color_scheme="dark")`. Fails in the end if it had messages."""
    windows: list[tuple[Any, WatchedPage]] = []

    def open_file(path: Path, route: str = "", *, width: int = 1280, height: int = 900, **options: Any) -> Any:
        context = chromium.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(60_000)
        watched = WatchedPage(context.new_page())
        watched.watch()
        windows.append((context, watched))
        watched.page.goto(path.as_uri() + route)
        return watched.page

    yield open_file
    for context, watched in windows:
        context.close()
        assert watched.messages == []
        assert all(
            url.startswith("blob:") or (url.startswith("file://") and url.partition("#")[0].endswith((".html", ".svg")))
            for url in watched.requests
        )


@pytest.fixture(scope="session")
def sample_report(tmp_path_factory) -> Path:
    """The report of the sample archive, as `make demo` writes it."""
    folder = tmp_path_factory.mktemp("demo") / "sample"
    sample = ROOT / "corpus" / "sample"
    targets = f"@{sample / 'targets.txt'}"
    code = main(["run", targets, "--archive-base", str(sample / "sample.warc.gz"), "-o", str(folder), "--quiet"])
    assert code == 0
    return folder / "report.html"
