"""The invented sites' stories (corpus/README.md): each change written into them is an event, and nothing else is."""

import importlib.util
import re
from itertools import pairwise
from pathlib import Path

import pytest

from extractor.exports import read_jsonl
from extractor.history import histories, significant_words

CORPUS = Path(__file__).parents[2] / "corpus"
PASSAGES = ("added", "removed", "edited", "moved", "split", "merged")

# The events besides those of passages: site, year of the later capture, kind, and description
STORIES = {
    ("brightcart", 2003, "practice_appeared", "rights"),
    ("brightcart", 2003, "practice_appeared", "children"),
    ("brightcart", 2003, "third_party_appeared", "Eastwind Media"),
    ("brightcart", 2003, "retention_changed", "→ 30 days"),  # deletion of an account
    ("brightcart", 2006, "retention_changed", "→ 1 year"),  # logs
    ("brightcart", 2006, "effective_date_changed", "2003-09-02 → 2006-03-01"),
    ("brightcart", 2010, "policy_moved", "/privacy.html → /legal/privacy-policy"),
    ("brightcart", 2010, "third_party_disappeared", "Eastwind Media"),
    ("brightcart", 2010, "effective_date_changed", "2006-03-01 → 2010-01-15"),
    ("brightcart", 2013, "effective_date_changed", "2010-01-15 → 2013-07-01"),
    ("brightcart", 2018, "rewritten", ""),  # for the GDPR
    ("brightcart", 2018, "effective_date_changed", "2013-07-01 → 2018-05-24"),
    ("brightcart", 2018, "third_party_appeared", "Lichthaus Vertretung GmbH"),
    ("brightcart", 2018, "retention_changed", "→ 10 years"),  # the table: payments, orders
    ("brightcart", 2018, "retention_changed", "→ 90 days"),  # the table: usage
    ("brightcart", 2018, "retention_changed", "30 days →"),
    ("brightcart", 2018, "retention_changed", "1 year →"),
    ("brightcart", 2018, "retention_changed", "→ 10 years, 3 years, 90 days, 30 days"),
    ("brightcart", 2020, "effective_date_changed", "2018-05-24 → 2020-01-01"),
    ("brightcart", 2020, "third_party_appeared", "Lumen Metrics"),
    ("brightcart", 2020, "third_party_appeared", "AdLane"),
    ("brightcart", 2020, "retention_changed", "→ 30 days"),  # the table of cookies
    ("brightcart", 2020, "retention_changed", "→ 13 months"),
    ("brightcart", 2020, "retention_changed", "→ 6 months"),
    ("brightcart", 2025, "effective_date_changed", "2020-01-01 → 2025-02-03"),
    ("pinegrove-news", 2004, "retention_changed", "→ 30 days"),  # readers of the archive
    ("pinegrove-news", 2012, "policy_moved", "/privacy.shtml → /about/privacy"),
    ("pinegrove-news", 2012, "rewritten", ""),  # eight years later
    ("pinegrove-news", 2012, "third_party_appeared", "Lumen Metrics"),
    ("pinegrove-news", 2012, "third_party_disappeared", "Eastwind Media"),
    ("pinegrove-news", 2012, "retention_changed", "30 days →"),
    ("pinegrove-news", 2012, "retention_changed", "→ 1 year"),  # removed comments
    ("pinegrove-news", 2012, "retention_changed", "→ 2 years"),  # the audience cookie
    ("pinegrove-news", 2012, "retention_changed", "→ 60 days"),  # a closed account
    ("pinegrove-news", 2012, "retention_changed", "→ 7 years, 12 months, 60 days"),
    ("pinegrove-news", 2019, "retention_changed", "2 years → 13 months"),
    ("tadpole-club", 2022, "polarity_changed", "children: does_not → does"),
    ("tadpole-club", 2014, "policy_moved", "/privacy.htm → /privacy"),
    ("tadpole-club", 2014, "retention_changed", "→ 1 year, 30 days"),
    ("tadpole-club", 2014, "retention_changed", "→ 3 days"),  # an account whose consent is taken back
    ("healthbridge", 2022, "policy_moved", "/downloads/privacy-notice.pdf → /privacy-notice"),
}

