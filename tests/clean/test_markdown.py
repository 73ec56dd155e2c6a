"""Markdown as converters and people write it: what is a heading, what is text, and what is no content."""

import pytest

from extractor.clean import clean
from extractor.clean.markdown_repair import repair_strong, split_front_matter, widen_tables
from extractor.records import Block, Capture, Snapshot
from extractor.segment import segments

URL = "http://harbour.example/legal/privacy"
TEXT = "We keep the name and the address that you give us until the order has been sent to you."
MORE = "The carrier that brings the parcel sees the address, and nobody else outside our company does."


def document(page: str):
    return clean(Snapshot(page.encode(), Capture("", "20060102030405", URL), content_type="text/markdown"))


def outline(page: str) -> list[str]:
    """The blocks of a page: "## Cookies" for a heading, "1. text" or "- text" for an item, the text of others."""
    return [line_of(block) for block in document(page).blocks]


def line_of(block: Block) -> str:
    if block.kind == "heading":
        return f"{'#' * block.level} {block.text}"
    return f"{block.marker} {block.text}" if block.kind == "item" else block.text


@pytest.mark.parametrize(
    "title",
    [
        "**Cookies**", "__Cookies__", "***Cookies***", "_**Cookies**_", "**_Cookies_**", "**Cookies:**", "**Cookies**:",
        "**Cookies.**", "**COOKIES**", "COOKIES", "** Cookies **", "**Cookies **", "** Cookies**", "**Cookies", "**Cookies** ****",
        "****Cookies****", "**Cook** **ies**", "<b>Cookies</b>", "<strong>Cookies</strong>", "**[Cookies](#cookies)**",
        "[**Cookies**](http://harbour.example/cookies)", "    **Cookies**", "**![](seal.gif) Cookies**", "**Cookies**[](#top)",
        "> **Cookies**",
    ],
)  # fmt: skip
def test_clean_bold_line_alone_is_heading_below_deepest_marked_one(title):
    page = f"# Harbour Lamps\n\n### Privacy\n\n{MORE}\n\n{title}\n\n{TEXT}\n"
    found = outline(page)
    assert [line.casefold().rstrip(":.").replace("cook ies", "cookies") for line in found] == [
        "# harbour lamps", "### privacy", MORE.casefold().rstrip("."), "#### cookies", TEXT.casefold().rstrip("."),
    ]  # fmt: skip
    assert segments(document(page))[-1].headings[-1].casefold().startswith(("cookies", "cook ies"))


@pytest.mark.parametrize(
    "paragraph",
    [
        f"**Cookies**  \n{TEXT}", f"**Cookies**\\\n{TEXT}", f"**Cookies**<br>\n{TEXT}", f"**Cookies:**   \n{TEXT}",
        f"**Cookies  \n**{TEXT}", f"**Cookies  \n**  \n{TEXT}", f"**  \nCookies**  \n{TEXT}",
        f"__Cookies__  \n{TEXT}", f"<b>Cookies</b><br>{TEXT}", f"**Cookies**\n\n{TEXT}", f"**Cookies  \n{TEXT}",
        f"  \n**Cookies**  \n  \n{TEXT}", f"#### Cookies  \n{TEXT}",
    ],
)  # fmt: skip
def test_clean_bold_first_line_of_paragraph_is_heading(paragraph):
    assert outline(f"### Privacy\n\n{paragraph}\n") == ["### Privacy", "#### Cookies", TEXT]


def test_clean_without_marked_headings_makes_bold_lines_level_2():
    page = f"**1\\. What we collect**  \n{TEXT}\n\n**2\\. _Who_ sees it**  \n{MORE}\n"
    assert outline(page) == ["## 1. What we collect", TEXT, "## 2. Who sees it", MORE]
    assert document(page).markdown.startswith("## 1\\. What we collect\n\n")


@pytest.mark.parametrize(
    "line",
    [
        "**WE DO NOT SHARE YOUR DATA.**", "WE DO NOT SHARE YOUR DATA.", "**We never sell your e-mail address.**",
        "# We never sell or rent the e-mail addresses of our customers to any other company.",
        "## You may refuse cookies, and our pages will work as they did before, but the basket will be empty. That is all.",
        f"## {TEXT} {MORE} {TEXT}", f"{TEXT}\n{MORE}\n{TEXT}\n---", "**Updated January 5, 2004**", "**Last revised: 5 March 2011**",
    ],
)  # fmt: skip
def test_clean_sentence_set_as_heading_is_in_a_segment(line):
    page = f"# Harbour Lamps\n\n{TEXT}\n\n{line}\n\n{MORE}\n"
    words = line.strip("#* ").replace("\n---", "").replace("\n", " ")
    assert any(words in " ".join(segment.text.split()) for segment in segments(document(page)))
    assert [block.text for block in document(page).blocks if block.kind == "heading"] == ["Harbour Lamps"]


