"""Properties of any page of HTML: exact spans, usable links, and Markdown equivalent to the blocks."""

import html
import re

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from extractor.clean import clean
from extractor.clean.html import pieces_to_blocks
from extractor.clean.markdown import markdown_blocks
from extractor.clean.render import render_markdown, render_text
from extractor.clean.tree import page_pieces, parse_html
from extractor.records import Capture, Snapshot

BASE = "http://shop.example/about/privacy.html"
SECRET = "zqx"  # only in places that no reader sees
WORDS = st.lists(
    st.sampled_from(
        "we collect your name and address * _ ` # 1. 2) - + | [x] (y) <b> & &sect; \\ ~~ ~ > = == --- ![a] [l](m) $ café 個人 e-mail".split()
    ),
    min_size=1,
    max_size=8,
).map(" ".join)
TEXT = WORDS.map(html.escape)
HREFS = st.sampled_from(
    [
        "a.html", "/b?c=1&d=2", "#top", "http://other.example/x", "//cdn.example/y", "mailto:us@shop.example", "javascript:alert(1)",
        " JavaScript:void(0)", "https://web.archive.org/web/20050101000000/http://old.example/", "/web/2005id_/http://old.example/",
        "//web.archive.org/web/2005im_/https://old.example/a_(b)", "http://[bad", "", "data:text/html,x", "a b\tc",
    ]
)  # fmt: skip
HIDDEN = st.sampled_from(
    [f"<script>{SECRET}</script>", f"<style>{SECRET}</style>", f"<!-- {SECRET} -->", f"<img alt={SECRET}.gif src=/{SECRET}.gif>",
     f"<noscript>{SECRET}</noscript>", f"<template><p>{SECRET}</p></template>", f"<iframe src=/{SECRET}>{SECRET}</iframe>", ""]
)  # fmt: skip


def wrapped(*tags: str):
    return lambda inner: st.tuples(st.sampled_from(tags), inner).map(lambda pair: f"<{pair[0]}>{pair[1]}</{pair[0]}>")


def joined(inner):
    return st.lists(inner, min_size=1, max_size=3).map(" ".join)


INLINE = st.recursive(
    st.one_of(TEXT, HIDDEN, st.just("<br>"), st.just("<br><br>")),
    lambda inner: st.one_of(
        wrapped("b", "i", "em", "strong", "font", "span", "u", "sub")(joined(inner)),
        st.builds(lambda href, text: f'<a href="{html.escape(href)}">{text}</a>', HREFS, joined(inner)),
    ),
    max_leaves=4,
)
BLOCK = st.recursive(
    st.one_of(wrapped("p", "h1", "h2", "h3", "h6", "pre", "dt", "dd")(joined(INLINE)), INLINE),
    lambda inner: st.one_of(
        wrapped("div", "blockquote", "td", "p", "center", "li", "section", "details")(joined(inner)),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: f"<ul>{''.join(f'<li>{item}</li>' for item in items)}</ul>"),
        st.lists(inner, min_size=1, max_size=3).map(lambda items: f"<ol start=3>{''.join(f'<li>{item}' for item in items)}</ol>"),
        st.lists(st.lists(inner, min_size=2, max_size=2), min_size=2, max_size=3).map(
            lambda rows: f"<table>{''.join('<tr>' + ''.join(f'<td>{cell}</td>' for cell in row) + '</tr>' for row in rows)}</table>"
        ),
    ),
    max_leaves=6,
)  # fmt: skip
PAGE = st.lists(BLOCK, max_size=5).map("\n".join)
patient = settings(suppress_health_check=[HealthCheck.too_slow], max_examples=60)


def blocks(body: str):
    """All blocks of a page, not only its content."""
    root = parse_html(f"<html><body>{body}</body></html>")
    return pieces_to_blocks(page_pieces(root)[0], BASE)


def words(text: str) -> list[str]:
    """The words of a text without the marks that are removed at the end of what looks like a heading."""
    return [word for word in text.split() if word not in ("#", "+", "-")]


@patient
@given(PAGE)
def test_clean_any_page_has_exact_spans(body):
    document = clean(Snapshot(body.encode(), Capture("", "20050101000000", BASE), content_type="text/html"))
    assert [document.text[start:end] for start, end in document.spans] == [block.text for block in document.blocks]
    assert all(block.text.strip() == block.text != "" for block in document.blocks)
    assert render_text(document.blocks) == (document.text, document.spans)
    assert document.verdict.usable or document.verdict.reasons


@patient
@given(PAGE)
def test_blocks_of_any_page_have_no_hidden_text(body):
    found = blocks(body)
    assert SECRET not in "".join(block.text + block.markdown for block in found)


@patient
@given(PAGE)
def test_links_of_any_page_are_absolute_without_archive_and_scripts(body):
    tokens = [
        inner
        for token in MarkdownIt("commonmark").enable("table").parse(render_markdown(blocks(body)))
        for inner in token.children or []
    ]
    links = [str(token.attrs["href"]) for token in tokens if token.type == "link_open"]
    assert all(re.match(r"(https?://|mailto:)", link) for link in links), links
    assert not any("archive.org" in link or "javascript" in link.lower() for link in links)
    assert not any(token.type == "image" for token in tokens)


@example(  # a row with nothing but hidden words is empty
    "<p>we</p><table><tr><td><noscript>zqx</noscript></td><td><iframe>zqx</iframe></td></tr>"
    "<tr><td><p>we</p></td><td><p>we</p></td></tr></table>"
)
@example('<p>we <a href="a.html">we <a href="/b?c=1&amp;d=2">we</a></a></p>')
@patient
@given(PAGE)
def test_markdown_of_any_page_parses_to_same_words(body):
    found = blocks(body)
    again = markdown_blocks(render_markdown(found), BASE)[1]
    assert words(" ".join(block.text for block in again)) == words(" ".join(block.text for block in found))


@patient
@given(st.lists(st.tuples(st.sampled_from(["h1", "h2", "h3", "p", "ul", "ol"]), WORDS), min_size=1, max_size=6))
def test_markdown_of_any_page_parses_to_same_blocks(parts):
    """For plain headings, paragraphs and lists in any order, with words that look like Markdown."""
    body = "".join(
        f"<{tag}><li>{html.escape(text)}</li><li>one more</li></{tag}>" if tag in ("ul", "ol") else f"<{tag}>We: {html.escape(text)}.</{tag}>"
        for tag, text in parts
    )  # fmt: skip
    found = blocks(body)
    again = markdown_blocks(render_markdown(found), BASE)[1]
    assert [(b.kind, b.level, b.marker, b.text) for b in again] == [(b.kind, b.level, b.marker, b.text) for b in found]


@patient
@given(st.lists(st.lists(WORDS, min_size=3, max_size=3), min_size=2, max_size=5))
def test_markdown_of_any_table_parses_to_same_cells(rows):
    body = "".join("<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>" for row in rows)
    found = blocks(f"<table>{body}</table>")
    assert [block.cells for block in found] == [tuple(" ".join(cell.split()) for cell in row) for row in rows]
    again = markdown_blocks(render_markdown(found), BASE)[1]
    assert [block.cells for block in again] == [block.cells for block in found]


@patient
@given(st.text(alphabet="<>/abdhilprtu =\"'&;#x0-9!\n\t\x00\u202e\ud800é", max_size=300))
def test_clean_any_broken_html_has_exact_spans(source):
    content = source.encode("utf-8", "surrogatepass")
    document = clean(Snapshot(content, content_type="text/html"))
    assert [document.text[start:end] for start, end in document.spans] == [block.text for block in document.blocks]
