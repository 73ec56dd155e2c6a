"""The Princeton-Leuven corpus: headers, layout, history and known defects."""

from urllib.parse import quote

import pytest
from gitcorpus import commit, git, repository
from hypothesis import given
from hypothesis import strategies as st

from extractor import load, read_corpus
from extractor.corpora.princeton import princeton_snapshot
from extractor.corpora.princeton_markdown import repair_markdown
from extractor.errors import UnreadableError

URL = "http://www.lampworks.example/info/privacy?lang=en"


def header(timestamp: str, url: str = URL, domain: str = "lampworks.example") -> str:
    date = f"{timestamp[:4]}-{timestamp[4:6]}-{timestamp[6:8]}"
    return (
        f"> *The following text is extracted and transformed from the {domain} privacy policy that was archived on {date}. "
        f"Please check the [original snapshot on the Wayback Machine](https://web.archive.org/web/{timestamp}id_/{quote(url)}) "
        "for the most accurate reproduction.*\n\n"
    )


def comment(timestamp: str, url: str = URL) -> str:
    return (
        "<!--The following is the downloaded HTML source of the lampworks.example privacy policy that was archived on 2012-03-04.\n"
        f" Please check the original snapshot on the Wayback Machine (https://web.archive.org/web/{timestamp}id_/{quote(url)}) "
        "for the most accurate reproduction.-->\n\n"
    )


BODY = "# Lampworks: Privacy\n\nWe collect your name and your address when you order a lamp.\n"
PAGE = "<!DOCTYPE html><html><h1>Privacy</h1><p>We collect your name. <a href='https://web.archive.org/contact/'>Write</a></html>"


def test_read_corpus_of_html_takes_url_and_date_from_header_comment(tmp_path):
    (tmp_path / "lampworks.example.html").write_text(comment("20120304050607") + PAGE)
    (snapshot,) = read_corpus(tmp_path)
    assert snapshot.id == f"20120304050607/{URL}"
    assert snapshot.content.startswith(b"<!DOCTYPE html>")
    assert b"href='http://www.lampworks.example/contact/'" in snapshot.content
    assert snapshot.archive_url.startswith("https://web.archive.org/web/20120304050607id_/")
    assert "[Write](http://www.lampworks.example/contact/)" in load()(snapshot).markdown


@pytest.fixture
def corpus(tmp_path):
    folder = repository(tmp_path / "corpus")
    commit(folder, "README.md", "# The corpus", "Readme")
    for timestamp in ("20120304050607", "20120910111213"):
        commit(folder, "l/la/lam/lampworks.example.md", header(timestamp) + BODY, f"lampworks {timestamp}")
        commit(folder, "l/la/lam/lampworks.example.html", comment(timestamp) + PAGE, f"lampworks {timestamp} source")
    commit(folder, "0/01/01./01.example.html", comment("20130101000000", "http://01.example/p") + PAGE, "01")
    return folder


def test_read_corpus_of_tree_prefers_markdown_to_html(corpus):
    (corpus / ".git").rename(corpus.parent / "gone")
    assert [(s.id, s.content_type[:9]) for s in read_corpus(corpus)] == [
        ("20130101000000/http://01.example/p", "text/html"), (f"20120910111213/{URL}", "text/mark"),
    ]  # fmt: skip
    assert len(list(read_corpus(corpus, documents=["*.html"]))) == 2


def test_read_corpus_of_repository_gives_a_version_per_commit(corpus):
    assert [s.id for s in read_corpus(corpus)] == [
        f"20120304050607/{URL}", f"20120910111213/{URL}", "20130101000000/http://01.example/p",
    ]  # fmt: skip
    shas = git(corpus, "log", "--reverse", "--format=%H", "--", "*.md").split()[1:]
    assert [s.source.record for s in read_corpus(corpus)][:2] == shas
    assert [s.content_type for s in read_corpus(corpus, documents=["*.html"])] == ["text/html"] * 3


