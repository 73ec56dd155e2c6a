"""Trains the choice of content (`models/content`) on pages with their policy texts.

    python -m extractor.training.models.content DATA/extraction -o models/content

The folder holds `opp115/` and `ota/` (`NAME.html` with `NAME.gold.txt` or `.gold.md`, the whole text) and `c3pa/`
(`NAME.html` with `NAME.spans.jsonl`, passages that annotators marked).
"""

from __future__ import annotations

import argparse
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
    parse_html,
    piece_features,
)
from extractor.text import alphanumeric_words

_Labels = NDArray[np.int8]  # 1 content, 0 not, -1 unknown
GOLD = {"opp115": ".gold.txt", "ota": ".gold.md", "c3pa": ".spans.jsonl"}
_SETTINGS: dict[str, Any] = {
    "max_iter": 100, "learning_rate": 0.1, "max_leaf_nodes": 12, "max_depth": 6, "min_samples_leaf": 30,
    "l2_regularization": 5, "max_bins": 63, "random_state": 0,
}  # fmt: skip
_BORDER = 8.0
_FOLDS = 6
_WEIGHTS = {"opp115": 1.0, "ota": 0.5, "c3pa": 0.5, "plain": 0.5}
_PLAIN = 4  # pages made of each
_LINKS = (
    '<p><a href="/">Home</a> | <a href="/products">Products</a> | <a href="/contact">Contact us</a></p>',
    '<table><tr><td><a href="/">Home</a></td><td><a href="/news">News</a></td><td><a href="/faq">FAQ</a></td></table>',
    '<ul><li><a href="/">Home</a><li><a href="/about">About us</a><li><a href="/jobs">Jobs</a></ul>',
    '<center><font size="1"><a href="index.html">Back to the home page</a></font></center>',
)
_LINK = re.compile(r"\]\([^)]*\)|[_*`]")


@dataclass(frozen=True)
class Page:
    """A page with what is known of its content: the whole text, or some passages of it."""

    kind: str
    name: str
    pieces: list[PagePiece]
    nodes: list[BlockElement]
    title: str
    gold: list[str]

    @property
    def site(self) -> str:
        """What must not stand on both sides of a fold."""
        return self.name.split("-")[0] if self.kind == "ota" else self.name

    @cached_property
    def features(self) -> PieceFeatures:
        """The features of the pieces."""
        return piece_features(self.pieces, self.nodes, self.title)

    @cached_property
    def labels(self) -> _Labels:
        """Which pieces are content."""
        return _passage_labels(self) if self.kind == "c3pa" else _text_labels(self)


def read_pages(folder: Path) -> Iterator[Page]:
    """The pages in a folder with those three collections."""
    for kind, suffix in GOLD.items():
        for path in sorted((folder / kind).glob("*.html")):
            root = parse_html(decode(path.read_bytes(), "text/html").text)
            gold = path.with_name(path.stem + suffix).read_text(encoding="utf-8")
            texts = [json.loads(line)["text"] for line in gold.splitlines()] if kind == "c3pa" else [gold]
            yield Page(kind, path.stem, *page_pieces(root), root.findtext(".//title") or "", texts)


def _words_of(text: str) -> list[str]:
    """The words a reader sees, lower-cased, links and emphasis of Markdown undone."""
    return alphanumeric_words(_LINK.sub(" ", text))


def _grams(words: Sequence[str], size: int) -> list[tuple[str, ...]]:
    """All runs of so many words."""
    return [tuple(words[at : at + size]) for at in range(len(words) - size + 1)]


def _text_labels(page: Page) -> _Labels:
    """The pieces that the whole text holds; a short one must stand next to another of them as it does there.

    What is prose in the bulk of the page and speaks of rights and data, but is not in the text, is unknown: such pages
    hold two documents of which the text is one, and `sections` tells these apart.
    """
    gold = _words_of(page.gold[0])
    known = {size: set(_grams(gold, size)) for size in range(1, 16)}
    words = [_words_of(piece.text) for piece in page.pieces]
    labels = np.array([_share_of(_grams(some, 5), known[5]) > 0.5 for some in words], dtype=np.int8)
    for _ in range(3):
        for index in (i for i, some in enumerate(words) if 0 < len(some) < 5):
            labels[index] = _stands_beside(index, words, labels, known)
    return _without_other_document(page, labels)


