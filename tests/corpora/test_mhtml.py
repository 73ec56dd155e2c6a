"""Pages that Internet Explorer and Chrome saved as one file."""

import base64
import gzip
import quopri

import pytest

from extractor import load, read_corpus

POLICY = (
    "<html><head><title>Privacy</title></head><body><h1>Privacy policy</h1>"
    + "".join(f"<p>We collect item {n} of your order – “lamps” – and keep it for {n % 9} years.</p>" for n in range(90))
    + "</body></html>"
)
MENU = "<html><body><a href=x.html>Home</a></body></html>"
FRAMESET = "<html><frameset cols='20%,80%'><frame src='menu.html'><frame name=b src=\"http://a.example/p.html\"></frameset></html>"
LOCATION = "http://a.example/privacy.html"
DATE = "Wed, 3 Mar 2004 10:11:12 +0100"


def part(page, location=LOCATION, encoding="quoted-printable", charset="utf-8", content_id=""):
    content = page.encode(charset)
    packed = {"base64": base64.encodebytes, "quoted-printable": quopri.encodestring}.get(encoding, bytes)(content)
    head = f'Content-Type: text/html;\r\n\tcharset="{charset}"\r\nContent-Transfer-Encoding: {encoding}\r\n'
    head += f"Content-ID: <{content_id}>\r\n" if content_id else ""
    return f"{head}Content-Location: {location}\r\n\r\n".encode() + packed


def image():
    head = b"Content-Type: image/gif\r\nContent-Transfer-Encoding: base64\r\nContent-Location: http://a.example/l.gif\r\n\r\n"
    return head + base64.encodebytes(b"GIF89a" * 300)


def saved(*parts, date=DATE, header="From: <Saved by Windows Internet Explorer 8>\r\n"):
    head = f'{header}Subject: Privacy\r\nDate: {date}\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related;\r\n\ttype="text/html";\r\n\tboundary="----=_Part"\r\n\r\nThis is a multi-part message in MIME format.\r\n\r\n'
    body = b"".join(b"------=_Part\r\n" + content + b"\r\n" for content in parts)
    return head.encode() + body + b"------=_Part--\r\n"


def blink(url):
    return f"From: <Saved by Blink>\r\nSnapshot-Content-Location: {url}\r\n"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.mht", saved(part(POLICY), image())),
        ("a.mhtml", saved(image(), part(POLICY, encoding="base64"), header=blink(LOCATION))),
        ("a.mht", saved(part(POLICY, encoding="8bit", charset="cp1252"))),
        ("a.mht", saved(part(MENU, "http://a.example/m.html"), part(POLICY), header=blink(LOCATION))),
        ("a.mht.gz", gzip.compress(saved(part(POLICY), image()))),
        ("a", saved(part(POLICY), image())),
        ("a.mht", saved(part(FRAMESET), part(MENU, "http://a.example/menu.html"), part(POLICY, "http://a.example/p.html", charset="cp1252"))),
        ("a.mht", saved(part("<body><h1>Shop</h1><iframe src='cid:f2@mhtml.blink'></iframe>"), part(POLICY, "http://b.example/", content_id="f2@mhtml.blink"))),
    ],
    ids=["IE", "Chrome", "8bit", "second part", "gzip", "no suffix", "frameset", "inline frame"],
)  # fmt: skip
def test_annotate_of_saved_page_reads_page_url_and_date(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    policy = load()(tmp_path / name)
    assert policy.verdict.usable
    assert policy.verdict.reasons == ()
    assert policy.id == f"20040303091112/{LOCATION}"
    assert policy.text.count("of your order – “lamps” – and keep") == 90
    assert "NextPart" not in policy.text


@pytest.mark.parametrize(
    ("location", "date", "identity"),
    [
        ("https://web.archive.org/web/20010203040506/http://a.example/p", DATE, "20010203040506/http://a.example/p"),
        ("file://C:\\saved\\privacy.html", DATE, "{path}"),
        (LOCATION, "Tue, 1 Jan 1980 00:00:00 -0000", "{path}"),
        (LOCATION, "Mittwoch, 3. März", "{path}"),
    ],
    ids=["from an archive", "from a disk", "clock that was not set", "no date"],
)
def test_read_corpus_of_saved_page_takes_only_what_is_sensible(tmp_path, location, date, identity):
    path = tmp_path / "a.mht"
    path.write_bytes(saved(part(POLICY, location), date=date))
    (snapshot,) = read_corpus(tmp_path)
    assert snapshot.id == identity.format(path=path)


def test_read_corpus_of_saved_page_with_sidecar_takes_url_and_date_from_that(tmp_path):
    (tmp_path / "a.mht").write_bytes(saved(part(POLICY)))
    (tmp_path / "metadata.csv").write_text("path,url,date\na.mht,http://b.example/p,2003\n")
    assert [s.id for s in read_corpus(tmp_path)] == ["20030101000000/http://b.example/p"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (saved(part(POLICY), image())[:4000], "truncated: its bytes break off"),
        (saved(part(POLICY), image())[:300], "no text was found in the page"),
        (saved(image()), "no text was found in the page"),
        (saved(part(POLICY)).replace(b"----=_Part", b"----=_Port", 1), "no text was found in the page"),
        (saved(part(POLICY)).replace(b"\r\n\r\n", b"\r\nContent-Type: multipart/mixed\r\n\r\n") * 30, "no text was found in the page"),
    ],
    ids=["cut in the page", "cut before it", "image only", "other boundary", "nested"],
)  # fmt: skip
def test_annotate_of_damaged_saved_page_gives_record_with_reason(tmp_path, content, reason):
    (tmp_path / "a.mht").write_bytes(content)
    (policy,) = load().pipe(read_corpus(tmp_path))
    assert reason in policy.verdict.reasons
    assert "multipart" not in policy.text


def test_read_corpus_of_saved_page_cut_behind_page_is_whole(tmp_path, caplog):
    (tmp_path / "a.mht").write_bytes(saved(part(POLICY), image())[:-300])
    assert [(s.outcome, s.content.decode()) for s in read_corpus(tmp_path)] == [("", POLICY)]
    assert caplog.text == ""