@pytest.mark.parametrize(
    "ending", ["**Harbour Lamps Ltd.**", "**Thank you for reading**", "**webmaster@harbour.example**"]
)
def test_clean_bold_line_at_the_end_is_in_a_segment(ending):
    assert ending.strip("*") in segments(document(f"# Privacy\n\n{TEXT}\n\n{MORE}\n\n{ending}\n"))[-1].text


def test_clean_bold_words_inside_text_are_no_heading():
    page = f"# Privacy\n\n**Harbour Lamps** has written this page. {TEXT}\n\n* **We sell nothing.** {MORE}\n* {TEXT}\n"
    assert [line[:2] for line in outline(page)] == ["# ", "**"[:0] + "Ha", "- ", "- "]


@pytest.mark.parametrize(
    ("page", "text"),
    [
        (r"Prices marked \* or 5* include post, and \_no\_ name is kept.", "Prices marked * or 5* include post, and _no_ name is kept."),
        ("** Note that orders over the telephone are not covered.", "** Note that orders over the telephone are not covered."),
        ("We keep it ** ** for a year.", "We keep it for a year."),
        ("See the part on sharing ** __** below.", "See the part on sharing below."),
        ("We sell **** nothing.", "We sell nothing."),
        ("**Note:**We keep it.", "Note: We keep it."),
        ("Acme**™** keeps it, so**never share it**.", "Acme™ keeps it, sonever share it."),
        ("    Indented by four spaces, as *prose* often was.\n    We keep it.", "Indented by four spaces, as prose often was. We keep it."),
        ("[](http://harbour.example/x)We keep it. [ ](#y)", "We keep it."),
        ("We keep <!-- not --> it &amp; more.", "We keep it & more."),
        ("We don?t keep ?cookies? here.", "We don?t keep ?cookies? here."),
    ],
)  # fmt: skip
def test_clean_stray_marks_leave_the_words(page, text):
    assert outline(f"# Privacy\n\n{MORE}\n\n{page}\n")[2:] == [text]


@pytest.mark.parametrize(
    "contents",
    [
        "* [Cookies](#cookies)\n* [Sharing](#sharing)\n* [Children](#kids)\n",
        f"1. [Cookies]({URL}#a)\n2. [Sharing]({URL}#b)\n   * [With carriers]({URL}#c)\n",
        "[Cookies](#a)  \n[Sharing](#b)  \n[Children](#c)\n",
        "[Cookies](#a) | [Sharing](#b) | [Children](#c)\n",
        "1. Cookies\n2. Sharing\n3. Children\n",
        "**  \nCookies  \nSharing  \nChildren**\n",
        "Cookies  \nSharing  \nChildren  \nContact\n",
    ],
)
def test_clean_list_of_contents_is_no_content(contents):
    sections = "".join(f"**{title}**\n\n{TEXT}\n\n" for title in ("Cookies", "Sharing", "Children"))
    found = outline(f"# Privacy\n\n{contents}\n{sections}")
    assert found == ["# Privacy", "## Cookies", TEXT, "## Sharing", TEXT, "## Children", TEXT]


@pytest.mark.parametrize(
    "items",
    [
        "* [Carriers](http://carrier.example/)\n* [Banks](http://bank.example/)\n* [Printers](http://print.example/)\n",
        "* your name\n* your address\n* cookies\n",
        "* [your name](#name)\n* your address, which is kept for a year\n* [cookies](#cookies)\n",
    ],
)
def test_clean_other_lists_are_content(items):
    page = f"# Privacy\n\nWe pass on, or collect:\n\n{items}\n**Cookies**\n\n{TEXT}\n\n**Sharing**\n\n{MORE}\n"
    assert [line[:2] for line in outline(page)].count("- ") == 3


def test_clean_links_to_places_further_down_are_content():
    """A text may refer to other parts of the policy by links."""
    page = f"# Privacy\n\n{TEXT * 3}\n\n{MORE * 3}\n\nWe use:\n\n* [your name](#a)\n* [your address](#b)\n* [cookies](#c)\n"
    assert outline(page)[-3:] == ["- your name", "- your address", "- cookies"]


