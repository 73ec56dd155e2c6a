"""`run` follows what an unusable page names for its policy (a frame of another page) inside the archive."""

import json
import sqlite3
from contextlib import closing, suppress
from dataclasses import replace
from itertools import count
from threading import Event

import jsonschema
import pytest
from replay.archive import running_archive
from replay.generated import write_pages
from replay.proxy import Fault

from extractor import load, policy_schema, read_jsonl
from extractor.cli import main
from extractor.errors import ArchiveStopError, InterruptedRunError
from extractor.run.collect import Job, run_job, status, verify
from extractor.wayback import Ledger, Window, open_archive, read_targets

PARAGRAPHS = (
    "This privacy policy says what {name} does with the personal information of those who visit our shop.",
    "We collect your name, your postal address and your e-mail address when you order from us, and we use them to send "
    "you what you ordered and to answer your questions about it.",
    "We share your address with the carrier that delivers your order. We do not sell or rent your personal information "
    "to third parties for their own marketing.",
    "We use cookies to remember what is in your basket. You may refuse cookies in the settings of your browser.",
    "You may ask us at any time which personal information we hold about you, and we will correct or delete it.",
    "Our shop is not for children under 13, and we do not knowingly collect personal information from them.",
)


def policy(name: str) -> bytes:
    text = "".join(f"<p>{paragraph.format(name=name)}</p>" for paragraph in PARAGRAPHS)
    return f"<html><head><title>Privacy policy</title></head><body><h1>Privacy policy</h1>{text}</body></html>".encode()


def embedding(address: str) -> bytes:
    return (
        "<html><head><title>Privacy policy</title></head><body><h1>Privacy policy</h1>"
        f'<iframe src="{address}" title="Privacy policy" width="100%" height="900"></iframe></body></html>'
    ).encode()


FRAMESET = b"""<HTML><HEAD><TITLE>Privacy policy</TITLE></HEAD><FRAMESET COLS="150,*"><FRAME SRC="menu.html" NAME="menu">
<FRAME SRC="privacy2.html" NAME="text"><NOFRAMES>Your browser does not show frames.</NOFRAMES></FRAMESET></HTML>"""
PAGES = (
    ("19980601120000", "http://lamps.example/privacy.html", FRAMESET),
    ("19980602120000", "http://lamps.example/menu.html", b"<a href=/>Home</a> <a href=/new>New</a>"),
    ("19980301120000", "http://lamps.example/privacy2.html", policy("Lamps in March")),
    ("19980604120000", "http://lamps.example/privacy2.html", policy("Lamps in June")),
    ("19981224120000", "http://lamps.example/privacy2.html", policy("Lamps in December")),
    ("20190310120000", "https://oils.example/privacy", embedding("https://policies.example/privacy-policy/17")),
    ("20190320120000", "https://policies.example/privacy-policy/17", policy("Oils")),
    ("20190310120000", "https://soaps.example/privacy", embedding("https://policies.example/privacy-policy/18")),
    ("20190401120000", "https://policies.example/privacy-policy/18", policy("Soaps")),
    ("20190310120000", "https://inks.example/privacy", embedding("https://policies.example/privacy-policy/19")),
    ("20190310120000", "https://nibs.example/privacy", embedding("https://secretive.example/privacy-policy")),
    ("20190310120000", "https://hats.example/privacy", embedding("/privacy-inner")),
    ("20190311120000", "https://hats.example/privacy-inner", embedding("https://policies.example/privacy-policy/20")),
    ("20190312120000", "https://policies.example/privacy-policy/20", policy("Hats")),
    *((f"2019031{n}120000", f"https://nests.example/privacy/{n}", embedding(f"/privacy/{n + 1}")) for n in range(4)),
    ("20190315120000", "https://nests.example/privacy/4", policy("Nests")),
    ("20190310120000", "https://rings.example/privacy", embedding("/privacy-b")),
    ("20190311120000", "https://rings.example/privacy-b", embedding("/privacy")),
    ("20050310120000", "http://years.example/privacy", embedding("/privacy-text")),
    ("20090310120000", "http://years.example/privacy-text", policy("Years")),
)
LAMPS, OILS, SOAPS, HATS = (
    "http://lamps.example/privacy.html", "https://oils.example/privacy", "https://soaps.example/privacy",
    "https://hats.example/privacy",
)  # fmt: skip