# Passages on what people can choose, see or delete, by some of their words
RIGHTS = {
    ("brightcart", 2003, "You can set your browser to refuse cookies"),
    ("brightcart", 2010, "but you will then have to order by telephone"),
    ("brightcart", 2010, "You can set your browser to refuse cookies; the shop then works"),
    ("brightcart", 2010, "choose the plain text edition"),
    ("brightcart", 2013, "You can switch this off at any time in the settings of your phone"),
    ("brightcart", 2018, "You can set your browser to refuse cookies; the shop then works"),
    ("brightcart", 2018, "choose the plain text edition"),
    ("brightcart", 2018, "you may accept some and refuse others"),
    ("brightcart", 2020, "Residents of California may ask us twice a year"),
    ("brightcart", 2025, "We honor the Global Privacy Control signal"),
    ("brightcart", 2025, "Residents of California also have the right"),
    ("pinegrove-news", 2012, "Advertising pays for much of our work"),
    ("pinegrove-news", 2012, "Most browsers let you refuse or delete cookies"),
    ("pinegrove-news", 2019, "if you say no, only the login cookie"),
    ("tadpole-club", 2014, "we obtain verifiable consent from a parent"),
    ("tadpole-club", 2022, "Parents have the same rights as before"),
    ("brightcart", 2003, "unsubscribe from our newsletter through"),
    ("brightcart", 2010, "stop advertisements that follow you"),
    ("brightcart", 2018, "unsubscribe from our newsletter through the link at the end"),
    ("brightcart", 2018, "stop advertisements that follow you"),
    ("brightcart", 2018, "We set all other cookies only with your consent"),
    ("brightcart", 2018, "You have the right to access"),
    ("brightcart", 2018, "unsubscribe from our newsletter through the link at its foot"),
    ("brightcart", 2018, "Calls are recorded only if you agree"),
    ("brightcart", 2018, "Until you change your mind"),
    ("brightcart", 2020, "you can opt out of it through the link"),
    ("brightcart", 2025, "Share"),
    ("pinegrove-news", 2012, "You may refuse it in your browser"),
    ("pinegrove-news", 2012, "To see, correct or remove your registration"),
    ("pinegrove-news", 2012, "You may view, correct and delete"),
    ("pinegrove-news", 2019, "you also have the right to receive a copy"),
    ("tadpole-club", 2014, "Parents can unsubscribe"),
    ("tadpole-club", 2014, "You may see, correct and delete everything"),
    ("healthbridge", 2022, "You can change your mind"),
    ("healthbridge", 2022, "You may download the contents of your portal account"),
}
# Passages that the model wrongly labels as rights
FALSE_RIGHTS = {("brightcart", 2025, "you can ask for a person at any time")}
# Rights that the model misses, so that they have no event
MISSED_RIGHTS = {
    ("brightcart", 2018, "you can complain to the data protection authority"),
    ("pinegrove-news", 2012, "If you regret a contribution, ask us"),
}


@pytest.fixture(scope="module")
def events(sample_run):
    return [event for history in histories(read_jsonl(sample_run / "policies.jsonl")) for event in history.events]


@pytest.fixture(scope="module")
def policies(sample_run):
    return {policy.id: policy for policy in read_jsonl(sample_run / "policies.jsonl")}


