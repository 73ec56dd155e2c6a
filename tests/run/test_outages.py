"""An archive that is out of order is not taken for one that holds nothing: pause, stop with 18, ask again later."""

import itertools
import json
import time
from contextlib import closing
from dataclasses import replace
from threading import Event

import pytest
from replay.scripted import EXCLUDED, FIELDS, Answer, Held, home_page, policy, scripted_archive

from extractor import load
from extractor.errors import ArchiveStopError
from extractor.run.collect import Job, run_job, verify
from extractor.wayback import Ledger, open_archive, read_targets

URL = "http://lamps.example/privacy"
HOME = "http://lamps.example/"
YEARS = range(2001, 2009)
WRONG = ("2003", "2004")
LOG_IN = (("Location", "https://login.archive.example/?next=/web/"),)


@pytest.fixture(scope="module")
def annotator():
    return load()


@pytest.fixture(autouse=True)
def short_waits(monkeypatch):
    monkeypatch.setattr("extractor.wayback.outage._PAUSE", 0.1)


def captures(url=URL) -> list[Held]:
    return [Held(url, f"{year}0401000000", policy(str(year))) for year in YEARS]


def run(folder, base, annotator, *targets, **settings):
    archive = open_archive(base, rate=0, cdx_rate=0, connections=1)
    archive._pages = replace(archive._pages, tries=2, first_wait=0.01)
    archive._index = replace(archive._index, tries=2, first_wait=0.01)
    archive.slower = lambda: archive
    archive._politeness.lift_ban()
    job = Job(tuple(read_targets(targets or (URL,))), folder, every="year", workers=1, lift_ban=True, **settings)
    return run_job(job, archive, annotator, stop=Event(), progress=lambda *_: None)


def outcomes(folder) -> list[str]:
    with closing(Ledger(folder / "ledger.sqlite", read_only=True)) as ledger:
        return [entry.outcome for entry in ledger.entries()]


FAULTS = [
    Answer(400, b"<title>400 Bad Request</title>"),
    Answer(403, b"<title>403 Forbidden</title><h1>403 Forbidden</h1>"),
    Answer(404, b"<title>404 Not Found</title><h1>404 Not Found</h1>"),
    Answer(408),
    Answer(425),
    Answer(200, b"<title>Just a moment...</title><script src=/challenge.js></script>"),
    Answer(403, b"<title>Attention Required!</title>"),
    Answer(302, headers=LOG_IN),
    Answer(500), Answer(502), Answer(503), Answer(504), Answer(520), Answer(523),
    Answer(0),
]  # fmt: skip
NAMES = [f"{fault.status} {fault.body[:24].decode()}" for fault in FAULTS]


@pytest.mark.parametrize("fault", FAULTS, ids=NAMES)
def test_a_fault_for_all_pages_stops_the_run_and_the_next_run_fetches_them(tmp_path, annotator, fault):
    with scripted_archive(*captures()) as archive:
        archive.answer_for = lambda path: fault if path.startswith("/web/") else None
        with pytest.raises(ArchiveStopError, match=r"out of order.*Come back after 20\d\d-") as stopped:
            run(tmp_path, archive.base, annotator)
        assert stopped.value.exit_code == 18
        assert stopped.value.come_back > time.time() + 600
        assert len(archive.replays()) < 20
        archive.answer_for = lambda _: None
        assert run(tmp_path, archive.base, annotator).outcomes == {"whole": len(YEARS)}
    assert list(verify(tmp_path)) == []


@pytest.mark.parametrize("fault", [FAULTS[1], FAULTS[2], FAULTS[10]], ids=["403", "404", "503"])
def test_an_outage_after_some_pages_costs_none_of_those_that_failed(tmp_path, annotator, fault):
    with scripted_archive(*captures()) as archive:
        archive.answer_for = lambda path: fault if path.startswith("/web/") and len(archive.replays()) > 3 else None
        with pytest.raises(ArchiveStopError, match="what worked before does not work now"):
            run(tmp_path, archive.base, annotator)
        archive.answer_for = lambda _: None
        assert run(tmp_path, archive.base, annotator).outcomes == {"whole": len(YEARS)}


def test_failures_of_changing_kinds_for_all_pages_stop_the_run_and_cost_no_capture(tmp_path, annotator):
    with scripted_archive(*captures()) as archive:
        kinds = itertools.cycle([Answer(403), Answer(404), FAULTS[5]])
        archive.answer_for = lambda path: next(kinds) if path.startswith("/web/") else None
        with pytest.raises(ArchiveStopError, match="10 pages in a row failed, and none has worked before"):
            run(tmp_path, archive.base, annotator)
        archive.answer_for = lambda _: None
        assert run(tmp_path, archive.base, annotator).outcomes == {"whole": len(YEARS)}


