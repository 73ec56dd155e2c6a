"""Whose bytes a record is made of: those of its own capture, or of one that the index says has the same content."""

import json
import re
from contextlib import closing
from io import BytesIO
from threading import Event

import pytest
from replay.scripted import EMPTY_DIGEST, Answer, Held, policy, scripted_archive
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from extractor import load, read_jsonl
from extractor.run.collect import Job, run_job, verify
from extractor.wayback import Ledger, open_archive, read_targets

URL = "http://lamps.example/privacy"
SMALL = b"<p>Moved.</p>"


@pytest.fixture(scope="module")
def annotator():
    return load()


def run(folder, base, annotator, *targets, every="all"):
    archive = open_archive(base, rate=0, cdx_rate=0, connections=2)
    job = Job(tuple(read_targets(targets or (URL,))), folder, every=every, workers=2)
    summary = run_job(job, archive, annotator, stop=Event(), progress=lambda *_: None)
    assert list(verify(folder)) == []
    return summary


def versions(folder) -> dict[str, str]:
    """The version of the policy in each record, by the timestamp of its capture and its address."""
    found = {}
    for record in read_jsonl(folder / "policies.jsonl"):
        version = re.search(r"version (\w+)", record.text)
        found[record.capture.timestamp, record.capture.url] = version[1] if version else ""
    return found


def outcomes(folder) -> dict[str, tuple[str, str]]:
    with closing(Ledger(folder / "ledger.sqlite", read_only=True)) as ledger:
        return {entry.capture.timestamp[:4]: (entry.outcome, entry.fixity) for entry in ledger.entries()}


def revisit(year: int, content: bytes, digest: str = "") -> Held:
    return Held(URL, f"{year}0401000000", content, row_status="-", row_mime="warc/revisit", row_digest=digest)


def test_revisits_with_the_digest_of_nothing_have_each_their_own_page(tmp_path, annotator):
    one, two = policy("one"), policy("two")
    captures = (
        Held(URL, "20030401000000", one),
        revisit(2004, one, EMPTY_DIGEST),
        Held(URL, "20050401000000", two),
        revisit(2006, two, EMPTY_DIGEST),
        revisit(2007, two, EMPTY_DIGEST),
    )
    with scripted_archive(*captures) as archive:
        run(tmp_path, archive.base, annotator)
    assert list(versions(tmp_path).values()) == ["one", "one", "two", "two", "two"]
    assert set(outcomes(tmp_path).values()) == {("whole", "equal"), ("whole", "not checked")}


def test_a_body_too_small_to_be_a_page_is_shared_with_nobody(tmp_path, annotator):
    same = Held(URL, "20030401000000", SMALL)
    others = [revisit(year, policy(str(year)), same.row[5]) for year in (2004, 2005, 2006)]
    with scripted_archive(same, *others) as archive:
        run(tmp_path, archive.base, annotator)
    assert list(versions(tmp_path).values()) == ["", "2004", "2005", "2006"]


def test_bytes_that_are_not_those_of_their_digest_are_shared_with_nobody(tmp_path, annotator):
    right = policy("right")
    digest = Held(URL, "20030401000000", right).row[5]
    wrong = Held(URL, "20030401000000", policy("wrong"), row_digest=digest)
    with scripted_archive(wrong, Held(URL, "20040401000000", right), revisit(2005, right)) as archive:
        run(tmp_path, archive.base, annotator)
    assert list(versions(tmp_path).values()) == ["wrong", "right", "right"]
    assert outcomes(tmp_path) == {
        "2003": ("whole", "differs"), "2004": ("whole", "equal"), "2005": ("same-digest", "equal"),
    }  # fmt: skip


def test_a_substitute_with_the_digest_and_other_bytes_does_not_stand_for_a_capture(tmp_path, annotator):
    gone = Held(URL, "20030101000000", policy("gone"))
    wrong = Held(URL, "20050101000000", policy("wrong"), row_digest=gone.row[5])
    with scripted_archive(gone, wrong) as archive:
        archive.answer_for = lambda path: Answer(404) if "/web/20030101000000" in path else None
        run(tmp_path, archive.base, annotator, every="nearest:2003")
    assert outcomes(tmp_path) == {"2003": ("not-held", "not checked")}


def test_a_page_of_another_address_is_never_whole(tmp_path, annotator):
    captures = (
        Held(URL, "20030401000000", policy("one"), shown_as="http://lanterns.example/privacy"),
        Held(URL, "20040401000000", policy("two"), row_digest="A" * 32, shown_as="https://lamps.example/privacy"),
        Held(URL, "20050401000000", policy("three"), row_digest="-", shown_as="http://lamps.example:80/privacy"),
    )
    with scripted_archive(*captures) as archive:
        run(tmp_path, archive.base, annotator)
    assert [outcome for outcome, _ in outcomes(tmp_path).values()] == ["redirected", "redirected", "whole"]


def test_a_page_of_another_address_that_is_served_once_is_asked_for_again(tmp_path, annotator):
    other = Held("http://lanterns.example/privacy", "20030401000000", policy("other"))
    with scripted_archive(Held(URL, "20030401000000", policy("own")), other) as archive:
        wrong = [archive.answer(f"/web/{other.timestamp}id_/{other.url}")]
        archive.answer_for = lambda path: wrong.pop() if wrong and path.endswith(f"/{URL}") else None
        run(tmp_path, archive.base, annotator)
    assert (list(versions(tmp_path).values()), wrong) == (["own"], [])
    assert outcomes(tmp_path) == {"2003": ("whole", "equal")}


