"""The main job, end to end: against pywb, against the archive file, interrupted, resumed, damaged."""

import json
import re
import sqlite3
import zipfile
from contextlib import closing
from dataclasses import replace
from itertools import pairwise
from threading import Event
from urllib.parse import urlsplit

import jsonschema
import pytest
from replay.proxy import Fault

from extractor import load, policy_schema, read_jsonl
from extractor.errors import ConfigurationError, InterruptedRunError, TooManyFailuresError
from extractor.run.collect import Job, PlanPreview, preview_plan, run_job, verify
from extractor.run.collect import status as run_status
from extractor.warcfile import iter_records
from extractor.wayback import Ledger, Window, cdx, open_archive, read_targets

TARGETS = (
    "brightcart.example",
    "http://pinegrove-news.example/privacy.shtml",
    "http://pinegrove-news.example/about/privacy",
    "tadpole-club.example",
    "https://healthbridge.example/downloads/privacy-notice.pdf",
)


@pytest.fixture(scope="module")
def annotator():
    return load()


@pytest.fixture
def archive(wayback):
    wayback.reset()
    yield open_archive(wayback.base, rate=0, cdx_rate=0, connections=4)
    wayback.reset()


@pytest.fixture
def impatient_archive(archive):
    """The archive, asked without long waits between tries."""
    archive._pages = replace(archive._pages, tries=2, first_wait=0.01)
    patient = archive.slower()
    patient._pages = replace(patient._pages, first_wait=0.01)
    archive.slower = lambda: patient
    return archive


def job(folder, *targets, **settings) -> Job:
    return Job(tuple(read_targets(targets or TARGETS)), folder, archive_name="sample", **settings)


def run(job, archive, annotator, stop=None):
    return run_job(job, archive, annotator, stop=stop or Event(), progress=lambda *_: None)


def records(folder):
    return list(read_jsonl(folder / "policies.jsonl"))


def test_run_job_on_a_server_and_on_a_file_makes_the_same_records(tmp_path, archive, sample_warc, annotator):
    file_archive = open_archive(str(sample_warc), rate=0, cdx_rate=0, connections=1)
    for every in ("half-year", "all"):
        served, read = tmp_path / f"served-{every}", tmp_path / f"read-{every}"
        run(job(served, every=every), archive, annotator)
        run(job(read, every=every, workers=1), file_archive, annotator)
        without_address = [replace(r, capture=replace(r.capture, archive_url="")) for r in records(served)]
        assert without_address == records(read)
        assert list(verify(served)) == list(verify(read)) == []


def test_run_job_on_a_wacz_makes_the_records_of_its_warc(tmp_path, sample_warc, annotator):
    with zipfile.ZipFile(tmp_path / "sample.wacz", "w") as bag:
        bag.write(sample_warc, "archive/sample.warc.gz")
    for name in (sample_warc, tmp_path / "sample.wacz"):
        run(job(tmp_path / name.suffix), open_archive(str(name), rate=0, cdx_rate=0, connections=1), annotator)
    assert records(tmp_path / ".wacz") == records(tmp_path / ".gz") != []


def test_run_job_with_damaged_records_builds_them_again(tmp_path, sample_warc, annotator):
    archive = open_archive(str(sample_warc), rate=0, cdx_rate=0, connections=1)
    run(job(tmp_path), archive, annotator)
    path = tmp_path / "policies.jsonl"
    whole = path.read_bytes()
    for damaged in (whole[:-100], whole.replace(b"cookie", b"cookle"), b""):
        path.write_bytes(damaged)
        faults = list(verify(tmp_path))
        assert any(fault.startswith("policies.jsonl is not the file that the manifest names") for fault in faults)
        assert any("run the same command again" in fault for fault in faults)
        run(job(tmp_path), archive, annotator)
        assert path.read_bytes() == whole
        assert list(verify(tmp_path)) == []


class CountingAnnotator:
    """An annotator that lists the ids of the pages it annotates."""

    def __init__(self, annotator):
        self.annotator, self.identity, self.ids = annotator, annotator.identity, []

    def pipe(self, pages, **options):
        def counted():
            for page in pages:
                self.ids.append(page.id)
                yield page

        return self.annotator.pipe(counted(), **{**options, "batch_size": 1})


