"""Headings and cuts: the same words in another template give the same segments; titles, sentences, junk."""

import re
import time

import pytest

from extractor.clean import clean
from extractor.clean.headings import is_title, section_number, tidy_headings, without_junk_end
from extractor.clean.plain_text import plain_text_blocks
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
    "Your rights": [
        "Write to the office on the pier if you want to read, correct or erase what we keep about you, at any time."
    ],
    "Young sailors": [
        "Anyone under 16 needs a parent to sign for the boat, and we keep no other details about children than that."
    ],
    "How long we keep it": [
        "Bills stay in our books for ten years, as the law of the land requires, and are shredded soon afterwards."
    ],
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
    "bold before a break": each(lambda n, title, texts: f"<p><b>{title}</b><br>{texts[0]}</p>" + paragraphs(texts[1:])),
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
    "details": each(lambda n, title, texts: f"<details><summary>{title}</summary>{paragraphs(texts)}</details>"),
    "definition list": "<dl class='faq accordion'>"
    + each(lambda n, title, texts: f"<dt>{title}</dt><dd>{paragraphs(texts)}</dd>")
    + "</dl>",
    "role of a heading": with_heading('<span role="heading" aria-level="3">{title}</span>'),
    "buttons": each(
        lambda n, title, texts: (
            f'<div class="panel"><button aria-expanded="false" aria-controls="p{n}">{title}</button>'
            f'<div id="p{n}" hidden>{paragraphs(texts)}</div></div>'
        )
    ),
    "links that open": each(
        lambda n, title, texts: (
            f'<div class="card-header"><a data-bs-toggle="collapse" href="#p{n}">{title}</a></div>'
            f'<div id="p{n}" class="collapse">{paragraphs(texts)}</div>'
        )
    ),
    "header cells": "<table>"
    + each(lambda n, title, texts: f"<tr><th>{title}</th></tr>" + wrapped("<tr><td>", texts, "</td></tr>"))
    + "</table>",
    "bold by style": with_heading('<p><span style="FONT-WEIGHT: Bold">{title}</span></p>'),
    "bold by class": "<style>.k7 {font-weight: 700}</style>" + with_heading('<p class="k7">{title}</p>'),
    "custom elements": each(
        lambda n, title, texts: (
            f"<legal-part><h3>{title}</h3>" + wrapped("<legal-text>", texts, "</legal-text>") + "</legal-part>"
        )
    ),
    "images": with_heading('<p><img src="t{n}.gif" alt="{title}"></p>'),
    "legends": each(lambda n, title, texts: f"<fieldset><legend>{title}</legend>{paragraphs(texts)}</fieldset>"),
    "captions": each(
        lambda n, title, texts: (
            f"<table><caption>{title}</caption>" + wrapped("<tr><td>", texts, "</td></tr>") + "</table>"
        )
    ),
    "emphasized before a break": each(
        lambda n, title, texts: f"<p><em>{title}</em><br>{texts[0]}</p>" + paragraphs(texts[1:])
    ),
    "plain with a colon before a break": each(
        lambda n, title, texts: f"<p>{title}:<br>{texts[0]}</p>" + paragraphs(texts[1:])
    ),
    "run-in emphasized": each(lambda n, title, texts: f"<p><em>{title}.</em> {texts[0]}</p>" + paragraphs(texts[1:])),
    "bold with a stop that is not": with_heading("<p><b>{title}</b>.</p>"),
    "arrow": with_heading("<p>&raquo; {title}</p>"),
    "colored": with_heading('<p align=center><font color="#336699">{title}</font></p>'),
    "bold bullets": with_heading("<ul><li><b>{title}</b></li></ul>"),
    "plain bullets": with_heading("<ol start={n}><li>{title}</li></ol>"),
    "two columns": "<table>"
    + each(lambda n, title, texts: f"<tr><td valign=top>{title}</td><td>{paragraphs(texts)}</td></tr>")
    + "</table>",
    "list of sections with plain titles": "<ul>"
    + each(lambda n, title, texts: f"<li>{title}<br>" + "<br>".join(texts) + "</li>")
    + "</ul>",
    "list of sections with double breaks": "<ul>"
    + each(lambda n, title, texts: f"<li><b>{title}</b><br><br>" + "<br><br>".join(texts) + "</li>")
    + "</ul>",
    "preformatted": "<pre>" + each(lambda n, title, texts: "\n\n".join([title, *texts, ""])) + "</pre>",
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