def test_read_corpus_of_repository_skips_version_without_header(corpus, caplog):
    commit(corpus, "s/sh/sho/shop.example.md", "# Nothing", "no header")
    assert len(list(read_corpus(corpus))) == 3
    assert "s/sh/sho/shop.example.md of commit" in caplog.text
    assert "has no header of the Princeton-Leuven corpus" in caplog.text


@pytest.mark.parametrize(
    ("domain", "url", "requested"),
    [
        ("lampworks.example", URL, ""),
        ("lampworks.example", "http://lampworks.example:8080/p", ""),
        ("Lampworks.example", "https://SHOP.lampworks.example/p", ""),
        ("lampworks.example", "http://www.candle-group.example/legal?site=lampworks.example", "lampworks.example"),
        ("works.example", URL, "works.example"),
    ],
)
def test_read_corpus_of_document_on_another_site_keeps_url_and_names_site_as_requested(
    tmp_path, domain, url, requested
):
    (tmp_path / "lampworks.example.md").write_text(header("20120304050607", url, domain) + BODY)
    (snapshot,) = read_corpus(tmp_path)
    record = load()(snapshot)
    assert (record.capture.url, record.capture.served_url, record.capture.requested) == (url, url, requested)
    assert record.id == f"20120304050607/{url}"


def test_read_corpus_of_bold_lines_and_layout_tables_gives_headings(tmp_path):
    page = (
        "# Lampworks : Privacy\n\n| **What we collect** | TOP  \n---|---  \n  \nWe collect the name and the address that you give us.\n\n"
        "**Q:** | **Do you use cookies?**  \nA: | No. Our pages set no cookies, and we know nobody who visits them.\n\n"
        "**Sharing**  \nWe don?t sell or rent the names of our customers to any other company.\n\n|\n"
    )
    (tmp_path / "lampworks.example.md").write_text(header("20120304050607") + page)
    segments = load()(next(iter(read_corpus(tmp_path)))).segments
    assert [(segment.headings, segment.text.split()[0]) for segment in segments] == [
        (("Lampworks : Privacy", "What we collect"), "We"),
        (("Lampworks : Privacy", "Do you use cookies?"), "No."),
        (("Lampworks : Privacy", "Sharing"), "We"),
    ]
    assert segments[-1].polarity["sharing"] == "does_not"


