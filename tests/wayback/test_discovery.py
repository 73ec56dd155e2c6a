"""Finding the policy of a domain by links of home pages, by way of pages of policies, and by addresses."""

from time import monotonic
from urllib.parse import urljoin

import pytest
from home_pages import HOME_PAGES
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from replay.scripted import Held, home_page, scripted_archive

from extractor.clean import decode, unpack
from extractor.errors import ArchiveError, ArchiveStopError, ExcludedError, TransientError
from extractor.records import Capture
from extractor.wayback import DiscoveryStep, Window, find_policy_captures, open_archive, parse_target
from extractor.wayback.archive import Memento
from extractor.wayback.discovery import PolicySearch, home_page_steps
from extractor.wayback.links import best_link, link_score, text_score
from extractor.wayback.page_links import find_links, pages_behind
from extractor.wayback.target import choose_for_target


def page_text(snapshot) -> str:
    return decode(unpack(snapshot).content, snapshot.content_type).text


HOME = "http://a.example/"
HELD_OUT = [home for home in HOME_PAGES if not home.tune]


def best_url(home) -> str:
    found = best_link(find_links(home.html.decode(), home.url), home.domain)
    return found[0].url if found else ""


def policy_url(home) -> str:
    return urljoin(home.url, home.policy) if home.policy else ""


def precision_and_recall(homes) -> tuple[float, float]:
    right = sum(best_url(home) == policy_url(home) != "" for home in homes)
    return right / sum(best_url(home) != "" for home in homes), right / sum(home.policy != "" for home in homes)


def test_best_link_on_held_out_pages_has_precision_and_recall_of_90_percent():
    precision, recall = precision_and_recall(HELD_OUT)
    wrong = [(home.domain, best_url(home), policy_url(home)) for home in HELD_OUT if best_url(home) != policy_url(home)]
    assert precision >= 0.9, wrong
    assert recall >= 0.9, wrong


def test_best_link_on_tuning_pages_is_always_right():
    assert [(home.domain, best_url(home)) for home in HOME_PAGES if home.tune] == [
        (home.domain, policy_url(home)) for home in HOME_PAGES if home.tune
    ]


@pytest.mark.parametrize(
    "page", ["", "\x00\xff", "<", "<a href>x</a>", '<a href="http://[x">Privacy</a>', "plain text"]
)
def test_find_links_without_usable_links_is_empty(page):
    assert find_links(page, "http://a.example/") == []


def test_home_page_steps_in_the_sample_archive_lead_to_the_policy_of_the_time(sample_warc):
    archive = open_archive(str(sample_warc), rate=0, cdx_rate=0, connections=1)
    steps = {
        home.timestamp[:4]: step.link
        for domain in ("brightcart.example", "pinegrove-news.example", "tadpole-club.example", "healthbridge.example")
        for home, step in home_page_steps(PolicySearch(archive, domain, Window(), {}, page_text, print))
    }
    assert steps == {
        "1999": "http://www.brightcart.example/privacy.html",
        "2012": "http://pinegrove-news.example/about/privacy",
        "2014": "http://www.tadpole-club.example/privacy",
        "2022": "https://healthbridge.example/privacy-notice",
    }


def test_find_links_joins_them_with_the_base_of_the_page():
    page = '<base href="/en/"><a href="privacy">Privacy</a><a href="mailto:a@b">m</a><a href="#top">Top</a>'
    assert [link.url for link in find_links(page, "http://a.example/x/")] == [
        "http://a.example/en/privacy",
    ]  # fmt: skip


@given(st.text(max_size=25), st.sampled_from(["http://", "https://", "//", "/", ""]))
def test_link_score_of_any_link_is_a_number(text, start):
    markup = html.Element("a", href="")
    try:
        markup.set("href", start + text)
    except ValueError:  # what XML cannot hold
        return
    for link in find_links(html.tostring(markup, encoding="unicode"), "http://a.example/"):
        assert isinstance(link_score(link, "a.example"), float)


_PIECES = ("<a href='/p' onclick=\"f('/q')\">Privacy", "<script>f = '/x'; a(", "</script>", "<noframes>", "<form action=/s>",
    "<input type=submit value=", "<option value='/o'>", "<iframe src=//[x>", "<meta http-equiv=refresh content='0;url=//'>",
    "javascript:", "\\x3c", "\\u00", '"', "'", "隐私", "&#0;", "http://", "web.archive.org/web/2001/", "<base href='x:'>",
)  # fmt: skip


@given(st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=5)), max_size=12))
def test_find_links_and_pages_behind_any_page_are_urls_of_other_pages(pieces):
    page = "".join(pieces)
    urls = [*(link.url for link in find_links(page, HOME)), *pages_behind(page, HOME)]
    assert all(url.startswith(("http://", "https://", "HTTP")) and url != HOME for url in urls)