def test_segments_of_policy_with_titles_in_capitals_have_these_as_headings():
    body = each(lambda n, title, texts: f"<p>{title.upper()}</p>" + paragraphs(texts))
    assert headed_texts(document_of(body)) == [(title.upper(), text) for title, text in EXPECTED]


def test_segments_of_policy_with_run_in_titles_in_capitals_or_after_numbers_have_these_as_headings():
    capitals = each(lambda n, title, texts: f"<p>{title.upper()}: {texts[0]}</p>" + paragraphs(texts[1:]))
    numbers = each(lambda n, title, texts: f"<p>{n}. {title}. {texts[0]}</p>" + paragraphs(texts[1:]))
    titles = list(POLICY)
    assert headed_texts(document_of(capitals)) == [(title.upper(), text) for title, text in EXPECTED]
    assert headed_texts(document_of(numbers)) == [
        (f"{titles.index(title) + 1}. {title}", text) for title, text in EXPECTED
    ]


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


def test_segments_of_nested_headings_have_the_same_path_in_any_template():
    forms = [
        ("<h2>{}</h2>", "<h3>{}</h3>{}"),
        ("<h2>{}</h2>", "<p><b>{}</b></p>{}"),
        ("<p><b>{}</b></p>", "<p><u>{}</u></p>{}"),
        ("<p><b>{}</b></p>", "<p><b>{}:</b> {}"),
    ]
    paths = [[segment.headings for segment in segments(document_of(nested(*form)))] for form in forms]
    assert paths[0][:3] == [("Privacy", "Part 1", "What we ask for")] * 2 + [("Privacy", "Part 1", "How we use it")]
    assert all(path == paths[0] for path in paths)


def nested(part, section):
    """The policy in two parts, each with four sections; the first text of a section may be run in."""
    chapters = []
    for number, (title, texts) in enumerate(CHAPTERS):
        if number % 4 == 0:
            chapters.append(part.format(f"Part {number // 4 + 1}"))
        rest = "".join(texts[:1]) + "</p>" + paragraphs(texts[1:]) if section.endswith(" {}") else paragraphs(texts)
        chapters.append(section.format(title, rest))
    return "".join(chapters)


TITLES = [
    "Information we collect", "What information do we collect?", "How we use your information", "Data we do not collect",
    "Do Not Track", "Do not sell my personal information", "Cookies.", "1. Cookies", "IV. COOKIES AND PIXELS",
    "Your choices and how you can opt out", "Information that may be collected", "If You Would Rather Not Hear From Us",
    "We collect information you give us", "Who may use this site", "You and your data", "Children under 13",
    "Your Data May Be Transferred to Other Countries", "OPT-OUT", "Section 3 - Sharing", "Example Boats Inc.",
]  # fmt: skip
NO_TITLES = [
    "WE DO NOT SHARE YOUR PERSONAL INFORMATION WITH ANYONE", "We never sell your data", "No data is sold to third parties",
    "This site is not directed to children", "Our staff will not read your letters.", "2. We do not use cookies",
    "We may give your address to the carrier that brings it to you", "Cookies can't read your hard disk",
    "Last updated: May 25, 2018", "Effective January 1, 2003", "March 2011", "Please note:", "For example:", "In short:",
    "We collect the following:", "Your rights include:", "Write to privacy@boats.example", "P.O. Box 118", "617-555-0199",
    "Home | Boats | Help", "****", "Read more", "By signing you agree to these terms.", "cookies, beacons and logs;",
]  # fmt: skip


@pytest.mark.parametrize("text", TITLES)
def test_is_title_of_name_of_section_is_true(text):
    assert is_title(text)


@pytest.mark.parametrize("text", NO_TITLES)
def test_is_title_of_statement_date_label_or_address_is_false(text):
    assert not is_title(text)


@pytest.mark.parametrize("text", ["WE DO NOT SHARE YOUR DATA WITH ANYONE", "We have never sold your name"])
@pytest.mark.parametrize("form", ["<p>{}</p>", "<p><b>{}</b></p>", "<div><font size=5>{}</font></div>"])
def test_segments_hold_statements_that_look_like_headings(form, text):
    document = document_of(form.format(text) + paragraphs(CHAPTERS[0][1]))
    assert any(text in segment.text for segment in segments(document))


SENTENCES = [
    CHAPTERS[0][1][0],
    "We do not sell your name. We do not rent it either, and we do not lend it to anyone who asks.",
    "Last updated: 4 June 2011",
]


