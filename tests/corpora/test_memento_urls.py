"""URLs of web archives: the page that one shows, and its time."""

import json

import pytest

from extractor import read_corpus
from extractor.corpora.memento_urls import parse_archived_url

PAGE = "http://a.example/privacy"


@pytest.mark.parametrize(
    ("url", "timestamp"),
    [
        (f"https://web.archive.org/web/20050304050607/{PAGE}", "20050304050607"),
        (f"https://web.archive.org/web/20050304050607id_/{PAGE}", "20050304050607"),
        (f"http://web.archive.org/web/20050304050607if_/{PAGE}", "20050304050607"),
        (f"http://web.archive.org:80/web/20050304050607js_/{PAGE}", "20050304050607"),
        (f"//web.archive.org/web/20050304050607/{PAGE}", "20050304050607"),
        ("web.archive.org/web/20050304050607/a.example/privacy", "20050304050607"),
        (f"HTTP://WEB.ARCHIVE.ORG/WEB/20050304050607ID_/{PAGE}", "20050304050607"),
        (f"https://web.archive.org/20050304050607/{PAGE}", "20050304050607"),
        (f"https://archive.org/wayback/20050304050607/{PAGE}", "20050304050607"),
        ("https://web.archive.org/web/20050304050607/http:/a.example/privacy", "20050304050607"),
        ("https://web.archive.org/web/20050304050607/http%3A%2F%2Fa.example%2Fprivacy", "20050304050607"),
        ("https://web.archive.org/web/20050304050607/http://a.example:80/privacy", "20050304050607"),
        (f"https://web.archive.org/web/2005/{PAGE}", "20050101000000"),
        (f"https://web.archive.org/web/200503/{PAGE}", "20050301000000"),
        (f"http://web.archive.org/web/2005*/{PAGE}", "20050101000000"),
        (f"http://web.archive.org/web/*/{PAGE}", ""),
        (f"https://web.archive.org/web/20050231000000/{PAGE}", ""),
        (f"https://web.archive.org/save/{PAGE}", ""),
        (f"https://web.archive.org/web/2010/http://web.archive.org/web/20050304050607/{PAGE}", "20050304050607"),
        (f"http://timetravel.mementoweb.org/memento/20050304050607/{PAGE}", "20050304050607"),
        (f"https://archive.ph/20150304050607/{PAGE}", "20150304050607"),
        (f"https://archive.today/2015.03.04-050607/{PAGE}", "20150304050607"),
        (f"https://archive.is/newest/{PAGE}", ""),
        (f"https://archive.md/o/Ab1cD/{PAGE}", ""),
        (f"https://arquivo.pt/wayback/20050304050607/{PAGE}", "20050304050607"),
        (f"https://arquivo.pt/noFrame/replay/20050304050607/{PAGE}", "20050304050607"),
        (f"https://www.webarchive.org.uk/wayback/archive/20050304050607mp_/{PAGE}", "20050304050607"),
        (f"https://webarchive.nationalarchives.gov.uk/ukgwa/20050304050607/{PAGE}", "20050304050607"),
        (f"https://webarchive.loc.gov/all/20050304050607/{PAGE}", "20050304050607"),
        (f"http://wayback.vefsafn.is/wayback/20050304050607/{PAGE}", "20050304050607"),
        (f"https://wayback.archive-it.org/1068/20050304050607/{PAGE}", "20050304050607"),
        (f"https://perma.cc/warc/AB12-CD34/{PAGE}", ""),
        (f"http://localhost:8080/crawl/20050304050607mp_/{PAGE}", "20050304050607"),
    ],
)
def test_parse_archived_url_gives_page_and_time(url, timestamp):
    archived = parse_archived_url(url)
    assert archived
    assert (archived.url, archived.timestamp) == (PAGE, timestamp)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "-",
        PAGE,
        "https://archive.org/about/terms.php",
        "https://web.archive.org/about/",
        "https://archive.ph/Ab1cD",
        "https://archive.example.org/web/2005/privacy.html",
        "http://a.example/?from=https://web.archive.org/web/2005/http://b.example/",
        "http://a.example/2005/03/04/privacy",
        "https://web.archive.org/web/20050304050607/mailto:shop@a.example",
    ],
)
def test_parse_archived_url_of_other_url_is_none(url):
    assert parse_archived_url(url) is None


@pytest.mark.parametrize(
    ("row", "identity"),
    [
        ({"url": f"https://web.archive.org/web/20050304050607id_/{PAGE}"}, f"20050304050607/{PAGE}"),
        ({"url": f"https://web.archive.org/web/20050304050607id_/{PAGE}", "date": "2024-01-01"}, f"20050304050607/{PAGE}"),
        ({"url": f"https://web.archive.org/web/2005/{PAGE}", "date": "2005-06-07"}, f"20050607000000/{PAGE}"),
        ({"url": PAGE, "wayback_url": f"https://web.archive.org/web/20050304050607/{PAGE}"}, f"20050304050607/{PAGE}"),
        ({"url": PAGE, "date": "2006", "archive_url": f"https://archive.ph/2007/{PAGE}"}, f"20060101000000/{PAGE}"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("suffix", ["jsonl", "json", "csv", "sidecar"])
def test_read_corpus_takes_url_and_time_from_url_of_archive(tmp_path, row, identity, suffix):
    if suffix == "sidecar":
        (tmp_path / "a.html").write_text("We use cookies.")
        (tmp_path / "metadata.jsonl").write_text(json.dumps({"path": "a.html", **row}))
    elif suffix == "csv":
        (tmp_path / "a.csv").write_text(",".join((*row, "text")) + "\n" + ",".join((*row.values(), "We use cookies.")))
    else:
        (tmp_path / f"a.{suffix}").write_text(json.dumps({**row, "text": "We use cookies."}))
    (snapshot,) = read_corpus(tmp_path)
    assert snapshot.id == identity
    assert snapshot.archive_url in row.values()