@pytest.mark.parametrize(
    ("table", "lines"),
    [
        # a header alone is a layout; what leads to the top of the page is no content
        ("**Cookies** | TOP\n---|---\n\n" + TEXT, ["## Cookies", TEXT]),
        ("| **Cookies** |\n|---|\n| " + TEXT + " |\n", ["## Cookies", TEXT]),
        # the first row of a table without a header is none
        ("**Name:** | J. Doe\n---|---\n**Address:** | Box 5\n", ["Name: | J. Doe", "Address: | Box 5"]),
        ("**x** | given by you\n---|---\n**y** | found by us\n", ["x | given by you", "y | found by us"]),
        ("| | |\n|---|---|\n| a | b |\n| c | d |\n", ["a | b", "c | d"]),
        # no cell is lost
        ("a | b\n---|---\nc | d | e\n", ["a | b", "c | d | e"]),
        # a long cell is a layout
        (f"Part | What it says\n---|---\nSharing | {MORE * 8}\n", ["Part", "What it says", "Sharing", MORE * 8]),
    ],
)
def test_clean_table_of_markdown(table, lines):
    assert outline(f"# Privacy\n\n{TEXT}\n\n{table}\n")[2:] == lines


def test_clean_header_of_table_is_known():
    page = f"# Privacy\n\n{TEXT}\n\nData | Kept for\n---|---\n**Orders** | a year\n**Names** | a month\n"
    assert [block.header for block in document(page).blocks if block.kind == "row"] == [True, False, False]


def test_clean_typed_bullets_are_items():
    page = f"# Privacy\n\nOur shops must:\n\n·        say why they ask;\n\n•  use it for this alone.\n\n{TEXT}  \n• a name  \n• a number\n"
    assert outline(page)[1:] == [
        "Our shops must:", "- say why they ask;", "- use it for this alone.", TEXT, "- a name", "- a number",
    ]  # fmt: skip


def test_clean_html_inside_markdown_is_read_as_html():
    page = f"# Privacy\n\n<h2>Cookies &amp; more</h2>\n<p>{TEXT}</p>\n<!-- hidden -->\n\n<script>\nvar x = 1;\n</script>\n\n{MORE}\n"
    assert outline(page) == ["# Privacy", "## Cookies & more", TEXT, MORE]


@pytest.mark.parametrize(
    "heading", ["## Cookies {#cookies}", "## Cookies {: .wide }", "## Cookies {.a #b} ##", "## Cookies ¶"]
)
def test_clean_heading_has_no_attributes(heading):
    assert outline(f"# Privacy\n\n{MORE}\n\n{heading}\n\n{TEXT}\n")[2] == "## Cookies"


@pytest.mark.parametrize(
    ("page", "title", "body"),
    [
        ("---\ntitle: 'Our Privacy'\nlayout: page\n---\n# Privacy\n", "Our Privacy", "# Privacy\n"),
        ("---\nlayout: legal\ntags:\n  - law\n---\nWe collect", "", "We collect"),
        ("---\n\nWe collect\n\n---\n", "", "---\n\nWe collect\n\n---\n"),
        ("---\nPrivacy: what we keep\n---\n", "", "---\nPrivacy: what we keep\n---\n"),
        ("---\ntitle: Privacy\n", "", "---\ntitle: Privacy\n"),
        ("---", "", "---"),
    ],
)
def test_split_front_matter_of_page(page, title, body):
    assert split_front_matter(page) == (title, body)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("** a **", " **a** "),
        ("**a  \n**b", "**a**  \nb"),
        ("**a  \nb**", "**a**  \n**b**"),
        ("****a** b", "a** b"),
        ("**a\nb c", "**a**\nb c"),
        (r"\** a", r"\** a"),
        ("a **", "a "),
        ("a 5**", "a 5**"),
        ("**a** and **b", "**a** and **b"),
        ("", ""),
    ],
)
def test_repair_strong_of_marks(before, after):
    assert repair_strong(before) == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("| a | b |\n|---|---|\n| c | d | e | f |", "| a | b | &nbsp; | &nbsp;\n|---|---|---|---\n| c | d | e | f |"),
        ("a | b\n---|---\nc | d", "a | b\n---|---\nc | d"),
        (r"a | b" "\n---|---\n" r"c \| d | e", r"a | b" "\n---|---\n" r"c \| d | e"),
        ("a\n---\nb | c", "a\n---\nb | c"),
    ],
)
def test_widen_tables_adds_columns_for_longer_rows(before, after):
    assert widen_tables(before) == after
