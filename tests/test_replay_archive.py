"""The archive that the tests use: pywb behind a proxy that answers like the Wayback Machine."""

from __future__ import annotations

import gzip
import json
import subprocess
import time
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest
import requests
from hypothesis import given
from hypothesis import strategies as st
from replay.archive import PYWB_PYTHON, SAMPLE, pywb
from replay.proxy import FIELDS, Fault, Proxy, select_rows
from urllib3.exceptions import IncompleteRead, ProtocolError

POLICY = "http://www.brightcart.example/legal/privacy-policy"
OLD_POLICY = "http://www.brightcart.example/privacy.html"
NEWS = "http://pinegrove-news.example/privacy.shtml"
PDF = "https://healthbridge.example/downloads/privacy-notice.pdf"
SECRET = "http://www.secretive.example/privacy"


@pytest.fixture(autouse=True)
def nothing_left_over(wayback: Proxy):
    wayback.reset()
    yield
    wayback.reset()


def get(url: str, **options) -> requests.Response:
    return requests.get(url, allow_redirects=False, timeout=10, **options)


def ask_index(wayback: Proxy, *parameters: tuple[str, str], **named: str) -> requests.Response:
    query = [*parameters, *((name.rstrip("_"), value) for name, value in named.items())]
    return get(f"{wayback.base}/cdx/search/cdx?{urlencode(query)}")


def ask_page(wayback: Proxy, timestamp: str, url: str, **options) -> requests.Response:
    return get(f"{wayback.base}/web/{timestamp}id_/{url}", **options)


def column(table: list[list[str]], name: str = "timestamp") -> list[str]:
    header, *rows = table or [[]]
    return [row[header.index(name)] for row in rows if len(row) == len(header)]


def test_pywb_answers_while_it_runs(sample_warc: Path, tmp_path: Path):
    with pywb(sample_warc, SAMPLE / "sample.cdxj", tmp_path) as port:
        answer = get(f"http://127.0.0.1:{port}/sample/1999id_/{OLD_POLICY}")
        assert answer.status_code == 307
        assert "pywb" in get(f"http://127.0.0.1:{port}/").text.lower()
    with pytest.raises(requests.ConnectionError):
        get(f"http://127.0.0.1:{port}/")


def test_pywb_has_the_pinned_version():
    pinned = (SAMPLE.parents[1] / "tests" / "replay" / "requirements.txt").read_text().strip()
    command = [PYWB_PYTHON, "-c", "import importlib.metadata as m; print('pywb==' + m.version('pywb'))"]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == pinned


def test_pywb_not_installed_raises_an_error_that_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, sample_warc: Path, tmp_path: Path
):
    monkeypatch.setattr("replay.archive.PYWB_PYTHON", tmp_path / "python")
    with pytest.raises(RuntimeError, match="`make test` sets it up"), pywb(sample_warc, sample_warc, tmp_path):
        pass


def test_index_as_json_is_a_list_of_lists_with_a_header(wayback: Proxy):
    answer = ask_index(wayback, url=OLD_POLICY, output="json")
    header, *rows = answer.json()
    assert tuple(header) == FIELDS
    assert [len(row) for row in rows] == [7] * 5
    assert rows[0][:5] == ["example,brightcart)/privacy.html", "19990508142233", OLD_POLICY, "text/html", "200"]


def test_index_row_of_a_revisit_has_its_own_media_type_and_no_status(wayback: Proxy):
    header, *rows = ask_index(wayback, url=OLD_POLICY, output="json").json()
    first, revisit = (dict(zip(header, row, strict=True)) for row in rows[:2])
    assert (revisit["mimetype"], revisit["statuscode"]) == ("warc/revisit", "-")
    assert revisit["digest"] == first["digest"]


def test_index_without_output_parameter_is_lines_of_words(wayback: Proxy):
    answer = ask_index(wayback, url=PDF)
    assert answer.headers["Content-Type"] == "text/plain;charset=UTF-8"
    lines = [line.split(" ") for line in answer.text.splitlines()]
    assert [(line[1], line[3], line[4]) for line in lines] == [
        ("20110315000001", "application/pdf", "200"),
        ("20160620111100", "warc/revisit", "-"),
    ]


def test_index_with_fl_has_the_fields_in_that_order(wayback: Proxy):
    answer = ask_index(wayback, url=NEWS, output="json", fl="statuscode,timestamp")
    assert answer.json()[:2] == [["statuscode", "timestamp"], ["200", "19991128050607"]]


