"""Nothing is lost, fetched twice or fetched unasked: digests, substitutes, bans, full disks, the WARC."""

import errno
import hashlib
import json
import threading
import time
import zipfile
from collections import Counter
from contextlib import closing
from dataclasses import replace
from threading import Event

import pytest
import requests
from replay.archive import SAMPLE, pywb, running_archive
from replay.proxy import Fault, ProxyServer
from warcio.archiveiterator import ArchiveIterator

from extractor import load, read_jsonl
from extractor.cli import main
from extractor.run.collect.job import Job, run_job
from extractor.run.collect.status import status
from extractor.run.collect.verify import verify
from extractor.wayback import Ledger, WarcStore, Window, open_archive, read_targets

BRIGHTCART = "http://www.brightcart.example/legal/privacy-policy"
OLD = "http://www.brightcart.example/privacy.html"


@pytest.fixture(scope="module")
def annotator():
    return load()


@pytest.fixture(autouse=True)
def short_pause(monkeypatch):
    monkeypatch.setattr("extractor.wayback.outage._PAUSE", 0.1)


@pytest.fixture
def archive(wayback):
    wayback.reset()
    yield open_archive(wayback.base, rate=0, cdx_rate=0, connections=4)
    wayback.reset()


def job(folder, *targets, **settings) -> Job:
    return Job(tuple(read_targets(targets)), folder, **settings)


def run(job, archive, annotator):
    return run_job(job, archive, annotator, stop=Event(), progress=lambda *_: None)


def records(folder):
    return list(read_jsonl(folder / "policies.jsonl"))


def entries(folder):
    with closing(Ledger(folder / "ledger.sqlite", read_only=True)) as ledger:
        return list(ledger.entries())


def warc_records(folder):
    with (folder / "archive" / "captures.warc.gz").open("rb") as stream:
        for record in ArchiveIterator(stream):
            yield record.rec_type, record.rec_headers, record.content_stream().read()


def test_run_job_with_a_digest_fetched_before_does_not_fetch_it_again(tmp_path, archive, wayback, annotator):
    summary = run(job(tmp_path, OLD, every="all"), archive, annotator)
    assert summary.outcomes == {"whole": 3, "redirected": 1, "same-digest": 1}
    assert not wayback.paths("/web/20010301090000id_/")
    by_time = {record.capture.timestamp: record.capture for record in records(tmp_path)}
    shared = by_time["20010301090000"]
    assert (shared.outcome, shared.served_timestamp, shared.served_url) == ("same-digest", "19990508142233", OLD)
    assert shared.sha256 == by_time["19990508142233"].sha256
    assert shared.archive_url == f"{wayback.base}/web/20010301090000id_/{OLD}"


def test_run_job_with_a_capture_that_will_not_play_takes_the_nearest_of_its_period(
    tmp_path, archive, wayback, annotator
):
    wayback.fault_for = lambda path: Fault("status", status=404) if "/web/20130806113000" in path else None
    summary = run(job(tmp_path, BRIGHTCART, every="nearest:2013"), archive, annotator)
    assert (summary.captures, summary.outcomes) == ({"annotated": 1}, {"same-period": 1})
    (record,) = records(tmp_path)
    assert (record.id, record.capture.outcome) == (f"20130806113000/{BRIGHTCART}", "same-period")
    assert record.capture.served_timestamp == "20100222170512"
    (entry,) = entries(tmp_path)
    assert "does not hold it (404)" in entry.reason
    assert list(verify(tmp_path)) == []


def test_run_job_prefers_a_substitute_with_the_same_digest_to_a_nearer_one(tmp_path, archive, wayback, annotator):
    wayback.fault_for = lambda path: Fault("status", status=404) if "/web/19990508142233" in path else None
    summary = run(job(tmp_path, OLD, every="nearest:1999"), archive, annotator)
    assert summary.outcomes == {"same-digest": 1}
    (record,) = records(tmp_path)
    assert (record.capture.timestamp[:4], record.capture.served_timestamp[:4]) == ("1999", "2001")


