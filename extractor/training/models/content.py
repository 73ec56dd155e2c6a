"""Trains the content model, which selects the pieces of a page that are its content, on pages with their policy texts.

The folder `extraction/` beside OPP-115's holds `opp115/` and `ota/` (`NAME.html` with `NAME.gold.txt` or `.gold.md`,
the whole text) and `c3pa/` (`NAME.html` with `NAME.spans.jsonl`, passages that annotators marked).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.model_selection import GroupKFold

from extractor.clean import (
    CONTENT_MODEL_FORMAT,
    MIN_PROSE_WORDS,
    BlockElement,
    ContentForest,
    FeatureArray,
    PagePiece,
    PieceFeatures,
    build_forest,
    decode,
    page_pieces,
    page_title,
    parse_html,
    piece_features,
    without_surroundings,
)
from extractor.errors import UnreadableError
from extractor.text import alphanumeric_words

GOLD_SUFFIXES = {"opp115": ".gold.txt", "ota": ".gold.md", "c3pa": ".spans.jsonl"}
_FOREST_SETTINGS: dict[str, Any] = {
    "max_iter": 100, "learning_rate": 0.1, "max_leaf_nodes": 12, "max_depth": 6, "min_samples_leaf": 30,
    "l2_regularization": 5, "max_bins": 63, "random_state": 0,
}  # fmt: skip
_BORDER = 8.0  # stored with the model
_FOLD_COUNT = 6
_COLLECTION_WEIGHTS = {"opp115": 1.0, "ota": 0.5, "c3pa": 0.5, "plain": 0.5}
_PLAIN_PAGES = 4  # made of each page
_NAVIGATION = (
    '<p><a href="/">Home</a> | <a href="/products">Products</a> | <a href="/contact">Contact us</a></p>',
    '<table><tr><td><a href="/">Home</a></td><td><a href="/news">News</a></td><td><a href="/faq">FAQ</a></td></table>',
    '<ul><li><a href="/">Home</a><li><a href="/about">About us</a><li><a href="/jobs">Jobs</a></ul>',
    '<center><font size="1"><a href="index.html">Back to the home page</a></font></center>',
)
_MARKDOWN_MARKS = re.compile(r"\]\([^)]*\)|[_*`]")  # of links and emphasis
_PieceLabels = NDArray[np.int8]  # 1 content, 0 not, -1 unknown


@dataclass(frozen=True)
class AnnotatedPage:
    """A page with what is known of its content: the whole text, or some of its passages."""

    collection: str
    name: str
    pieces: list[PagePiece]
    elements: list[BlockElement]
    title: str
    gold: list[str]

    @property
    def site(self) -> str:
        """The site that the page is from, which must not be on both sides of a fold."""
        return self.name.split("-")[0] if self.collection == "ota" else self.name

    @cached_property
    def features(self) -> PieceFeatures:
        """The features of the pieces."""
        return piece_features(self.pieces, self.elements, self.title)

    @cached_property
    def labels(self) -> _PieceLabels:
        """Whether each piece is content."""
        return _labels_from_passages(self) if self.collection == "c3pa" else _labels_from_text(self)


def read_annotated_pages(folder: Path) -> Iterator[AnnotatedPage]:
    """The pages of the three collections in a folder."""
    for collection, suffix in GOLD_SUFFIXES.items():
        for path in sorted((folder / collection).glob("*.html")):
            tree = parse_html(decode(path.read_bytes(), "text/html").text)
            gold = path.with_name(path.stem + suffix).read_text(encoding="utf-8")
            texts = [json.loads(line)["text"] for line in gold.splitlines()] if collection == "c3pa" else [gold]
            pieces, elements = page_pieces(tree)
            pieces = without_surroundings(pieces, elements)
            yield AnnotatedPage(collection, path.stem, pieces, elements, page_title(tree), texts)


def _visible_words(text: str) -> list[str]:
    """The words that a reader sees, in lower case, without the links and emphasis of Markdown."""
    return alphanumeric_words(_MARKDOWN_MARKS.sub(" ", text))


def _grams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """All runs of `size` words."""
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]


def _labels_from_text(page: AnnotatedPage) -> _PieceLabels:
    """The labels by the whole text: pieces in it are content, short ones if they also follow or precede content in it.

    Prose in the bulk of the page that is about rights and data but not in the text is unknown: such pages hold two
    documents, of which the text is one, and `extractor.clean` separates them by their sections.
    """
    gold = _visible_words(page.gold[0])
    known = {size: set(_grams(gold, size)) for size in range(1, 16)}
    words = [_visible_words(piece.text) for piece in page.pieces]
    labels = np.array([_known_share(_grams(piece_words, 5), known[5]) > 0.5 for piece_words in words], dtype=np.int8)
    for _ in range(3):
        for index in (i for i, piece_words in enumerate(words) if 0 < len(piece_words) < 5):
            labels[index] = _continues_content(index, words, labels, known)
    return _without_other_document(page, labels)


def _known_share(grams: Sequence[tuple[str, ...]], known: set[tuple[str, ...]]) -> float:
    """The share of runs that are known, 0 if there are none."""
    return sum(gram in known for gram in grams) / len(grams) if grams else 0.0


def _continues_content(
    index: int, words: list[list[str]], labels: _PieceLabels, known: dict[int, set[tuple[str, ...]]]
) -> bool:
    """Whether a short piece follows the content before it, or precedes the content after it, in the text as well."""
    before = next((words[i] for i in range(index - 1, max(-1, index - 25), -1) if labels[i]), [])
    after = next((words[i] for i in range(index + 1, min(len(words), index + 25)) if labels[i]), [])
    for reach in (2, 4):
        runs = [before[-reach:] + words[index]] * (len(before) >= reach) + [words[index] + after[:reach]] * bool(after)
        if any(tuple(run) in known.get(len(run), ()) for run in runs):
            return True
    return False


def _without_other_document(page: AnnotatedPage, labels: _PieceLabels) -> _PieceLabels:
    """Labels in which pieces that may belong to a second document on the page are unknown.

    These are prose in the bulk of the page that is about rights and data; if it makes up a fifth, all of the bulk that
    is not links.
    """
    features = page.features
    bulk = (features["bulk80"] > 0) & (features["link"] < 0.5) & (labels == 0)
    words = np.expm1(features["words"])
    legal_prose = bulk & (words >= MIN_PROSE_WORDS) & (features["legal"] > 0)
    mixed = words[legal_prose].sum() > 0.2 * words[(labels == 1) | legal_prose].sum()
    return np.where(bulk if mixed else legal_prose, -1, labels).astype(np.int8)


def _labels_from_passages(page: AnnotatedPage) -> _PieceLabels:
    """The labels by marked passages: these are content, and so is what lies between them in the element around them.

    Links and short pieces outside that element are not content. The rest is unknown.
    """
    known = {gram for passage in page.gold for gram in _grams(_visible_words(passage), 4)}
    marked = np.array([_known_share(_grams(_visible_words(piece.text), 4), known) > 0.5 for piece in page.pieces])
    labels = np.full(len(marked), -1, dtype=np.int8)
    places = np.flatnonzero(marked)
    if len(places) < 3:
        return labels
    words, link = np.expm1(page.features["words"]), page.features["link"]
    inside = _is_within(page, _innermost_container(page, marked * words))
    between = (np.arange(len(marked)) >= places[0]) & (np.arange(len(marked)) <= places[-1])
    near_prose = np.minimum(page.features["to_prose"], page.features["from_prose"]) <= 3
    labels[inside & between & ((link < 0.5) | (words > 8))] = 1
    labels[inside & ~between & (link < 0.5) & near_prose] = 1
    labels[~inside & ((link > 0.5) | (words <= 4) | (~between & (words <= 8)))] = 0
    labels[marked] = 1
    return labels


def _innermost_container(page: AnnotatedPage, weights: FeatureArray) -> int:
    """The innermost element that holds 95 % of the weight."""
    sums = np.zeros(len(page.elements))
    np.add.at(sums, [piece.element for piece in page.pieces], weights)
    for index in range(len(page.elements) - 1, 0, -1):
        sums[page.elements[index].parent] += sums[index]
    return int(max(np.flatnonzero(sums >= 0.95 * weights.sum()), key=lambda index: page.elements[index].depth))


def _is_within(page: AnnotatedPage, container: int) -> NDArray[np.bool_]:
    """Whether each piece lies within an element."""
    inside = np.zeros(len(page.elements), dtype=bool)
    for index, element in enumerate(page.elements):
        inside[index] = index == container or (element.parent >= 0 and inside[element.parent])
    return np.array([inside[piece.element] for piece in page.pieces])


def _plain_pages(pages: Sequence[AnnotatedPage]) -> Iterator[AnnotatedPage]:
    """Pages as plain as the first ones on the web, made of runs of content of others: the collections have none.

    Some hold only content, some have a line of links above or below it, some continue with what surrounds the content
    of other pages: news, offers, forms.
    """
    random = np.random.default_rng(0)
    others = [piece for page in pages for piece, label in zip(page.pieces, page.labels, strict=True) if label == 0]
    for page in pages:
        content = [piece for piece, label in zip(page.pieces, page.labels, strict=True) if label == 1]
        for length in random.integers(2, 25, size=_PLAIN_PAGES if content else 0):
            start = random.integers(max(1, len(content) - length))
            yield _plain_page(page, content[start : start + length], others, random)


def _plain_page(
    page: AnnotatedPage, content: Sequence[PagePiece], others: Sequence[PagePiece], random: np.random.Generator
) -> AnnotatedPage:
    """A plain page with these pieces as its content, and perhaps a run of others after it."""
    links = str(random.choice(_NAVIGATION))
    has_header, has_footer, has_more = random.random() < 0.3, random.random() < 0.4, random.random() < 0.2
    start = int(random.integers(max(1, len(others) - 12)))
    after = "".join(_simple_html(piece) for piece in others[start : start + int(random.integers(3, 12))])
    body = "".join(_simple_html(piece) for piece in content)
    footer = f"<hr>{links}<p>&copy; {random.integers(1997, 2012)} {page.name}. All rights reserved.</p>"
    divisions = f"<div>{body}</div><div>{after * has_more}</div>"
    root = parse_html(f"<html><body>{links * has_header}{divisions}{footer * has_footer}</body></html>")
    return AnnotatedPage(
        "plain", page.name, *page_pieces(root), page.title, ["\n".join(piece.text for piece in content)]
    )


def _simple_html(piece: PagePiece) -> str:
    """A piece as the simplest HTML for it."""
    tag = {"heading": f"h{piece.level or 2}", "item": "li"}.get(piece.kind, "p")
    return f"<{tag}>{html.escape(piece.text)}</{tag}>"


def _fit_forest(pages: Sequence[AnnotatedPage]) -> dict[str, Any]:
    """A forest fitted to pages, as it is stored. The weight of a page is the root of its number of pieces."""
    columns, labels, weights = [], [], []
    for page in [*pages, *_plain_pages(pages)]:
        known = page.labels >= 0
        weight = np.sqrt(np.minimum(np.expm1(page.features["words"][known]), 60) + 1)
        columns.append(np.column_stack(list(page.features.values()))[known])
        labels.append(page.labels[known])
        weights.append(weight / weight.sum() * np.sqrt(known.sum()) * _COLLECTION_WEIGHTS[page.collection])
    model = HistGradientBoostingClassifier(**_FOREST_SETTINGS)
    model.fit(np.vstack(columns), np.concatenate(labels), sample_weight=np.concatenate(weights))
    return _forest_numbers(model, list(pages[0].features))


def _forest_numbers(model: Any, names: list[str]) -> dict[str, Any]:
    """The numbers of a fitted forest: the nodes of all its trees in a row. A leaf is its own child."""
    numbers: dict[str, list[Any]] = {name: [] for name in ("roots", "feature", "threshold", "children", "value")}
    for (tree,) in model._predictors:  # scikit-learn does not publish its trees
        first = len(numbers["feature"])
        numbers["roots"].append(first)
        for index, node in enumerate(tree.nodes, first):
            leaf = bool(node["is_leaf"])
            numbers["feature"].append(0 if leaf else int(node["feature_idx"]))
            numbers["threshold"].append(0.0 if leaf else float(np.float32(node["num_threshold"])))
            numbers["children"] += (index, index) if leaf else (first + int(node[side]) for side in ("left", "right"))
            numbers["value"].append(round(float(node["value"]), 5) if leaf else 0.0)
    baseline = round(float(model._baseline_prediction.ravel()[0]), 5)
    return {
        "format": CONTENT_MODEL_FORMAT,
        "features": names, "baseline": baseline, "border": _BORDER, "depth": _FOREST_SETTINGS["max_depth"],
        **numbers,
    }  # fmt: skip


def out_of_fold_forests(pages: Sequence[AnnotatedPage]) -> Iterator[tuple[AnnotatedPage, ContentForest]]:
    """Each page with a forest that was fitted without the pages of its site."""
    groups = [f"{page.collection}/{page.site}" for page in pages]
    for train, test in GroupKFold(_FOLD_COUNT).split(groups, groups=groups):
        forest = build_forest(_fit_forest([pages[index] for index in train]))
        yield from ((pages[index], forest) for index in test)


def train_content_model(data: Path, out: Path) -> str:
    """Fits the forest to all pages in `extraction/` beside OPP-115's folder and saves it; returns a summary.

    The same pages give the same bytes. Raises UnreadableError if there are no pages.
    """
    folder = data.parent / "extraction"
    pages = list(read_annotated_pages(folder))
    if not pages:
        raise UnreadableError(f"{folder} holds no pages: the content model learns from its {', '.join(GOLD_SUFFIXES)}.")
    rows = (f'"{name}": {json.dumps(value)}' for name, value in _fit_forest(pages).items())
    out.mkdir(parents=True, exist_ok=True)
    (out / "model.json").write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")
    return f"{len(pages)} pages: saved in {out}."
