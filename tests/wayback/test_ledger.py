"""The ledger keeps each planned capture once, and what became of it."""

import pytest

from extractor.errors import ConfigurationError
from extractor.records import Capture, Snapshot
from extractor.warcfile import Place
from extractor.wayback import Choice, Ledger

ROWS = [Capture(f"example,a)/{n}", f"200{n}0101000000", f"http://a.example/{n}", target="a.example") for n in range(3)]
CHOICES = [Choice(row, "because") for row in ROWS]


@pytest.fixture
def ledger(tmp_path):
    ledger = Ledger(tmp_path / "ledger.sqlite")
    yield ledger
    ledger.close()


def test_a_capture_is_planned_once(ledger):
    assert ledger.plan("a.example", CHOICES[:2]) == 2
    assert ledger.plan("http://a.example/1", CHOICES) == 1
    assert [entry.capture for entry in ledger.entries()] == ROWS
    assert ledger.is_planned("a.example")
    assert not ledger.is_planned("b.example")


def test_states(ledger):
    ledger.plan("a.example", CHOICES)
    first, second, third = ledger.to_fetch()
    page = Snapshot(b"page", ROWS[0], served_url="http://a.example/0", served_timestamp="20000101000000")
    ledger.fetched(first, Place("captures.warc.gz", 100, 50), page)
    ledger.failed(second, "a timeout", may_pass=True)
    ledger.failed(third, "not held", may_pass=False)
    assert ledger.counts() == {"failed": 2, "fetched": 1}
    assert [entry.id for entry in ledger.to_fetch()] == [second.id]
    assert ledger.committed() == 150
    ledger.annotated()
    kept = next(ledger.with_bytes())
    assert (kept.state, kept.sha256, kept.place.offset) == ("annotated", page.sha256, 100)


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