def test_run_job_without_any_substitute_keeps_the_reason_and_does_not_ask_again(tmp_path, archive, wayback, annotator):
    wayback.fault_for = lambda path: Fault("status", status=404) if "/web/" in path and BRIGHTCART in path else None
    assert run(job(tmp_path, BRIGHTCART, every="nearest:2013"), archive, annotator).outcomes == {"not-held": 1}
    wayback.requests.clear()
    assert run(job(tmp_path, BRIGHTCART, every="nearest:2013"), archive, annotator).outcomes == {"not-held": 1}
    assert wayback.requests == []


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [
        (Fault("status", status=200, text="This URL has been excluded."), "excluded"),
        (Fault("redirect", location="http://169.254.169.254/latest/meta-data/"), "out-of-archive"),
        (Fault("skew", seconds=400 * 86400), "drift"),
    ],
)
def test_run_job_records_the_outcome_of_every_kind_of_failure(tmp_path, archive, wayback, annotator, fault, outcome):
    wayback.fault_for = lambda path: fault if "/web/" in path else None
    summary = run(job(tmp_path, BRIGHTCART, window=Window("2013", "2014"), every="all"), archive, annotator)
    assert summary.outcomes == {outcome: 1}
    assert (tmp_path / "policies.jsonl").read_bytes() == b""
    assert list(verify(tmp_path)) == []


def test_run_job_writes_request_response_revisit_and_metadata_records(tmp_path, archive, wayback, annotator):
    run(job(tmp_path, OLD, every="all"), archive, annotator)
    found = list(warc_records(tmp_path))
    assert Counter(kind for kind, _, _ in found) == {
        "warcinfo": 1, "response": 5, "request": 4, "metadata": 4, "revisit": 1,
    }  # fmt: skip
    assert {head.protocol for _, head, _ in found} == {"WARC/1.1"}
    asked = [head.get_header("WARC-Target-URI") for kind, head, _ in found if kind == "request"]
    assert f"{wayback.base}/web/19990508142233id_/{OLD}" in asked
    told = b"".join(body for kind, _, body in found if kind == "metadata").decode()
    assert "fixity: equal" in told
    assert f"redirects: 20100222170501/{OLD}" in told
    revisit = next(head for kind, head, _ in found if kind == "revisit")
    assert revisit.get_header("WARC-Refers-To-Target-URI") == OLD
    assert revisit.get_header("WARC-Refers-To-Date") == "1999-05-08T14:22:33Z"


@pytest.fixture(scope="module")
def fetched(wayback, annotator, tmp_path_factory):
    """A run over all captures of the sample archive's targets."""
    folder = tmp_path_factory.mktemp("fetched")
    wayback.reset()
    served = open_archive(wayback.base, rate=0, cdx_rate=0, connections=4)
    targets = (SAMPLE / "targets.txt").read_text().splitlines()[1:]
    run(job(folder, *targets, OLD, every="all"), served, annotator)
    return folder


def test_pywb_on_the_warc_of_a_run_replays_every_capture(fetched, tmp_path):
    store = fetched / "archive"
    with running_archive(store / "captures.warc.gz", store / "captures.cdxj", tmp_path) as front:
        for entry in entries(fetched):
            url = f"{front.base}/web/{entry.capture.timestamp}id_/{entry.capture.original}"
            answer = requests.get(url, timeout=10)
            assert hashlib.sha256(answer.content).hexdigest() == entry.sha256, entry.capture


def test_pywbs_indexer_on_the_warc_of_a_run_lists_every_record(fetched):
    lines = (fetched / "archive" / "captures.cdxj").read_text().splitlines()
    assert lines == sorted(lines)
    assert len(lines) == sum(kind in ("response", "revisit") for kind, _, _ in warc_records(fetched))


@pytest.mark.parametrize("form", ["warc", "wacz"])
def test_annotate_on_the_warc_of_a_run_makes_the_same_records(fetched, tmp_path, annotator, form):
    source = fetched / "archive" / "captures.warc.gz"
    if form == "wacz":
        source = tmp_path / "run.wacz"
        assert main(["export", str(fetched), "--format", "wacz", "-o", str(source)]) == 0
    again = tmp_path / "again"
    targets = {entry.capture.original for entry in entries(fetched)}
    run(
        job(again, *sorted(targets), every="all"),
        open_archive(str(source), rate=0, cdx_rate=0, connections=1),
        annotator,
    )
    first, second = ({r.id: (r.capture.sha256, r.text) for r in records(folder)} for folder in (fetched, again))
    assert first == second