@pytest.fixture(scope="module")
def annotator():
    return load()


@pytest.fixture(scope="module")
def warc_and_index(tmp_path_factory):
    return write_pages(tmp_path_factory.mktemp("frames"), "frames", PAGES)


@pytest.fixture(scope="module")
def frames(warc_and_index, tmp_path_factory):
    with running_archive(*warc_and_index, tmp_path_factory.mktemp("pywb")) as front:
        yield front


@pytest.fixture
def archive(frames):
    frames.reset()
    yield open_archive(frames.base, rate=0, cdx_rate=0, connections=2)
    frames.reset()


@pytest.fixture(scope="module")
def whole(frames, tmp_path_factory, annotator) -> bytes:
    """The records of a run that nothing ended early."""
    folder = tmp_path_factory.mktemp("whole")
    archive = open_archive(frames.base, rate=0, cdx_rate=0, connections=1)
    run(job(folder, LAMPS, HATS, workers=1), archive, annotator)
    return (folder / "policies.jsonl").read_bytes()


def job(folder, *targets, **settings) -> Job:
    return Job(tuple(read_targets(targets)), folder, archive_name="frames", **settings)


def run(job, archive, annotator, progress=lambda *_: None, stop=None):
    return run_job(job, archive, annotator, stop=stop or Event(), progress=progress)


def records(folder):
    return list(read_jsonl(folder / "policies.jsonl"))


def notes(folder) -> dict[str, str]:
    with closing(sqlite3.connect(folder / "ledger.sqlite")) as db:
        return dict(db.execute("SELECT link, note FROM followed"))


@pytest.mark.parametrize(
    ("target", "page", "link", "id"),
    [
        (LAMPS, "19980601120000", "http://lamps.example/privacy2.html", "19980604120000"),
        (OILS, "20190310120000", "https://policies.example/privacy-policy/17", "20190320120000"),
    ],
    ids=["frameset of 1998", "frame of another host"],
)
def test_run_follows_a_frame_to_the_capture_nearest_in_time(tmp_path, frames, target, page, link, id):
    frames.reset()
    options = ["--archive-base", frames.base, "--rate", "0", "--cdx-rate", "0", "--quiet"]
    assert main(["run", target, "-o", str(tmp_path), *options]) == 0
    naming, followed = records(tmp_path)
    assert (naming.verdict.usable, naming.provenance.elsewhere) == (False, link)
    assert any(link in reason for reason in naming.verdict.reasons)
    assert naming.provenance.followed_from == ()
    assert (followed.id, followed.verdict.usable, followed.labelled) == (f"{id}/{link}", True, True)
    assert followed.provenance.followed_from == (f"{page}/{target}",) == (naming.id,)
    assert followed.capture.requested == naming.capture.requested == target
    assert followed.domain == naming.domain
    assert (followed.site, followed.policy) == (naming.site, naming.policy)
    assert list(verify(tmp_path)) == []
    assert len(frames.paths("/web/")) == 2


def test_run_of_pages_embedded_from_one_host_keeps_each_with_its_own_site(tmp_path, archive, annotator):
    run(job(tmp_path, OILS, SOAPS), archive, annotator)
    assert [(record.domain, record.verdict.usable) for record in records(tmp_path)] == [
        ("oils.example", False), ("soaps.example", False), ("oils.example", True), ("soaps.example", True),
    ]  # fmt: skip
    report = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert report.count("2 records: read by") == 2


