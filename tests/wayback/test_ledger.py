"""The ledger: planned captures, each once, and what became of them."""

import sqlite3
from contextlib import closing
from dataclasses import replace

import pytest

from extractor.errors import ConfigurationError, UnreadableError
from extractor.records import Capture, Snapshot
from extractor.warcfile import RecordPosition
from extractor.wayback import CaptureChoice, DiscoveryStep, FollowedLink, Ledger, ReplayedPage, WriteResult
from extractor.wayback.ledger.schema import SCHEMA

ROWS = [Capture(f"example,a)/{n}", f"200{n}0101000000", f"http://a.example/{n}", target="a.example") for n in range(3)]
CHOICES = [CaptureChoice(row, "because") for row in ROWS]
SHARED_DIGEST = "B" * 32


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def page_of(row: Capture, outcome: str = "whole") -> ReplayedPage:
    return ReplayedPage(Snapshot(b"page", row, served_url=row.original, served_timestamp=row.timestamp), outcome)


def written(offset: int = 100, size: int = 50, *lines) -> WriteResult:
    return WriteResult(RecordPosition("captures.warc.gz", offset, size), lines, offset + size)


def row(number: int, status: str = "200", digest: str = SHARED_DIGEST) -> Capture:
    url = f"http://a.example/{number}"
    return Capture(f"example,a)/{number}", f"200{number}0101000000", url, "text/html", status, digest, "9", "a.example")


def test_plan_add_of_a_known_capture_adds_it_once(ledger):
    assert ledger.plan.add("a.example", CHOICES[:2]) == 2
    assert ledger.plan.add("http://a.example/1", CHOICES) == 1
    assert [entry.capture for entry in ledger.entries()] == ROWS
    assert ledger.plan.has_target("a.example")
    assert not ledger.plan.has_target("b.example")


def test_entries_move_from_planned_to_fetched_to_annotated_or_failed(ledger):
    ledger.plan.add("a.example", CHOICES)
    first, second, third = ledger.queue.to_fetch()
    ledger.queue.mark_fetched(first, written(), page_of(ROWS[0]))
    ledger.queue.mark_failed(second, "too-slow", "a timeout", is_transient=True)
    ledger.queue.mark_failed(third, "not-held", "not held", is_transient=False)
    assert ledger.counts.by_state() == {"failed": 2, "fetched": 1}
    assert ledger.counts.by_outcome() == {"not-held": 1, "too-slow": 1, "whole": 1}
    assert list(ledger.queue.to_fetch()) == []
    assert ledger.queue.requeue_transient() == 1
    assert [(entry.id, entry.tries) for entry in ledger.queue.to_fetch()] == [(second.id, 1)]
    assert ledger.warc.committed_size() == 150
    ledger.mark_annotated()
    kept = next(ledger.with_bytes())
    assert (kept.state, kept.outcome, kept.position.offset) == ("annotated", "whole", 100)
    assert kept.sha256 == page_of(ROWS[0]).snapshot.sha256


def test_plan_add_after_a_problem_removes_the_problem(ledger):
    ledger.plan.add_problem("a.example", "no captures")
    assert ledger.plan.problems() == [("a.example", "no captures")]
    assert not ledger.plan.has_target("a.example")
    ledger.plan.add("a.example", CHOICES)
    assert ledger.plan.problems() == []


def test_lookups_are_open_until_the_index_answers(ledger):
    ledger.plan.add("a.example", CHOICES)
    ledger.lookups.open_targets(["a.example", "b.example", "c.example"])
    assert ledger.lookups.targets() == [("b.example", ""), ("c.example", "")]
    ledger.lookups.mark_failed("b.example", "a timeout")
    ledger.lookups.mark_failed("http://c.example/privacy", "a timeout", is_followed=True)
    assert ledger.lookups.targets() == [("b.example", "a timeout"), ("c.example", "")]
    assert ledger.lookups.failed() == [("b.example", "a timeout"), ("http://c.example/privacy", "a timeout")]
    assert ledger.counts.targets() == {"looked_up": 1, "without_captures": 0, "failed": 2, "not_looked_up": 1}
    ledger.plan.add("b.example", [])
    ledger.plan.add_problem("c.example", "no captures")
    ledger.followed.add([FollowedLink("page", "http://c.example/privacy", note="no captures")])
    assert (ledger.lookups.targets(), ledger.lookups.failed()) == ([], [])
    assert ledger.counts.targets() == {"looked_up": 3, "without_captures": 1, "failed": 0, "not_looked_up": 0}


def test_mark_failed_of_a_target_once_without_captures_makes_it_open(ledger):
    ledger.plan.add_problem("a.example", "no captures")
    ledger.lookups.mark_failed("a.example", "a timeout")
    assert (ledger.plan.problems(), ledger.lookups.targets()) == ([], [("a.example", "a timeout")])


def test_keep_settings_with_other_settings_raises_configuration_error(ledger):
    ledger.keep_settings({"every": "year", "from": ""})
    ledger.keep_settings({"every": "year", "from": ""})
    with pytest.raises(ConfigurationError, match="begun with every 'year', not 'month'"):
        ledger.keep_settings({"every": "month", "from": ""})


