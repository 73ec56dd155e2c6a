"""Parsing targets, and choosing the page of a domain that is its policy."""

from types import SimpleNamespace

import pytest

from extractor.errors import UnreadableError, UsageError
from extractor.records import Capture
from extractor.wayback import parse_target, read_targets
from extractor.wayback.discovery import policy_captures
from extractor.wayback.selection import Window
from extractor.wayback.target import choose_for_target, find_policy_captures


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


TRANCO = "1,google.example\r\n2,shop.example\r\n"
TWO = ["google.example", "shop.example"]


@pytest.mark.parametrize(
    ("name", "content", "targets"),
    [
        ("t.csv", TRANCO, TWO),
        ("t.txt", TRANCO, TWO),
        ("t.csv", "\ufeffrank,domain\n" + TRANCO, TWO),
        ("t.csv", "Domain;Rank\ngoogle.example;1\nshop.example;2\n", TWO),
        ("t.csv", "google.example,1\nshop.example,2\n", TWO),
        ("t.tsv", "1\tgoogle.example\n2\tshop.example\n", TWO),
        ("t", "rank\tdomain\n1\tgoogle.example\n2\tshop.example\n", TWO),
        ("t.csv", "domain\ngoogle.example\nshop.example\n", TWO),
        ("t.txt", "domain\ngoogle.example\nshop.example\n", TWO),
        ("t.csv", "Company site\ngoogle.example\nshop.example\n", TWO),
        ("t.csv", "google.example\nshop.example\n", TWO),
        ("t.csv", "# of May\nrank,domain\n1,google.example  # big\n\n#3,c.example\n2,shop.example\n", TWO),
        ("t.csv", "origin,rank\nhttps://google.example,1000\n", ["https://google.example"]),
        ("t.csv", '"1","google.example","search, and more"\n"2","shop.example",""\n', TWO),
        ("t.csv", "share,name\n1.5,google.example\n0.3,shop.example\n", TWO),
        ("t.csv", "domain,Policy URL\na.example,http://a.example/pp\n", ["http://a.example/pp"]),
        ("t.csv", "https://a.example/privacy,1\n", ["https://a.example/privacy"]),
        ("t.txt", "https://a.example/privacy,1\nb.example/x;y\n", ["https://a.example/privacy,1", "b.example/x;y"]),
        ("t.csv", "rank,domain\n1,a.example\n2,A.example\n3,http://a.example/\n", ["a.example"]),
        ("t.csv", "rank,domain,TLD\n1,10.0.0.1,1\n", ["10.0.0.1"]),
    ],
)
def test_read_targets_from_a_table_are_those_of_its_column(tmp_path, name, content, targets):
    (tmp_path / name).write_bytes(content.encode())
    assert [target.name for target in read_targets([f"@{tmp_path / name}"])] == targets


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("t.csv", "rank,domain\n" + "1,com\n" * 7, r"t\.csv, line 2: '1,com' has .*, nor have 6 others\. Write"),
        ("t.txt", "privacy\n", r"t\.txt, line 1: 'privacy' has neither"),
        ("t.csv", "1,a.example,b.example\n", "several columns with domains or URLs: write domain or url"),
        ("t.csv", "rank,name\n1,apples\n", "no column with domains or URLs"),
    ],
)
def test_read_targets_from_a_file_with_unusable_lines_raises_usage_error_that_names_them(tmp_path, name, content, says):
    (tmp_path / name).write_text(content)
    with pytest.raises(UsageError, match=says):
        read_targets([f"@{tmp_path / name}"])


@pytest.mark.parametrize(
    ("name", "content", "bad"),
    [
        ("t.csv", "1,com\n2,google.example\n3\n4,\n5,shop.example", ["line 1: '1,com'", "line 3: '3'", "line 4: '4,'"]),
        ("t.txt", "google.example\nnot a domain\nshop.example\n", ["line 2: 'not a domain'"]),
        ("t.txt", "privacy\ngoogle.example\nshop.example\n", ["line 1: 'privacy'"]),
        ("t.txt", "google.example\ninfo@a.example\nshop.example", ["line 2: 'info@a.example'"]),
        ("t.txt", "google.example\n*.a.example\nshop.example", ["line 2: '*.a.example'"]),
    ],
)
def test_read_targets_leaves_a_bad_line_out_and_names_it(tmp_path, name, content, bad, caplog):
    (tmp_path / name).write_text(content)
    assert [target.name for target in read_targets([f"@{tmp_path / name}"])] == TWO
    assert [message.partition(", ")[2].partition(" has ")[0] for message in caplog.messages] == bad
    assert all(message.startswith(f"{tmp_path / name}, line ") for message in caplog.messages)


