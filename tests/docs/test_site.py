"""The built site: nothing in it is loaded from another host, and its search needs no server. `make docs` installs Sphinx."""

import json
import re
from pathlib import Path

import pytest

pytest.importorskip("sphinx.application", reason="make docs installs Sphinx")

from sphinx.cmd.build import main as sphinx_build

ROOT = Path(__file__).parents[2]
LOADED = re.compile(
    r"""<(?:script|img|iframe|source)\b[^>]*\bsrc="((?:https?:)?//[^"]+)"|<link\b[^>]*\bhref="((?:https?:)?//[^"]+)"""
    r"""|@import[^;]*((?:https?:)?//[^"')]+)|url\(["']?((?:https?:)?//[^"')]+)"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    words = ["--fail-on-warning", "--keep-going", "--quiet", "-c", str(ROOT / "docs"), str(ROOT), str(folder)]
    assert sphinx_build(words) == 0
    return folder


def test_site_loads_nothing_from_another_host(site):
    files = [path for path in site.rglob("*") if path.suffix in (".html", ".css")]
    assert len(files) > 50
    loaded = {str(path): found for path in files if (found := LOADED.findall(path.read_text(encoding="utf-8")))}
    assert loaded == {}


def test_search_index_lies_in_the_site_and_finds_words_of_pages_commands_and_docstrings(site):
    index = (site / "searchindex.js").read_text(encoding="utf-8")
    found = json.loads(index.removeprefix("Search.setIndex(").rstrip().rstrip(";").removesuffix(")"))
    for word, page in (("polar", "docs/history"), ("warc", "docs/commands"), ("unreadableerror", "docs/api")):
        where = found["terms"][word]
        numbers = where if isinstance(where, list) else [where]
        assert page in [found["docnames"][number] for number in numbers], word


def test_first_page_leads_to_every_part(site):
    assert 'url=docs/index.html"' in (site / "index.html").read_text(encoding="utf-8")
    text = (site / "docs/index.html").read_text(encoding="utf-8")
    assert re.findall(r'class="caption-text">([^<]+)<', text) == [
        "Tutorial",
        "Guides",
        "Reference",
        "Explanation",
        "About",
    ]