def test_plan_add_counts_skipped_and_malformed_rows(ledger):
    ledger.plan.add(
        "a.example", [CaptureChoice(ROWS[0], "taken"), CaptureChoice(ROWS[1], "status 404", taken=False)], ['["x"]']
    )
    assert ledger.counts.index_rows() == {
        "skipped": 1, "redirects skipped": 0, "malformed": 1, "home pages read": 0,
    }  # fmt: skip
    assert [entry.capture for entry in ledger.entries()] == ROWS[:1]


def test_to_fetch_of_captures_with_one_digest_is_the_first_and_the_others_share_its_bytes(ledger):
    rows = [row(0), row(1, "-"), row(2), row(3, digest="C" * 32)]
    ledger.plan.add("a.example", [CaptureChoice(one, "") for one in rows])
    first, other = ledger.queue.to_fetch()
    assert (first.capture, other.capture) == (rows[0], rows[3])
    ledger.queue.mark_fetched(first, written(), page_of(rows[0]))
    assert [(entry.capture, giver.id) for entry, giver in ledger.queue.to_share()] == [(rows[1], 1), (rows[2], 1)]
    ledger.queue.mark_shared(
        [(entry, giver, f"at/{entry.id}") for entry, giver in ledger.queue.to_share()], written(150, 10)
    )
    shared = list(ledger.entries("fetched"))[1:]
    assert [(e.outcome, e.position.offset, e.archive_url, e.served_url) for e in shared] == [
        ("same-digest", 100, "at/2", rows[0].original), ("same-digest", 100, "at/3", rows[0].original),
    ]  # fmt: skip


def test_to_fetch_after_the_first_of_a_digest_failed_is_the_next(ledger):
    rows = [row(0), row(1)]
    ledger.plan.add("a.example", [CaptureChoice(one, "") for one in rows])
    ledger.queue.mark_failed(next(ledger.queue.to_fetch()), "not-held", "gone", is_transient=False)
    second = next(ledger.queue.to_fetch())
    assert second.capture == rows[1]
    ledger.queue.mark_fetched(second, written(), page_of(rows[1]))
    assert [entry.capture for entry, _ in ledger.queue.to_share()] == [rows[0]]


@pytest.mark.parametrize("outcome", ["redirected", "nearby", "same-period"])
def test_to_share_of_bytes_that_differ_from_the_digest_is_empty(ledger, outcome):
    rows = [row(0), row(1)]
    ledger.plan.add("a.example", [CaptureChoice(one, "") for one in rows])
    ledger.queue.mark_fetched(next(ledger.queue.to_fetch()), written(), page_of(rows[0], outcome))
    assert list(ledger.queue.to_share()) == []
    assert next(ledger.queue.to_fetch()).capture == rows[1]


def test_to_fetch_of_redirects_with_one_digest_is_all_of_them(ledger):
    ledger.plan.add("a.example", [CaptureChoice(row(n, "301"), "") for n in range(3)])
    assert len(list(ledger.queue.to_fetch())) == 3


def test_to_share_and_to_substitute_of_an_excluded_capture_are_empty(ledger):
    ledger.plan.add("a.example", [CaptureChoice(row(0), ""), CaptureChoice(row(1), "")])
    ledger.queue.mark_failed(next(ledger.queue.to_fetch()), "excluded", "excluded", is_transient=False)
    ledger.queue.mark_fetched(next(ledger.queue.to_fetch()), written(), page_of(row(1)))
    assert list(ledger.queue.to_share()) == []
    assert list(ledger.queue.to_substitute()) == []


def test_skipped_captures_are_in_order_of_distance(ledger):
    rows = [row(n) for n in (1, 3, 6)]
    ledger.plan.add(
        "a.example", [CaptureChoice(row(4), "taken"), *(CaptureChoice(one, "far", taken=False) for one in rows)]
    )
    assert [other.timestamp[:4] for other in ledger.queue.skipped_captures(next(ledger.entries()))] == [
        "2003",
        "2006",
        "2001",
    ]


def test_truncate_plans_captures_beyond_the_end_of_the_warc_again(ledger):
    line = '{"offset": "%d"}\n'
    ledger.plan.add("a.example", CHOICES)
    for number, entry in enumerate(list(ledger.queue.to_fetch())):
        offset = 100 * number
        index = (ROWS[number].original, ROWS[number].timestamp, line % offset)
        ledger.queue.mark_fetched(entry, written(offset, 100, index), page_of(ROWS[number]))
    assert ledger.warc.truncate(250) == 200
    assert ledger.counts.by_state() == {"fetched": 2, "planned": 1}
    assert (ledger.warc.committed_size(), len(list(ledger.warc.cdxj_lines()))) == (200, 2)


def test_plan_steps_are_stored_for_each_target(ledger):
    steps = ledger.plan.steps("a.example")
    step = DiscoveryStep("2001/http://a.example/", "http://a.example/privacy", "Privacy", 9.5)
    assert steps.get(step.page) is None
    steps[step.page] = step
    assert ledger.plan.steps("a.example").get(step.page) == step
    assert ledger.plan.steps("b.example").get(step.page) is None