def test_a_redirect_of_the_archives_own_to_another_address_is_never_whole(tmp_path, annotator):
    held = Held("http://lamps.example/new", "20030401000000", policy("new"))
    with scripted_archive(Held(URL, "20030401000000", policy("old")), held) as archive:
        new = (("Location", f"{archive.base}/web/20030401000000id_/{held.url}"),)
        archive.answer_for = lambda path: (
            Answer(302, headers=new) if path.endswith(f"/{URL}") and "/web/" in path else None
        )
        run(tmp_path, archive.base, annotator)
    (record,) = read_jsonl(tmp_path / "policies.jsonl")
    assert (record.capture.outcome, record.capture.served_url) == ("redirected", held.url)


def write_warc(path, *pages):
    with path.open("wb") as out:
        writer = WARCWriter(out, gzip=True)
        for url, date, status, fields, body in pages:
            headers = StatusAndHeaders(status, [("Content-Type", "text/html"), *fields], protocol="HTTP/1.1")
            head = {"WARC-Date": date}
            writer.write_record(
                writer.create_warc_record(url, "response", BytesIO(body), http_headers=headers, warc_headers_dict=head)
            )


@pytest.mark.parametrize("later", ["2003-04-01T00:00:00Z", "2003-04-01T00:00:02Z"])
def test_a_page_and_the_redirect_to_it_in_one_second_keep_each_its_own_bytes(tmp_path, annotator, later):
    secure = "https://lamps.example/privacy"
    warc, folder, again = tmp_path / "crawl.warc.gz", tmp_path / "run", tmp_path / "again"
    redirect = (URL, "2003-04-01T00:00:00Z", "301 Moved Permanently", [("Location", secure)], b"")
    write_warc(warc, redirect, (secure, later, "200 OK", [], policy("secure")))
    run(folder, str(warc), annotator)
    run(again, str(folder / "archive" / "captures.warc.gz"), annotator)
    for made in (folder, again):
        assert set(versions(made).values()) == {"secure"}
        assert {url for _, url in versions(made)} == {URL, secure}


def test_records_of_one_url_and_second_keep_each_its_own_bytes(tmp_path, annotator):
    warc, folder, again = tmp_path / "crawl.warc.gz", tmp_path / "run", tmp_path / "again"
    write_warc(warc, *((URL, "2003-04-01T00:00:00Z", "200 OK", [], policy(name)) for name in ("one", "two", "three")))
    run(folder, str(warc), annotator)
    run(again, str(folder / "archive" / "captures.warc.gz"), annotator)
    for made in (folder, again):
        lines = (made / "policies.jsonl").read_text().splitlines()
        texts = sorted(re.search(r"version (\w+)", json.loads(line)["text"])[1] for line in lines)
        assert texts == ["one", "three", "two"]


def test_of_two_captures_in_one_second_a_server_shows_one_and_the_other_has_no_bytes_of_it(tmp_path, annotator):
    one, two = (Held(URL, "20030401000000", policy(name)) for name in ("one", "two"))
    with scripted_archive(one, two, Held(URL, "20040401000000", policy("three"))) as archive:
        run(tmp_path / "run", archive.base, annotator)
    assert [version for _, version in sorted(versions(tmp_path / "run").items())] == ["one", "three"]
    with closing(Ledger(tmp_path / "run" / "ledger.sqlite", read_only=True)) as ledger:
        (failed,) = (entry for entry in ledger.entries() if entry.state == "failed")
    assert (failed.outcome, failed.capture.digest, failed.is_transient) == ("same-second", two.row[5], False)
    with scripted_archive(one, two, Held(URL, "20050401000000", two.content)) as archive:
        run(tmp_path / "again", archive.base, annotator, every="year")
    assert [version for _, version in sorted(versions(tmp_path / "again").items())] == ["two", "two"]


def test_a_revisit_with_the_digest_of_nothing_in_a_file_is_of_the_page_before(tmp_path, annotator):
    warc = tmp_path / "crawl.warc.gz"
    pages = [(URL, f"{year}-04-01T00:00:00Z", "200 OK", [], policy(str(year))) for year in (2003, 2005)]
    write_warc(warc, *pages, ("http://lamps.example/empty", "2003-04-01T00:00:00Z", "200 OK", [], b""))
    with warc.open("ab") as out:
        writer = WARCWriter(out, gzip=True)
        for year in (2004, 2006):
            head = {"WARC-Date": f"{year}-04-01T00:00:00Z"}
            writer.write_record(
                writer.create_revisit_record(
                    URL, f"sha1:{EMPTY_DIGEST}", URL, head["WARC-Date"], warc_headers_dict=head
                )
            )
    run(tmp_path / "run", str(warc), annotator)
    found = {stamp[:4]: version for (stamp, _), version in versions(tmp_path / "run").items()}
    assert found == {"2003": "2003", "2004": "2003", "2005": "2005", "2006": "2005"}
