"""Trains the verdict model, which distinguishes privacy policies from terms of service and other pages.

It learns from what is beside OPP-115's folder: `unlabelled_policies.jsonl.gz`,
`corpora/open-terms-archive-versions.bundle`, and the pages of OPP-115, Open Terms Archive and C3PA in `extraction/`.
Short notices and other pages are drawn from the self-written sentences in `self_written_pages.toml`; other pages also
from what surrounds the policies on their pages. Folds are by site, and by kind for the self-written pages.
"""

from __future__ import annotations

import json
import math
import random
import re
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from scipy.sparse import csr_matrix
from selectolax.lexbor import LexborHTMLParser
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GroupKFold
from threadpoolctl import threadpool_limits

from extractor.clean import (
    CUE_SCALE,
    CUE_WORDS,
    TEXT_KINDS,
    TextKind,
    detect_media_type,
    extract_blocks,
    render_text,
    sample_words,
)
from extractor.errors import UnreadableError
from extractor.gitprocess import run_git
from extractor.label import FloatArray
from extractor.records import Snapshot
from extractor.resources import read_toml
from extractor.training.data import read_jsonl_rows

_POLICIES = "unlabelled_policies.jsonl.gz"  # beside the folder of OPP-115
_FOLD_COUNT = 10
_MIN_SITES = 3  # with a word or pair that is a feature
_MAX_GRAMS = 4_000
_INVERSE_REGULARISATION = 10.0  # chosen on the folds
_SELF_WRITTEN_PAGES = 60  # of each kind
_OPENING_WORDS = (60, 120, 250)  # the beginnings of policies serve as short policies
_PART_WORDS = 200
_TERMS_TITLE = re.compile(
    r"\b(terms (of|and|&)|rules and regulations|user agreement|licen[cs]es? and)\b", re.IGNORECASE
)
_PRIVACY_WORD = re.compile(r"privacy|cookies", re.IGNORECASE)
_NOT_ALPHANUMERIC = re.compile(r"\W+")
_KIND_OF_SELF_WRITTEN: dict[str, TextKind] = {"notice": "policy", "terms": "terms"}
_Gram = str | tuple[str, str]


class _Sample(NamedTuple):
    """A text with its kind, its site, its weight, and whether it is a whole document."""

    text: str
    kind: TextKind
    site: str
    weight: float = 1.0
    is_whole: bool = True


def _read_samples(folder: Path) -> list[_Sample]:
    """All that the model learns from. Raises UnreadableError."""
    if not (folder / "extraction").is_dir():
        raise UnreadableError(f"{folder / 'extraction'} is missing: the verdict model learns from its pages.")
    documents = [*_read_policies(folder), *_read_policy_pages(folder), *_read_versions(folder)]
    parts = [part for document in documents for part in _document_parts(document)]
    return [*documents, *parts, *_read_page_surroundings(folder), *_self_written_pages()]


def _read_policies(folder: Path) -> Iterator[_Sample]:
    """The policies that Open Terms Archive and TOSBack collected; a few call themselves terms, and count as such."""
    for row in read_jsonl_rows(folder / _POLICIES, {"text", "service"}):
        text = _extract_text(row["text"].encode(), "text/markdown")
        yield _Sample(text, "terms" if _opens_as_terms(text) else "policy", _site_name(row["service"]))


def _opens_as_terms(text: str) -> bool:
    """Whether a document calls itself terms and does not mention privacy in its first lines."""
    return bool(_TERMS_TITLE.search(text[:400])) and not _PRIVACY_WORD.search(text[:1500])


def _read_policy_pages(folder: Path) -> Iterator[_Sample]:
    """The texts of the policies of OPP-115 and C3PA, as extracted from their pages."""
    for page in sorted([*(folder / "extraction/opp115").glob("*.html"), *(folder / "extraction/c3pa").glob("*.html")]):
        yield _Sample(_extract_text(page.read_bytes(), "text/html"), "policy", _site_name(page.stem.split("_")[-1]))


def _read_versions(folder: Path) -> Iterator[_Sample]:
    """Every version of the policies and terms in Open Terms Archive's bundle; the versions of one share its weight."""
    with tempfile.TemporaryDirectory() as clone:
        _git_output("clone", "--quiet", "--bare", str(folder / "corpora/open-terms-archive-versions.bundle"), clone)
        log = _git_output("-C", clone, "log", "--format=", "--raw", "--no-abbrev", "--no-renames", "-z").split("\0")
        rows = [
            (meta.split()[3], path) for meta, path in zip(log[::2], log[1::2], strict=False) if path.endswith(".md")
        ]
        versions = Counter(path for _, path in rows)
        for blob, path in sorted(set(rows)):
            kind: TextKind = "policy" if "Privacy" in path else "terms"
            text = _extract_text(_git_output("-C", clone, "cat-file", "blob", blob).encode(), "text/markdown")
            yield _Sample(text, kind, _site_name(path.split("/")[0]), 3 / versions[path])


