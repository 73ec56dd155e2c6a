"""Policies that stand in a page's bytes where a parser or a script-less reader may lose them."""

import html
import json

import pytest

from extractor.clean import clean
from extractor.records import Snapshot

SECTIONS = {
    "What we collect": "When you book a rowing boat at Fernwater we ask for your name, your telephone number and your "
    "e-mail address, and our server keeps the address of your computer for a month.",
    "Who receives it": "We give your name to the warden of the landing stage so that the boat is ready for you, and we "
    "do not sell or rent what we know about our guests to any other company.",
    "Cookies": "Our booking page stores a cookie in your browser that remembers the hour you have chosen; you may "
    "switch cookies off, and then you choose the hour again on every page.",
    "Your rights": "You may ask us at any time which personal information we hold about you, and we will correct or "
    "delete it within two weeks of your letter.",
    "Children": "Children under the age of 13 may row only with an adult, and we do not knowingly collect personal "
    "information from them on this website.",
    "Changes": "If this privacy policy changes we post the new text on this page and write the date of the change at "
    "its foot, and we keep the old text for anyone who asks for it.",
}
BODY = "".join(f"<h2>{title}</h2><p>{text}</p>" for title, text in SECTIONS.items())
PLAIN = "\n\n".join(f"{title.upper()}\n\n{text}" for title, text in SECTIONS.items())
MENU = "".join(
    f'<li><a href="/{name}">{name.title()}</a></li>' for name in ("boats", "prices", "jetty", "weather", "map")
)
HEAD = "<html><head><title>Privacy policy - Fernwater Boats</title></head><body>"
SHELL = f"{HEAD}<ul>{MENU}</ul><h1>Privacy policy</h1>"
RICH_TEXT = {
    "nodeType": "document",
    "content": [
        node
        for title, text in SECTIONS.items()
        for node in (
            {"nodeType": "heading-2", "content": [{"nodeType": "text", "value": title}]},
            {"nodeType": "paragraph", "content": [{"nodeType": "text", "value": text, "marks": []}]},
        )
    ],
}
PORTABLE_TEXT = [
    {"_type": "block", "style": style, "children": [{"_type": "span", "text": text}]}
    for title, passage in SECTIONS.items()
    for style, text in (("h2", title), ("normal", passage))
]
FLIGHT = (
    json.dumps([["$", "h2", None, {"children": t}] for t in SECTIONS])[:-1]
    + ","
    + ",".join(json.dumps(["$", "p", None, {"children": text}]) for text in SECTIONS.values())
    + "]"
)


def state(value: object) -> str:
    """The state of a Next.js page around a value."""
    noise = {"locale": "en", "buildId": "x7Qp", "flags": ["a", "b"], "menu": [{"label": "Boats", "url": "/boats"}]}
    data = {"props": {"pageProps": {**noise, "page": {"slug": "privacy", "body": value}}}, "page": "/[slug]"}
    return (
        f'{SHELL}<div id="__next"></div><script id="__NEXT_DATA__" type="application/json">{json.dumps(data)}</script>'
    )


