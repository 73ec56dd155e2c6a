"""Headings and cuts: the same words in another template give the same segments; titles, sentences, junk."""

import re

import pytest

from extractor.clean import clean
from extractor.clean.headings import is_statement, is_title, section_number, tidy_headings, without_junk_end
from extractor.records import Block, Snapshot
from extractor.segment import segments

POLICY = {
    "What we ask for": [
        "To borrow a boat from Heron Boats we need your name, your telephone number and a copy of your licence.",
        "The kiosk at the pier also records the time at which each boat leaves and comes back.",
    ],
    "How we use it": [
        "We use these details to find you if a boat does not return, and to send you the bill afterwards."
    ],
    "Cookies": [
        "Our pages store one small file in your browser. It remembers the language that you chose and expires in a week."
    ],
    "Who else sees it": [
        "The harbour master may ask for the list of boats that are out, and the insurer sees claims. Nobody else does.",
        "We have never sold the names of our customers, and we do not rent them to advertisers.",
    ],
    "Your rights": ["Write to the office if you want to read, correct or erase what we keep about you."],
    "Young sailors": ["Anyone under 16 needs a parent to sign, and we keep no other details about children."],
    "How long we keep it": ["Bills stay in our books for ten years, as the law requires, and are shredded afterwards."],
    "Changes": ["When we change this notice we put the new version here and pin a copy to the door of the boathouse."],
}
CHAPTERS = list(POLICY.items())
EXPECTED = [(title, text) for title, texts in CHAPTERS for text in texts]


def each(template):
    """The policy with each chapter in a template, which gets its number, title and texts."""
    return "".join(template(number, title, texts) for number, (title, texts) in enumerate(CHAPTERS, 1))


def wrapped(before, texts, after):
    return "".join(f"{before}{text}{after}" for text in texts)


def paragraphs(texts):
    return wrapped("<p>", texts, "</p>")


def with_heading(form):
    return each(lambda number, title, texts: form.format(n=number, title=title) + paragraphs(texts))


TEMPLATES = {
    "h2": with_heading("<h2>{title}</h2>"),
    "h4": with_heading("<h4>{title}</h4>"),
    "h2 with a link and a mark": with_heading("<h2><a name=a{n}></a>{title}<a href='#a{n}'>&para;</a></h2>"),
    "bold": with_heading("<p><b>{title}</b></p>"),
    "bold with a colon": with_heading("<p><strong>{title}:</strong></p>"),
    "bold div": each(
        lambda n, title, texts: f"<div><b>{title}</b></div>" + wrapped("<div>", texts, "</div>"),
    ),
    "larger": with_heading("<p><font size=+1>{title}</font></p>"),
    "underlined": with_heading("<p><u>{title}</u></p>"),
    "emphasized": with_heading("<p><i>{title}</i></p>"),
    "plain with a colon": with_heading("<p>{title}:</p>"),
    "plain": with_heading("<p>{title}</p>"),
    "bold before a break": each(
        lambda n, title, texts: f"<p><b>{title}</b><br>{texts[0]}</p>" + paragraphs(texts[1:])
    ),
    "bold with a colon before a break": each(
        lambda n, title, texts: f"<p><b>{title}:</b><br />\n{texts[0]}</p>" + paragraphs(texts[1:])
    ),
    "run-in with a colon": each(
        lambda n, title, texts: f"<p><strong>{title}:</strong> {texts[0]}</p>" + paragraphs(texts[1:])
    ),
    "run-in with a stop": each(
        lambda n, title, texts: f"<p><strong>{title}.</strong> {texts[0]}</p>" + paragraphs(texts[1:])
    ),
    "run-in with a dash": each(
        lambda n, title, texts: f"<p><b>{title}</b> &ndash; {texts[0]}</p>" + paragraphs(texts[1:])
    ),
    "run-in underlined": each(lambda n, title, texts: f"<p><u>{title}</u>: {texts[0]}</p>" + paragraphs(texts[1:])),
    "double breaks": each(lambda n, title, texts: f"<b>{title}</b><br><br>" + wrapped("", texts, "<br><br>")),
    "single breaks": each(lambda n, title, texts: f"<b>{title}</b><br>" + wrapped("", texts, "<br>")),
    "one paragraph with single breaks": "<p>" + each(lambda n, title, texts: "<br>".join(["", title, *texts]))[4:],
    "table cells": "<table>"
    + each(lambda n, title, texts: wrapped("<tr><td>", [f"<b>{title}</b>", *texts], "</td></tr>"))
    + "</table>",
    "list of sections": "<ol>"
    + each(lambda n, title, texts: f"<li><strong>{title}</strong>{paragraphs(texts)}</li>")
    + "</ol>",
    "all bold": each(lambda n, title, texts: wrapped("<p><b>", [title, *texts], "</b></p>")),
    "everything in headings": each(lambda n, title, texts: f"<h3>{title}</h3>" + wrapped("<h5>", texts, "</h5>")),
}


def page(body):
    return f"<html><head><title>Privacy at Heron Boats</title></head><body><h1>Privacy</h1>{body}</body></html>"


def document_of(body):
    return clean(Snapshot(page(body).encode(), content_type="text/html"))


def headed_texts(document):
    return [(segment.headings[-1] if segment.headings else "", segment.text) for segment in segments(document)]


@pytest.mark.parametrize("name", TEMPLATES)
def test_segments_of_policy_in_any_template_are_the_same(name):
    assert headed_texts(document_of(TEMPLATES[name])) == EXPECTED


def numbered(title):
    return re.sub(r"^\W*(?:Section )?[\dA-Z.]*[.)\s-]+", "", title)


NUMBERINGS = {
    "number": "<p>{n}. {title}</p>",
    "bold number": "<p><b>{n}) {title}</b></p>",
    "section": "<p>Section {n} - {title}</p>",
    "two levels": "<p>3.{n} {title}</p>",
}


@pytest.mark.parametrize("form", NUMBERINGS.values(), ids=NUMBERINGS)
def test_segments_of_numbered_policy_have_numbered_headings(form):
    found = headed_texts(document_of(with_heading(form)))
    expected = [(re.sub("</?.>", "", form).format(n=n, title=title), text)
                for n, (title, texts) in enumerate(CHAPTERS, 1) for text in texts]  # fmt: skip
    assert found == expected