def test_run_of_pages_that_are_followed_makes_records_that_match_the_schema(tmp_path, archive, annotator):
    run(job(tmp_path, OILS), archive, annotator)
    validator = jsonschema.Draft202012Validator(policy_schema())
    for line in (tmp_path / "policies.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        validator.validate(record)
        assert isinstance(record["provenance"]["followed_from"], list)
        assert isinstance(record["provenance"]["elsewhere"], str)


@pytest.mark.parametrize(
    ("target", "link", "note"),
    [
        ("https://inks.example/privacy", "https://policies.example/privacy-policy/19", "no usable capture of it"),
        ("https://nibs.example/privacy", "https://secretive.example/privacy-policy", "excluded"),
        ("http://years.example/privacy", "http://years.example/privacy-text", "within 183 days"),
    ],
    ids=["not in the archive", "excluded", "too far in time"],
)
def test_run_with_a_frame_that_cannot_be_followed_notes_why_and_asks_once(
    tmp_path, archive, annotator, frames, target, link, note
):
    summary = run(job(tmp_path, target), archive, annotator)
    assert (summary.captures, summary.refused) == ({"annotated": 1}, [])
    assert note in notes(tmp_path)[link]
    assert [record.provenance.elsewhere for record in records(tmp_path)] == [link]
    assert list(verify(tmp_path)) == []
    frames.reset()
    run(job(tmp_path, target), archive, annotator)
    assert frames.paths() == []


def test_run_follows_frames_in_frames_over_two_pages(tmp_path, archive, annotator):
    run(job(tmp_path, HATS), archive, annotator)
    first, second, third = records(tmp_path)
    assert third.verdict.usable
    assert third.provenance.followed_from == (first.id, second.id)
    assert third.domain == third.site == "hats.example"
    assert third.policy == first.policy
    assert list(verify(tmp_path)) == []


@pytest.mark.parametrize(
    ("target", "pages", "note"),
    [
        ("https://nests.example/privacy/0", 3, "2 pages led to this one already"),
        ("https://rings.example/privacy", 2, "it leads back"),
    ],
)
def test_run_ends_long_chains_and_circles(tmp_path, archive, annotator, frames, target, pages, note):
    run(job(tmp_path, target), archive, annotator)
    assert len(records(tmp_path)) == len(frames.paths("/web/")) == pages
    assert note in notes(tmp_path).values()
    assert list(verify(tmp_path)) == []


def test_run_with_a_window_follows_only_to_captures_in_it(tmp_path, archive, annotator):
    run(job(tmp_path, OILS, window=Window("20190101000000", "20190315000000")), archive, annotator)
    assert [record.id for record in records(tmp_path)] == [f"20190310120000/{OILS}"]


def test_run_to_a_page_that_is_a_target_itself_fetches_it_once_for_both_sites(tmp_path, archive, annotator, frames):
    run(job(tmp_path, OILS, "https://policies.example/privacy-policy/17"), archive, annotator)
    assert [(record.site, record.provenance.followed_from) for record in records(tmp_path)] == [
        ("oils.example", ()), ("policies.example", ()), ("oils.example", (f"20190310120000/{OILS}",)),
    ]  # fmt: skip
    assert len(frames.paths("/web/")) == 2
    assert list(verify(tmp_path)) == []


def test_run_to_a_page_of_the_same_site_that_is_a_target_itself_leaves_it_as_asked_for(tmp_path, archive, annotator):
    run(job(tmp_path, HATS, "https://hats.example/privacy-inner"), archive, annotator)
    assert [record.provenance.followed_from == () for record in records(tmp_path)] == [True, True, False]
    assert notes(tmp_path)["https://hats.example/privacy-inner"] == "its capture was planned before"


def test_run_on_a_file_follows_as_on_a_server(tmp_path, archive, annotator, warc_and_index):
    run(job(tmp_path / "served", LAMPS, HATS), archive, annotator)
    file_archive = open_archive(str(warc_and_index[0]), rate=0, cdx_rate=0, connections=1)
    run(job(tmp_path / "read", LAMPS, HATS), file_archive, annotator)
    without_address = [replace(r, capture=replace(r.capture, archive_url="")) for r in records(tmp_path / "served")]
    assert without_address == records(tmp_path / "read")


def test_run_again_after_links_were_followed_asks_for_nothing(tmp_path, archive, annotator, frames):
    run(job(tmp_path, LAMPS, HATS), archive, annotator)
    before = (tmp_path / "policies.jsonl").read_bytes()
    frames.reset()
    run(job(tmp_path, LAMPS, HATS), archive, annotator)
    assert frames.paths() == []
    assert (tmp_path / "policies.jsonl").read_bytes() == before


class CrashError(Exception):
    """Stands for a run that ends at once."""


@pytest.mark.parametrize("ending", ["interrupted", "crashed"])
@pytest.mark.parametrize("stage", ["plan", "fetch", "annotate"])
def test_run_ended_at_any_moment_goes_on_and_fetches_no_page_twice(
    tmp_path, archive, annotator, frames, whole, stage, ending
):
    for moment in count(1):
        frames.reset()
        stop, calls, folder = Event(), count(1), tmp_path / str(moment)

        def end_then(now, *_, stop=stop, calls=calls, moment=moment):
            if now == stage and next(calls) == moment:
                if ending == "crashed":
                    raise CrashError
                stop.set()

        with suppress(InterruptedRunError, CrashError):
            run(job(folder, LAMPS, HATS, workers=1), archive, annotator, end_then, stop)
        run(job(folder, LAMPS, HATS, workers=1), archive, annotator)
        assert (folder / "policies.jsonl").read_bytes() == whole
        assert len(frames.paths("/web/")) == len(set(frames.paths("/web/"))) == 5
        assert list(verify(folder)) == []
        if next(calls) <= moment:
            break
    assert moment > 5


def test_run_that_follows_links_does_not_try_what_failed_before_again(tmp_path, archive, annotator, frames):
    archive._pages = replace(archive._pages, tries=1)
    archive.slower = lambda: archive
    frames.fault_for = lambda path: Fault("status") if path.endswith(OILS) else None
    summary = run(job(tmp_path, OILS, HATS), archive, annotator)
    assert summary.captures == {"annotated": 3, "failed": 1}
    assert len([path for path in frames.paths("/web/") if path.endswith(OILS)]) == 2


def test_run_that_is_refused_while_it_looks_up_a_frame_keeps_its_records_and_follows_it_later(
    tmp_path, archive, annotator, frames
):
    frames.faults.append(Fault("status", path="cdx.*privacy-policy", status=429, retry_after="7200"))
    with pytest.raises(ArchiveStopError):
        run(job(tmp_path, OILS), archive, annotator)
    assert len(records(tmp_path)) == 1
    assert any("was not looked up: run the same command again" in fault for fault in verify(tmp_path))
    again = open_archive(frames.base, rate=0, cdx_rate=0, connections=1)
    again._politeness.lift_ban()
    run(job(tmp_path, OILS, lift_ban=True), again, annotator)
    assert len(records(tmp_path)) == 2
    assert list(verify(tmp_path)) == []


def test_run_whose_look_up_of_a_frame_fails_says_so_and_follows_it_later(tmp_path, archive, annotator, frames):
    archive._index = replace(archive._index, tries=1)
    frames.fault_for = lambda path: Fault("status") if "cdx" in path and "privacy-policy" in path else None
    summary = run(job(tmp_path, OILS), archive, annotator)
    assert [name for name, _ in summary.failed_lookups] == ["https://policies.example/privacy-policy/17"]
    assert any("1 look-ups failed" in line for line in status(tmp_path))
    assert any("was not looked up: run the same command again" in fault for fault in verify(tmp_path))
    frames.reset()
    assert run(job(tmp_path, OILS), archive, annotator).failed_lookups == []
    assert list(verify(tmp_path)) == []


def test_run_with_a_frame_that_fails_to_play_takes_its_neighbour(tmp_path, archive, annotator, frames):
    frames.fault_for = lambda path: Fault("redirect", location="/elsewhere") if "19980604120000id_" in path else None
    summary = run(job(tmp_path, LAMPS), archive, annotator)
    assert summary.outcomes == {"same-period": 1, "whole": 1}
    assert "Lamps in March" in records(tmp_path)[1].text


def test_status_of_a_run_that_followed_links_counts_them(tmp_path, archive, annotator):
    run(job(tmp_path, OILS, "https://inks.example/privacy"), archive, annotator)
    assert "followed: 1 captures of addresses that 2 pages name for their policy" in list(status(tmp_path))


def test_status_and_verify_of_a_run_begun_before_links_were_followed_work(tmp_path, archive, annotator):
    run(job(tmp_path, "https://policies.example/privacy-policy/17"), archive, annotator)
    with closing(sqlite3.connect(tmp_path / "ledger.sqlite")) as db:
        db.execute("DROP TABLE followed")
    assert list(verify(tmp_path)) == []
    assert "captures: 1 planned, 1 done, 0 failed" in list(status(tmp_path))
    with closing(Ledger(tmp_path / "ledger.sqlite")) as ledger:
        assert ledger.followed.pages() == set()