def test_find_links_of_a_hostile_page_takes_no_long_time():
    page = "<a href=/p>" + "隐私" * 200 + "!</a><a href=/q>" + "privacy e la " * 8 + "!x</a>"
    page += "<script>" + "'" * 50_000 + '"\\' * 50_000 + "a(" * 50_000 + "</script>" + "<noframes>" * 2_000
    start = monotonic()
    best_link(find_links(page, HOME), "a.example")
    assert monotonic() - start < 5


@pytest.mark.parametrize(
    "text",
    ["Online Privacy Guidelines", "Information we collect", "Protecting your information", "Trattamento dei dati",
     "Politica de confidențialitate", "Політика конфіденційності", "Fortrolighedspolitik", "What we do with your data"],
)  # fmt: skip
def test_best_link_of_a_home_page_takes_names_of_policies_without_the_usual_words(text):
    menu = "".join(f'<a href="/{name}">{name}</a> ' for name in ("products", "news", "jobs", "contact"))
    page = f'{menu}<div><a href="/x7">{text}</a></div>'
    found = best_link(find_links(page, "http://a.example/"), "a.example")
    assert found is not None
    assert found[0].text == text


def test_text_score_of_a_policy_name_is_higher_than_of_a_mention():
    assert text_score("Privacy Policy") > text_score("Privacy in five steps") > text_score("Home") == 0


class FakeArchive:
    """An archive of a few pages, (timestamp, URL) → bytes, and an index of them."""

    def __init__(self, pages: dict[tuple[str, str], bytes | Exception]) -> None:
        self.pages, self.read, self.fixity_recheck = pages, [], None

    def captures(self, query, on_malformed=print):
        from surt import surt

        for (timestamp, url), page in sorted(self.pages.items()):
            exact = surt(url) == surt(query.url)
            below = query.match == "domain" and "privac" in surt(url) and query.url in url
            if exact or below:
                yield Capture(surt(url), timestamp, url, "text/html", "200", f"{hash(page):x}"[:8])

    def memento(self, timestamp, url, digest=""):
        self.read.append(url)
        same = [seen for seen, other in self.pages if other == url]
        if not same:
            raise ArchiveError(f"no {url}", outcome="not-held")
        nearest = min(same, key=lambda seen: abs(int(seen) - int(timestamp)))
        if isinstance(self.pages[nearest, url], Exception):
            raise self.pages[nearest, url]
        return Memento(url, nearest, 200, "text/html", self.pages[nearest, url])

    def replay_url(self, capture):
        return ""


def page(*links: str) -> bytes:
    return "".join(
        f'<a href="{href}">{text}</a>' for text, _, href in (link.rpartition(" > ") for link in links)
    ).encode()


def chosen_captures(archive: FakeArchive, steps=None) -> list[tuple[str, str]]:
    target = parse_target("a.example")
    found = find_policy_captures(archive, target, Window(), {} if steps is None else steps, print, page_text=page_text)
    return [
        (choice.capture.timestamp[:4], choice.capture.original)
        for choice in choose_for_target(found, target, "half-year")
    ]


def test_captures_follow_the_link_of_their_time():
    archive = FakeArchive({
        ("20010201000000", HOME): page("Contact > /c", "Our privacy pledge > /pledge.html"),
        ("20010301000000", "http://a.example/pledge.html"): b"pledge",
        ("20100201000000", HOME): page("Contact > /c", "Privacy > /legal/data"),
        ("20100301000000", "http://a.example/legal/data"): b"data",
    })  # fmt: skip
    assert chosen_captures(archive) == [
        ("2001", "http://a.example/pledge.html"),
        ("2010", "http://a.example/legal/data"),
    ]


def test_captures_of_a_linked_page_are_preferred_to_those_with_a_likely_address():
    archive = FakeArchive({
        ("20010201000000", HOME): page("Privacy policy > /pp.html"),
        ("20010301000000", "http://a.example/pp.html"): b"policy",
        ("20010302000000", "http://a.example/privacy.html"): b"a fan's page",
    })  # fmt: skip
    assert chosen_captures(archive) == [("2001", "http://a.example/pp.html")]


def test_captures_without_a_link_are_found_by_their_address():
    archive = FakeArchive({
        ("20010201000000", HOME): page("Contact > /c"),
        ("20010301000000", "http://a.example/privacy.html"): b"policy",
    })  # fmt: skip
    assert chosen_captures(archive) == [("2001", "http://a.example/privacy.html")]


def test_captures_by_way_of_a_page_of_policies_open_no_further_page():
    archive = FakeArchive({
        ("20010201000000", HOME): page("Books > /b", "Legal > /legal"),
        ("20010202000000", "http://a.example/legal"): page("Terms > /terms", "Privacy notice > /pn"),
        ("20010203000000", "http://a.example/pn"): page("Privacy notice > /deeper"),
    })  # fmt: skip
    steps: dict[str, DiscoveryStep] = {}
    assert chosen_captures(archive, steps) == [("2001", "http://a.example/pn")]
    assert archive.read == [HOME, "http://a.example/legal"]
    assert steps[f"20010201000000/{HOME}"].note == "by way of http://a.example/legal"


