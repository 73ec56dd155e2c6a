"""The ledger keeps each planned capture once, and what became of it."""

import sqlite3
from contextlib import closing

import pytest

from extractor.errors import ConfigurationError, UnreadableError
from extractor.records import Capture, Snapshot
from extractor.warcfile import Place
from extractor.wayback import Choice, Ledger, Served, Step, Written
from extractor.wayback.ledger import SCHEMA

ROWS = [Capture(f"example,a)/{n}", f"200{n}0101000000", f"http://a.example/{n}", target="a.example") for n in range(3)]
CHOICES = [Choice(row, "because") for row in ROWS]
SAME = "B" * 32


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def page_of(row: Capture, outcome: str = "whole") -> Served:
    return Served(Snapshot(b"page", row, served_url=row.original, served_timestamp=row.timestamp), outcome)


def written(offset: int = 100, size: int = 50, *lines) -> Written:
    return Written(Place("captures.warc.gz", offset, size), lines, offset + size)


def row(number: int, status: str = "200", digest: str = SAME) -> Capture:
    url = f"http://a.example/{number}"
    return Capture(f"example,a)/{number}", f"200{number}0101000000", url, "text/html", status, digest, "9", "a.example")


def test_a_capture_is_planned_once(ledger):
    assert ledger.plan("a.example", CHOICES[:2]) == 2
    assert ledger.plan("http://a.example/1", CHOICES) == 1
    assert [entry.capture for entry in ledger.entries()] == ROWS
    assert ledger.is_planned("a.example")
    assert not ledger.is_planned("b.example")


def test_states(ledger):
    ledger.plan("a.example", CHOICES)
    first, second, third = ledger.to_fetch()
    ledger.fetched(first, written(), page_of(ROWS[0]))
    ledger.failed(second, "too-slow", "a timeout", may_pass=True)
    ledger.failed(third, "not-held", "not held", may_pass=False)
    assert ledger.counts() == {"failed": 2, "fetched": 1}
    assert ledger.outcomes() == {"not-held": 1, "too-slow": 1, "whole": 1}
    assert list(ledger.to_fetch()) == []
    assert ledger.retry() == 1
    assert [(entry.id, entry.tries) for entry in ledger.to_fetch()] == [(second.id, 1)]
    assert ledger.committed() == 150
    ledger.annotated()
    kept = next(ledger.with_bytes())
    assert (kept.state, kept.outcome, kept.place.offset) == ("annotated", "whole", 100)
    assert kept.sha256 == page_of(ROWS[0]).snapshot.sha256


def test_a_refused_target_is_asked_for_again(ledger):
    ledger.refuse("a.example", "no captures")
    assert ledger.refused() == [("a.example", "no captures")]
    assert not ledger.is_planned("a.example")
    ledger.plan("a.example", CHOICES)
    assert ledger.refused() == []


def test_other_settings_are_refused(ledger):
    ledger.keep_settings({"every": "year", "from": ""})
    ledger.keep_settings({"every": "year", "from": ""})
    with pytest.raises(ConfigurationError, match="begun with every 'year', not 'month'"):
        ledger.keep_settings({"every": "month", "from": ""})


def test_what_was_passed_over_and_what_was_malformed_is_kept(ledger):
    ledger.plan("a.example", [Choice(ROWS[0], "taken"), Choice(ROWS[1], "status 404", taken=False)], ['["x"]'])
    assert ledger.side_counts() == {"skipped": 1, "malformed": 1, "home pages read": 0}
    assert [entry.capture for entry in ledger.entries()] == ROWS[:1]


def test_of_several_captures_with_a_digest_only_the_first_is_fetched(ledger):
    rows = [row(0), row(1, "-"), row(2), row(3, digest="C" * 32)]
    ledger.plan("a.example", [Choice(one, "") for one in rows])
    first, other = ledger.to_fetch()
    assert (first.capture, other.capture) == (rows[0], rows[3])
    ledger.fetched(first, written(), page_of(rows[0]))
    assert [(entry.capture, giver.id) for entry, giver in ledger.to_share()] == [(rows[1], 1), (rows[2], 1)]
    ledger.shared([(entry, giver, f"at/{entry.id}") for entry, giver in ledger.to_share()], written(150, 10))
    shared = list(ledger.entries("fetched"))[1:]
    assert [(e.outcome, e.place.offset, e.archive_url, e.served_url) for e in shared] == [
        ("same-digest", 100, "at/2", rows[0].original), ("same-digest", 100, "at/3", rows[0].original),
    ]  # fmt: skip