def test_export_wacz_lists_its_contents(fetched, tmp_path):
    main(["export", str(fetched), "--format", "wacz", "-o", str(tmp_path / "run.wacz")])
    with zipfile.ZipFile(tmp_path / "run.wacz") as bag:
        package = json.loads(bag.read("datapackage.json"))
        for resource in package["resources"]:
            content = bag.read(resource["path"])
            assert (len(content), f"sha256:{hashlib.sha256(content).hexdigest()}") == (
                resource["bytes"],
                resource["hash"],
            )
        digest = json.loads(bag.read("datapackage-digest.json"))
        assert digest["hash"] == f"sha256:{hashlib.sha256(bag.read('datapackage.json')).hexdigest()}"
        head, *pages = (json.loads(line) for line in bag.read("pages/pages.jsonl").splitlines())
        assert head["format"] == "json-pages-1.0"
        assert len(pages) == len(records(fetched))
        assert bag.getinfo("archive/captures.warc.gz").compress_type == zipfile.ZIP_STORED


def test_pywb_on_the_exported_wacz_replays_every_capture(fetched, tmp_path):
    main(["export", str(fetched), "--format", "wacz", "-o", str(tmp_path / "run.wacz")])
    with zipfile.ZipFile(tmp_path / "run.wacz") as bag:
        bag.extract("archive/captures.warc.gz", tmp_path)
        (tmp_path / "index.cdxj").write_bytes(bag.read("indexes/index.cdx"))
    (tmp_path / "pywb").mkdir()
    with pywb(tmp_path / "archive/captures.warc.gz", tmp_path / "index.cdxj", tmp_path / "pywb") as port:
        answer = requests.get(f"http://127.0.0.1:{port}/sample/19990508142233id_/{OLD}", timeout=10)
        assert b"BrightCart" in answer.content


@pytest.fixture
def own_front(sample_warc, tmp_path):
    """A front that a test may shut: (the pywb port, the server)."""
    (tmp_path / "pywb").mkdir()
    with pywb(sample_warc, SAMPLE / "sample.cdxj", tmp_path / "pywb") as port:
        yield port, open_front(port)


def open_front(pywb_port: int, port: int = 0) -> ProxyServer:
    server = ProxyServer(pywb_port, port=port)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    return server


def test_run_with_a_refused_connection_stops_and_the_next_run_still_waits(tmp_path, own_front, annotator, capsys):
    pywb_port, server = own_front
    folder, base = tmp_path / "run", server.proxy.base
    archive = open_archive(base, rate=0, cdx_rate=0, connections=1)

    def refuse_after_three(stage, done, *_):
        if stage == "fetch" and done == 3:
            server.stop()

    with pytest.raises(Exception, match="refused the connection") as stopped:
        run_job(
            job(folder, "brightcart.example", archive_name=base, workers=1), archive, annotator,
            stop=Event(), progress=refuse_after_three,
        )  # fmt: skip
    assert stopped.value.exit_code == 18
    kept = len(records(folder))
    assert kept == 3
    server = open_front(pywb_port, server.server_address[1])
    words = [
        "run",
        "brightcart.example",
        "--archive-base",
        base,
        "--rate",
        "0",
        "--cdx-rate",
        "0",
        "-o",
        str(folder),
        "-q",
    ]
    assert main(words) == 18
    message = capsys.readouterr().err
    assert "Come back after 20" in message
    assert "UTC" in message
    assert server.proxy.requests == []
    assert len(records(folder)) == kept
    assert any("stopped: " in line and "Come back after" in line for line in status(folder))
    assert main([*words, "--lift-ban"]) == 0
    assert len(records(folder)) == 9
    assert len(server.proxy.paths("/web/")) == 5  # three were there, and one has the bytes of another
    assert main(["verify", str(folder), "-q"]) == 0
    server.stop()


def test_run_in_another_folder_obeys_the_ban(tmp_path, own_front, capsys):
    _, server = own_front
    server.stop()
    words = ["run", "brightcart.example", "--archive-base", server.proxy.base, "-q", "-o"]
    assert main([*words, str(tmp_path / "one")]) == main([*words, str(tmp_path / "two")]) == 18
    assert (tmp_path / "two" / "policies.jsonl").read_bytes() == b""


def test_run_on_a_full_disk_exits_with_3_and_can_be_resumed(tmp_path, wayback, monkeypatch, capsys):
    wayback.reset()
    words = ["run", "tadpole-club.example", "--archive-base", wayback.base, "--rate", "0", "--cdx-rate", "0"]
    words += ["-q", "-o", str(tmp_path / "run"), "--workers", "1"]
    write, pages = WarcStore.add_page, []

    def full(store, served, **options):
        pages.append(served)
        if len(pages) == 3:
            store._file.write(b"the first bytes of a record")
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(store, served, **options)

    monkeypatch.setattr(WarcStore, "add_page", full)
    assert main(words) == 3
    assert "make room" in capsys.readouterr().err
    monkeypatch.undo()
    wayback.reset()
    assert main(words) == 0
    assert len(wayback.paths("/web/2")) == 2
    assert main(["verify", str(tmp_path / "run"), "-q"]) == 0