def test_run_job_interrupted_while_annotating_keeps_the_records_and_annotates_the_rest(
    tmp_path, sample_warc, annotator
):
    archive = open_archive(str(sample_warc), rate=0, cdx_rate=0, connections=1)
    run(job(tmp_path / "whole"), archive, annotator)
    stop, folder = Event(), tmp_path / "stopped"

    def stop_at_five(stage, done, *_):
        if stage == "annotate" and done == 5:
            stop.set()

    first, second = CountingAnnotator(annotator), CountingAnnotator(annotator)
    with pytest.raises(InterruptedRunError):
        run_job(job(folder), archive, first, stop=stop, progress=stop_at_five)
    run(job(folder), archive, second)
    ids = [policy.id for policy in records(tmp_path / "whole")]
    assert first.ids == ids[:5]
    assert second.ids == ids[5:]
    assert records(folder) == records(tmp_path / "whole")
    assert sorted(path.name for path in folder.iterdir()) == [
        ".lock", "archive", "ledger.sqlite", "manifest.json", "policies.jsonl", "report.html",
    ]  # fmt: skip


def test_run_job_again_annotates_no_page_twice_and_removes_the_shards_of_earlier_releases(
    tmp_path, sample_warc, annotator
):
    archive = open_archive(str(sample_warc), rate=0, cdx_rate=0, connections=1)
    run(job(tmp_path, "tadpole-club.example"), archive, annotator)
    (tmp_path / "shards").mkdir()
    (tmp_path / "shards/00000-0123456789abcdef-0123456789abcdef.jsonl").write_text("{}")
    nothing_new, more = CountingAnnotator(annotator), CountingAnnotator(annotator)
    run(job(tmp_path, "tadpole-club.example"), archive, nothing_new)
    run(job(tmp_path, "tadpole-club.example", "healthbridge.example"), archive, more)
    assert nothing_new.ids == []
    assert {urlsplit(id.partition("/")[2]).hostname for id in more.ids} == {"healthbridge.example"}
    assert not (tmp_path / "shards").exists()
    assert list(verify(tmp_path)) == []


def test_run_job_removes_the_temporary_files_of_a_killed_run(tmp_path, sample_warc, annotator):
    archive = open_archive(str(sample_warc), rate=0, cdx_rate=0, connections=1)
    (tmp_path / "archive").mkdir()
    drafts = [tmp_path / ".policies.jsonl.4711.part", tmp_path / "archive" / ".captures.cdxj.4711.part"]
    for draft in drafts:
        draft.write_text("half a li")
    run(job(tmp_path, "tadpole-club.example"), archive, annotator)
    assert not any(draft.exists() for draft in drafts)


def test_run_job_with_a_target_that_cannot_be_planned_does_the_others(tmp_path, archive, annotator, monkeypatch):
    captures = archive.captures

    def broken(query, aside=None):
        if "brightcart" in query.url:
            raise ValueError("an address beyond parsing")
        return captures(query, aside)

    monkeypatch.setattr(archive, "captures", broken)
    summary = run(job(tmp_path, "brightcart.example", "tadpole-club.example"), archive, annotator)
    assert summary.captures == {"annotated": 4}
    assert summary.failed_lookups == [
        ("brightcart.example", "brightcart.example cannot be planned: an address beyond parsing.")
    ]
    assert summary.refused == []