def test_captures_that_an_archive_at_work_does_not_hold_are_final(tmp_path, annotator):
    with scripted_archive(*captures()) as archive:
        archive.answer_for = lambda path: Answer(404) if "/web/" in path and "/web/2001" not in path else None
        summary = run(tmp_path, archive.base, annotator)
        assert summary.outcomes == {"not-held": 7, "whole": 1}
        asked = len(archive.paths)
        assert run(tmp_path, archive.base, annotator).outcomes == {"not-held": 7, "whole": 1}
        assert len(archive.paths) == asked
    assert list(verify(tmp_path)) == []


def test_captures_that_are_not_held_before_any_has_played_do_not_stop_a_run(tmp_path, annotator):
    with scripted_archive(*captures()) as archive:
        gone = tuple(f"/web/{year}" for year in range(2001, 2007))
        archive.answer_for = lambda path: Answer(404) if path.startswith(gone) else None
        assert run(tmp_path, archive.base, annotator).outcomes == {"not-held": 6, "whole": 2}


CODED = (("Memento-Datetime", "Tue, 01 Apr 2003 00:00:00 GMT"), ("Content-Encoding", "sdch"))


@pytest.mark.parametrize(
    "fault", [*(Answer(status) for status in (400, 403, 404, 408, 425, 503)), Answer(200, b"?", CODED)]
)
def test_a_fault_of_a_moment_costs_no_capture(tmp_path, annotator, fault):
    with scripted_archive(*captures()) as archive:
        faults = [fault]
        archive.answer_for = lambda path: faults.pop() if faults and "/web/2003" in path else None
        assert run(tmp_path, archive.base, annotator).outcomes == {"whole": len(YEARS)}
        assert faults == []


@pytest.mark.parametrize(
    ("answer", "outcome"),
    [
        (Answer(403, b"", (EXCLUDED,)), "excluded"),
        (Answer(200, b"<p>This URL has been excluded from the Wayback Machine.</p>"), "excluded"),
        (Answer(403, b"<h1>403 Forbidden</h1>"), "denied"),
        (Answer(451), "denied"),
    ],
)
def test_only_the_archives_own_mark_says_that_a_capture_is_excluded(tmp_path, annotator, answer, outcome):
    with scripted_archive(*captures()) as archive:
        archive.answer_for = lambda path: answer if "/web/2003" in path else None
        assert run(tmp_path, archive.base, annotator).outcomes == {"whole": 7, outcome: 1}


def test_the_index_says_that_a_site_is_excluded_in_a_header_alone(tmp_path, annotator):
    with scripted_archive(*captures()) as archive:
        archive.answer_for = lambda path: Answer(403, b"", (EXCLUDED,))
        summary = run(tmp_path, archive.base, annotator)
    assert [name for name, _ in summary.refused] == [URL]
    assert summary.failed_lookups == []


NO_ROWS = [
    Answer(200, b"<title>Just a moment...</title>"),
    Answer(200, b'[["urlkey","timestamp"'),
    Answer(200, b'{"error": "too many requests"}'),
    Answer(200, b"", (("Content-Type", "text/html"),)),
    Answer(200, json.dumps([FIELDS, ["example,lamps)/", "2005", URL, *"----"]]).encode()),
]


@pytest.mark.parametrize(
    "fault",
    [*FAULTS[:5], *FAULTS[7:11], FAULTS[-1], *NO_ROWS],
    ids=[*NAMES[:5], *NAMES[7:11], NAMES[-1], "a page", "cut", "an error", "empty", "malformed rows"],
)
def test_a_list_whose_targets_all_fail_in_the_same_way_stops(tmp_path, annotator, fault):
    targets = [f"http://lamps{number}.example/privacy" for number in range(10)]
    with scripted_archive(*[held for target in targets for held in captures(target)[:1]]) as archive:
        archive.answer_for = lambda path: fault
        with pytest.raises(ArchiveStopError, match="index queries in a row"):
            run(tmp_path, archive.base, annotator, *targets)
        assert len(archive.paths) < 12
        archive.answer_for = lambda _: None
        assert run(tmp_path, archive.base, annotator, *targets).outcomes == {"whole": 1, "same-digest": 9}


