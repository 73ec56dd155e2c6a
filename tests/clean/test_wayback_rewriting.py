"""What the archive inserts into a page: its toolbar in several forms, and prefixes of link targets."""

import pytest

from extractor.clean import clean
from extractor.clean.inline import absolute_url
from extractor.records import Capture, Snapshot

POLICY = "".join(
    f"<p>{text}</p>"
    for text in (
        "We collect the name and the address you give us when you order, and nothing else that could tell who you are.",
        "Our shop keeps this personal information for as long as the law on bookkeeping asks us to, and no day longer.",
        "We do not share your information with third parties, and our pages set no cookies but the one of the basket.",
    )
)
BAR = "<a href='/web/'>Wayback Machine</a> 23 captures <b>11 Jan 2003 - 04 Dec 2012</b> About this capture"
BEGIN, END = "<!-- BEGIN WAYBACK TOOLBAR INSERT -->", "<!-- END WAYBACK TOOLBAR INSERT -->"


@pytest.mark.parametrize(
    "toolbar",
    [
        f"{BEGIN}<div id='wm-ipp'>{BAR}</div>{END}",
        f"{BEGIN}<style>p{{}}</style><div id='wm-ipp-base'><div id='wm-ipp'>{BAR}</div></div><div id='wm-ipp-print'>The Wayback Machine - http://web.archive.org/</div>{END}",
        f"<div id='wm-ipp-base' lang='en'><div id='wm-ipp'><p>{BAR}</p></div></div>",
        f"<div><div id='wm-ipp'>{BAR}</div></div><div id='donato'>Donate now, the Internet Archive asks you</div>",
    ],
    ids=["2010", "2020", "saved without comments", "within another element"],
)
def test_clean_page_with_toolbar_equals_page_without(toolbar):
    with_it, without = (
        clean(Snapshot(f"<html><body>{bar}<h1>Privacy</h1>{POLICY}</body></html>".encode(), content_type="text/html"))
        for bar in (toolbar, "")
    )
    assert with_it.markdown == without.markdown
    assert with_it.verdict == without.verdict


def test_clean_page_with_unclosed_toolbar_keeps_text():
    page = f"<html><body>{BEGIN}<h1>Privacy</h1>{POLICY}</body></html>".encode()
    assert "nothing else" in clean(Snapshot(page, content_type="text/html")).text


def test_clean_keeps_text_after_toolbar():
    page = f"<html><body><div id='wm-ipp'>{BAR}</div>Privacy at our shop.{POLICY}</body></html>".encode()
    assert clean(Snapshot(page, content_type="text/html")).text.startswith("Privacy at our shop.")


@pytest.mark.parametrize("flag", ["", "id_", "im_", "js_", "cs_", "if_", "fw_", "oe_", "mp_"])
@pytest.mark.parametrize("host", ["https://web.archive.org", "http://web.archive.org", "//web.archive.org", "http://web.archive.org:80", "http://wayback.archive.org", ""])  # fmt: skip
def test_absolute_url_removes_any_archive_prefix(host, flag):
    assert absolute_url(f"{host}/web/20050101000000{flag}/http://a.example/b?c=1#d", "http://x.example/") == (
        "http://a.example/b?c=1#d"
    )


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("https://web.archive.org/web/2005/www.a.example/b", "http://www.a.example/b"),
        ("https://web.archive.org/web/2005/a.example", "http://a.example"),
        ("https://web.archive.org/web/2005/http:/a.example/b", "http://a.example/b"),
        ("https://web.archive.org/web/2005///a.example/b", "http://a.example/b"),
        ("https://web.archive.org/web/2005/https://web.archive.org/web/2006id_/http://a.example/", "http://a.example/"),
        ("https://web.archive.org/web/20050101*/http://a.example/", "http://a.example/"),
        ("/web/*/http://a.example/", "http://a.example/"),
        ("https://web.archive.org/web/2005/mailto:us@a.example", "mailto:us@a.example"),
        ("https://web.archive.org/web/2005/javascript:go()", ""),
        ("/web/2005/javascript:go()", ""),
        ("/web/2005/about.html", "http://x.example/web/2005/about.html"),  # a site's own folder
        ("https://archive.org/details/radio", "https://archive.org/details/radio"),
    ],
)
def test_absolute_url_of_rewritten_target_is_original(target, url):
    assert absolute_url(target, "http://x.example/privacy") == url


@pytest.mark.parametrize(
    ("base", "url"),
    [
        ("http://b.example/legal/", "http://b.example/legal/c.html"),
        ("/web/20050101000000/http://b.example/legal/", "http://b.example/legal/c.html"),
        ("sub/", "http://x.example/sub/c.html"),
        ("javascript:void(0)", "http://x.example/c.html"),
    ],
)
def test_clean_resolves_links_against_base_element(base, url):
    page = f"<html><head><base href='{base}'></head><body>{POLICY}<p>Write to us on <a href='c.html'>this page</a> at any time.</p></body></html>"
    capture = Capture("", "20050101000000", "http://x.example/privacy")
    assert f"[this page]({url})" in clean(Snapshot(page.encode(), capture, content_type="text/html")).markdown