@pytest.fixture(scope="module")
def build():
    spec = importlib.util.spec_from_file_location("corpus_build", CORPUS / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def site(event) -> str:
    return event.domain.removesuffix(".example")


def year(event) -> int:
    return int(event.after.timestamp[:4])


def description_of(event) -> str:
    before, after = event.evidence.values_before, event.evidence.values_after
    if event.kind.startswith("practice"):
        return event.practice
    if event.kind == "polarity_changed":
        return f"{event.practice}: {', '.join(before)} → {', '.join(after)}"
    if event.kind.startswith("third_party"):
        return ", ".join(before or after)
    if event.kind == "policy_moved":
        before, after = ([re.sub(r"https?://[^/]+", "", url) for url in urls] for urls in (before, after))
    return f"{', '.join(before)} → {', '.join(after)}".strip() if before or after else ""


def test_events_of_the_sample_archive_are_those_of_its_stories(events):
    facts = {
        (site(e), year(e), e.kind, description_of(e)) for e in events if e.kind not in (*PASSAGES, "rights_changed")
    }
    assert facts == STORIES


def test_rights_changed_events_of_the_sample_archive(events):
    changed = [e for e in events if e.kind == "rights_changed"]
    quoted = [(site(e), year(e), " ".join(q.text for q in (*e.evidence.before, *e.evidence.after))) for e in changed]
    expected = RIGHTS | FALSE_RIGHTS
    unexpected = [q for q in quoted if not any(q[:2] == e[:2] and e[2] in q[2] for e in expected)]
    missing = [e for e in expected if not any(q[:2] == e[:2] and e[2] in q[2] for q in quoted)]
    assert (unexpected, missing, len(quoted)) == ([], [], len(expected))
    assert not [e for e in MISSED_RIGHTS if any(q[:2] == e[:2] and e[2] in q[2] for q in quoted)]


def block_words(markdown: str) -> set[str]:
    """The words of each paragraph, list and table row of a text, without date lines and tables of contents."""
    without_links = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", markdown)
    without_headings = re.sub(r"^#.*\n?", "\n", without_links, flags=re.MULTILINE)
    found = {words for block in re.split(r"\n\s*\n", without_headings) for words in row_words(block.strip())}
    return {words for words in found if words and not words.startswith(("on this page", "what we collect from you"))}


def row_words(block: str) -> list[str]:
    rows = block.split("\n") if block.startswith("|") else [block]
    plain = (
        re.sub(r"^\s*(?:[-*]|\d+\.)\s|[*|]", " ", row, flags=re.MULTILINE)
        for row in rows
        if not set(row) <= set("|-: ")
    )
    return [" ".join(significant_words(row)) for row in plain]


def successive_captures(captures) -> dict[tuple[str, str], tuple[str, str]]:
    """The timestamps of each pair of successive captures, by site and the later timestamp."""
    usable = [c for c in captures if c["kind"] in ("policy", "pdf", "revisit")]
    pairs = {}
    for name in {c["site"] for c in usable}:
        times = sorted(c["timestamp"] for c in usable if c["site"] == name)
        pairs.update({(name, after): (before, after) for before, after in pairwise(times)})
    return pairs


def test_passage_events_are_the_changes_in_the_source_texts(events, policies, build):
    for (name, after), times in successive_captures(
        build.tomllib.loads((CORPUS / "captures.toml").read_text())["capture"]
    ).items():
        old, new = (block_words(build.policy_text({"site": name, "timestamp": time})) for time in times)
        of_step = [e for e in events if (site(e), e.after.timestamp) == (name, after) and e.kind in PASSAGES]
        assert {e.kind for e in of_step} <= {"added", "removed", "edited"}
        texts_of_sides = [
            (
                words_of_side(policies, e.evidence.before_id, e.before),
                words_of_side(policies, e.evidence.after_id, e.after),
            )
            for e in of_step
        ]
        for place, changed in enumerate((old - new, new - old)):
            texts = [text for sides in texts_of_sides for text in sides[place]]
            assert not [block for block in changed if not any(block in text for text in texts)], (name, after)
            assert not [text for text in texts if not any(block in text for block in changed)], (name, after)


def words_of_side(policies, record: str, side) -> list[str]:
    return [" ".join(significant_words(policies[record].segments[index].text)) for index in side.segments]


def test_evidence_quotes_the_text_of_the_records(events, policies):
    for event in events:
        for record, quotes, side in (
            (event.evidence.before_id, event.evidence.before, event.before),
            (event.evidence.after_id, event.evidence.after, event.after),
        ):
            policy = policies[record]
            assert policy.capture.timestamp == side.timestamp
            for quote in quotes:
                segment = policy.segments[quote.segment]
                assert policy.text[quote.start : quote.end] == quote.text
                assert segment.start <= quote.start <= quote.end <= segment.end
                assert quote.segment in side.segments
