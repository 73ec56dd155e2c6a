"""The report: one page, everything in it, nothing escaping from it."""

import re
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html

from extractor.records import Policy, PolicyCapture, Provenance, Segment, Source, Verdict
from extractor.report import write_report

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</details></body>",
    "javascript:alert(1)",
    "\u202eevil\u2028\u0000\ud800",
    "<!-- ]]> &amp; -->",
]


def segment(index: int, text: str, **changes) -> Segment:
    return Segment(
        index, 0, len(text), text, **{"headings": ("Privacy", "Cookies"), "practices": ("cookies",), **changes}
    )


def policy(**changes) -> Policy:
    fields = {
        "schema_version": "1.0",
        "id": "20050101000000/http://lamps.example/privacy",
        "domain": "lamps.example",
        "title": "Our privacy policy",
        "language": "en",
        "source": Source(),
        "capture": PolicyCapture(
            url="http://lamps.example/privacy",
            timestamp="20050101000000",
            archive_url="https://archive.example/web/20050101000000id_/http://lamps.example/privacy",
        ),
        "verdict": Verdict(usable=True, is_policy=0.9),
        "markdown": "",
        "text": "We use cookies.",
        "labelled": True,
        "segments": (segment(0, "We use cookies."), segment(1, "We write to you.", practices=())),
        "provenance": Provenance("archived-policy", "fast", "0" * 64),
    }
    return Policy(**{**fields, **changes})


UNUSABLE = policy(
    id="b",
    domain="other.example",
    labelled=False,
    segments=(),
    verdict=Verdict(False, 0.0, ("an error page (soft 404)",)),
)


@pytest.fixture
def page_of(tmp_path):
    def write(*policies: Policy, title: str = "A corpus"):
        write_report(iter(policies), tmp_path / "report.html", title=title)
        return html.fromstring((tmp_path / "report.html").read_bytes())

    return write


def test_it_says_what_is_in_the_corpus(page_of):
    words = " ".join(page_of(policy(), UNUSABLE).text_content().split())
    for expected in (
        "A corpus",
        "2 policies",
        "2 sites",
        "lamps.example",
        "other.example",
        "We use cookies.",
        "2005-01-01",
    ):
        assert expected in words


def test_each_policy_opens_to_its_segments(page_of):
    page = page_of(policy(), replace(policy(), id="c"))
    assert len(page.xpath("//details")) == 2
    assert [
        len(details.xpath(".//*[contains(text(), 'We write to you.')]")) for details in page.xpath("//details")
    ] == [1, 1]


def test_what_nobody_looked_at_is_said_so(page_of):
    words = page_of(UNUSABLE).text_content()
    assert "not looked at" in words
    assert "an error page (soft 404)" in words


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_words_stay_words(page_of, text):
    hostile = policy(
        title=text, domain=text, language=text, text=text, segments=(segment(0, text, headings=(text,), context=text),),
        capture=PolicyCapture(url=text, archive_url=text), verdict=Verdict(True, 0.5, (text,)),
    )  # fmt: skip
    page, harmless = page_of(hostile, title=text), page_of(policy())
    for tag in ("script", "img", "style", "details", "body"):
        assert len(page.xpath(f"//{tag}")) == len(harmless.xpath(f"//{tag}"))
    assert not page.xpath("//@onerror")
    assert all(re.match("https?://|#", target) for target in page.xpath("//@href"))


@given(st.text(max_size=60))
def test_any_text_gives_a_page(tmp_path_factory, text):
    path = tmp_path_factory.getbasetemp() / "any.html"
    write_report([policy(title=text, segments=(segment(0, text),))], path, title=text)
    assert len(html.fromstring(path.read_bytes()).xpath("//details")) == 1


def test_it_needs_nothing_from_outside(page_of):
    page = page_of(policy())
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']/@content")[0].startswith("default-src 'none'")
    assert not page.xpath("//@src | //link/@href")
    assert page.xpath("//a/@href[contains(., '://')]") == [policy().capture.archive_url]


def test_ids_are_unique(page_of):
    ids = page_of(policy(), UNUSABLE, policy()).xpath("//@id")
    assert len(ids) == len(set(ids))


def test_an_empty_corpus_says_what_to_do(page_of):
    words = page_of().text_content()
    assert "nothing here yet" in words
    assert "archived-policy run" in words


def test_policies_are_passed_over_once_and_one_by_one(tmp_path):
    held = []

    def stream():
        for number in range(3):
            held.append(number)
            yield policy(id=str(number))

    write_report(stream(), tmp_path / "r.html", title="t")
    assert held == [0, 1, 2]
    assert [path.name for path in tmp_path.iterdir()] == ["r.html"]
