"""`clean` on small pages: from bytes to document."""

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.clean import clean
from extractor.records import Capture, Snapshot, Source

TERMS_AND_POLICY = (Path(__file__).parent / "cases/several-policies-terms-wanted/page.html").read_bytes()
SENTENCES = (
    "We collect the name and the address you give us when you order, and nothing else that could tell who you are. "
    "Our shop keeps this personal information for as long as the law on bookkeeping asks us to. "
)


def page(body: str, title: str = "Privacy policy") -> bytes:
    return f"<html><head><title>{title}</title></head><body>{body}</body></html>".encode()


def document(content: bytes, content_type: str = "text/html", status: int = 200):
    capture = Capture("", "20050101000000", "http://shop.example/about/privacy.html")
    return clean(Snapshot(content, capture, content_type=content_type, status=status))


def blocks(content: bytes, content_type: str = "text/html"):
    return [(block.kind, block.text) for block in document(content, content_type).blocks]


def test_clean_html_keeps_kinds_and_order_of_blocks():
    body = f"<h1>Privacy</h1><p>{SENTENCES}</p><h2>Cookies</h2><p>We use:</p><ul><li>one to log in<li>one for the basket</ul>"
    assert blocks(page(body)) == [
        ("heading", "Privacy"),
        ("paragraph", SENTENCES.strip()),
        ("heading", "Cookies"),
        ("paragraph", "We use:"),
        ("item", "one to log in"),
        ("item", "one for the basket"),
    ]


def test_clean_nested_lists_renders_nested_markdown():
    body = f"<p>{SENTENCES}</p><ol><li>first thing<ul><li>inner thing</li></ul></li><li>second thing</li></ol>"
    assert document(page(body)).markdown.endswith("1. first thing\n    - inner thing\n2. second thing\n")


def test_clean_data_table_makes_rows_with_header():
    rows = "<tr><th>Data</th><th>Why</th></tr><tr><td>Your name</td><td>To send the parcel</td></tr>"
    found = document(page(f"<p>{SENTENCES}</p><table>{rows}</table><p>{SENTENCES}</p>"))
    table = [block for block in found.blocks if block.kind == "row"]
    assert [(block.cells, block.header) for block in table] == [
        (("Data", "Why"), True),
        (("Your name", "To send the parcel"), False),
    ]
    assert "| Data | Why |\n| --- | --- |\n| Your name | To send the parcel |\n" in found.markdown


def test_clean_layout_table_makes_blocks_of_cell_contents():
    long = SENTENCES * 3
    found = blocks(
        page(f"<table><tr><td><b>Our privacy policy</b><p>{long}</p></td><td><p>{long}</p></td></tr></table>")
    )
    assert "row" not in {kind for kind, _ in found}
    assert ("heading", "Our privacy policy") in found


@pytest.mark.parametrize(
    ("href", "markdown"),
    [
        ("contact.html", "[this page](http://shop.example/about/contact.html)"),
        ("/web/20050101000000/http://shop.example/c", "[this page](http://shop.example/c)"),
        ("https://web.archive.org/web/20050101000000id_/http://other.example/", "[this page](http://other.example/)"),
        ("javascript:alert(1)", "this page"),
        ("mailto:us@shop.example", "[this page](mailto:us@shop.example)"),
    ],
)
def test_clean_makes_links_absolute_without_archive_prefix(href, markdown):
    body = (
        f'<p>{SENTENCES} Write to us on <a href="{href}">this page</a> of our site at any time.</p><p>{SENTENCES}</p>'
    )
    assert f"Write to us on {markdown} of our site" in document(page(body)).markdown


def test_clean_escapes_text_that_looks_like_markdown():
    found = document(
        page(f"<p>{SENTENCES}</p><p>1. Use *stars* and _lines_ or [brackets] &lt;here&gt; as you please.</p>")
    )
    assert "1\\. Use \\*stars\\* and \\_lines\\_ or \\[brackets\\] \\<here\\> as you please." in found.markdown


@pytest.mark.parametrize(
    ("content", "content_type"),
    [
        ("Café and naïve and “quoted”".encode(), "text/html"),
        ("Café and naïve and “quoted”".encode("cp1252"), "text/html"),
        ("Café and naïve and “quoted”".encode("cp1252"), "text/html; charset=ISO-8859-1"),
        ("Café and naïve and “quoted”".encode("cp1252"), "text/html; charset=utf-8"),
        ("Café and naïve and “quoted”".encode(), "text/html; charset=nonsense"),
        ("\ufeffCafé and naïve and “quoted”".encode("utf-16"), "text/html"),
    ],
)
def test_clean_decodes_characters_in_any_encoding(content, content_type):
    html = "<html><body><p>" + SENTENCES + "</p><p>", "</p></body></html>"
    utf16 = content.startswith(b"\xff\xfe")
    start, end = (part.encode("utf-16-le" if utf16 else "ascii") for part in html)
    whole = b"\xff\xfe" + start + content[4:] + end if utf16 else start + content + end
    assert "Café and naïve and “quoted”" in document(whole, content_type).text