@pytest.mark.parametrize("text", SENTENCES)
@pytest.mark.parametrize("level", [1, 3, 6])
def test_segments_hold_sentences_in_headings(level, text):
    document = document_of(f"<h2>Notice</h2><h{level}>{text}</h{level}>" + paragraphs(CHAPTERS[1][1]))
    assert any(text in segment.text for segment in segments(document))


HEADINGS_KEPT = {
    "question": (
        "<h2>What do you do with the copy of my licence when I bring the boat back to the pier at night?</h2>",
        1,
    ),
    "short statement above text": ("<h2>We collect information you give us</h2>", 1),
    "statement above another heading": ("<h2>We collect information you give us</h2><h2>Cookies</h2>", 1),
    "title above a title of a lower level": ("<h2>Cookies</h2><h3>Kinds</h3>", 2),
    "long row of titles": ("<h3>Red</h3><h3>Blue</h3><h3>Green</h3><h3>White</h3><h3>Grey</h3><h3>Boats</h3>", 1),
}


@pytest.mark.parametrize(("headings", "count"), HEADINGS_KEPT.values(), ids=HEADINGS_KEPT)
def test_headings_of_page_are_kept_above_text_only(headings, count):
    document = document_of(headings + paragraphs(CHAPTERS[0][1]))
    assert sum(block.kind == "heading" for block in document.blocks) == count + 1  # that of the page


NO_HEADINGS = {
    "contact label": "<p><b>E-mail:</b> harbour</p><p><b>Phone:</b> ask at the kiosk</p><p><b>Address:</b> the pier</p>",
    "remark": "<p><b>Please note:</b> Boats are let to adults only, at any time.</p>" * 3,
    "same label above each part": "<p><b>Summary.</b> Boats are let to adults only, at any time.</p>" * 3,
    "address": "<p>Heron Boats<br>The Pier<br>Rookham</p>",
    "bold name above an address": "<p><b>Heron Boats</b><br>12 Quay Street<br>Rookham</p>",
    "wrapped lines": "<p>Boats are let to adults who show a licence, to their guests and<br>"
    "to schools. Children come with a parent or a teacher who signs for<br>them. The list is kept for a year.</p>",
    "emphasis once": "<p><i>Boats and oars</i></p><p>Boats are let to adults only, and at any time of the day.</p>",
    "list with lead-in": "<p>We ask for:</p><ul>"
    "<li><b>Name:</b> It is written on the bill that you get when you come back.</li>"
    "<li><b>Phone:</b> It is called when a boat does not come back before the dark.</li>"
    "<li><b>Licence:</b> It is copied, and the copy is destroyed when the boat is back.</li></ul>",
    "table of data": "<table><tr><td>Boat</td><td>Heron</td></tr><tr><td>Length</td><td>Five metres</td></tr>"
    "<tr><td>Seats</td><td>Four of them.</td></tr></table>",
    "list of sentences": "<ul><li>Boats are let to adults.</li><li>Oars are let too.</li><li>Dogs stay ashore.</li></ul>",
    "sections in a list above more text": "<ul><li><b>Oars:</b> We note the number that is burnt into each of them.</li>"
    "<li><b>Sails:</b> We note the number that is sewn into each of them.</li>"
    "<li><b>Ropes:</b> We note the number that is written on each of them.</li></ul>",
    "typed list": "<p>1. Names of guests</p><p>2. Numbers of boats</p><p>3. Hours on the lake</p><p>4. Licences</p>",
}


@pytest.mark.parametrize("body", NO_HEADINGS.values(), ids=NO_HEADINGS)
def test_headings_of_labels_lists_and_addresses_are_none(body):
    blocks = document_of(paragraphs(CHAPTERS[0][1]) + body + paragraphs(CHAPTERS[1][1])).blocks
    assert [block.text for block in blocks if block.kind == "heading"] == ["Privacy"]


JUNK = [
    "<i class=icons>expand_more</i>", " keyboard_arrow_down", "<span>[<a href=/e>edit</a>]</span>", "<a href='#c'>#</a>",
    " <a href='#c'>&para;</a>", "<button>+</button>", " &ndash;", " &#9660;", "<a href='#top'>Back to top</a>",
    " (back to top)", "<span>Show more</span>", "<a href='#c'>Copy link</a>", "<button>Toggle</button>", ":",
    "<span class=sr>Click to open</span> <i>chevron_right</i>",
]  # fmt: skip