def _share_of(some: Sequence[tuple[str, ...]], known: set[tuple[str, ...]]) -> float:
    """The share of runs that are known, 0 of none."""
    return sum(gram in known for gram in some) / len(some) if some else 0.0


def _stands_beside(index: int, words: list[list[str]], labels: _Labels, known: dict[int, set[tuple[str, ...]]]) -> bool:
    """Whether a short piece follows the content before it, or precedes that after it, in the text as in the page."""
    before = next((words[i] for i in range(index - 1, max(-1, index - 25), -1) if labels[i]), [])
    after = next((words[i] for i in range(index + 1, min(len(words), index + 25)) if labels[i]), [])
    for reach in (2, 4):
        runs = [before[-reach:] + words[index]] * (len(before) >= reach) + [words[index] + after[:reach]] * bool(after)
        if any(tuple(run) in known.get(len(run), ()) for run in runs):
            return True
    return False


def _without_other_document(page: Page, labels: _Labels) -> _Labels:
    """Labels in which what may belong to a second document on the page is unknown.

    That is prose in the bulk of the page that speaks of rights and data; where it makes up a fifth, all that stands
    there and is no link.
    """
    features = page.features
    bulk = (features["bulk80"] > 0) & (features["link"] < 0.5) & (labels == 0)
    words = np.expm1(features["words"])
    speaks = bulk & (words >= MIN_PROSE_WORDS) & (features["legal"] > 0)
    mixed = words[speaks].sum() > 0.2 * words[(labels == 1) | speaks].sum()
    return np.where(bulk if mixed else speaks, -1, labels).astype(np.int8)


def _passage_labels(page: Page) -> _Labels:
    """Labels from marked passages: they are content; so is what lies among them within the element that holds them.

    Links and short pieces outside of that element are not content; of the rest nothing is said.
    """
    known = {gram for passage in page.gold for gram in _grams(_words_of(passage), 4)}
    marked = np.array([_share_of(_grams(_words_of(piece.text), 4), known) > 0.5 for piece in page.pieces])
    labels = np.full(len(marked), -1, dtype=np.int8)
    at = np.flatnonzero(marked)
    if len(at) < 3:
        return labels
    words, link = np.expm1(page.features["words"]), page.features["link"]
    inside = _within(page, _holder_of(page, marked * words))
    among = (np.arange(len(marked)) >= at[0]) & (np.arange(len(marked)) <= at[-1])
    close = np.minimum(page.features["to_prose"], page.features["from_prose"]) <= 3
    labels[inside & among & ((link < 0.5) | (words > 8))] = 1
    labels[inside & ~among & (link < 0.5) & close] = 1
    labels[~inside & ((link > 0.5) | (words <= 4) | (~among & (words <= 8)))] = 0
    labels[marked] = 1
    return labels


def _holder_of(page: Page, weights: FeatureArray) -> int:
    """The innermost element that holds 95 % of the weight."""
    sums = np.zeros(len(page.nodes))
    np.add.at(sums, [piece.element for piece in page.pieces], weights)
    for index in range(len(page.nodes) - 1, 0, -1):
        sums[page.nodes[index].parent] += sums[index]
    return int(max(np.flatnonzero(sums >= 0.95 * weights.sum()), key=lambda index: page.nodes[index].depth))


def _within(page: Page, holder: int) -> NDArray[np.bool_]:
    """Whether each piece lies within an element."""
    inside = np.zeros(len(page.nodes), dtype=bool)
    for index, node in enumerate(page.nodes):
        inside[index] = index == holder or (node.parent >= 0 and inside[node.parent])
    return np.array([inside[piece.element] for piece in page.pieces])