@pytest.mark.parametrize("status", [503, 400])
def test_run_job_with_an_index_that_fails_says_so_until_the_look_up_is_done(
    tmp_path, archive, wayback, annotator, status
):
    archive._index = replace(archive._index, tries=1, first_wait=0.01)
    wayback.fault_for = lambda path: Fault("status", status=status) if "/cdx" in path and "brightcart" in path else None
    targets = ("brightcart.example", "nobody.example", "tadpole-club.example")
    summary = run(job(tmp_path, *targets), archive, annotator)
    assert [name for name, _ in summary.refused] == ["nobody.example"]
    assert [name for name, _ in summary.failed_lookups] == ["brightcart.example"]
    assert f"answered {status}" in summary.failed_lookups[0][1]
    lines = "\n".join(run_status(tmp_path))
    assert "targets: 2 looked up, 1 of them without captures; 1 look-ups failed\n  brightcart.example: The " in lines
    assert f"answered {status}" in lines
    (fault,) = verify(tmp_path)
    assert fault.startswith("The look-up of brightcart.example failed: The ")
    assert "`archived-policy run brightcart.example -o" in fault
    counts = json.loads((tmp_path / "manifest.json").read_bytes())["targets"]
    assert counts == {"looked_up": 2, "without_captures": 1, "failed": 1, "not_looked_up": 0}
    wayback.reset()
    assert run(job(tmp_path, *targets), archive, annotator).failed_lookups == []
    assert list(verify(tmp_path)) == []
    assert "targets: 3 looked up, 1 of them without captures; 0 look-ups failed" in list(run_status(tmp_path))


def test_verify_of_a_run_that_ended_while_it_planned_names_the_targets_that_are_left(tmp_path, archive, annotator):
    stop = Event()
    stop.set()
    with pytest.raises(InterruptedRunError):
        run(job(tmp_path, "tadpole-club.example", "brightcart.example"), archive, annotator, stop)
    faults = [fault for fault in verify(tmp_path) if "was not looked up" in fault]
    assert [fault.partition(" ")[0] for fault in faults] == ["tadpole-club.example", "brightcart.example"]
    assert any("2 not looked up yet" in line for line in run_status(tmp_path))


def test_verify_of_a_folder_of_a_version_that_counted_less_finds_no_fault(tmp_path, sample_warc, annotator):
    archive = open_archive(str(sample_warc), rate=0, cdx_rate=0, connections=1)
    run(job(tmp_path, "tadpole-club.example"), archive, annotator)
    manifest = json.loads((tmp_path / "manifest.json").read_text())
    manifest["records"] = {name: count for name, count in manifest["records"].items() if not name.startswith("denied")}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    assert list(verify(tmp_path)) == []


def test_run_job_after_damaged_bytes_are_restored_makes_their_record_again(tmp_path, sample_warc, annotator, caplog):
    archive = open_archive(str(sample_warc), rate=0, cdx_rate=0, connections=1)
    run(job(tmp_path), archive, annotator)
    whole, store = (tmp_path / "policies.jsonl").read_bytes(), tmp_path / "archive" / "captures.warc.gz"
    content = store.read_bytes()
    damage_a_byte(tmp_path)
    (tmp_path / "policies.jsonl").unlink()
    run(job(tmp_path), archive, annotator)
    assert "not whole in the WARC" in caplog.text
    assert (tmp_path / "policies.jsonl").read_bytes() != whole
    store.write_bytes(content)
    run(job(tmp_path), archive, annotator)
    assert (tmp_path / "policies.jsonl").read_bytes() == whole
    assert list(verify(tmp_path)) == []


def test_preview_plan_fetches_no_policy(archive, wayback, tmp_path):
    plan = PlanPreview()
    choices = [c for c in preview_plan(job(tmp_path, "brightcart.example", "nobody.example"), archive, plan) if c.taken]
    assert len(choices) == 9
    assert (plan.taken, plan.repeated, plan.home_pages, len(plan.problems)) == (9, 1, 1, 1)
    assert [urlsplit(path).path.rpartition("id_/")[2] for path in wayback.paths("/web/")] == [
        "http://www.brightcart.example/"
    ]


def test_preview_plan_with_two_targets_for_one_capture_lists_it_once(archive, tmp_path):
    once, twice = ((*names,) for names in (["brightcart.example"], ["brightcart.example", "WWW.brightcart.example"]))
    planned = [
        [choice.capture.key for choice in preview_plan(job(tmp_path, *names), archive, PlanPreview())]
        for names in (once, twice)
    ]
    assert planned[0] == planned[1]


