"""Trains the model that tells privacy policies from terms and other pages (`models/verdict`).

DATA is a folder with `unlabelled_policies.jsonl.gz`, `corpora/open-terms-archive-versions.bundle` and `extraction/`
(OPP-115, Open Terms Archive, C3PA pages). Short notices and other pages are drawn from the self-written sentences of
`other_pages.toml`; other pages also from what stands around the policies on the given pages. Folds are by site, and by
kind for the self-written pages.
"""

from __future__ import annotations

import gzip
import json
import math
import random
import re
import sys
import tempfile
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from lxml import html as lxml_html
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
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
from extractor.gitprocess import run_git
from extractor.records import Snapshot

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

_FOLDS = 10
_SITES = 3  # a word or pair is a feature where so many sites have it
_GRAMS = 4_000
_STRENGTH = 10.0  # inverse of the regularisation, chosen on the folds
_PAGES_A_KIND = 60  # self-written pages
_HEADS = (60, 120, 250)  # words: the beginnings of policies and terms stand for short ones
_WINDOW = 200  # words
_TERMS = re.compile(r"\b(terms (of|and|&)|rules and regulations|user agreement|licen[cs]es? and)\b", re.IGNORECASE)
_PRIVACY = re.compile(r"privacy|cookies", re.IGNORECASE)
_NO_LETTER = re.compile(r"\W+")
_WRITTEN: dict[str, TextKind] = {"notice": "policy", "terms": "terms"}
_Array = NDArray[np.float64]
_Gram = str | tuple[str, str]


class _Sample(NamedTuple):
    """A text, what it is, the site it is from, how much it counts, and whether it is a whole document."""

    text: str
    kind: TextKind
    site: str
    weight: float = 1.0
    whole: bool = True


def _read_samples(data: Path) -> list[_Sample]:
    """All that the model learns from."""
    documents = [*_read_policies(data), *_read_pages(data), *_read_versions(data)]
    heads = [head for document in documents for head in _heads_of(document)]
    return [*documents, *heads, *_read_surroundings(data), *_written_pages()]


def _read_policies(data: Path) -> Iterator[_Sample]:
    """The policies that Open Terms Archive and TOSBack collected; a few of them are terms, as they say themselves."""
    with gzip.open(data / "unlabelled_policies.jsonl.gz", "rt", encoding="utf-8") as lines:
        for record in map(json.loads, lines):
            text = _text_of(record["text"].encode(), "text/markdown")
            yield _Sample(text, "terms" if _opens_as_terms(text) else "policy", _site_of(record["service"]))


def _opens_as_terms(text: str) -> bool:
    """Whether a document calls itself terms, and speaks of no privacy, in its first lines."""
    return bool(_TERMS.search(text[:400])) and not _PRIVACY.search(text[:1500])


def _read_pages(data: Path) -> Iterator[_Sample]:
    """The policies among the given pages, as our extraction reads them."""
    for page in sorted([*(data / "extraction/opp115").glob("*.html"), *(data / "extraction/c3pa").glob("*.html")]):
        yield _Sample(_text_of(page.read_bytes(), "text/html"), "policy", _site_of(page.stem.split("_")[-1]))


def _read_versions(data: Path) -> Iterator[_Sample]:
    """Every version of every policy and of the terms in the bundle; versions of a document share its weight."""
    with tempfile.TemporaryDirectory() as folder:
        _git_output("clone", "--quiet", "--bare", str(data / "corpora/open-terms-archive-versions.bundle"), folder)
        log = _git_output("-C", folder, "log", "--format=", "--raw", "--no-abbrev", "--no-renames", "-z").split("\0")
        rows = [
            (meta.split()[3], path) for meta, path in zip(log[::2], log[1::2], strict=False) if path.endswith(".md")
        ]
        versions = Counter(path for _, path in rows)
        for blob, path in sorted(set(rows)):
            kind: TextKind = "policy" if "Privacy" in path else "terms"
            text = _text_of(_git_output("-C", folder, "cat-file", "blob", blob).encode(), "text/markdown")
            yield _Sample(text, kind, _site_of(path.split("/")[0]), 3 / versions[path])


def _git_output(*arguments: str) -> str:
    """The output of a git command. Raises CalledProcessError if it fails, ConfigurationError without git."""
    done = run_git(*arguments)
    done.check_returncode()
    return done.stdout.decode()


