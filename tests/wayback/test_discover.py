"""From a domain to its policy: by the links of home pages, over pages of policies, by addresses."""

from urllib.parse import urljoin

import pytest
from homes import HOMES
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from extractor.errors import ArchiveError, ArchiveStopError, ExcludedError, TransientError
from extractor.records import Capture
from extractor.wayback import Step, Window, find_captures, open_archive, parse_target
from extractor.wayback.archive import Memento
from extractor.wayback.discover import from_home_pages
from extractor.wayback.links import best_link, find_links, score, score_of_text
from extractor.wayback.target import choices_of

HELD = [home for home in HOMES if not home.tune]


def taken(home) -> str:
    found = best_link(find_links(home.page, home.url), home.domain)
    return found[0].url if found else ""


def wanted(home) -> str:
    return urljoin(home.url, home.policy) if home.policy else ""


def precision_and_recall(homes) -> tuple[float, float]:
    right = sum(taken(home) == wanted(home) != "" for home in homes)
    return right / sum(taken(home) != "" for home in homes), right / sum(home.policy != "" for home in homes)


def test_the_link_model_on_pages_it_was_not_set_by():
    precision, recall = precision_and_recall(HELD)
    wrong = [(home.domain, taken(home), wanted(home)) for home in HELD if taken(home) != wanted(home)]
    assert precision >= 0.9, wrong
    assert recall >= 0.9, wrong


def test_the_link_model_on_the_pages_it_was_set_by():
    assert [(home.domain, taken(home)) for home in HOMES if home.tune] == [
        (home.domain, wanted(home)) for home in HOMES if home.tune
    ]


@pytest.mark.parametrize(
    "page", [b"", b"\x00\xff", b"<", b"<a href>x</a>", b'<a href="http://[x">Privacy</a>', b"plain text"]
)
def test_a_page_without_links_has_none(page):
    assert find_links(page, "http://a.example/") == []


def test_every_home_page_of_the_sample_archive_leads_to_the_policy_of_its_time(sample_warc):
    archive = open_archive(str(sample_warc), rate=0, cdx_rate=0, connections=1)
    steps = {
        home.timestamp[:4]: step.link
        for domain in ("brightcart.example", "pinegrove-news.example", "tadpole-club.example", "healthbridge.example")
        for home, step in from_home_pages(archive, domain, Window(), {}, print)
    }
    assert steps == {
        "1999": "http://www.brightcart.example/privacy.html",
        "2012": "http://pinegrove-news.example/about/privacy",
        "2014": "http://www.tadpole-club.example/privacy",
        "2022": "https://healthbridge.example/privacy-notice",
    }


def test_links_are_joined_with_the_base_of_the_page():
    page = b'<base href="/en/"><a href="privacy">Privacy</a><a href="mailto:a@b">m</a><a href="#top">Top</a>'
    assert [link.url for link in find_links(page, "http://a.example/x/")] == [
        "http://a.example/en/privacy", "http://a.example/en/",
    ]  # fmt: skip


@given(st.text(max_size=25), st.sampled_from(["http://", "https://", "//", "/", ""]))
def test_a_link_of_any_kind_is_weighed_or_passed_over(text, start):
    markup = html.Element("a", href="")
    try:
        markup.set("href", start + text)
    except ValueError:  # what XML cannot hold
        return
    for link in find_links(b"<p>" + html.tostring(markup), "http://a.example/"):
        assert isinstance(score(link, "a.example"), float)


def test_a_name_counts_more_than_a_mention():
    assert score_of_text("Privacy Policy") > score_of_text("Privacy in five steps") > score_of_text("Home") == 0


class Shelf:
    """An archive of a few pages: (timestamp, URL) → bytes; the index is made of them."""

    def __init__(self, pages: dict[tuple[str, str], bytes | Exception]) -> None:
        self.pages, self.read, self.doubt = pages, [], None

    def captures(self, query, aside=print):
        from surt import surt

        for (timestamp, url), page in sorted(self.pages.items()):
            exact = surt(url) == surt(query.url)
            below = query.match == "domain" and "privac" in surt(url) and query.url in url
            if exact or below:
                yield Capture(surt(url), timestamp, url, "text/html", "200", f"{hash(page):x}"[:8])

    def memento(self, timestamp, url):
        self.read.append(url)
        same = [seen for seen, other in self.pages if other == url]
        if not same:
            raise ArchiveError(f"no {url}", outcome="not-held")
        nearest = min(same, key=lambda seen: abs(int(seen) - int(timestamp)))
        if isinstance(self.pages[nearest, url], Exception):
            raise self.pages[nearest, url]
        return Memento(url, nearest, 200, "text/html", self.pages[nearest, url])

    def url_of(self, capture):
        return ""


def page(*links: str) -> bytes:
    return "".join(
        f'<a href="{href}">{text}</a>' for text, _, href in (link.rpartition(" > ") for link in links)
    ).encode()


