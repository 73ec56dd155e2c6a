"""Settings and navigation of the documentation site: `make docs` builds it with Sphinx into build/docs/.

The source folder is the repository, so that a link means the same on the site as in a checkout: the pages of docs/,
and those texts beside the code that a reader of the site needs.
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from reference import filled_in

from extractor.version import VERSION

_ROOT = Path(__file__).parents[1]
# A link named by its file, which in a checkout says enough
_FILE_LINK = re.compile(r"\[[\w./-]+\.md\]\(([^)]+)\)")

# Captions of the navigation, and the pages below each, in their order (without .md)
NAVIGATION = {
    "Tutorial": ["docs/install", "docs/tutorial"],
    "Guides": [
        "docs/wayback",
        "docs/annotate",
        "docs/history",
        "docs/terms",
        "docs/audit",
        "docs/notebooks/*.ipynb",
        "docs/retrain",
        "docs/cluster",
        "docs/report",
        "docs/longitudinal",
        "docs/recipes/study",
        "annotations/guidelines",
    ],
    "Reference": [
        "docs/commands",
        "docs/exit-codes",
        "docs/library",
        "docs/api",
        "docs/records",
        "docs/events",
        "docs/formats",
        "docs/glossary",
    ],
    "Explanation": [
        "docs/architecture",
        "docs/reliability",
        "docs/extraction",
        "docs/labels",
        "docs/models",
        "docs/performance",
        "docs/known-gaps",
        "docs/decisions/README",
    ],
    "About": ["docs/faq", "docs/citing", "corpus/README", "CONTRIBUTING", "CHANGELOG"],
}
# Pages that the navigation reaches through another one
SUBPAGES = {
    "docs/models": [
        "models/fast/README",
        "models/accurate/README",
        "models/content/README",
        "models/verdict/README",
        "models/drift/README",
    ],
    "docs/decisions/README": ["docs/decisions/0*.md"],
}

project = "archived-policy"
author = "The archived-policy authors"
project_copyright = author
release = VERSION
language = "en"

root_doc = "docs/index"
include_patterns = [
    "docs/*.md",
    "docs/decisions/*.md",
    "docs/recipes/*.md",
    "docs/notebooks/*.ipynb",
    "annotations/guidelines.md",
    "models/*/README.md",
    "corpus/README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
]
# Not looked into: environments, builds, code
exclude_patterns = [".*", "build", "dist", "extractor", "tests", "benchmarks", "demo-output", "dated-policies"]

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx_copybutton"]
myst_heading_anchors = 4
nb_execution_mode = "off"  # the tests run them; here they are shown as they are
highlight_language = "text"
smartquotes = False  # an option begins with two hyphens
default_role = "code"  # a word between backticks in a docstring
autodoc_typehints = "signature"
autodoc_member_order = "bysource"
copybutton_prompt_text = r">>> |\.\.\. "
copybutton_prompt_is_regexp = True

html_theme = "furo"
html_title = f"archived-policy {VERSION}"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_show_sourcelink = False
html_copy_source = False
html_extra_path = ["static/index.html"]


def _write_page(_app: Any, docname: str, source: list[str]) -> None:
    """Adds to a page what is made when the site is built: the navigation, and what the program says of itself.

    Links that are named by their file are named by the title of the page or section instead.
    """
    page = _FILE_LINK.sub(r"[](\1)", filled_in(source[0]))
    if docname == root_doc:
        page += "".join(_toctree(pages, caption) for caption, pages in NAVIGATION.items())
    source[0] = page + _toctree(SUBPAGES.get(docname, []))


def _toctree(entries: list[str], caption: str = "") -> str:
    """A part of the navigation, in MyST's notation."""
    pages = [f"/{page}" for entry in entries for page in _pages_of(entry)]
    if not pages:
        return ""
    options = [":hidden:", *[f":caption: {caption}"] * bool(caption)]
    return "\n".join(["", "", "```{toctree}", *options, "", *pages, "```", ""])


def _pages_of(entry: str) -> list[str]:
    """The pages that an entry of the navigation names; with * there may be none."""
    if "*" not in entry:
        return [entry]
    return sorted(path.relative_to(_ROOT).with_suffix("").as_posix() for path in _ROOT.glob(entry))


def _plain_docstring(_app: Any, _what: str, _name: str, _value: Any, _options: Any, lines: list[str]) -> None:
    """Docstrings are plain text: an asterisk in them is one."""
    lines[:] = [line.replace("*", r"\*") for line in lines]


def setup(app: Any) -> None:
    """Connects the functions above with Sphinx."""
    app.connect("source-read", _write_page)
    app.connect("autodoc-process-docstring", _plain_docstring)