def test_read_corpus_with_format_princeton_without_header_raises(tmp_path):
    (tmp_path / "a.md").write_text(BODY)
    for path in (tmp_path / "a.md", tmp_path):
        with pytest.raises(UnreadableError, match="has no header of the Princeton-Leuven corpus"):
            list(read_corpus(path, format="princeton", strict=True))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # links to the root of the archive
        ("[here](https://web.archive.org/contact/)", "[here](http://www.lampworks.example/contact/)"),
        ("[home](http://web.archive.org/)", "[home](http://www.lampworks.example/)"),
        ("<https://web.archive.org/a?b=c>", "<http://www.lampworks.example/a?b=c>"),
        (
            "[old](https://web.archive.org/web/2005/http://a.example/)",
            "[old](https://web.archive.org/web/2005/http://a.example/)",
        ),
        ("on https://web.archive.org/ we", "on https://web.archive.org/ we"),
        ("[up](https://web.archive.org#top)", f"[up]({URL}#top)"),
        ("[q](https://web.archive.org?a=b)", "[q](http://www.lampworks.example?a=b)"),
        # links into the archive with an escaped URL, or without a time
        (
            "[a](https://web.archive.org/web/20071203020156id_/http%3A//www.lampworks.example/a%3Fb%3Dc%20%28d%29)",
            "[a](http://www.lampworks.example/a?b=c%20%28d%29)",
        ),
        ("<https://web.archive.org/web/http://b.example/c>", "<http://b.example/c>"),
        ("[a](http://web.archive.org/web/https://b.example/)", "[a](https://b.example/)"),
        # empty links
        ("[](http://a.example/x)This", "This"),
        ("a [ ](http://a.example/x_(y)) b", "a  b"),
        ("![](image.png) and [text](u)", "![](image.png) and [text](u)"),
        # remains of layout tables
        ("We\n\n| \n", "We\n\n"),
        ("|  **Privacy Policy**  \n  \nThis", "**Privacy Policy**  \n  \nThis"),
        ("Privacy  \n---|---  \nWe", "Privacy  \nWe"),
        ("| | |\n|---|---|\nWe", "We"),
        # questions and answers, and numbered items
        ("**Q:** | **Why?**  \nA: | So.", "\n**Why?**  \n\n\nSo.\n"),
        ("Q1. | Why?\nA1. | So.", "\nWhy?\n\n\nSo.\n"),
        ("1. | We ask.\n\n2) | We keep.", "\n1. We ask.\n\n\n2) We keep."),
        # cells that are paragraphs
        (
            "|  Post  |  Shop  \n---|---|---  \nName  | \n\n**x**\n\n| \n\n\\-   \n  \nAge  | \n\n\\- \n\n| \n\nx",
            "&nbsp; |  Post  |  Shop  \n---|---|---  \nName | **x** | \\-\nAge | \\- | x",
        ),
        (
            "**We will:**\n\n| \n\n**We won't:**  \n  \n---|---  \n  \n1. ask\n\n| \n\n1. sell\n\n* * *\n",
            "**We will:**\n\n  \n1. ask\n\n\n**We won't:**\n\n\n1. sell\n\n* * *",
        ),
        (
            "We will | We won't  \n---|---  \n\nask you\n\n| \n\nsell it\n",
            "We will\n\n\nask you\n\n\nWe won't\n\n\nsell it",
        ),
        # rows that begin like a list
        ("a | b\n---|---\n- | none\n", "a | b\n---|---\n\\- | none"),
        # what is kept
        ("A | B\n---|---\nA: | B: \n", "A | B\n---|---\nA: | B: \n"),
        (
            "a |\n\nWe keep what you tell us for as long as the law of the land wants it.",
            "a |\n\nWe keep what you tell us for as long as the law of the land wants it.",
        ),
        ("a | b\n---|---\nc | d\n\nWe", "a | b\n---|---\nc | d\n\nWe"),
        ("| a | b |\n| --- | --- |\n| c | d |", "| a | b |\n| --- | --- |\n| c | d |"),
        ("a | b in a sentence", "a | b in a sentence"),
        ("Heading\n---\n\n* * *\n\nWe", "Heading\n---\n\n* * *\n\nWe"),
        ("```\n| x\n|\n```\n", "```\n| x\n|\n```\n"),
    ],
)
def test_repair_markdown_removes_known_defects_only(before, after):
    assert repair_markdown(before.encode(), URL).decode().rstrip() == after.rstrip()


urls = st.builds(
    "http://{}.example/{}".format,
    st.text("abcxyz0-9", min_size=1, max_size=8),
    st.text(st.characters(blacklist_categories=("Cs", "Cc")), max_size=20).filter(
        lambda path: not any(c.isspace() for c in path)
    ),
)


@given(st.datetimes().map(lambda moment: moment.strftime("%4Y%m%d%H%M%S")), urls, st.text("abc \n*_#", max_size=40))
def test_princeton_snapshot_reads_header_of_any_url(timestamp, url, body):
    snapshot = princeton_snapshot((header(timestamp, url) + body).encode())
    assert snapshot is not None
    assert snapshot.id == f"{timestamp}/{url}"
    assert snapshot.content.decode() == "\n" + body


@given(st.text("ab|- :\n`", max_size=60))
def test_repair_markdown_keeps_all_letters(markdown):
    repaired = repair_markdown(markdown.encode(), URL).decode().replace("&nbsp;", "")  # for an empty first cell
    assert [c for c in repaired if c in "ab"] == [c for c in markdown if c in "ab"]