def _plain_pages(pages: Sequence[Page]) -> Iterator[Page]:
    """Pages as plain as the first ones on the web, made of runs of content from others: the collections have none.

    Some are nothing but content, some have a line of links above or below it, some go on with what stands around the
    content of other pages: news, offers, forms.
    """
    random = np.random.default_rng(0)
    others = [piece for page in pages for piece, label in zip(page.pieces, page.labels, strict=True) if label == 0]
    for page in pages:
        content = [piece for piece, label in zip(page.pieces, page.labels, strict=True) if label == 1]
        for length in random.integers(2, 25, size=_PLAIN if content else 0):
            start = random.integers(max(1, len(content) - length))
            yield _plain_page(page, content[start : start + length], others, random)


def _plain_page(
    page: Page, content: Sequence[PagePiece], others: Sequence[PagePiece], random: np.random.Generator
) -> Page:
    """A plain page with these pieces as its content, and perhaps a run of others after it."""
    links = str(random.choice(_LINKS))
    above, below, more = random.random() < 0.3, random.random() < 0.4, random.random() < 0.2
    at = int(random.integers(max(1, len(others) - 12)))
    after = "".join(_markup(piece) for piece in others[at : at + int(random.integers(3, 12))])
    body = "".join(_markup(piece) for piece in content)
    foot = f"<hr>{links}<p>&copy; {random.integers(1997, 2012)} {page.name}. All rights reserved.</p>"
    root = parse_html(
        f"<html><body>{links * above}<div>{body}</div><div>{after * more}</div>{foot * below}</body></html>"
    )
    return Page("plain", page.name, *page_pieces(root), page.title, ["\n".join(piece.text for piece in content)])


def _markup(piece: PagePiece) -> str:
    """A piece as the simplest HTML for it."""
    tag = {"heading": f"h{piece.level}", "item": "li"}.get(piece.kind, "p")
    return f"<{tag}>{html.escape(piece.text)}</{tag}>"


def _fit(pages: Sequence[Page]) -> dict[str, Any]:
    """A forest fitted to pages, as it is stored. Each page weighs as the root of its number of pieces."""
    columns, labels, weights = [], [], []
    for page in [*pages, *_plain_pages(pages)]:
        told = page.labels >= 0
        weight = np.sqrt(np.minimum(np.expm1(page.features["words"][told]), 60) + 1)
        columns.append(np.column_stack(list(page.features.values()))[told])
        labels.append(page.labels[told])
        weights.append(weight / weight.sum() * np.sqrt(told.sum()) * _WEIGHTS[page.kind])
    model = HistGradientBoostingClassifier(**_SETTINGS)
    model.fit(np.vstack(columns), np.concatenate(labels), sample_weight=np.concatenate(weights))
    return _stored(model, list(pages[0].features))


def _stored(model: Any, names: list[str]) -> dict[str, Any]:
    """The numbers of a fitted forest: the nodes of all its trees in a row, leaves leading to themselves."""
    numbers: dict[str, list[Any]] = {name: [] for name in ("roots", "feature", "threshold", "children", "value")}
    for (tree,) in model._predictors:  # scikit-learn has no public way to its trees
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
        "features": names, "baseline": baseline, "border": _BORDER, "depth": _SETTINGS["max_depth"],
        **numbers,
    }  # fmt: skip


def out_of_fold(pages: Sequence[Page]) -> Iterator[tuple[Page, ContentForest]]:
    """Each page with a forest that saw no page of its site."""
    groups = [f"{page.kind}/{page.site}" for page in pages]
    for train, test in GroupKFold(_FOLDS).split(groups, groups=groups):
        forest = build_forest(_fit([pages[index] for index in train]))
        yield from ((pages[index], forest) for index in test)


def _main() -> None:
    """Writes the forest fitted to all pages."""
    parser = argparse.ArgumentParser(description="Train the choice of content.")
    parser.add_argument("data", type=Path, help="the folder with opp115/, ota/ and c3pa/")
    parser.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    rows = (f'"{name}": {json.dumps(value)}' for name, value in _fit(list(read_pages(arguments.data))).items())
    (arguments.output / "model.json").write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    _main()