def test_run_job_makes_records_that_match_the_schema(tmp_path, archive, annotator):
    run(job(tmp_path, every="all"), archive, annotator)
    validator = jsonschema.Draft202012Validator(policy_schema())
    lines = (tmp_path / "policies.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines:
        validator.validate(json.loads(line))
    assert {p for r in records(tmp_path) for s in r.segments for p in s.practices} == {
        "collection", "sharing", "cookies", "rights", "children",
    }  # fmt: skip


def test_run_job_of_each_kind_of_capture_makes_the_expected_record(tmp_path, archive, annotator, wayback):
    run(job(tmp_path, "http://www.brightcart.example/privacy.html", TARGETS[1], every="all"), archive, annotator)
    by_time = {record.capture.timestamp: record for record in records(tmp_path)}
    redirect = by_time["20100222170501"]
    assert (redirect.capture.status, redirect.capture.served_url) == (
        301,
        "http://www.brightcart.example/legal/privacy-policy",
    )
    assert redirect.capture.served_timestamp == "20100222170512"
    assert redirect.verdict.usable
    revisit = by_time["20010301090000"]
    assert (revisit.capture.mime, revisit.capture.status) == ("warc/revisit", 0)
    assert revisit.text == by_time["19990508142233"].text != ""
    assert revisit.capture.archive_url == f"{wayback.base}/web/20010301090000id_/{revisit.capture.url}"
    assert by_time["20080714071421"].verdict.reasons == ("the site answered 404 instead of a page",)
    assert "soft 404" in by_time["20120505230000"].verdict.reasons[0]
    assert {record.labelled for record in by_time.values() if not record.verdict.usable} == {False}
    assert "Zoë Müller-Peña" in by_time["19991128050607"].text


def test_run_job_with_window_and_period_takes_the_captures_in_them(tmp_path, archive, annotator):
    window = Window("20040101000000", "20131231235959")
    run(job(tmp_path, "brightcart.example", window=window, every="year"), archive, annotator)
    assert [record.capture.timestamp[:4] for record in records(tmp_path)] == ["2006", "2010", "2013"]


def test_run_job_after_an_interruption_goes_on(tmp_path, archive, wayback, annotator):
    whole, halves = tmp_path / "whole", tmp_path / "halves"
    run(job(whole), archive, annotator)
    stop = Event()

    def stop_early(stage, done, *_):
        if stage == "fetch" and done == 5:
            stop.set()

    with pytest.raises(InterruptedRunError):
        run_job(job(halves, workers=2), archive, annotator, stop=stop, progress=stop_early)
    wayback.reset()
    run(job(halves, workers=3), archive, annotator)
    assert (halves / "policies.jsonl").read_bytes() == (whole / "policies.jsonl").read_bytes()
    assert len(wayback.paths("/web/")) < len(records(whole)) - 4
    assert not [path for path in wayback.paths("/web/") if path.endswith(".example/")]  # no home page is read again
    assert list(verify(halves)) == []
    wayback.reset()
    run(job(halves), archive, annotator)
    assert wayback.paths() == []


def test_run_job_after_a_crash_cuts_off_the_unfinished_warc_record(tmp_path, archive, annotator):
    run(job(tmp_path, "tadpole-club.example", workers=1), archive, annotator)
    before = (tmp_path / "policies.jsonl").read_bytes()
    store = tmp_path / "archive" / "captures.warc.gz"
    store.write_bytes(store.read_bytes() + b"half a record")
    assert any("not in the ledger" in fault or "damaged" in fault for fault in verify(tmp_path))
    run(job(tmp_path, "tadpole-club.example"), archive, annotator)
    assert (tmp_path / "policies.jsonl").read_bytes() == before
    assert list(verify(tmp_path)) == []


def test_run_job_with_a_shortened_warc_fetches_the_lost_captures_again(tmp_path, archive, annotator, wayback):
    run(job(tmp_path, "tadpole-club.example", workers=1), archive, annotator)
    before = (tmp_path / "policies.jsonl").read_bytes()
    store = tmp_path / "archive" / "captures.warc.gz"
    store.write_bytes(store.read_bytes()[:-3000])
    assert list(verify(tmp_path)) != []
    wayback.reset()
    run(job(tmp_path, "tadpole-club.example"), archive, annotator)
    assert 1 <= len(wayback.paths("/web/")) <= 2
    assert (tmp_path / "policies.jsonl").read_bytes() == before
    assert list(verify(tmp_path)) == []


def test_run_job_with_targets_without_captures_names_them_and_does_the_others(tmp_path, archive, annotator):
    summary = run(
        job(tmp_path, "nobody.example", "http://secretive.example/privacy", "tadpole-club.example"), archive, annotator
    )
    reasons = dict(summary.refused)
    assert "name the policy's URL" in reasons["nobody.example"]
    assert "excluded" in reasons["http://secretive.example/privacy"]
    assert summary.records["policies"] == 4


def test_run_job_without_any_capture_leaves_an_empty_file(tmp_path, archive, annotator):
    run(job(tmp_path, "nobody.example"), archive, annotator)
    assert (tmp_path / "policies.jsonl").read_bytes() == b""
    assert list(verify(tmp_path)) == []


def test_run_job_with_passing_failures_tries_again(tmp_path, archive, wayback, annotator):
    archive._pages = replace(archive._pages, first_wait=0.01)
    for kind in ("cut", "reset", "status"):
        wayback.faults.append(Fault(kind, path="/web/2"))
    wayback.faults.append(Fault("malformed_row", path="/cdx"))
    summary = run(job(tmp_path, "tadpole-club.example", workers=1), archive, annotator)
    assert summary.captures == {"annotated": 4}
    assert list(verify(tmp_path)) == []
    with closing(Ledger(tmp_path / "ledger.sqlite", read_only=True)) as ledger:
        assert ledger.counts.index_rows()["malformed"] == 1


def test_run_job_when_throttled_pauses_every_worker(tmp_path, archive, wayback, annotator):
    wayback.faults.append(Fault("status", path="/web/", status=429, retry_after="2"))
    run(job(tmp_path, "brightcart.example", workers=4), archive, annotator)
    moments = sorted(request.time for request in wayback.requests if "/web/" in request.path)
    gaps = [after - before for before, after in pairwise(moments)]
    assert max(gaps) > 1.5


def test_run_job_with_a_lasting_failure_records_the_reason_and_tries_on_the_next_run(
    tmp_path, impatient_archive, wayback, annotator
):
    wayback.fault_for = lambda path: Fault("status") if "/web/2014" in path and "privacy" in path else None
    summary = run(job(tmp_path, "tadpole-club.example", workers=1), impatient_archive, annotator)
    assert summary.captures == {"annotated": 3, "failed": 1}
    assert summary.outcomes == {"whole": 3, "archive-error": 1}
    assert "answered 503" in next(iter(summary.failures))
    assert list(verify(tmp_path)) == []
    wayback.reset()
    assert run(job(tmp_path, "tadpole-club.example"), impatient_archive, annotator).captures == {"annotated": 4}


def test_run_job_in_its_second_pass_fetches_what_failed_in_the_first(tmp_path, impatient_archive, wayback, annotator):
    wayback.faults += [Fault("status", path="/web/2014.*privacy")] * 2
    assert run(job(tmp_path, "tadpole-club.example", workers=1), impatient_archive, annotator).captures == {
        "annotated": 4
    }


def test_run_job_with_too_many_failures_stops_and_keeps_what_was_fetched(
    tmp_path, impatient_archive, wayback, annotator
):
    wayback.fault_for = lambda path: Fault("status") if path.endswith(("privacy", "privacy.htm")) else None
    with pytest.raises(TooManyFailuresError, match="2 of 4"):
        run(job(tmp_path, "tadpole-club.example", workers=1, max_fail=1), impatient_archive, annotator)
    assert (tmp_path / "policies.jsonl").exists()


def test_run_job_with_an_index_of_several_pages_reads_all_of_them(archive, wayback, monkeypatch):
    monkeypatch.setattr(cdx, "ROWS_PER_QUERY", 3)
    query = cdx.IndexQuery("http://www.brightcart.example/legal/privacy-policy")
    assert len(list(archive.captures(query))) == 5
    assert len(wayback.paths("/cdx")) >= 2


@pytest.mark.parametrize(
    "fault",
    [
        Fault("status", path="resumeKey", status=429, retry_after="0"),
        Fault("status", path="resumeKey", status=503, retry_after="0"),
        Fault("cut", path="resumeKey"),
        Fault("reset", path="resumeKey"),
        Fault("malformed_row", path="resumeKey"),
    ],
    ids=lambda fault: f"{fault.kind} {fault.status}",
)
def test_run_job_with_a_fault_on_a_later_index_page_loses_no_row(archive, wayback, monkeypatch, fault):
    query = cdx.IndexQuery("http://www.brightcart.example/legal/privacy-policy")
    whole = list(archive.captures(query))
    monkeypatch.setattr(cdx, "ROWS_PER_QUERY", 2)
    wayback.faults.append(fault)
    assert {capture.key for capture in archive.captures(query)} == {capture.key for capture in whole}
    assert not wayback.faults


def test_run_job_with_the_warc_gone_is_an_error_and_fetches_nothing(tmp_path, archive, annotator, wayback):
    run(job(tmp_path, "tadpole-club.example"), archive, annotator)
    (tmp_path / "archive" / "captures.warc.gz").unlink()
    wayback.reset()
    with pytest.raises(ConfigurationError, match="lost the WARC"):
        run(job(tmp_path, "tadpole-club.example"), archive, annotator)
    assert wayback.requests == []


def test_run_job_in_a_folder_of_another_run_or_with_other_settings_is_refused(tmp_path, archive, annotator):
    def run_inside(*_):
        with pytest.raises(ConfigurationError, match="Another run"):
            run(job(tmp_path, "tadpole-club.example"), archive, annotator)

    run_job(job(tmp_path, "tadpole-club.example"), archive, annotator, stop=Event(), progress=run_inside)
    with pytest.raises(ConfigurationError, match="begun with every"):
        run(job(tmp_path, "tadpole-club.example", every="all"), archive, annotator)


def damage_a_byte(folder):
    store = folder / "archive" / "captures.warc.gz"
    content = bytearray(store.read_bytes())
    content[len(content) // 2] ^= 0xFF
    store.write_bytes(content)


def drop_a_record(folder):
    path = folder / "policies.jsonl"
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[1:]))