@pytest.mark.parametrize("junk", JUNK)
def test_headings_have_no_junk_at_their_ends(junk):
    document = document_of(f"<h2>Rowing <b>on</b> lakes{junk}</h2>" + paragraphs(CHAPTERS[0][1]))
    assert [block.text for block in document.blocks if block.kind == "heading"] == ["Privacy", "Rowing on lakes"]
    assert "## Rowing on lakes\n" in document.markdown


@pytest.mark.parametrize(
    "text", ["Read more", "Where to read more", "#", "C++ and C#", "Learn more about cookies", "Toggle"]
)
def test_headings_that_end_in_words_keep_them(text):
    assert without_junk_end(text) == text


def test_tidy_headings_of_blocks_removes_junk_and_demotes_sentences():
    blocks = [
        Block("heading", "Cookies [edit]", "[Cookies](https://a.example/) [\\[edit\\]](https://a.example/edit)", 2),
        Block("paragraph", "We use one.", "We use one."),
        Block("heading", SENTENCES[0], SENTENCES[0], 2),
    ]
    assert tidy_headings(blocks) == [
        Block("heading", "Cookies", "[Cookies](https://a.example/)", 2),
        blocks[1],
        Block("paragraph", SENTENCES[0], SENTENCES[0]),
    ]


NUMBERS = {
    "1. Cookies": "1.", "2.1 Cookies": "2.1", "3) Cookies": "3)", "Section 4: Cookies": "Section 4:", "IV. COOKIES": "IV.",
    "B. Cookies": "B.", "(c) Cookies": "(c)", "Cookies": "", "2018 in short": "", "12 boats": "", "I agree": "",
    "1.5 million boats": "1.5",
}  # fmt: skip


@pytest.mark.parametrize(("text", "number"), NUMBERS.items())
def test_section_number_is_what_a_line_begins_with(text, number):
    assert section_number(text) == number


@pytest.mark.parametrize(
    "body",
    [
        "<h3>Boats</h3>" * 20_000,
        ("<p><b>Boats:</b> " + "Boats are let to adults only. " * 3 + "</p>") * 5_000,
        "<p>" + "Boats<br>" * 50_000,
        "<p>" + "<b>" + "Boats <br>" * 50_000,
        ("<h3>Boats</h3>" * 4 + "<h3>Oars</h3><p>Boats are let to adults only.</p>") * 5_000,
        "<h2>" + "Boats " * 100_000,
        "<h2>Boats" + "<i>#</i>" * 20_000,
        "<ul>" + "<li><b>Boats</b><br>Boats are let to adults only, and never to children alone.</li>" * 10_000,
    ],
    ids=["headings", "run-ins", "lines", "bold lines", "runs of headings", "one heading", "junk", "sections"],
)
def test_clean_page_of_many_headings_takes_linear_time(body):
    started = time.process_time()
    document_of(body)
    assert time.process_time() - started < 20


PLAIN_TEXTS = {
    "rules": ("Boats\n=====\nWe let them to adults only.\n", [("heading", "Boats"), ("paragraph", "We let them to adults only.")]),
    "number": ("3. Boats\n\nWe let them to adults only.\n", [("heading", "3. Boats"), ("paragraph", "We let them to adults only.")]),
    "list": ("3. boats\n4. oars\n", [("item", "boats"), ("item", "oars")]),
    "statement": ("WE DO NOT SELL BOATS\n\nWe let them.\n", [("paragraph", "WE DO NOT SELL BOATS"), ("paragraph", "We let them.")]),
    "address": ("Heron Boats\n\nThe Pier\n\nRookham\n", [("paragraph", "Heron Boats"), ("paragraph", "The Pier"), ("paragraph", "Rookham")]),
    "link in a line of its own": (
        "Please read our\n\nTerms of use\n\nbefore you take a boat.\n",
        [("paragraph", "Please read our"), ("paragraph", "Terms of use"), ("paragraph", "before you take a boat.")],
    ),
    "lines that are not wrapped": (
        f"Boats\n{'We let them to adults only. ' * 8}\nOars\nWe lend them to all.\n",
        [("heading", "Boats"), ("paragraph", ("We let them to adults only. " * 8).strip()), ("heading", "Oars"),
         ("paragraph", "We lend them to all.")],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), PLAIN_TEXTS.values(), ids=PLAIN_TEXTS)
def test_plain_text_blocks_have_titles_as_headings(text, expected):
    assert [(block.kind, block.text) for block in plain_text_blocks(text)] == expected