PAGES = {
    "after the first </html>": f"{HEAD}<h1>Privacy policy</h1><p>Last changed in May.</p></body></html>{BODY}</body></html>",
    "in a second document": f"<html><head><title>Ads</title></head><body><a href=/x>x</a></body></html>{HEAD}{BODY}",
    "menu, then a second <html>": f"{SHELL}</body></html><html><body>{BODY}</body></html>",
    "noscript": f"{SHELL}<div id=app>Loading…</div><noscript>{BODY}</noscript>",
    "NOSCRIPT in a table cell": f"{SHELL}<table><tr><td><NOSCRIPT>{BODY}</NOSCRIPT></td></tr></table>",
    "noscript without an end": f"{SHELL}<noscript><img src=count.gif>{BODY}",
    "textarea": f"{SHELL}<form><textarea rows=20 readonly>{PLAIN}</textarea></form>",
    "textarea with markup": f"{SHELL}<textarea>{html.escape(BODY)}</textarea>",
    "declarative shadow root": f"{SHELL}<boat-page><template shadowrootmode=open>{BODY}</template></boat-page>",
    "template": f"{SHELL}<main></main><template id=policy>{BODY}</template>",
    "srcdoc": f'{SHELL}<iframe srcdoc="{html.escape(BODY)}"></iframe>',
    "script template": f"{SHELL}<script type='text/x-handlebars-template'>{BODY}</script>",
    "script of the type text/html": f"{SHELL}<script type='text/html' id=t1>{BODY}</script>",
    "state with HTML": state(BODY),
    "state with rich text": state(RICH_TEXT),
    "state with portable text": state(PORTABLE_TEXT),
    "state with titled sections": state([{"title": title, "text": text} for title, text in SECTIONS.items()]),
    "state with plain text": state(PLAIN),
    "state in a variable": f"{SHELL}<div id=root></div><script>window.__STATE__ = {json.dumps({'page': BODY})};</script>",
    "streamed components": f"{SHELL}<script>self.__next_f.push({json.dumps([1, '5:' + FLIGHT])})</script>",
    "xmp": f"{HEAD}<h1>Privacy policy</h1><xmp>{PLAIN}</xmp>",
    "listing": f"{HEAD}<h1>Privacy policy</h1><listing>{PLAIN}</listing>",
    "plaintext": f"{HEAD}<h1>Privacy policy</h1><plaintext>{PLAIN}",
    "plaintext with an end": f"{HEAD}<h1>Privacy policy</h1><PLAINTEXT>{PLAIN}</PLAINTEXT></body></html>",
    "unclosed title": f"<html><head><title>Privacy policy</head><body>{BODY}",
    "unclosed style": f"<html><head><title>Privacy policy</title><style>p {{color: navy}}</head><body>{BODY}",
    "style closed by the next one": f"<html><head><style>p {{margin: 0}}</head><body>{BODY}<style>b {{top: 0}}</style>",
    "unclosed script": f"<html><head><script>var a = 1;\n</head><body>{BODY}</body></html>",
    "unclosed comment": f"{HEAD}<h1>Privacy policy</h1><!-- the policy starts here >{BODY}</body></html>",
    "unclosed iframe": f"{SHELL}<iframe src=/advert height=1>{BODY}",
    "unclosed select": f"{SHELL}<select name=lake><option>Upper lake<option>Lower lake{BODY}",
    "self-closed script in the body": f"{SHELL}<script src='/count.js'/>{BODY}<script>var a = 1;</script></body></html>",
    "self-closed script and title": f"<?xml version='1.0'?><html><head><script src='/a.js'/><title/></head><body>{BODY}",
    "escaped twice": f"{HEAD}<h1>Privacy policy</h1>{html.escape(BODY)}</body></html>",
    "noframes": f"<html><head><title>Privacy policy</title></head><frameset cols='20%,*'><frame src=menu.html>"
    f"<frame src=text.html><noframes><body>{BODY}</body></noframes></frameset></html>",
    "custom elements": SHELL + "".join(f"<boat-text><b>{title}</b></boat-text><boat-text>{text}</boat-text>"
                                       for title, text in SECTIONS.items()),
    "layers": f"<html><head><title>Privacy policy</title></head><layer left=10>{BODY}</layer>",
}  # fmt: skip


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_clean_page_has_all_words_of_policy(page):
    document = clean(Snapshot(page.encode()))
    words = " ".join(document.text.split()).lower()
    assert document.verdict.usable, document.verdict.reasons
    assert [text for text in SECTIONS.values() if text.lower() not in words] == []


@pytest.mark.parametrize("page", PAGES.values(), ids=PAGES)
def test_clean_page_has_each_passage_once(page):
    text = " ".join(clean(Snapshot(page.encode())).text.split())
    assert [passage for passage in SECTIONS.values() if text.count(passage) > 1] == []


@pytest.mark.parametrize("name", ["state with rich text", "state with portable text", "state with titled sections"])
def test_clean_state_of_script_keeps_headings(name):
    headings = [block.text for block in clean(Snapshot(PAGES[name].encode())).blocks if block.kind == "heading"]
    assert headings[-len(SECTIONS) :] == list(SECTIONS)