def _git_output(*arguments: str) -> str:
    """The output of a git command. Raises UnreadableError if it fails, ConfigurationError without git."""
    done = run_git(*arguments)
    if done.returncode:
        raise UnreadableError(f"git {' '.join(arguments)} failed: {done.stderr.decode(errors='replace').strip()}.")
    return done.stdout.decode()


def _read_page_surroundings(folder: Path) -> Iterator[_Sample]:
    """What surrounds the policy on the pages of OPP-115 and Open Terms Archive, in parts."""
    for page in sorted([*(folder / "extraction/opp115").glob("*.html"), *(folder / "extraction/ota").glob("*.html")]):
        gold = page.with_suffix(".gold.txt" if page.parent.name == "opp115" else ".gold.md").read_text(encoding="utf-8")
        policy = _alphanumerics(gold)
        outside = " ".join(line for line in _visible_lines(page.read_bytes()) if _alphanumerics(line) not in policy)
        for part in _text_parts(outside):
            if text_features(part)["(privacy)"] < 0.5:  # some of the page's policy may be missing in the gold text
                yield _Sample(part, "other", _site_name(page.stem.split("_")[-1]), 0.3, is_whole=False)


def _alphanumerics(text: str) -> str:
    """The letters and digits of a text."""
    return _NOT_ALPHANUMERIC.sub("", text.lower())


def _visible_lines(content: bytes) -> Iterator[str]:
    """The text nodes of a page that a reader sees."""
    tree = LexborHTMLParser(content)
    tree.strip_tags(["head", "script", "style", "noscript"])
    nodes = tree.root.traverse(include_text=True) if tree.root else ()
    for node in nodes:
        if node.is_text_node and (line := " ".join((node.text_content or "").split())):
            yield line


def _text_parts(text: str) -> Iterator[str]:
    """The parts of a text, of `_PART_WORDS` words each; a last part of less than a quarter of that is left out."""
    words = text.split()
    for start in range(0, len(words), _PART_WORDS):
        if len(words) - start >= _PART_WORDS // 4:
            yield " ".join(words[start : start + _PART_WORDS])


def _document_parts(document: _Sample) -> Iterator[_Sample]:
    """The beginnings of a policy; of terms, which are few, every part that hardly mentions privacy."""
    if document.kind == "policy":
        for count in _OPENING_WORDS:
            yield document._replace(text=" ".join(document.text.split()[:count]), weight=0.15, is_whole=False)
        return
    for part in _text_parts(document.text):
        if part.lower().count("privacy") < 2:
            yield document._replace(text=part, weight=document.weight / 6, is_whole=False)


def _self_written_pages() -> Iterator[_Sample]:
    """Pages drawn from the self-written sentences, the same ones each time."""
    sentences_of = read_toml(Path(__file__).with_name("self_written_pages.toml"))
    around = sentences_of.pop("around")
    draw = random.Random(115)
    for name, sentences in sentences_of.items():
        kind = _KIND_OF_SELF_WRITTEN.get(name, "other")
        for _ in range(_SELF_WRITTEN_PAGES):
            body = draw.sample(sentences, draw.randint(2, len(sentences)))
            surroundings = draw.sample(around, draw.choice([0, 0, 3, 8]))
            yield _Sample(" ".join(surroundings + body), kind, f"written {name}", 0.5, is_whole=False)


def _extract_text(content: bytes, content_type: str) -> str:
    """The text of a page as in its record."""
    media, _ = detect_media_type(content, content_type)
    return render_text(extract_blocks(media, content, Snapshot(content, content_type=content_type)).blocks)[0]


def _site_name(name: str) -> str:
    """The name of a site or service, the same for different spellings.

    >>> _site_name("Yahoo"), _site_name("yahoo.com"), _site_name("github-privacy-policy-0")
    ('yahoo', 'yahoo', 'github')
    """
    words = name.lower().removeprefix("www.")
    return words.split("-privacy")[0].split("-terms")[0].split("-copyright")[0].split(".")[0].replace("-", " ")


def _fit_regression(samples: Sequence[_Sample], grams: Sequence[_Gram]) -> LogisticRegression:
    """A multinomial logistic regression in which all three kinds have the same weight."""
    kinds = [sample.kind for sample in samples]
    total: dict[str, float] = dict.fromkeys(TEXT_KINDS, 0.0)
    for sample in samples:
        total[sample.kind] += sample.weight
    weights = [sample.weight / total[sample.kind] * len(samples) / len(TEXT_KINDS) for sample in samples]
    with threadpool_limits(1):  # sums over threads differ in the last bits, and so would the model's bytes
        return LogisticRegression(C=_INVERSE_REGULARISATION, max_iter=1000).fit(
            _feature_matrix(samples, grams), kinds, sample_weight=weights
        )


def _feature_matrix(samples: Sequence[_Sample], grams: Sequence[_Gram]) -> csr_matrix:
    """The features of samples, (samples, grams)."""
    column_of = {gram: column for column, gram in enumerate(grams)}
    rows, columns, values = [], [], []
    for row, sample in enumerate(samples):
        for gram, value in text_features(sample.text).items():
            if gram in column_of:
                rows.append(row)
                columns.append(column_of[gram])
                values.append(value)
    return csr_matrix((values, (rows, columns)), shape=(len(samples), len(grams)))


