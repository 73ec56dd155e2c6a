"""The sample archive: rebuilt to the same bytes, with the contents that `corpus/README.md` lists."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from difflib import SequenceMatcher
from pathlib import Path

import pytest
from warcio.archiveiterator import ArchiveIterator

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "corpus" / "sample"
CDX_INDEXER = ROOT / ".venv-pywb" / "bin" / "cdx-indexer"
BRIGHTCART = "http://www.brightcart.example"


@dataclass(frozen=True)
class Record:
    kind: str
    url: str
    date: str
    stated_digest: str
    headers: dict[str, str]
    status: str
    raw: bytes
    content: bytes

    @property
    def timestamp(self) -> str:
        return "".join(character for character in self.date if character.isdigit())


def read_records(path: Path) -> list[Record]:
    with path.open("rb") as stream, path.open("rb") as again:
        raws = [record.raw_stream.read() for record in ArchiveIterator(stream)]
        return [record_of(record, raw) for record, raw in zip(ArchiveIterator(again), raws, strict=True)]


def record_of(record, raw: bytes) -> Record:
    http, warc = record.http_headers, record.rec_headers
    return Record(
        record.rec_type,
        warc.get_header("WARC-Target-URI") or "",
        warc.get_header("WARC-Date"),
        (warc.get_header("WARC-Payload-Digest") or "").removeprefix("sha1:"),
        {name.lower(): value for name, value in http.headers} if http else {},
        http.get_statuscode() if http else "",
        raw,
        record.content_stream().read(),
    )


@pytest.fixture(scope="module")
def records(sample_warc: Path) -> list[Record]:
    return read_records(sample_warc)


def record_at(records: list[Record], timestamp: str) -> Record:
    return next(record for record in records if record.timestamp == timestamp and record.kind != "warcinfo")


def index_rows() -> list[dict[str, str]]:
    lines = (SAMPLE / "sample.cdxj").read_text(encoding="utf-8").splitlines()
    return [row_of(line) for line in lines]


def row_of(line: str) -> dict[str, str]:
    urlkey, timestamp, fields = line.split(" ", 2)
    return {"status": "-", "urlkey": urlkey, "timestamp": timestamp, **json.loads(fields)}


def base32(payload: bytes) -> str:
    return base64.b32encode(hashlib.sha1(payload).digest()).decode()


def test_building_the_sample_again_writes_the_same_bytes(tmp_path: Path):
    for name in ("once", "twice"):
        subprocess.run([sys.executable, ROOT / "corpus" / "build.py", tmp_path / name], check=True, cwd=tmp_path)
    for committed in SAMPLE.iterdir():
        once, twice = ((tmp_path / name / committed.name).read_bytes() for name in ("once", "twice"))
        assert once == twice
        assert once == committed.read_bytes(), f"{committed.name} is older than its sources: run `make sample`"


def test_manifest_has_the_hash_of_every_file():
    manifest = json.loads((SAMPLE / "manifest.json").read_text(encoding="utf-8"))
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in SAMPLE.iterdir()}
    assert manifest["sha256"] == {name: value for name, value in found.items() if name != "manifest.json"}
    assert manifest["captures"] == sum(manifest["kinds"].values()) == len(index_rows())


def test_every_digest_matches_its_bytes(records: list[Record]):
    responses = {(record.url, base32(record.raw)) for record in records if record.kind == "response"}
    assert {(record.url, record.stated_digest) for record in records if record.kind == "response"} == responses
    assert {(record.url, record.stated_digest) for record in records if record.kind == "revisit"} <= responses


def test_index_rows_lead_to_their_records(sample_warc: Path, records: list[Record]):
    by_key = {(record.url, record.timestamp): record for record in records if record.kind != "warcinfo"}
    rows = index_rows()
    assert {(row["url"], row["timestamp"]) for row in rows} == set(by_key)
    for row in rows:
        with sample_warc.open("rb") as stream:
            stream.seek(int(row["offset"]))
            iterator = ArchiveIterator(stream)
            found = next(iterator)
            assert found.rec_headers.get_header("WARC-Target-URI") == row["url"]
            assert by_key[row["url"], row["timestamp"]].stated_digest == row["digest"]
            found.content_stream().read()
            iterator.read_to_end()
            assert iterator.get_record_length() == int(row["length"])


def test_pywbs_indexer_makes_the_same_index(sample_warc: Path):
    if not CDX_INDEXER.exists():
        pytest.fail("The sample is compared with pywb's indexer, and .venv-pywb is missing: `make test` sets it up.")
    command = [CDX_INDEXER, "-j", "-s", sample_warc]
    answer = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert [row_of(line) for line in answer.splitlines()] == index_rows()


def test_the_first_record_is_a_warcinfo(records: list[Record]):
    assert [record.kind for record in records].index("warcinfo") == 0
    assert {record.kind for record in records} == {"warcinfo", "response", "revisit"}


def test_the_archive_has_four_sites_from_1999_to_2025(records: list[Record]):
    captures = records[1:]
    assert 20 <= len(captures) <= 28
    assert {record.url.split("/")[2].removeprefix("www.") for record in captures} == {
        "brightcart.example",
        "pinegrove-news.example",
        "tadpole-club.example",
        "healthbridge.example",
    }
    years = {record.date[:4] for record in captures}
    assert (min(years), max(years)) == ("1999", "2025")


@pytest.mark.parametrize(
    ("timestamp", "marks"),
    [
        ("19990508142233", [b"<TABLE", b"<FONT SIZE=4><B>", b"<BR><BR>"]),
        ("19991128050607", [b"<p><b>", b"<blockquote>"]),
        ("20060411081230", [b"XHTML 1.0 Transitional", b"http://www.w3.org/1999/xhtml"]),
        ("20180601064509", [b"<nav", b"cookie-banner", b"<script", b"<style", b"<th>Category", b"<li>which"]),
        ("20220622154530", [b'<div id="root">']),
        ("20110315000001", [b"%PDF-1"]),
    ],
)  # fmt: skip
def test_pages_look_like_those_of_their_time(records: list[Record], timestamp: str, marks: list[bytes]):
    content = record_at(records, timestamp).content
    assert [mark for mark in marks if mark not in content] == []


def test_one_page_is_latin_1_and_does_not_declare_it(records: list[Record]):
    page = record_at(records, "19991128050607")
    assert "charset" not in page.headers["content-type"]
    assert b"charset" not in page.content.lower()
    assert "Zoë Müller-Peña" in page.content.decode("latin-1")
    with pytest.raises(UnicodeDecodeError):
        page.content.decode("utf-8")


def test_one_capture_redirects_to_another_captured_shortly_after(records: list[Record]):
    moved, goal = record_at(records, "20100222170501"), record_at(records, "20100222170512")
    assert (moved.status, moved.headers["location"]) == ("301", goal.url)
    assert (goal.status, goal.url) == ("200", f"{BRIGHTCART}/legal/privacy-policy")


def test_one_capture_is_a_revisit_with_the_same_digest(records: list[Record]):
    seen, again = record_at(records, "19990508142233"), record_at(records, "20010301090000")
    assert (again.kind, again.url, again.stated_digest) == ("revisit", seen.url, seen.stated_digest)
    assert again.raw == b""


def test_the_archive_has_a_404_and_a_soft_404(records: list[Record]):
    missing, soft = record_at(records, "20080714071421"), record_at(records, "20120505230000")
    assert (missing.status, soft.status) == ("404", "200")
    assert missing.content == soft.content
    assert b"could not be found" in soft.content


def test_one_page_is_stored_with_its_content_encoding(records: list[Record]):
    page = record_at(records, "20130806113000")
    assert page.headers["content-encoding"] == "gzip"
    assert page.raw.startswith(b"\x1f\x8b")
    assert b"<html" in page.content


@pytest.mark.parametrize(
    ("timestamp", "policy"),
    [
        ("19990508142210", "/privacy.html"),
        ("20121019144444", "/about/privacy"),
        ("20141201080031", "/privacy"),
        ("20220110094500", "/privacy-notice"),
    ],
)
def test_a_home_page_links_to_the_policy_in_its_footer(records: list[Record], timestamp: str, policy: str):
    page = record_at(records, timestamp)
    link = f'href="{page.url.rstrip("/")}{policy}"'.encode()
    assert page.content.lower().rfind(link) > len(page.content) / 2


@pytest.mark.parametrize("site", ["brightcart", "pinegrove-news", "tadpole-club", "healthbridge"])
def test_every_site_mentions_the_five_practices_and_denies_some(records: list[Record], site: str):
    pages = [page.content.lower() for page in records if site in page.url and page.kind == "response"]
    practices = [b"collect|gather", b"shar|disclos|sell|third part", b"cookie", b"delet|correct", b"child"]
    said = [*practices, b"we do not", b"retain|keep|kept"]
    assert [words for words in said if len(re.findall(words, b" ".join(pages))) < 3] == []


@pytest.mark.parametrize(
    ("before", "after", "gone", "new", "kept"),
    [
        ("19990508142233", "20030919220145", b"We do not use cookies", b"mailing list available to other", 0.5),
        ("20060411081230", "20130806113000", b"banners for other stores", b"location of your phone", 0.7),
        ("20130806113000", "20180601064509", b"From time to time we also", b"data protection authority", 0.3),
        ("20180601064509", "20200315101112", b"Effective date: May 24, 2018", b"Residents of California", 0.8),
        ("20200315101112", "20250402193004", b"respond to Do Not Track", b"Global Privacy Control", 0.8),
        ("20000909101010", "20050417183300", b"we cut them off before", b"We have closed the letter box", 0.7),
    ],
)
def test_successive_policies_share_some_of_their_words(
    records: list[Record], before: str, after: str, gone: bytes, new: bytes, kept: float
):
    first, second = record_at(records, before).content, record_at(records, after).content
    assert (gone in first, gone in second) == (True, False)
    assert (new in first, new in second) == (False, True)
    assert SequenceMatcher(None, first.split(), second.split(), autojunk=False).ratio() > kept


def test_targets_are_domains_and_policies_in_the_archive():
    lines = (SAMPLE / "targets.txt").read_text(encoding="utf-8").splitlines()
    targets = [line for line in lines if line and not line.startswith("#")]
    addresses = {row["url"] for row in index_rows()}
    assert [target for target in targets if "//" in target and target not in addresses] == []
    domains = [target for target in targets if "//" not in target]
    assert all(any(f"{name}/" in url and "privacy" in url for url in addresses) for name in domains)