HOME = "http://a.example/"


def found_on(shelf: Shelf, trail=None) -> list[tuple[str, str]]:
    target = parse_target("a.example")
    found = find_captures(shelf, target, Window(), {} if trail is None else trail, print)
    return [
        (choice.capture.timestamp[:4], choice.capture.original) for choice in choices_of(found, target, "half-year")
    ]


def test_the_link_of_the_time_is_followed():
    shelf = Shelf({
        ("20010201000000", HOME): page("Contact > /c", "Our privacy pledge > /pledge.html"),
        ("20010301000000", "http://a.example/pledge.html"): b"pledge",
        ("20100201000000", HOME): page("Contact > /c", "Privacy > /legal/data"),
        ("20100301000000", "http://a.example/legal/data"): b"data",
    })  # fmt: skip
    assert found_on(shelf) == [("2001", "http://a.example/pledge.html"), ("2010", "http://a.example/legal/data")]


def test_a_linked_page_goes_before_one_whose_address_looks_like_a_policy():
    shelf = Shelf({
        ("20010201000000", HOME): page("Privacy policy > /pp.html"),
        ("20010301000000", "http://a.example/pp.html"): b"policy",
        ("20010302000000", "http://a.example/privacy.html"): b"a fan's page",
    })  # fmt: skip
    assert found_on(shelf) == [("2001", "http://a.example/pp.html")]


def test_without_a_link_the_address_is_the_second_try():
    shelf = Shelf({
        ("20010201000000", HOME): page("Contact > /c"),
        ("20010301000000", "http://a.example/privacy.html"): b"policy",
    })  # fmt: skip
    assert found_on(shelf) == [("2001", "http://a.example/privacy.html")]


def test_a_page_of_policies_is_opened_and_no_deeper_one():
    shelf = Shelf({
        ("20010201000000", HOME): page("Books > /b", "Legal > /legal"),
        ("20010202000000", "http://a.example/legal"): page("Terms > /terms", "Privacy notice > /pn"),
        ("20010203000000", "http://a.example/pn"): page("Privacy notice > /deeper"),
    })  # fmt: skip
    trail: dict[str, Step] = {}
    assert found_on(shelf, trail) == [("2001", "http://a.example/pn")]
    assert shelf.read == [HOME, "http://a.example/legal"]
    assert trail[f"20010201000000/{HOME}"].note == "by way of http://a.example/legal"


def test_a_home_page_that_does_not_play_is_a_step_with_a_note():
    shelf = Shelf({
        ("20010201000000", HOME): ArchiveError("it is gone", outcome="not-held"),
        ("20010301000000", "http://a.example/privacy"): b"policy",
    })  # fmt: skip
    trail: dict[str, Step] = {}
    assert found_on(shelf, trail) == [("2001", "http://a.example/privacy")]
    assert [step.note for step in trail.values()] == ["it is gone"]
    shelf.pages["20010201000000", HOME] = ArchiveStopError("stop", reason="stop", come_back=1.0)
    with pytest.raises(ArchiveStopError):
        found_on(shelf)


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (ArchiveError("The index answered 400", outcome="archive-page"), [("2001", "http://a.example/privacy")]),
        (ExcludedError("excluded", outcome="excluded"), [("2001", "http://a.example/privacy")]),
        (TransientError("cut", outcome="cut"), TransientError),
    ],
)
def test_an_index_that_does_not_show_the_home_page_leaves_the_second_try(error, found):
    shelf = Shelf({("20010301000000", "http://a.example/privacy"): b"policy"})
    rows = shelf.captures

    def captures(query, aside):
        if query.monthly:
            raise error
        return rows(query, aside)

    shelf.captures = captures
    if found is TransientError:
        with pytest.raises(TransientError):
            found_on(shelf)
    else:
        assert found_on(shelf) == found


def test_no_home_page_is_read_twice():
    shelf = Shelf({
        ("20010201000000", HOME): page("Privacy > /p"),
        ("20020201000000", HOME): page("Privacy > /p"),
        ("20030201000000", HOME): page("Privacy > /p2"),
        ("20010301000000", "http://a.example/p"): b"policy",
    })  # fmt: skip
    trail: dict[str, Step] = {}
    found_on(shelf, trail)
    assert len(shelf.read) == 2
    found_on(shelf, trail)
    assert len(shelf.read) == 2


def test_choices_say_how_the_address_was_found():
    shelf = Shelf({
        ("20010201000000", HOME): page("Privacy > /p"),
        ("20010301000000", "http://a.example/p"): b"policy",
    })  # fmt: skip
    target = parse_target("a.example")
    choices = choices_of(find_captures(shelf, target, Window(), {}, print), target, "half-year")
    assert choices[0].why.endswith("; linked as 'Privacy' from the home page of 20010201")