def test_breaker_is_open_until_it_is_closed(ledger):
    assert ledger.breaker.state() is None
    ledger.breaker.open(2e9, "It refused.")
    assert ledger.breaker.state() == (2e9, "It refused.")
    ledger.breaker.close()
    assert ledger.breaker.state() is None


def test_ledger_after_a_crash_while_creating_tables_is_created_by_the_next_run(tmp_path, monkeypatch):
    path = tmp_path / "ledger.sqlite"
    with monkeypatch.context() as crash:
        crash.setattr("extractor.wayback.ledger.schema.SCHEMA", f"{SCHEMA.partition('CREATE INDEX')[0]} crash;")
        with pytest.raises(sqlite3.Error):
            Ledger(path)
    with pytest.raises(UnreadableError, match="holds nothing yet"):
        Ledger(path, read_only=True)
    with closing(Ledger(path)) as ledger:
        assert ledger.plan.add("a.example", CHOICES) == 3


def test_ledger_of_another_format_raises_configuration_error(tmp_path):
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        db.execute("CREATE TABLE captures (id INTEGER)")
    for read_only in (True, False):
        with pytest.raises(ConfigurationError, match="format 0"):
            Ledger(tmp_path / "ledger.sqlite", read_only=read_only)


def name_of(capture: Capture) -> str:
    return f"{capture.timestamp}/{capture.original}"


def test_followed_add_plans_each_capture_once_and_keeps_the_pages_that_led_to_it(ledger):
    ledger.plan.add("a.example", [CaptureChoice(row(0), "asked for")])
    first = FollowedLink(name_of(row(0)), row(1).original, CaptureChoice(row(1), "named"))
    assert ledger.followed.add([first]) == 1
    second = FollowedLink(name_of(row(1)), row(2).original, CaptureChoice(row(2), "named"))
    again = FollowedLink("20090101000000/http://a.example/9", row(2).original, CaptureChoice(row(2), "named"))
    assert ledger.followed.add([second, again], [], ["no row"]) == 1
    assert ledger.followed.paths() == {2: (name_of(row(0)),), 3: (name_of(row(0)), name_of(row(1)))}
    assert ledger.followed.pages() == {first.page, second.page, again.page}
    assert ledger.counts.followed() == (3, 2)
    assert ledger.counts.index_rows()["malformed"] == 1
    assert [entry.capture for entry in ledger.entries()] == [row(0), row(1), row(2)]


def test_followed_add_of_a_capture_that_was_asked_for_leaves_it_so(ledger):
    ledger.plan.add("a.example", [CaptureChoice(row(1), "asked for")])
    assert ledger.followed.add([FollowedLink("page", row(1).original, CaptureChoice(row(1), "named"))]) == 0
    assert ledger.followed.paths() == {}
    assert ledger.counts.followed() == (1, 0)


def test_skipped_captures_of_a_page_that_a_link_led_to_are_of_its_address(ledger):
    other = replace(row(2), target=row(1).original)
    ledger.plan.add("a.example", [CaptureChoice(row(0), "asked for"), CaptureChoice(row(3), "skipped", taken=False)])
    link = FollowedLink("page", row(1).original, CaptureChoice(row(1), "named"))
    ledger.followed.add([link], [CaptureChoice(other, "skipped", taken=False)])
    asked_for, followed = ledger.entries()
    assert ledger.queue.skipped_captures(asked_for) == [row(3)]
    assert ledger.queue.skipped_captures(followed) == [other]


def test_requeue_transient_after_a_number_leaves_those_before_it(ledger):
    ledger.plan.add("a.example", CHOICES)
    for entry in ledger.queue.to_fetch():
        ledger.queue.mark_failed(entry, "too-slow", "a timeout", is_transient=True)
    assert [entry.id for entry in ledger.queue.to_substitute(2)] == [3]
    assert ledger.queue.requeue_transient(1) == 2
    assert [entry.id for entry in ledger.queue.to_fetch()] == [2, 3]


def test_ledger_begun_before_links_were_followed_is_read_and_written(tmp_path, ledger):
    ledger.plan.add("a.example", CHOICES)
    path = tmp_path / "ledger.sqlite"
    with closing(sqlite3.connect(path)) as db:
        db.executescript("DROP TABLE followed; DROP TABLE open_lookups")
    for read_only in (True, False, True):
        with closing(Ledger(path, read_only=read_only)) as older:
            assert (older.followed.pages(), older.counts.followed()) == (set(), (0, 0))
            assert (older.lookups.targets(), older.counts.targets()["failed"]) == ([], 0)


def test_plan_of_a_target_that_cannot_be_planned_keeps_its_malformed_rows_once(ledger):
    for _ in range(2):
        ledger.plan.add_malformed("a.example", ["one", "two", "one"])
    assert ledger.counts.index_rows()["malformed"] == 2
    ledger.plan.add("a.example", [], ["three"])
    assert ledger.counts.index_rows()["malformed"] == 1