def test_where_the_first_failed_the_next_with_its_digest_is_fetched_and_gives_its_bytes(ledger):
    rows = [row(0), row(1)]
    ledger.plan("a.example", [Choice(one, "") for one in rows])
    ledger.failed(next(ledger.to_fetch()), "not-held", "gone", may_pass=False)
    second = next(ledger.to_fetch())
    assert second.capture == rows[1]
    ledger.fetched(second, written(), page_of(rows[1]))
    assert [entry.capture for entry, _ in ledger.to_share()] == [rows[0]]


@pytest.mark.parametrize("outcome", ["redirected", "nearby", "same-period"])
def test_bytes_that_are_not_the_digests_are_not_shared(ledger, outcome):
    rows = [row(0), row(1)]
    ledger.plan("a.example", [Choice(one, "") for one in rows])
    ledger.fetched(next(ledger.to_fetch()), written(), page_of(rows[0], outcome))
    assert list(ledger.to_share()) == []
    assert next(ledger.to_fetch()).capture == rows[1]


def test_redirects_with_one_digest_lead_to_many_places(ledger):
    ledger.plan("a.example", [Choice(row(n, "301"), "") for n in range(3)])
    assert len(list(ledger.to_fetch())) == 3


def test_an_excluded_capture_gets_no_bytes_from_another(ledger):
    ledger.plan("a.example", [Choice(row(0), ""), Choice(row(1), "")])
    ledger.failed(next(ledger.to_fetch()), "excluded", "excluded", may_pass=False)
    ledger.fetched(next(ledger.to_fetch()), written(), page_of(row(1)))
    assert list(ledger.to_share()) == []
    assert list(ledger.to_repair()) == []


def test_neighbours_are_those_passed_over_the_nearest_first(ledger):
    rows = [row(n) for n in (1, 3, 6)]
    ledger.plan("a.example", [Choice(row(4), "taken"), *(Choice(one, "far", taken=False) for one in rows)])
    assert [other.timestamp[:4] for other in ledger.neighbours(next(ledger.entries()))] == ["2003", "2006", "2001"]


def test_what_lies_behind_the_end_of_the_warc_is_planned_again(ledger):
    line = '{"offset": "%d"}\n'
    ledger.plan("a.example", CHOICES)
    for number, entry in enumerate(list(ledger.to_fetch())):
        place = 100 * number
        index = (ROWS[number].original, ROWS[number].timestamp, line % place)
        ledger.fetched(entry, written(place, 100, index), page_of(ROWS[number]))
    assert ledger.keep_only(250) == 200
    assert ledger.counts() == {"fetched": 2, "planned": 1}
    assert (ledger.committed(), len(list(ledger.cdxj()))) == (200, 2)


def test_the_trail_is_kept(ledger):
    trail = ledger.trail("a.example")
    step = Step("2001/http://a.example/", "http://a.example/privacy", "Privacy", 9.5)
    assert trail.get(step.page) is None
    trail[step.page] = step
    assert ledger.trail("a.example").get(step.page) == step
    assert ledger.trail("b.example").get(step.page) is None


def test_the_breaker(ledger):
    assert ledger.breaker() is None
    ledger.open_breaker(2e9, "It refused.")
    assert ledger.breaker() == (2e9, "It refused.")
    ledger.close_breaker()
    assert ledger.breaker() is None


def test_a_ledger_that_could_not_be_made_whole_is_made_by_the_next_run(tmp_path, monkeypatch):
    path = tmp_path / "ledger.sqlite"
    with monkeypatch.context() as crash:
        crash.setattr("extractor.wayback.ledger.SCHEMA", f"{SCHEMA.partition('CREATE INDEX')[0]} crash;")
        with pytest.raises(sqlite3.Error):
            Ledger(path)
    with pytest.raises(UnreadableError, match="holds nothing yet"):
        Ledger(path, read_only=True)
    with closing(Ledger(path)) as ledger:
        assert ledger.plan("a.example", CHOICES) == 3


def test_a_ledger_of_another_format_is_refused(tmp_path):
    with sqlite3.connect(tmp_path / "ledger.sqlite") as db:
        db.execute("CREATE TABLE captures (id INTEGER)")
    for read_only in (True, False):
        with pytest.raises(ConfigurationError, match="format 0"):
            Ledger(tmp_path / "ledger.sqlite", read_only=read_only)