@pytest.mark.parametrize(
    ("content", "content_type", "status", "reason"),
    [
        (b"", "text/html", 200, "no text was found"),
        (b"   \n", "text/html", 200, "no text was found"),
        (b"\x89PNG\r\n\x1a\n" + b"\x00" * 50, "text/html", 200, "a PNG image"),
        (b"\x00\x01\x02\x03" * 100, "", 200, "a binary file"),
        (b"%PDF-1.4 nothing more", "application/pdf", 200, "The PDF cannot be opened"),
        (page(f"<p>{SENTENCES}</p>"), "text/html", 404, "answered 404"),
        (page("<p>Sorry, the page you requested could not be found.</p>", "Oops"), "text/html", 200, "soft 404"),
        (page("<p>Click here.</p>"), "text/html", 200, "only 2 words"),
        (b"\x1f\x8b\x08broken", "text/html", 200, "binary"),
    ],
)
def test_clean_unusable_page_has_reason(content, content_type, status, reason):
    verdict = document(content, content_type, status).verdict
    assert not verdict.usable
    assert reason in " ".join(verdict.reasons)


def test_clean_scores_policy_above_other_text():
    policy = document(page(f"<p>{SENTENCES}</p>" + "<p>We use cookies, share data with third parties to whom we disclose "
        "your e-mail address, let you opt out of marketing, protect children, and may change this privacy policy.</p>"))  # fmt: skip
    recipe = document(
        page("<p>" + "Peel the potatoes and boil them in salted water until they are soft. " * 8 + "</p>")
    )
    assert policy.verdict.is_policy > 0.5 > recipe.verdict.is_policy
    assert recipe.verdict.reasons == ("does not read like a privacy policy",)


def test_clean_german_page_is_usable_and_not_labelled():
    german = "Wir erheben personenbezogene Daten nur, soweit dies für die Bestellung in unserem Laden nötig ist. " * 5
    found = document(page(f"<p>{german}</p>"))
    assert (found.language, found.verdict.usable) == ("de", True)
    assert "not labelled" in found.verdict.reasons[0]


def test_clean_undeclared_gzip_is_unpacked():
    assert SENTENCES.strip() in document(gzip.compress(page(f"<p>{SENTENCES}</p>"))).text


def test_clean_plain_text_and_markdown_make_blocks():
    text = f"Privacy policy\n\n{SENTENCES}\n\n- your name\n- your address\n".encode()
    expected = [("paragraph", SENTENCES.strip()), ("item", "your name"), ("item", "your address")]
    assert blocks(text, "text/plain") == [("heading", "Privacy policy"), *expected]
    assert blocks(b"# Privacy policy\n\n" + text.split(b"\n\n", 1)[1], "text/markdown") == [
        ("heading", "Privacy policy"),
        *expected,
    ]


@given(st.text(max_size=400), st.sampled_from(["text/html", "text/plain", "text/markdown"]))
def test_clean_any_text_has_exact_spans(text, content_type):
    body = text.encode("utf-8", "replace")
    found = document(page(text) if content_type == "text/html" else body, content_type)
    assert [found.text[start:end] for start, end in found.spans] == [block.text for block in found.blocks]
    assert all(block.text.strip() == block.text != "" for block in found.blocks)


@given(st.lists(st.text(st.characters(codec="ascii"), min_size=1, max_size=40), min_size=1, max_size=6))
def test_clean_own_markdown_returns_same_words(paragraphs):
    body = "".join(
        f"<p>{SENTENCES}</p><p>{paragraph.replace('&', '&amp;').replace('<', '&lt;')}</p>" for paragraph in paragraphs
    )
    first = document(page(body))
    again = document(first.markdown.encode(), "text/markdown")
    assert again.text.split() == first.text.split()


def test_clean_page_with_article_only_in_json_ld_returns_article():
    article = json.dumps({"@type": "Article", "articleBody": SENTENCES})
    shell = f'<title>Privacy</title><script type="application/ld+json">{article}</script><div id="root"></div>'
    assert blocks(f"<html><body>{shell}</body></html>".encode()) == [("paragraph", SENTENCES.strip())]


@pytest.mark.parametrize("target", ["harvest.example", "http://harvest.example/terms.html"])
def test_clean_page_of_terms_and_policy_keeps_policy_whatever_its_url(target):
    url = "http://harvest.example/terms.html"
    capture = Capture("", "20150101000000", url, target=target)
    assert clean(Snapshot(TERMS_AND_POLICY, capture, content_type="text/html")).verdict.is_policy > 0.9


def test_clean_file_of_terms_and_policy_named_terms_keeps_terms():
    assert clean(Snapshot(TERMS_AND_POLICY, source=Source("pages/terms-of-use.html"))).verdict.is_policy < 0.5


def test_clean_file_named_terms_whose_page_tells_its_url_keeps_terms():
    capture = Capture("", "20150101000000", "http://harvest.example/legal")
    source = Source("pages/terms-of-use.html", url_from="canonical")
    assert clean(Snapshot(TERMS_AND_POLICY, capture, source)).verdict.is_policy < 0.5
