"""Parsing targets, and choosing the page of a domain that is its policy."""

import pytest

from extractor.errors import UnreadableError, UsageError
from extractor.records import Capture
from extractor.wayback import parse_target, read_targets
from extractor.wayback.discovery import policy_captures


@pytest.mark.parametrize(
    ("word", "is_domain"),
    [
        ("a.example", True),
        ("www.A.example.", True),
        ("http://a.example", True),
        ("https://A.example/", True),
        ("a.example/", True),
        ("https://a.example:443/", True),
        ("http://a.example:80", True),
        ("https://a.example/?lang=en", False),
        ("https://a.example/#privacy", False),
        ("https://a.example:8443/", False),
        ("https://a.example/*", False),
        ("https://user@a.example/", False),
        ("https://a.example//", False),
        ("https://a.example/privacy?x=1", False),
        ("a.example/privacy", False),
        ("a.example:8080/privacy", False),
        ("bücher.example", True),
    ],
)
def test_parse_target_tells_domains_from_urls(word, is_domain):
    assert parse_target(word).is_domain is is_domain


@pytest.mark.parametrize(
    "word", ["a.example", "A.example.", "http://a.example", "https://A.example/", "a.example:443/"]
)
def test_parse_target_of_the_root_of_a_site_is_its_domain(word):
    target = parse_target(word)
    assert (target.name, target.domain) == (word, "a.example")


@pytest.mark.parametrize(
    "word",
    [
        "",
        "privacy",
        "ftp://a.example/p",
        "http://",
        "a example",
        "-a.example",
        "http://[x/",
        "http://a.example:99999/p",
        "http://a.example/\udcff",
    ],
)
def test_parse_target_of_an_invalid_name_raises_usage_error(word):
    with pytest.raises(UsageError, match="neither a domain nor a URL"):
        parse_target(word)


def test_read_targets_from_a_file_skips_comments_and_duplicates(tmp_path):
    file = tmp_path / "sites.txt"
    file.write_text("\ufeffa.example\n\n# shops\nb.example/privacy  # moved in 2004\na.example\n", encoding="utf-8")
    assert [target.name for target in read_targets([f"@{file}", "c.example"])] == [
        "a.example", "b.example/privacy", "c.example",
    ]  # fmt: skip


def test_read_targets_from_a_missing_file_raises_unreadable_error(tmp_path):
    with pytest.raises(UnreadableError, match="cannot be read"):
        read_targets([f"@{tmp_path}/none.txt"])


def test_read_targets_from_an_empty_file_raises_usage_error(tmp_path):
    (tmp_path / "sites.txt").write_text("# none yet\n")
    with pytest.raises(UsageError, match="No target"):
        read_targets([f"@{tmp_path}/sites.txt"])


def capture(timestamp: str, path: str, status: str = "200", mime: str = "text/html") -> Capture:
    return Capture(f"example,a){path}", timestamp + "0101000000", f"http://a.example{path}", mime, status, "D")


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([("2001", "/privacy.html"), ("2001", "/blog/privacy-tips")], ["/privacy.html"]),
        ([("2001", "/about/privacy"), ("2001", "/privacy")], ["/privacy"]),
        ([("2001", "/privacy", "404"), ("2001", "/legal/privacy-policy")], ["/legal/privacy-policy"]),
        ([("2001", "/privacy.html"), ("2009", "/legal/privacy-notice")], ["/privacy.html", "/legal/privacy-notice"]),
        ([("2001", "/privacy.css", "200", "text/css"), ("2001", "/your-privacy")], ["/your-privacy"]),
        ([("2001", "/privacy", "301")], ["/privacy"]),
        ([("2001", "/privacy?lang=de"), ("2001", "/privacy")], ["/privacy"]),
    ],
)
def test_policy_captures_are_of_the_likeliest_page_of_each_half_year(rows, found):
    pages = policy_captures(capture(*row) for row in rows)
    assert [page.capture.original.removeprefix("http://a.example") for page in pages] == found


@pytest.mark.parametrize(
    "url", ["http://[a.example/privacy", "http://a.example\uff1a80/privacy", "http://a.example:x/privacy", "privacy"]
)
def test_policy_captures_with_an_invalid_address_include_the_others(url):
    rows = [
        Capture("example,a)/privacy", f"2005{month:02}01000000", original, "text/html", "200", f"D{month}")
        for month, original in ((1, url), (8, "http://a.example/privacy"))
    ]
    assert [page.capture for page in policy_captures(rows)] == rows