def test_targets_whose_queries_the_index_refuses_while_it_answers_others_do_not_stop_a_run(tmp_path, annotator):
    bad = [f"http://odd{number}.example/privacy" for number in range(5)]
    with scripted_archive(*captures()) as archive:
        archive.answer_for = lambda path: Answer(400) if "odd" in path else None
        summary = run(tmp_path, archive.base, annotator, URL, *bad)
    assert summary.outcomes == {"whole": len(YEARS)}
    assert [name for name, _ in summary.failed_lookups] == bad


def site() -> list[Held]:
    """A home page that links to the policy, whose address says nothing."""
    pages = [Held(HOME, f"{year}0301000000", home_page("/pp.html") + b"<!-- %d -->" % year) for year in YEARS]
    return [*pages, *captures(f"{HOME}pp.html")]


def test_a_domain_wide_query_that_times_out_goes_on_with_the_home_pages(tmp_path, annotator):
    with scripted_archive(*site()) as archive:
        archive.answer_for = lambda path: Answer(504) if "matchType=domain" in path else None
        summary = run(tmp_path, archive.base, annotator, "lamps.example")
        assert summary.outcomes == {"whole": len(YEARS)}
        ((name, reason),) = summary.failed_lookups
        assert name == "lamps.example"
        assert "Only addresses of lamps.example that its home pages link to were looked at." in reason
        assert "504" in reason
        assert any("were looked at" in fault for fault in verify(tmp_path))
        archive.answer_for = lambda _: None
        asked = len(archive.replays())
        assert run(tmp_path, archive.base, annotator, "lamps.example").failed_lookups == []
        assert len(archive.replays()) == asked
    assert list(verify(tmp_path)) == []


@pytest.mark.parametrize("status", [503, 408, 0])
def test_a_home_page_that_fails_for_a_moment_is_asked_again_on_the_next_run(tmp_path, annotator, status):
    with scripted_archive(*site()[:1], *captures(f"{HOME}pp.html")) as archive:
        faults = [Answer(status)] * 2
        archive.answer_for = lambda path: faults.pop() if faults and path.endswith(HOME) else None
        summary = run(tmp_path, archive.base, annotator, "lamps.example")
        assert [name for name, _ in summary.failed_lookups] == ["lamps.example"]
        assert run(tmp_path, archive.base, annotator, "lamps.example").outcomes == {"whole": len(YEARS)}


def test_a_home_page_that_is_not_held_twice_is_never_remembered_as_one_without_links(tmp_path, annotator):
    with scripted_archive(*site()[:1], *captures(f"{HOME}pp.html")) as archive:
        faults = [Answer(404)] * 2
        archive.answer_for = lambda path: faults.pop() if faults and path.endswith(HOME) else None
        assert [name for name, _ in run(tmp_path, archive.base, annotator, "lamps.example").refused] == [
            "lamps.example"
        ]
        assert run(tmp_path, archive.base, annotator, "lamps.example").outcomes == {"whole": len(YEARS)}


@pytest.mark.parametrize("state", ["not-held", "all"])
def test_failed_captures_are_asked_for_again_by_option(tmp_path, annotator, state):
    with scripted_archive(*captures()) as archive:
        archive.answer_for = lambda path: Answer({"2003": 404, "2004": 403}[path[5:9]]) if path[5:9] in WRONG else None
        assert run(tmp_path, archive.base, annotator).outcomes == {"whole": 6, "denied": 1, "not-held": 1}
        archive.answer_for = lambda _: None
        archive.paths.clear()
        outcomes = run(tmp_path, archive.base, annotator, retry=(state,)).outcomes
    assert outcomes == ({"whole": 8} if state == "all" else {"whole": 7, "denied": 1})
    assert len(archive.paths) == (2 if state == "all" else 1)
    assert list(verify(tmp_path)) == []


def test_a_redirect_of_the_archives_own_to_another_year_counts_once_it_was_given_twice(tmp_path, annotator):
    with scripted_archive(*captures()) as archive:
        away = Answer(302, headers=(("Location", f"{archive.base}/web/20080401000000id_/{URL}"),))
        faults = [away]
        archive.answer_for = lambda path: faults.pop() if faults and "/web/2003" in path else None
        assert run(tmp_path / "once", archive.base, annotator).outcomes == {"whole": 8}
        archive.answer_for = lambda path: away if "/web/2003" in path else None
        assert run(tmp_path / "always", archive.base, annotator).outcomes == {"whole": 7, "drift": 1}


def test_a_name_that_does_not_resolve_stops_the_run(tmp_path, annotator):
    targets = [f"http://lamps{number}.example/privacy" for number in range(5)]
    with pytest.raises(ArchiveStopError, match="is not known by that name"):
        run(tmp_path, "http://no-such-archive.invalid", annotator, *targets)