@pytest.mark.parametrize(
    "content",
    [
        '"google.example"\n"shop.example"\n',
        "google.example\t12\nshop.example\t7\n",
        "google.example\t# big\nshop.example\n",
        "google.example,\nshop.example,\n",
        "google.example\rshop.example\r",
        "google.example\u00a0\n\tshop.example",
        "rank,domain\n1,google.example\n2,shop.example",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_read_targets_from_a_list_in_any_form_and_encoding(tmp_path, content, encoding, caplog):
    (tmp_path / "sites.txt").write_bytes(content.encode(encoding))
    assert [target.name for target in read_targets([f"@{tmp_path / 'sites.txt'}"])] == TWO
    assert caplog.messages == []


def test_read_targets_from_a_list_in_windows_1252_has_its_letters(tmp_path):
    (tmp_path / "sites.txt").write_bytes("bücher.example\n".encode("cp1252"))
    assert [target.name for target in read_targets([f"@{tmp_path / 'sites.txt'}"])] == ["bücher.example"]


@pytest.mark.parametrize(
    "spellings",
    [
        ["a.example", "http://a.example", "https://a.example/", "www.a.example", "A.Example.", "a.example:80", "HTTPS://WWW.A.EXAMPLE:443/"],
        ["bücher.example", "xn--bcher-kva.example", "http://www.Bücher.example/"],
        ["http://a.example/privacy", "https://www.a.example/privacy", "a.example/Privacy", "http://a.example/privacy#top"],
        ["http://a.example/legal/*", "https://www.a.example/legal/*"],
    ],
)  # fmt: skip
def test_read_targets_takes_all_spellings_of_one_once(spellings):
    assert [target.name for target in read_targets(spellings)] == spellings[:1]


def test_read_targets_takes_a_site_and_its_pages_apart():
    words = [
        "a.example",
        "http://a.example/*",
        "a.example/privacy",
        "a.example/privacy?id=1",
        "b.a.example",
        "a.example:8080",
    ]
    assert [target.name for target in read_targets(words)] == words


def test_parse_target_of_an_email_address_says_so():
    with pytest.raises(UsageError, match=r"is an e-mail address: write the domain, a\.example"):
        parse_target("info@a.example")


def test_captures_of_a_prefix_are_of_pages_each_a_series_whatever_led_to_it():
    def row(path, month, mime="text/html"):
        return Capture(
            f"example,a)/l/{path}", f"2005{month:02}15000000", f"http://a.example/l/{path}", mime, "200", path
        )

    rows = [row("p", 2), row("p?utm_source=x", 4), row("p?gclid=7&utm_medium=y", 5), row("p?id=1&utm_source=x", 3), row("p?id=1", 1),
            row("p.gif", 4, "image/gif"), row("p.css", 4, "Text/CSS; charset=x"), row("s.gif", 4, "warc/revisit"), row("t.PNG?v=1", 4, "unk"), row("q", 4, ""), row("r", 4, "TEXT/HTML")]  # fmt: skip
    target = parse_target("http://a.example/l/*")
    archive = SimpleNamespace(captures=lambda query, on_malformed: iter(rows))
    found = find_policy_captures(archive, target, Window(), {}, print, page_text=lambda page: "")
    taken = [choice.capture.original[19:] for choice in choose_for_target(found, target, "half-year") if choice.taken]
    assert sorted(taken) == ["p?id=1&utm_source=x", "p?utm_source=x", "q", "r"]


def test_read_targets_of_a_file_without_its_sign_says_what_to_write(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("sites.csv", "sites"):
        (tmp_path / name).write_text(TRANCO)
        with pytest.raises(UsageError, match=f"{name} is a file: write @{name} for the targets in it"):
            read_targets([name])
    with pytest.raises(UsageError, match=r"For the site of that name write http://sites\.csv"):
        read_targets(["sites.csv"])
    assert [target.name for target in read_targets(["http://sites.csv", "@sites.csv"])] == ["http://sites.csv", *TWO]


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
        ([("2001", "/img/privacy.gif", "200", "unk"), ("2001", "/your-privacy")], ["/your-privacy"]),
        ([("2001", "/img/privacy.gif", "-", "warc/revisit")], []),
        ([("2001", "/privacy", "301")], ["/privacy"]),
        ([("2001", "/privacy?lang=de"), ("2001", "/privacy")], ["/privacy"]),
    ],
)
def test_policy_captures_are_of_the_likeliest_page_of_each_half_year(rows, found):
    pages = policy_captures((capture(*row) for row in rows), "a.example")
    assert [page.capture.original.removeprefix("http://a.example") for page in pages] == found


@pytest.mark.parametrize(
    "url", ["http://[a.example/privacy", "http://a.example\uff1a80/privacy", "http://a.example:x/privacy", "privacy"]
)
def test_policy_captures_with_an_invalid_address_include_the_others(url):
    rows = [
        Capture("example,a)/privacy", f"2005{month:02}01000000", original, "text/html", "200", f"D{month}")
        for month, original in ((1, url), (8, "http://a.example/privacy"))
    ]
    assert [page.capture for page in policy_captures(rows, "a.example")] == rows
