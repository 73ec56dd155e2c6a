"""Alignment: by examples, by properties, and measured on planted edits."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.history import align
from extractor.records import Segment
from history.known_edits import (
    Score,
    add_scores,
    aligned_changes,
    plant_edits,
    planted_changes,
    policy_texts,
    recapture,
    segments_of,
)

ORDER = "When you place an order we ask for your name, your postal address and the number of your card."
LOG = "Our server notes the time of each visit and the address of the computer. We count these notes once a month."
COOKIE = "One cookie remembers what is in your basket. Another remembers that you have logged in at the counter."
SELL = "We do not sell or rent personal information to anybody, whatever they may offer for it."
DELETE = "Write to us if you want your account deleted, and we will do so within thirty days without asking why."


def segments(*passages) -> list[Segment]:
    """Segments of texts, each under "Privacy", or of (heading, text)."""
    pairs = [("Privacy", one) if isinstance(one, str) else one for one in passages]
    return [Segment(place, 0, len(text), text, headings=(head,)) for place, (head, text) in enumerate(pairs)]


def changes(before, after) -> list[tuple]:
    groups = align(segments(*before), segments(*after))
    return [(group.kind, group.before, group.after) for group in groups if group.kind != "same"]


FIRST, SECOND = LOG.split(". ", 1)
EXAMPLES = [
    ("nothing", [ORDER, LOG], [ORDER, LOG], []),
    ("added", [ORDER, LOG], [ORDER, COOKIE, LOG], [("added", (), (1,))]),
    ("removed", [ORDER, COOKIE, LOG], [ORDER, LOG], [("removed", (1,), ())]),
    ("edited", [ORDER, DELETE], [ORDER, DELETE.replace("thirty", "ten")], [("edited", (1,), (1,))]),
    ("cut short", [ORDER, LOG], [ORDER, f"{FIRST}."], [("edited", (1,), (1,))]),
    ("moved to the end", [ORDER, LOG, COOKIE, SELL], [LOG, COOKIE, SELL, ORDER], [("moved", (0,), (3,))]),
    (
        "moved to another section",
        [("Data", ORDER), ("Data", LOG), ("Cookies", COOKIE)],
        [("Data", ORDER), ("Cookies", LOG), ("Cookies", COOKIE)],
        [("moved", (1,), (1,))],
    ),
    ("split", [ORDER, LOG], [ORDER, f"{FIRST}.", SECOND], [("split", (1,), (1, 2))]),
    ("merged", [ORDER, f"{FIRST}.", SECOND], [ORDER, LOG], [("merged", (1, 2), (1,))]),
    ("another in its place", [ORDER, SELL], [ORDER, DELETE], [("removed", (1,), ()), ("added", (), (1,))]),
    ("one of two alike", [SELL, ORDER, SELL], [SELL, ORDER], [("removed", (2,), ())]),
    ("all of it", [ORDER, LOG], [SELL], [("added", (), (0,)), ("removed", (0,), ()), ("removed", (1,), ())]),
    ("from nothing", [], [SELL], [("added", (), (0,))]),
]


@pytest.mark.parametrize("before, after, expected", [example[1:] for example in EXAMPLES], ids=[e[0] for e in EXAMPLES])
def test_align_returns_the_kind_of_each_change(before, after, expected):
    assert sorted(changes(before, after)) == sorted(expected)


COSMETIC = [
    ("white space", f"  {LOG.replace(' ', '  ')}\n"),
    ("line ends", LOG.replace(" ", "\n")),
    ("quotes and dashes", LOG.replace("address", "“address”").replace(". ", ". — ")),
    ("case", LOG.upper()),
    ("no stop at the end", LOG.rstrip(".")),
    ("soft hyphens", LOG.replace("computer", "com\u00adputer")),
    ("the way to the top", f"{LOG}\n\nBack to top"),
    ("a question to the reader", f"{LOG}\n\nWas this page helpful? Yes No"),
    ("a date before it", f"Last updated: May 3, 2015\n\n{LOG}"),
]


@pytest.mark.parametrize("after", [example[1] for example in COSMETIC], ids=[example[0] for example in COSMETIC])
def test_align_with_cosmetic_changes_finds_no_change(after):
    assert changes([ORDER, LOG], [ORDER, after]) == []


@pytest.mark.parametrize(
    "leak",
    [
        "Last updated: 3 May 2015",
        "This policy is effective as of January 1, 2020",
        "Home\nProducts\nAbout us\nContact",
        "Home » Legal » Privacy",
        "Skip to main content",
        "On this page:\n\nWhat we collect\nCookies\nYour rights",
        "© 2011 Lamps, Inc. All rights reserved.",
    ],
)
def test_align_with_leaked_navigation_marks_it_cosmetic(leak):
    groups = align(segments(ORDER, LOG), segments(leak, ORDER, LOG, leak))
    assert [(group.kind, group.cosmetic) for group in groups if group.kind != "same"] == [("added", True)] * 2


@pytest.mark.parametrize(
    "passage",
    [
        "your name\nyour postal address\nthe number of your card",  # a list of data: no capitals, no links
        "We keep the Visitor Log. It has the Date of each visit.",
        "You may write to us until 3 May 2015 and ask for your data.",
    ],
)
def test_align_with_new_content_marks_it_added_and_not_cosmetic(passage):
    groups = align(segments(ORDER), segments(ORDER, passage))
    assert [(group.kind, group.cosmetic) for group in groups] == [("same", False), ("added", False)]


def test_align_with_renamed_heading_finds_no_move():
    assert changes([("Data", ORDER), ("Cookies", COOKIE)], [("Data", ORDER), ("Cookies and pixels", COOKIE)]) == []


words = st.sampled_from(
    "we keep your name and address for a year in our office log cookie . , Last updated: 2015".split()
)
texts = st.lists(words, min_size=0, max_size=30).map(" ".join)
policies = st.lists(st.one_of(texts, st.text(max_size=40)), max_size=12)


@given(policies)
def test_align_of_a_policy_with_itself_finds_no_change(passages):
    assert {group.kind for group in align(segments(*passages), segments(*passages))} <= {"same"}
    assert not any(group.moved for group in align(segments(*passages), segments(*passages)))


@given(policies, policies)
def test_align_puts_every_segment_into_exactly_one_group(before, after):
    groups = align(segments(*before), segments(*after))
    assert sorted(i for group in groups for i in group.before) == list(range(len(before)))
    assert sorted(j for group in groups for j in group.after) == list(range(len(after)))


@given(policies, policies)
def test_align_groups_have_the_number_of_segments_of_their_kind(before, after):
    for group in align(segments(*before), segments(*after)):
        assert (len(group.before), len(group.after)) in {
            "same": [(1, 1)], "edited": [(1, 1)], "moved": [(1, 1)], "added": [(0, 1)], "removed": [(1, 0)],
        }.get(group.kind, [(len(group.before), len(group.after))])  # fmt: skip
        assert 0 <= group.similarity <= 1


def test_align_finds_planted_edits_with_their_kind():
    scores: dict[str, Score] = {}
    for seed in range(1000, 1100):
        rng = random.Random(seed)
        texts = policy_texts(rng, rng.randint(15, 60))
        after, _ = plant_edits(rng, texts, rng.randint(1, len(texts) // 7))
        add_scores(scores, planted_changes(texts, after), aligned_changes(segments_of(texts), segments_of(after)))
    assert set(scores) == {"added", "removed", "edited", "moved", "split", "merged"}
    for kind, one in scores.items():
        assert one.planted > 15, kind
        assert min(one.precision, one.recall) >= 0.95, (kind, one)


def test_align_with_recapture_policy_finds_no_change():
    for seed in range(60):
        rng = random.Random(seed)
        texts = policy_texts(rng, 40)
        assert not aligned_changes(segments_of(texts), segments_of(recapture(rng, texts)))