def _read_surroundings(data: Path) -> Iterator[_Sample]:
    """What stands on the given pages beside the policy, in parts of some hundred words."""
    for page in sorted([*(data / "extraction/opp115").glob("*.html"), *(data / "extraction/ota").glob("*.html")]):
        gold = page.with_suffix(".gold.txt" if page.parent.name == "opp115" else ".gold.md").read_text(encoding="utf-8")
        policy = _bare(gold)
        outside = " ".join(line for line in _visible_lines(page.read_bytes()) if _bare(line) not in policy)
        for part in _windows(outside):
            if features_of(part)["(privacy)"] < 0.5:  # a gold text may lack what the page has of the policy
                yield _Sample(part, "other", _site_of(page.stem.split("_")[-1]), 0.3, whole=False)


def _bare(text: str) -> str:
    """The letters and digits of a text."""
    return _NO_LETTER.sub("", text.lower())


def _visible_lines(content: bytes) -> Iterator[str]:
    """The text nodes of a page that a reader sees."""
    tree = lxml_html.document_fromstring(content)
    nodes: Any = tree.xpath("//body//text()[not(ancestor::script or ancestor::style or ancestor::noscript)]")
    for node in nodes:
        if line := " ".join(node.split()):
            yield line


def _windows(text: str) -> Iterator[str]:
    """A text in parts of `_WINDOW` words; a last part shorter than a quarter of that is left out."""
    words = text.split()
    for start in range(0, len(words), _WINDOW):
        if len(words) - start >= _WINDOW // 4:
            yield " ".join(words[start : start + _WINDOW])


def _heads_of(document: _Sample) -> Iterator[_Sample]:
    """The beginnings of a policy; of terms, which are few, every part that does not speak of privacy."""
    if document.kind == "policy":
        for words in _HEADS:
            yield document._replace(text=" ".join(document.text.split()[:words]), weight=0.15, whole=False)
        return
    for part in _windows(document.text):
        if part.lower().count("privacy") < 2:
            yield document._replace(text=part, weight=document.weight / 6, whole=False)


def _written_pages() -> Iterator[_Sample]:
    """Pages drawn from the self-written sentences, the same ones each time."""
    kinds = tomllib.loads(files("extractor.training.models").joinpath("other_pages.toml").read_text(encoding="utf-8"))
    around = kinds.pop("around")
    draw = random.Random(115)
    for name, sentences in kinds.items():
        for _ in range(_PAGES_A_KIND):
            body = draw.sample(sentences, draw.randint(2, len(sentences)))
            furniture = draw.sample(around, draw.choice([0, 0, 3, 8]))
            yield _Sample(" ".join(furniture + body), _WRITTEN.get(name, "other"), f"written {name}", 0.5, whole=False)


def _text_of(content: bytes, content_type: str) -> str:
    """The text that the record of a page would have."""
    media, _ = detect_media_type(content, content_type)
    return render_text(extract_blocks(media, content, Snapshot(content, content_type=content_type)).blocks)[0]


def _site_of(name: str) -> str:
    """The name of a site or service, so that one written in two ways is one.

    >>> _site_of("Yahoo"), _site_of("yahoo.com"), _site_of("github-privacy-policy-0")
    ('yahoo', 'yahoo', 'github')
    """
    words = name.lower().removeprefix("www.")
    return words.split("-privacy")[0].split("-terms")[0].split("-copyright")[0].split(".")[0].replace("-", " ")


def _learn(samples: Sequence[_Sample], grams: Sequence[_Gram]) -> LogisticRegression:
    """A multinomial logistic regression in which the three kinds weigh the same."""
    kinds = [sample.kind for sample in samples]
    share: dict[str, float] = dict.fromkeys(TEXT_KINDS, 0.0)
    for sample in samples:
        share[sample.kind] += sample.weight
    weights = [sample.weight / share[sample.kind] * len(samples) / len(TEXT_KINDS) for sample in samples]
    with threadpool_limits(1):  # sums over threads differ in the last bits, and so would the model's bytes
        return LogisticRegression(C=_STRENGTH, max_iter=1000).fit(
            _vectors(samples, grams), kinds, sample_weight=weights
        )


def _vectors(samples: Sequence[_Sample], grams: Sequence[_Gram]) -> csr_matrix:
    """The features of samples, (samples, grams)."""
    column = {gram: place for place, gram in enumerate(grams)}
    rows, columns, values = [], [], []
    for row, sample in enumerate(samples):
        for gram, value in features_of(sample.text).items():
            if gram in column:
                rows.append(row)
                columns.append(column[gram])
                values.append(value)
    return csr_matrix((values, (rows, columns)), shape=(len(samples), len(grams)))


@cache  # each text is asked for once a fold
def features_of(text: str) -> dict[_Gram, float]:
    """The words and pairs of a text, weighed as `extractor.clean.text_kind` does, and its cues."""
    found = sample_words(text)
    counts: Counter[_Gram] = Counter(found)
    counts.update(pairwise(found))
    length = math.sqrt(sum((1 + math.log(count)) ** 2 for count in counts.values())) or 1.0
    return {gram: (1 + math.log(count)) / length for gram, count in counts.items()} | _shares(counts, len(found))