def test_index_of_an_unknown_url_is_empty(wayback: Proxy):
    assert ask_index(wayback, url="http://nobody.example/", output="json").json() == []
    assert ask_index(wayback, url="http://nobody.example/").text == ""
    assert ask_index(wayback, url=f"{OLD_POLICY}?x=1", output="json").json() == []


def test_index_without_a_url_is_a_bad_request(wayback: Proxy):
    assert ask_index(wayback, output="json").status_code == 400


@pytest.mark.parametrize(
    ("query", "rows"),
    [
        ({"url": "brightcart.example/legal/privacy-policy"}, 5),
        ({"url": POLICY, "matchType": "exact"}, 5),
        ({"url": "www.brightcart.example/legal/", "matchType": "prefix"}, 5),
        ({"url": "brightcart.example/somewhere", "matchType": "host"}, 11),
        ({"url": "brightcart.example", "matchType": "domain"}, 11),
        ({"url": "*.brightcart.example"}, 11),
        ({"url": "http://www.brightcart.example/*"}, 11),
        ({"url": "http://www.brightcart.example/priv*"}, 5),
        ({"url": POLICY, "from": "2013", "to": "2018"}, 2),
        ({"url": POLICY, "from": "20130806113001"}, 3),
        ({"url": POLICY, "to": "20130806113000"}, 2),
        ({"url": OLD_POLICY, "filter": "statuscode:200"}, 3),
        ({"url": OLD_POLICY, "filter": "!statuscode:200"}, 2),
        ({"url": OLD_POLICY, "filter": "statuscode:2"}, 0),
        ({"url": OLD_POLICY, "filter": "statuscode:[23].."}, 4),
        ({"url": OLD_POLICY, "filter": "mimetype:.*revisit"}, 1),
        ({"url": "*.brightcart.example", "filter": "urlkey:.*legal.*"}, 5),
        ({"url": OLD_POLICY, "collapse": "digest"}, 4),
        ({"url": "*.brightcart.example", "collapse": "timestamp:3"}, 6),
        ({"url": "*.brightcart.example", "collapse": "urlkey"}, 3),
        ({"url": POLICY, "limit": "2"}, 2),
    ],
)
def test_index_with_parameters_selects_rows(wayback: Proxy, query: dict[str, str], rows: int):
    answer = ask_index(wayback, *query.items(), output="json")
    assert max(len(answer.json()) - 1, 0) == rows


def test_index_with_two_filters_applies_both(wayback: Proxy):
    filters = [("filter", "!statuscode:-"), ("filter", "!statuscode:3..")]
    answer = ask_index(wayback, *filters, url=OLD_POLICY, output="json")
    assert column(answer.json(), "statuscode") == ["200", "200", "200"]


def test_index_with_a_negative_limit_is_the_last_rows(wayback: Proxy):
    answer = ask_index(wayback, url=POLICY, output="json", limit="-2")
    assert column(answer.json()) == ["20200315101112", "20250402193004"]


def test_index_with_show_resume_key_ends_with_the_key(wayback: Proxy):
    first = ask_index(wayback, url=POLICY, output="json", limit="2", showResumeKey="true")
    assert first.json()[-2:] == [[], ["example%2Cbrightcart%29%2Flegal%2Fprivacy-policy+20130806113001"]]
    text = ask_index(wayback, url=POLICY, limit="2", showResumeKey="true").text.split("\n")
    assert text[2:] == ["", first.json()[-1][0], ""]
    assert ask_index(wayback, url=POLICY, output="json", limit="2").json()[-1] != first.json()[-1]