def double_a_record(folder):
    path = folder / "policies.jsonl"
    path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[0])


def shift_an_offset(folder):
    path = folder / "policies.jsonl"
    path.write_bytes(re.sub(rb'"start":(\d+)', rb'"start":9\1', path.read_bytes(), count=1))


def forget_a_fetch(folder):
    with sqlite3.connect(folder / "ledger.sqlite") as ledger:
        ledger.execute("UPDATE captures SET state = 'planned' WHERE id = 1")


def miscount(folder):
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"annotated": 4', '"annotated": 5'))


def double_a_response(folder):
    path = folder / "archive" / "captures.warc.gz"
    position = next(record.position for record in iter_records(path))
    content = path.read_bytes()
    path.write_bytes(content + content[position.offset : position.offset + position.length])


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        (damage_a_byte, "captures.warc.gz|not those that were fetched"),
        (drop_a_record, "has no record"),
        (double_a_record, "the ledger does not know"),
        (shift_an_offset, "do not give its text"),
        (shift_an_offset, "is not the file that the manifest names"),
        (forget_a_fetch, "is planned and not annotated: `archived-policy run tadpole-club.example"),
        (miscount, "manifest.json counts captures"),
        (double_a_response, "is in captures.warc.gz 2 times"),
        (lambda folder: (folder / "report.html").unlink(), "report.html is missing"),
        (lambda folder: (folder / "policies.jsonl").write_text("{"), "damaged"),
    ],
)
def test_verify_of_a_damaged_folder_names_the_fault(tmp_path, sample_warc, annotator, damage, fault):
    file_archive = open_archive(str(sample_warc), rate=0, cdx_rate=0, connections=1)
    run(job(tmp_path, "tadpole-club.example"), file_archive, annotator)
    assert list(verify(tmp_path)) == []
    damage(tmp_path)
    found = "\n".join(verify(tmp_path))
    assert any(part in found for part in fault.split("|")), found