def _shares(counts: Counter[_Gram], total: int) -> dict[_Gram, float]:
    """How much of a text are words of each group of cues, 0 to 1."""
    sums = {name: sum(counts[word] for word in cues) for name, cues in CUE_WORDS.items()}
    return {name: min(1.0, CUE_SCALE * count / max(total, 1)) for name, count in sums.items()}


def names(grams: Iterable[_Gram]) -> Iterator[str]:
    """The names of words and pairs in the model's file."""
    return (gram if isinstance(gram, str) else " ".join(gram) for gram in grams)


def _frequent_grams(samples: Sequence[_Sample]) -> list[_Gram]:
    """The words and pairs that most sites have, as many from each kind."""
    chosen: set[_Gram] = set()
    for kind in TEXT_KINDS:
        sites: dict[_Gram, set[str]] = {}
        for sample in samples:
            if sample.kind == kind:
                for gram in features_of(sample.text):
                    sites.setdefault(gram, set()).add(sample.site if kind == "policy" else sample.text[:80])
        common = sorted(((len(where), " ".join(names([gram])), gram) for gram, where in sites.items()), reverse=True)
        chosen |= {gram for count, _, gram in common[: _GRAMS // 2] if count >= _SITES}
    return sorted(chosen, key=lambda gram: " ".join(names([gram])))


def _logits(model: LogisticRegression, samples: Sequence[_Sample], grams: Sequence[_Gram]) -> _Array:
    """Decision values (samples, kinds), the kinds in the order of `TEXT_KINDS`."""
    found = model.decision_function(_vectors(samples, grams))
    return np.asarray(found[:, [list(model.classes_).index(kind) for kind in TEXT_KINDS]])


def _out_of_fold(samples: Sequence[_Sample]) -> _Array:
    """Decision values that each sample gets from rules learned on other sites."""
    found = np.zeros((len(samples), len(TEXT_KINDS)))
    folds = GroupKFold(_FOLDS).split(samples, groups=[sample.site for sample in samples])
    for train, test in folds:
        known = [samples[row] for row in train]
        grams = _frequent_grams(known)
        found[test] = _logits(_learn(known, grams), [samples[row] for row in test], grams)
    return found


def _policy_scores(found: _Array) -> _Array:
    """The probability of a policy, from decision values."""
    return np.asarray(1 / (1 + np.exp(np.logaddexp(found[:, 1], found[:, 2]) - found[:, 0])))


def _report(samples: Sequence[_Sample], found: _Array) -> Iterator[str]:
    """How many of each group lie on which side of one half."""
    scores = _policy_scores(found)
    groups = sorted({_group_of(sample) for sample in samples})
    for group in groups:
        mine = [score for score, sample in zip(scores, samples, strict=True) if _group_of(sample) == group]
        yield f"{group:32} {len(mine):5}  taken for a policy {sum(score >= 0.5 for score in mine) / len(mine):.4f}"


def _group_of(sample: _Sample) -> str:
    """The row of the report that a sample counts in."""
    part = "whole" if sample.whole else "part"
    return f"{sample.kind}, {sample.site if sample.site.startswith('written') else part}"


def _save(samples: Sequence[_Sample], held_out: Iterable[str], out: Path) -> None:
    """Learns from all samples and writes the model; the same samples give the same bytes."""
    grams = _frequent_grams(samples)
    model = _learn(samples, grams)
    rows = {kind: list(model.classes_).index(kind) for kind in TEXT_KINDS}
    card = {
        "trained_on": dict(Counter(f"{sample.kind}, {'whole' if sample.whole else 'part'}" for sample in samples)),
        "held_out": list(held_out),
        "bias": {kind: round(float(model.intercept_[rows[kind]]), 4) for kind in TEXT_KINDS},
        "grams": list(names(grams)),
        "weights": {kind: [round(float(weight), 3) for weight in model.coef_[rows[kind]]] for kind in TEXT_KINDS},
    }
    out.mkdir(parents=True, exist_ok=True)
    text = json.dumps(card, ensure_ascii=False, separators=(",", ":"))
    (out / "model.json").write_text(text.replace('],"', '],\n"') + "\n", encoding="utf-8")


def _main(data: str, out: str) -> None:
    """Trains the model, prints what it does on held-out sites, saves it."""
    samples = _read_samples(Path(data))
    lines = list(_report(samples, _out_of_fold(samples)))
    print(*lines, sep="\n")
    _save(samples, lines, Path(out))


if __name__ == "__main__":
    _main(*sys.argv[1:3])