@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 10, 11, 12])
@pytest.mark.parametrize("encode", [str, lambda key: quote(key, safe="")], ids=["as it came", "encoded again"])
def test_index_resumed_by_key_has_every_row_once(wayback: Proxy, limit: int, encode):
    query = f"{wayback.base}/cdx/search/cdx?url=*.brightcart.example&output=json&showResumeKey=true&limit={limit}"
    pages = list(pages_of(query, encode))
    assert list(chain(*pages)) == column(ask_index(wayback, url="*.brightcart.example", output="json").json())
    assert [len(page) for page in pages] == [limit] * (11 // limit) + [11 % limit]


def pages_of(query: str, encode) -> Iterator[list[str]]:
    """The times on each page. A key can lead to an empty page: the index does not look ahead."""
    key = ""
    for _ in range(20):
        answer = get(query + (f"&resumeKey={encode(key)}" if key else "")).json()
        yield column(answer)
        if len(answer) < 2 or answer[-2] != []:
            return
        key = answer[-1][0]


@given(
    st.sets(st.tuples(st.sampled_from(["example,a)/", "example,a)/b c", "example,b)/+"]), st.integers(0, 99))),
    st.integers(1, 9),
)
def test_select_rows_resumed_by_key_returns_any_rows_once(places: set[tuple[str, int]], limit: int):
    rows = [{"urlkey": urlkey, "timestamp": f"201802030405{second:02}"} for urlkey, second in sorted(places)]
    found, key = [], ""
    for _ in range(len(rows) + 1):
        page, key = select_rows(rows, {"limit": [str(limit)], "resumeKey": [key]})
        found += page
        if not key:
            break
    assert found == rows


def test_index_for_a_client_that_accepts_gzip_is_compressed(wayback: Proxy):
    url = f"{wayback.base}/cdx/search/cdx?url={POLICY}&output=json"
    packed = get(url, headers={"Accept-Encoding": "gzip"}, stream=True)
    assert packed.headers["Content-Encoding"] == "gzip"
    plain = get(f"{url}&gzip=false", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert "Content-Encoding" not in get(url, headers={"Accept-Encoding": "identity"}).headers
    assert json.loads(gzip.decompress(packed.raw.read(decode_content=False))) == plain.json()


def test_page_has_the_headers_of_a_memento(wayback: Proxy):
    answer = ask_page(wayback, "19990508142233", OLD_POLICY)
    assert answer.status_code == 200
    assert answer.headers["Memento-Datetime"] == "Sat, 08 May 1999 14:22:33 GMT"
    assert answer.headers["Link"].startswith(f'<{OLD_POLICY}>; rel="original", <{wayback.base}/web/')
    assert answer.headers["Content-Type"] == answer.headers["X-Archive-Orig-Content-Type"] == "text/html"
    assert answer.headers["X-Archive-Orig-Server"] == "sample"
    assert answer.headers["X-Archive-Orig-Content-Length"] == str(len(answer.content))
    assert answer.content.startswith(b"<HTML>\n<HEAD><TITLE>BrightCart")


def test_page_of_a_revisit_has_the_bytes_of_the_original(wayback: Proxy):
    first, again = (ask_page(wayback, timestamp, PDF) for timestamp in ("20110315000001", "20160620111100"))
    assert again.headers["Memento-Datetime"] == "Mon, 20 Jun 2016 11:11:00 GMT"
    assert again.content == first.content
    assert again.headers["Content-Type"] == "application/pdf"


def test_page_with_non_ascii_letters_keeps_its_bytes(wayback: Proxy):
    assert "Zoë Müller-Peña".encode("latin-1") in ask_page(wayback, "19991128050607", NEWS).content


def test_page_with_an_archived_404_is_a_memento(wayback: Proxy):
    answer = ask_page(wayback, "20080714071421", NEWS)
    assert answer.status_code == 404
    assert answer.headers["Memento-Datetime"] == "Mon, 14 Jul 2008 07:14:21 GMT"


def test_page_with_a_content_encoding_keeps_it_for_a_client_that_accepts_it(wayback: Proxy):
    packed = ask_page(wayback, "20130806113000", POLICY, headers={"Accept-Encoding": "gzip"})
    plain = ask_page(wayback, "20130806113000", POLICY, headers={"Accept-Encoding": "identity"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in plain.headers
    assert packed.content == plain.content
    assert b"XHTML" in plain.content


@pytest.mark.parametrize(
    ("asked", "url", "nearest"),
    [
        ("1999", OLD_POLICY, "19990508142233"),
        ("20030919220144", OLD_POLICY, "20030919220145"),
        ("20250101000000", POLICY, "20250402193004"),
        ("", POLICY, "20250402193004"),
    ],
)
def test_page_at_another_time_redirects_to_the_nearest_capture(wayback: Proxy, asked: str, url: str, nearest: str):
    answer = ask_page(wayback, asked, url)
    assert answer.status_code == 302
    assert answer.headers["Location"] == f"{wayback.base}/web/{nearest}id_/{url}"
    assert "Memento-Datetime" not in answer.headers


def test_page_with_an_archived_redirect_leads_into_the_archive(wayback: Proxy):
    answer = ask_page(wayback, "20100222170501", OLD_POLICY)
    assert answer.status_code == 301
    assert answer.headers["Memento-Datetime"] == "Mon, 22 Feb 2010 17:05:01 GMT"
    assert answer.headers["Location"] == f"{wayback.base}/web/20100222170501id_/{POLICY}"
    assert answer.headers["X-Archive-Orig-Location"] == POLICY
    followed = requests.get(answer.url, timeout=10)
    assert followed.url == f"{wayback.base}/web/20100222170512id_/{POLICY}"
    assert [step.status_code for step in followed.history] == [301, 302]


def test_page_of_an_unknown_url_is_not_found(wayback: Proxy):
    answer = ask_page(wayback, "2010", "http://nobody.example/privacy")
    assert answer.status_code == 404
    assert "Memento-Datetime" not in answer.headers


@pytest.mark.parametrize("url", [SECRET, "secretive.example", "*.secretive.example", "http://SECRETIVE.example:80/x"])
def test_index_of_an_excluded_site_is_forbidden(wayback: Proxy, url: str):
    answer = ask_index(wayback, url=url, output="json")
    assert answer.status_code == 403
    assert answer.text.strip() == (
        "org.archive.util.io.RuntimeIOException: "
        "org.archive.wayback.exception.AdministrativeAccessControlException: Blocked Site Error"
    )


def test_page_of_an_excluded_site_says_so(wayback: Proxy):
    answer = ask_page(wayback, "2010", SECRET)
    assert (answer.status_code, answer.headers["Content-Type"]) == (200, "text/html")
    assert "has been excluded" in answer.text
    assert "Memento-Datetime" not in answer.headers
    assert ask_page(wayback, "2010", "http://notsecretive.example/").status_code == 404


def test_proxy_logs_requests(wayback: Proxy):
    before = time.monotonic()
    ask_page(wayback, "1999", OLD_POLICY)
    ask_index(wayback, url=OLD_POLICY)
    assert wayback.paths() == [f"/web/1999id_/{OLD_POLICY}", f"/cdx/search/cdx?url={quote(OLD_POLICY, safe='')}"]
    assert wayback.paths("/cdx/") == wayback.paths()[1:]
    assert before <= wayback.requests[0].time <= wayback.requests[1].time <= time.monotonic()


def test_faults_apply_to_the_next_request_they_match(wayback: Proxy):
    wayback.faults += [Fault("status", "/cdx/", status=429, retry_after="7"), Fault("status", "privacy", status=503)]
    page = ask_page(wayback, "20250402193004", POLICY)
    assert (page.status_code, page.headers.get("Retry-After")) == (503, None)
    index = ask_index(wayback, url=POLICY)
    assert (index.status_code, index.headers["Retry-After"]) == (429, "7")
    assert wayback.faults == []
    assert ask_index(wayback, url=POLICY).status_code == 200


def test_status_fault_has_no_memento_datetime(wayback: Proxy):
    wayback.faults.append(Fault("status", status=429))
    answer = ask_page(wayback, "20250402193004", POLICY)
    assert answer.status_code == 429
    assert not {"Memento-Datetime", "Retry-After"} & set(answer.headers)


def test_cut_fault_ends_the_body_early(wayback: Proxy):
    wayback.faults.append(Fault("cut"))
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.ConnectionError, IncompleteRead)):
        ask_page(wayback, "20250402193004", POLICY)
    assert ask_page(wayback, "20250402193004", POLICY).status_code == 200


def test_reset_fault_resets_the_connection(wayback: Proxy):
    wayback.faults.append(Fault("reset"))
    with pytest.raises(requests.ConnectionError) as caught:
        ask_page(wayback, "20250402193004", POLICY)
    cause = caught.value.args[0]
    assert isinstance(cause, ProtocolError)
    assert type(cause.args[1]) is ConnectionResetError  # and not RemoteDisconnected, which is one of its kind


def test_stall_fault_delays_the_answer(wayback: Proxy):
    wayback.faults.append(Fault("stall", seconds=0.6))
    with pytest.raises(requests.exceptions.ReadTimeout):
        requests.get(f"{wayback.base}/web/20250402193004id_/{POLICY}", timeout=0.2)


def test_drip_fault_sends_the_body_slowly(wayback: Proxy):
    wayback.faults.append(Fault("drip", seconds=0.01))
    start = time.monotonic()
    answer = ask_index(wayback, url=PDF, fl="timestamp")
    assert answer.text.split() == ["20110315000001", "20160620111100"]
    assert time.monotonic() - start > 0.3


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_malformed_row_fault_adds_a_row(wayback: Proxy, encoding: str):
    wayback.faults.append(Fault("malformed_row"))
    url = f"{wayback.base}/cdx/search/cdx?url={PDF}&output=json"
    rows = get(url, headers={"Accept-Encoding": encoding}).json()
    assert [len(row) for row in rows] == [7, 3, 7, 7]
    assert len(get(url).json()) == 3