@cache  # each text is needed once a fold
def text_features(text: str) -> dict[_Gram, float]:
    """The words and pairs of a text, weighted as in `extractor.clean.text_kind`, and the shares of its cues."""
    words = sample_words(text)
    counts: Counter[_Gram] = Counter(words)
    counts.update(pairwise(words))
    length = math.sqrt(sum((1 + math.log(count)) ** 2 for count in counts.values())) or 1.0
    return {gram: (1 + math.log(count)) / length for gram, count in counts.items()} | _cue_shares(counts, len(words))


def _cue_shares(counts: Counter[_Gram], total: int) -> dict[_Gram, float]:
    """The scaled share of a text's words in each group of cues, 0 to 1."""
    sums = {name: sum(counts[word] for word in cues) for name, cues in CUE_WORDS.items()}
    return {name: min(1.0, CUE_SCALE * count / max(total, 1)) for name, count in sums.items()}


def feature_names(grams: Iterable[_Gram]) -> Iterator[str]:
    """The names of words and pairs in the model's file."""
    return (gram if isinstance(gram, str) else " ".join(gram) for gram in grams)


def _frequent_grams(samples: Sequence[_Sample]) -> list[_Gram]:
    """The words and pairs that are on the most sites, as many from each kind."""
    frequent: set[_Gram] = set()
    for kind in TEXT_KINDS:
        sites: dict[_Gram, set[str]] = {}
        for sample in samples:
            if sample.kind == kind:
                for gram in text_features(sample.text):
                    sites.setdefault(gram, set()).add(sample.site if kind == "policy" else sample.text[:80])
        ranked = sorted(
            ((len(where), " ".join(feature_names([gram])), gram) for gram, where in sites.items()), reverse=True
        )
        frequent |= {gram for count, _, gram in ranked[: _MAX_GRAMS // 2] if count >= _MIN_SITES}
    return sorted(frequent, key=lambda gram: " ".join(feature_names([gram])))


def _out_of_fold_values(samples: Sequence[_Sample]) -> FloatArray:
    """The decision values of each sample by a model of other sites, (samples, kinds), in the order of `TEXT_KINDS`."""
    values = np.zeros((len(samples), len(TEXT_KINDS)))
    for train, test in GroupKFold(_FOLD_COUNT).split(samples, groups=[sample.site for sample in samples]):
        seen = [samples[row] for row in train]
        grams = _frequent_grams(seen)
        model = _fit_regression(seen, grams)
        matrix = _feature_matrix([samples[row] for row in test], grams)
        values[test] = model.decision_function(matrix)[:, _kind_columns(model)]
    return values


def _kind_columns(model: LogisticRegression) -> list[int]:
    """The model's column of each of `TEXT_KINDS`."""
    return [list(model.classes_).index(kind) for kind in TEXT_KINDS]


def _report_lines(samples: Sequence[_Sample], values: FloatArray) -> Iterator[str]:
    """The share of each group of samples that the decision values take for policies."""
    probabilities = 1 / (1 + np.exp(np.logaddexp(values[:, 1], values[:, 2]) - values[:, 0]))
    by_group: dict[str, list[bool]] = {}
    for probability, sample in zip(probabilities, samples, strict=True):
        by_group.setdefault(_report_group(sample), []).append(probability >= 0.5)
    for group, is_policy in sorted(by_group.items()):
        yield f"{group:32} {len(is_policy):5}  taken for a policy {sum(is_policy) / len(is_policy):.4f}"


def _report_group(sample: _Sample) -> str:
    """The group that a sample is reported in."""
    return f"{sample.kind}, {sample.site if sample.site.startswith('written') else _extent(sample)}"


def _extent(sample: _Sample) -> str:
    """Whether a sample is a whole document or a part, in a word."""
    return "whole" if sample.is_whole else "part"


def _save_model(samples: Sequence[_Sample], report: Iterable[str], out: Path) -> None:
    """Writes the model of all samples; the same samples give the same bytes."""
    grams = _frequent_grams(samples)
    model = _fit_regression(samples, grams)
    rows = dict(zip(TEXT_KINDS, _kind_columns(model), strict=True))
    card = {
        "trained_on": dict(Counter(f"{sample.kind}, {_extent(sample)}" for sample in samples)),
        "held_out": list(report),
        "bias": {kind: round(float(model.intercept_[row]), 4) for kind, row in rows.items()},
        "grams": list(feature_names(grams)),
        "weights": {kind: [round(float(weight), 3) for weight in model.coef_[row]] for kind, row in rows.items()},
    }
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(card, ensure_ascii=False, separators=(",", ":"))
    (out / "model.json").write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")


def train_verdict_model(data: Path, out: Path) -> str:
    """Trains the verdict model on what is beside OPP-115's folder and saves it.

    Returns a table of what a model of other sites makes of each group of samples. Raises UnreadableError.
    """
    samples = _read_samples(data.parent)
    report = list(_report_lines(samples, _out_of_fold_values(samples)))
    _save_model(samples, report, out)
    return "\n".join([*report, f"{len(samples)} samples: saved in {out}."])