def test_a_home_page_that_cannot_be_replayed_is_a_step_with_a_note():
    archive = FakeArchive({
        ("20010201000000", HOME): ArchiveError("it is gone", outcome="not-held"),
        ("20010301000000", "http://a.example/privacy"): b"policy",
    })  # fmt: skip
    steps: dict[str, DiscoveryStep] = {}
    assert chosen_captures(archive, steps) == [("2001", "http://a.example/privacy")]
    assert [step.note for step in steps.values()] == ["it is gone"]
    archive.pages["20010201000000", HOME] = ArchiveStopError("stop", reason="stop", come_back=1.0)
    with pytest.raises(ArchiveStopError):
        chosen_captures(archive)


@pytest.mark.parametrize(
    ("error", "found"),
    [
        (ArchiveError("The index answered 400", outcome="archive-page"), [("2001", "http://a.example/privacy")]),
        (ExcludedError("excluded", outcome="excluded"), [("2001", "http://a.example/privacy")]),
        (TransientError("cut", outcome="cut"), [("2001", "http://a.example/privacy")]),
    ],
)
def test_captures_where_the_index_refuses_the_home_page_are_found_by_their_address(error, found):
    archive = FakeArchive({("20010301000000", "http://a.example/privacy"): b"policy"})
    rows = archive.captures

    def captures(query, on_malformed):
        if query.monthly:
            raise error
        return rows(query, on_malformed)

    archive.captures = captures
    assert chosen_captures(archive) == found


def test_captures_where_a_home_page_fails_for_now_ask_it_again_the_next_time():
    archive = FakeArchive({
        ("20010201000000", HOME): TransientError("it broke off"),
        ("20010301000000", "http://a.example/data"): b"policy",
    })  # fmt: skip
    rows = archive.captures
    archive.captures = lambda query, aside: iter(()) if query.match == "domain" else rows(query, aside)
    steps: dict[str, DiscoveryStep] = {}
    with pytest.raises(TransientError, match="it broke off"):  # and not "no captures": the policy may be behind it
        chosen_captures(archive, steps)
    assert steps == {}
    archive.pages["20010201000000", HOME] = page("Privacy > /data")
    assert chosen_captures(archive, steps) == [("2001", "http://a.example/data")]


def test_captures_without_any_page_where_the_index_refuses_the_home_page_are_not_called_none():
    archive = FakeArchive({})

    def captures(query, on_malformed):
        if query.monthly:
            raise ArchiveError("The index answered 400", outcome="archive-page")
        return iter(())

    archive.captures = captures
    with pytest.raises(ArchiveError, match="answered 400"):
        chosen_captures(archive)


def test_captures_read_no_home_page_twice():
    archive = FakeArchive({
        ("20010201000000", HOME): page("Privacy > /p"),
        ("20020201000000", HOME): page("Privacy > /p"),
        ("20030201000000", HOME): page("Privacy > /p2"),
        ("20010301000000", "http://a.example/p"): b"policy",
    })  # fmt: skip
    steps: dict[str, DiscoveryStep] = {}
    chosen_captures(archive, steps)
    assert len(archive.read) == 2
    chosen_captures(archive, steps)
    assert len(archive.read) == 2


def test_choose_for_target_says_how_the_address_was_found():
    archive = FakeArchive({
        ("20010201000000", HOME): page("Privacy > /p"),
        ("20010301000000", "http://a.example/p"): b"policy",
    })  # fmt: skip
    target = parse_target("a.example")
    choices = choose_for_target(
        find_policy_captures(archive, target, Window(), {}, print, page_text=page_text), target, "half-year"
    )
    assert choices[0].why.endswith("; linked as 'Privacy' from the home page of 20010201")


def test_home_pages_are_read_by_as_many_workers_as_pages():
    pages = [
        Held(HOME, f"{year}{month}01000000", home_page("/pp.html") + f"<!-- {year}{month} -->".encode())
        for year in range(2001, 2009)
        for month in ("03", "09")
    ]
    with scripted_archive(*pages) as archive:
        archive.seconds = 0.5
        client = open_archive(archive.base, rate=0, cdx_rate=0, connections=8)
        started = monotonic()
        steps = list(home_page_steps(PolicySearch(client, "a.example", Window(), {}, page_text, print, workers=8)))
        assert monotonic() - started < 4  # and not 8 s
    assert [home.timestamp for home, _ in steps] == [page.timestamp for page in pages]
    assert {step.link for _, step in steps} == {f"{HOME}pp.html"}