def test_run_job_after_ending_before_bytes_were_shared_shares_them(tmp_path, archive, annotator, monkeypatch):
    with monkeypatch.context() as crash:
        crash.setattr(WarcStore, "add_revisits", lambda *_: (_ for _ in ()).throw(OSError(errno.ENOSPC, "full")))
        with pytest.raises(OSError, match="full"):
            run(job(tmp_path, OLD, every="all"), archive, annotator)
    summary = run(job(tmp_path, OLD, every="all"), archive, annotator)
    assert summary.outcomes == {"whole": 3, "redirected": 1, "same-digest": 1}
    assert list(verify(tmp_path)) == []


def test_run_in_a_folder_in_use_is_refused_before_a_model_is_loaded(
    tmp_path, sample_warc, annotator, monkeypatch, capsys
):
    archive = open_archive(str(sample_warc), rate=0, cdx_rate=0, connections=1)
    codes = []

    def second(*_):
        monkeypatch.setattr("extractor.cli.commands.run.load_long_lived", lambda _: pytest.fail("loaded a model"))
        codes.append(main(["run", "tadpole-club.example", "--archive-base", "none.warc.gz", "-o", str(tmp_path)]))

    run_job(job(tmp_path, "tadpole-club.example"), archive, annotator, stop=Event(), progress=second)
    assert set(codes) == {4}
    assert "Another run is at work" in capsys.readouterr().err


def test_status_of_a_run_at_work_reports_its_counts(tmp_path, archive, annotator, wayback):
    told = []
    wayback.faults.append(Fault("status", path="/web/.*privacy", status=404))

    def look(stage, done, *_):
        if stage == "fetch":
            told.append("\n".join(status(tmp_path)))

    run_job(job(tmp_path, "tadpole-club.example", workers=1), archive, annotator, stop=Event(), progress=look)
    assert "a run is at work" in told[1]
    assert "4 planned, 2 done, 1 failed" in told[1]
    assert "not-held: 1" in told[1]
    assert "captures a minute" in told[1]
    assert "targets: 1 looked up, 0 of them without captures" in told[1]
    assert "no run is at work" in "\n".join(status(tmp_path))


def test_status_during_a_pause_shows_it(tmp_path, archive, annotator, wayback):
    run(job(tmp_path, "tadpole-club.example", archive_name=wayback.base), archive, annotator)
    archive._politeness.pause(0.4, "429.")
    assert any("waiting: paused by the archive" in line for line in status(tmp_path))
    time.sleep(0.4)


def test_two_runs_at_once_share_one_pace(tmp_path, wayback):
    wayback.reset()
    targets = ("brightcart.example", "healthbridge.example")
    runs = [
        threading.Thread(target=run, args=(job(tmp_path / name, name, workers=4), slow(wayback), load()))
        for name in targets
    ]
    for one in runs:
        one.start()
    for one in runs:
        one.join()
    moments = sorted(request.time for request in wayback.requests if "/web/" in request.path)
    assert len(moments) >= 10
    assert moments[-1] - moments[0] >= (len(moments) - 4) / 10  # each at its own pace: half of that


def slow(wayback):
    return open_archive(wayback.base, rate=10, cdx_rate=0, connections=4)


def test_run_of_a_prefix_chooses_captures_for_each_page_below_it(tmp_path, archive, annotator):
    run(job(tmp_path, "http://www.brightcart.example/*", every="nearest:2010"), archive, annotator)
    assert [record.capture.url.removeprefix("http://www.brightcart.example") for record in records(tmp_path)] == [
        "/", "/legal/privacy-policy", "/privacy.html",
    ]  # fmt: skip


def test_run_job_with_a_failure_that_lasts_two_runs_takes_a_substitute(tmp_path, archive, wayback, annotator):
    archive._pages = replace(archive._pages, tries=1)
    patient = archive.slower()
    patient._pages = replace(patient._pages, tries=1)
    archive.slower = lambda: patient
    wayback.fault_for = lambda path: Fault("status") if "/web/20130806113000" in path else None
    settings = {"every": "nearest:2013"}
    assert run(job(tmp_path, BRIGHTCART, **settings), archive, annotator).outcomes == {"archive-error": 1}
    assert run(job(tmp_path, BRIGHTCART, **settings), archive, annotator).outcomes == {"same-period": 1}