@pytest.mark.parametrize(
    "hidden",
    [
        f"<noscript>{BODY}</noscript>",
        f"<textarea>{PLAIN}</textarea>",
        f"<template>{BODY}</template>",
        f'<iframe srcdoc="{html.escape(BODY)}"></iframe>',
        f"<script type=application/json>{json.dumps({'body': BODY})}</script>",
        f"<script type='text/template'>{BODY}</script>",
    ],
)
def test_clean_page_with_its_own_text_does_not_repeat_what_is_hidden(hidden):
    shown = "".join(f"<h2>{title} here</h2><p>{text} {text[:-1]}, as we said.</p>" for title, text in SECTIONS.items())
    own, both = (clean(Snapshot(f"{HEAD}<h1>Privacy policy</h1>{shown}{more}".encode())) for more in ("", hidden))
    assert both.text == own.text


@pytest.mark.parametrize("start", ["", "<html><head>"])
def test_clean_noscript_at_the_start_of_a_page_is_left_out(start):
    notice = "<noscript><p>Please switch on scripts.</p></noscript>"
    assert "scripts" not in clean(Snapshot(f"{start}{notice}{HEAD}{BODY}".encode())).text


def test_clean_hidden_text_is_named_in_verdict():
    verdict = clean(Snapshot(PAGES["textarea"].encode())).verdict
    assert "the text was read from <textarea>" in verdict.reasons


@pytest.mark.parametrize(
    "page",
    [
        "<p>We keep your <s>name and</s> address.</p>",
        "<p>We keep your <del>name and</del> address.</p>",
        "<p>We keep your <strike>name and</strike> address.</p>",
        "<p>We keep your<s>\n</s>address.</p>",
    ],
)
def test_clean_deleted_text_is_left_out(page):
    assert "We keep your address." in clean(Snapshot(f"{HEAD}{page}{BODY}".encode())).text


@pytest.mark.parametrize("after", ["", " ", "<!-- a note -->", "<?php ?>", "<![CDATA[ ]]>", "</div></section>", "<br>"])
def test_clean_text_after_what_is_skipped_is_read(after):
    skipped = "<section><div><svg><text>A boat</text></svg><script>let boat = 1</script><nav></nav>"
    page = f"{HEAD}<h1>Privacy policy</h1>{skipped}<style>p {{color: red}}</style>{after}{BODY}"
    assert clean(Snapshot(page.encode())).text == clean(Snapshot(f"{HEAD}<h1>Privacy policy</h1>{BODY}".encode())).text


def test_clean_page_struck_out_by_an_unclosed_tag_is_read():
    assert "rowing boat" in clean(Snapshot(f"{HEAD}<h1>Privacy policy</h1><strike>old{BODY}".encode())).text


@pytest.mark.parametrize("entity", ["&amp;rsquo;", "&amp;#8217;", "&amp;amp;"])
def test_clean_entities_escaped_twice_are_characters(entity):
    page = f"{HEAD}{BODY}" + f"<p>We keep the guests{entity} names in the book of the jetty for one year.</p>" * 5
    assert "&" + entity.removeprefix("&amp;") not in clean(Snapshot(page.encode())).text


def test_clean_page_about_markup_keeps_its_examples():
    example = "<p>Put <code>&lt;p&gt;…&lt;/p&gt;</code> around it.</p>" * 3
    assert "<p>…</p>" in clean(Snapshot(f"{HEAD}{BODY}{example}".encode())).text


@pytest.mark.parametrize(
    "script",
    [
        'document.write("<html><head></head><body><p>A window of its own opens here, with our prices.</p></body>");'
        * 5,
        "var menu = '<div><p>Boats and prices and the weather on both lakes, every hour of the day.</p></div>';" * 5,
    ],
)
def test_clean_script_that_writes_markup_is_not_text(script):
    text = clean(Snapshot(f"{HEAD}<script>{script}</script>{BODY}".encode())).text
    assert "prices" not in text
    assert "rowing boat" in text


LINKS = "".join(
    f"<li><a href=/{name}>{name.title()}</a></li>" for name in ("boats", "prices", "jetty", "weather", "map")
)


@pytest.mark.parametrize(
    "left_out", [f"<ul class='nav'>{LINKS}</ul>", f"<nav>{LINKS}</nav>", "<div id=wm-ipp><p>23 captures</p></div>"]
)
def test_clean_text_around_what_is_left_out_is_two_paragraphs(left_out):
    page = f"{HEAD}{BODY}<div>We keep the log of the jetty.{left_out}You may read it at any time.</div>"
    texts = [block.text for block in clean(Snapshot(page.encode())).blocks]
    assert texts[-2:] == ["We keep the log of the jetty.", "You may read it at any time."]
