"""Headings by other names than h1 to h6, and what only looks like one."""

import pytest

from extractor.clean import clean
from extractor.records import Snapshot

TEXTS = {
    "What we keep": "We keep your name, your address and the number of your library card for as long as you are a reader.",
    "Whom we tell": "We tell nobody which books you borrow, and we do not sell the names of our readers to publishers.",
    "What you may ask": "You may ask at the desk to see what we hold about you, and to have it corrected or deleted.",
}
MENU = "<ul>" + "".join(f'<li><a href="/{name}">{name}</a></li>' for name in ("Books", "Hours", "Events")) + "</ul>"


def each(form):
    return "".join(
        form.format(n=number, title=title, text=text) for number, (title, text) in enumerate(TEXTS.items(), 1)
    )


TITLED = {
    "summary with an icon": each("<details><summary><i class=icon></i>{title}</summary><p>{text}</p></details>"),
    "heading in a summary": each("<details><summary><h4>{title}</h4></summary><p>{text}</p></details>"),
    "button of class accordion": each('<button class="accordion">{title}</button><div><p>{text}</p></div>'),
    "collapsible button": each('<button type=button class="collapsible">{title}</button><div><p>{text}</p></div>'),
    "old Bootstrap": each(
        '<div class="accordion-group"><div class="accordion-heading"><a class="accordion-toggle" data-toggle="collapse"'
        ' href="#c{n}">{title}</a></div><div id="c{n}"><p>{text}</p></div></div>'
    ),
    "div that opens": each(
        '<div class="faq-question" tabindex=0>{title}</div><div class="faq-answer"><p>{text}</p></div>'
    ),
    "label of a box": each(
        '<input type=checkbox id=c{n}><label class="accordion-label" for=c{n}>{title}</label><div><p>{text}</p></div>'
    ),
    "script link": each('<a href="javascript:void(0)" aria-expanded="true">{title}</a><p>{text}</p>'),
    "role without a level": each('<div role="heading">{title}</div><p>{text}</p>'),
    "class of a title": each('<p class="section-title">{title}</p><p>{text}</p>'),
    "class of Word": each('<p class="MsoHeading2">{title}</p><p>{text}</p>'),
    "term with long description": each(
        "<dl><dt>{title}</dt><dd>{text} It says so here, and at the desk too.</dd></dl>"
    ),
    "tabs of ids": "<ul role=tablist>"
    + each('<li><a role="tab" href="#t{n}">{title}</a></li>')
    + "</ul>"
    + each('<div id="t{n}" role="tabpanel"><p>{text}</p></div>'),
    "tabs with controls": each('<button role="tab" aria-controls="p{n}">{title}</button>')
    + each('<section id="p{n}"><p>{text}</p></section>'),
    "images in headings": each('<h2><img src="{n}.gif" alt="{title}"></h2><p>{text}</p>'),
    "images in cells": "<table>"
    + each('<tr><td><img src="{n}.gif" alt="{title}"></td></tr><tr><td>{text}</td></tr>')
    + "</table>",
    "style in points": each('<p style="font-size:16.0pt">{title}</p><p>{text}</p>'),
    "style of a cell": "<table>"
    + each('<tr><td style="Font-Weight:BOLD">{title}</td></tr><tr><td>{text}</td></tr>')
    + "</table>",
    "rule for two classes": "<style>.x, p.hd { FONT: bold 14px Arial }</style>"
    + each('<p class="hd big">{title}</p><p>{text}</p>'),
    "weight undone for all": '<b style="font-weight:normal">'
    + each("<p><span style='font-weight:700'>{title}</span></p><p>{text}</p>")
    + "</b>",
}


def headings_of(body):
    page = f"<html><head><title>Privacy policy</title></head><body>{MENU}<h1>Privacy policy</h1>{body}</body></html>"
    return [block.text for block in clean(Snapshot(page.encode())).blocks if block.kind == "heading"][1:]


@pytest.mark.parametrize("body", TITLED.values(), ids=TITLED)
def test_clean_title_by_another_name_is_heading(body):
    assert headings_of(body) == list(TEXTS)


@pytest.mark.parametrize(
    "extra",
    [
        '<button aria-expanded="false" aria-haspopup="true">Menu of the site</button>',
        '<a href="/shop" aria-expanded="false">Our shop</a>',
        '<nav><button class="nav-toggle" aria-expanded="false">Navigation</button></nav>',
        "<dl><dt>Card</dt><dd>The card that opens the door.</dd></dl>",
        '<p><img src="x.gif" alt="Library logo"></p>',
        '<p><img src="line.gif" alt="----"></p>',
        '<p style="font-size: 12px; font-weight: 400">Write to the desk</p>',
        "<p>Ask <bdt>the desk</bdt> about it.</p>",
    ],
)
def test_clean_what_only_looks_like_a_title_is_no_heading(extra):
    (first, text), *others = TEXTS.items()
    body = f"<h2>{first}</h2><p>{text}</p>{extra}" + "".join(f"<h2>{title}</h2><p>{text}</p>" for title, text in others)
    assert headings_of(body) == list(TEXTS)
