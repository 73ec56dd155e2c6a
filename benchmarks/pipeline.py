"""What a page costs from its bytes to its record, beside what a user would build instead, in one run.

    make bench                      # or: python -m benchmarks.pipeline DATA -o benchmarks/results

Every way of working has a process of its own with one thread, is handed the same pages, eight at a time, and is timed
after it has read some first; what is told is CPU time, so that other work on the machine changes little, and of the
quick ways, which take turns, the least of three runs. The ways:

    ours, fast / accurate    bytes to record as JSON: text, Markdown, verdict, segments, labels
    trafilatura alone        `extract(favor_recall=True)`: text, no labels
    straightforward          trafilatura, spaCy's sentencizer, TF-IDF and logistic regression of scikit-learn
    BERT                     readability, html2text, a BERT-base classifier on each paragraph (random weights: they take
                             the time that trained ones take)
    Princeton                readability, html2text: the way of the Princeton-Leuven corpus, no labels

The pages are "strangers", the given ones with words changed in nearly every paragraph, so that nothing in them was seen
before; or "captures", the pages of OPP-115 over and over with a few words changed, as the next captures of a site are:
of these ours remembers what stands as before. "Few captures" are one of each policy, after the first one of each.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from extractor.exports import encode_line
from extractor.records import Snapshot
from extractor.run.pipeline import BATCH_SIZE, load_long_lived
from extractor.version import VERSION

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1", MKL_NUM_THREADS="1")

Way = Callable[[list[bytes]], Any]  # takes pages, `BATCH_SIZE` at a time
SLOW = {"ours, accurate": 2, "BERT": 2}  # pages that the slow ways read first
SLOW_EVERY = 40  # of the strangers one in so many is for the slow ways
POLICIES = 54  # of OPP-115 that are given as pages
CAPTURES = 216  # pages
SIZES = (20, 50, 100, 200, 500, 1000, 2000)  # kB
COUNTS = (54, 108, 216, 432)
ROUNDS = 3  # of which the cheapest counts: rented machines have minutes in which all takes a third longer
CHANGED = 40  # words in each capture
CHANGED_EVERYWHERE = (b"in", b"is", b"be", b"may", b"by", b"as", b"are", b"on")


class Cost(NamedTuple):
    """What a way of working took: CPU seconds, pages, bytes, and the most memory its process had, in MB."""

    seconds: float
    pages: int
    size: int
    peak: float

    @property
    def page(self) -> float:
        """Milliseconds a page."""
        return 1000 * self.seconds / self.pages


def ours(model: str, data: Path) -> Way:  # noqa: ARG001
    annotator = load_long_lived(model)
    return lambda pages: list(map(encode_line, annotator.pipe(map(Snapshot, pages), batch_size=BATCH_SIZE)))


def one_by_one(way: Callable[[bytes], Any]) -> Way:
    return lambda pages: [way(page) for page in pages]


def trafilatura_alone(data: Path) -> Way:  # noqa: ARG001
    import trafilatura

    return one_by_one(lambda page: trafilatura.extract(page, favor_recall=True))


def straightforward(data: Path) -> Way:
    import spacy
    import trafilatura

    rules = rules_of_scikit_learn(data)
    splitter = spacy.blank("en")
    splitter.add_pipe("sentencizer")

    def labelled(page: bytes) -> Any:
        text = trafilatura.extract(page, favor_recall=True) or "empty"
        sentences = [sentence.text for sentence in splitter(text).sents]
        return sentences, rules.predict_proba(sentences)

    return one_by_one(labelled)


def rules_of_scikit_learn(data: Path) -> Any:
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.multiclass import OneVsRestClassifier
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MultiLabelBinarizer

    with (data / "opp115/majority_train.jsonl").open(encoding="utf-8") as lines:
        rows = [json.loads(line) for line in lines]
    rules = OneVsRestClassifier(LogisticRegression(C=10, class_weight="balanced", max_iter=1000))
    pipeline = make_pipeline(TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, min_df=2), rules)
    labels = MultiLabelBinarizer().fit_transform([row["labels"] for row in rows])
    return pipeline.fit([row["text"] for row in rows], labels)


def princeton(data: Path) -> Way:  # noqa: ARG001
    return one_by_one(readable)


def readable(page: bytes) -> str:
    import html2text
    from readability import Document

    converter = html2text.HTML2Text()
    converter.body_width = 0
    return converter.handle(Document(page.decode("utf-8", "replace")).summary())


def bert(data: Path) -> Way:  # noqa: ARG001
    import torch
    from tokenizers import Tokenizer
    from transformers import BertConfig, BertForSequenceClassification

    torch.set_num_threads(1)
    model = BertForSequenceClassification(BertConfig(num_labels=12)).eval()
    tokenizer = Tokenizer.from_file("models/accurate/tokenizer.json")  # BERT's word pieces
    tokenizer.enable_truncation(512)
    tokenizer.enable_padding()

    def labelled(page: bytes) -> Any:
        paragraphs = sorted(filter(str.strip, readable(page).split("\n\n")), key=len)  # less padding
        with torch.inference_mode():
            return [model(torch.tensor(ids), torch.tensor(mask)).logits for ids, mask in batches(tokenizer, paragraphs)]

    return one_by_one(labelled)


def batches(tokenizer: Any, texts: list[str]) -> Iterator[tuple[list[list[int]], list[list[int]]]]:
    """The word pieces of texts, sixteen texts at a time, and which are no padding."""
    waiting = iter(texts)
    while some := list(islice(waiting, 16)):
        found = tokenizer.encode_batch(some)
        yield [one.ids for one in found], [one.attention_mask for one in found]


WAYS: dict[str, Callable[[Path], Way]] = {
    "ours, fast": lambda data: ours("fast", data),
    "ours, accurate": lambda data: ours("accurate", data),
    "trafilatura alone": trafilatura_alone,
    "straightforward": straightforward,
    "BERT": bert,
    "Princeton": princeton,
}


def given(data: Path, pattern: str = "*") -> Iterator[bytes]:
    """The given pages."""
    return (path.read_bytes() for path in sorted((data / "extraction").glob(f"{pattern}/*.html")))


def strangers(data: Path) -> Iterator[bytes]:
    """The given pages, changed in nearly every paragraph."""
    for page in given(data):
        for word in CHANGED_EVERYWHERE:
            page = page.replace(b" %s " % word, b" %sx " % word)  # noqa: PLW2901
        yield page


def few_strangers(data: Path) -> Iterator[bytes]:
    """Some of these, for the slow ways."""
    return islice(strangers(data), 0, None, SLOW_EVERY)


def captures(data: Path) -> Iterator[bytes]:
    """The pages of OPP-115 over and over, with a few words changed in each."""
    for number, page in enumerate(cycle(given(data, "opp115"))):
        yield page.replace(b"information", b"information%d" % number, CHANGED)


def some_captures(data: Path, number: int = CAPTURES) -> Iterator[bytes]:
    """So many captures, other ones than those that a way reads first."""
    return islice(captures(data), 1000, 1000 + number)


Pages = Callable[[Path], Iterator[bytes]]


def few_captures(data: Path) -> Iterator[bytes]:
    """Some of these, for the slow ways: one of each policy."""
    return some_captures(data, POLICIES)


def first_captures(data: Path) -> Iterator[bytes]:
    """The first captures of the policies."""
    return islice(captures(data), POLICIES)


def cost(name: str, data: Path, pages: Pages, before: Pages, first: int) -> Cost:
    """What a way takes for pages, in this process, after so many others that are not counted."""
    way = WAYS[name](data)
    seen = islice(before(data), first)
    while some := list(islice(seen, BATCH_SIZE)):
        way(some)
    seconds, number, size, waiting = 0.0, 0, 0, pages(data)
    while some := list(islice(waiting, BATCH_SIZE)):
        began = time.process_time()
        way(some)
        seconds += time.process_time() - began
        number, size = number + len(some), size + sum(map(len, some))
    return Cost(seconds, number, size, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000)


def alone(name: str, data: Path, pages: Pages, before: Pages = given, first: int = 1000) -> Cost:
    """The same in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(cost, name, data, pages, before, first).result()


def of_size(bodies: Iterator[bytes], kilobytes: int) -> bytes:
    """A page of a size: what stands in the bodies of others, one after another."""
    content = b""
    while len(content) < 1000 * kilobytes:
        content += next(bodies)
    end = content.rfind(b"<", 0, 1000 * kilobytes)
    return b"<html><head><title>Privacy Policy</title></head><body>" + content[:end] + b"</body></html>"


def body_of(page: bytes) -> bytes:
    """What stands in the body of a page, as it stands there."""
    begin = page.lower().find(b"<body")
    end = page.lower().rfind(b"</body")
    return page[page.find(b">", begin) + 1 : end if end > begin else len(page)]


def wall(data: Path, workers: int) -> tuple[float, list[bytes]]:
    """The seconds on the clock that captures take, and their records."""
    pages = map(Snapshot, list(some_captures(data, 4 * CAPTURES)))
    pipe = load_long_lived("fast").pipe(pages, workers=workers, batch_size=BATCH_SIZE)
    records = [encode_line(next(pipe))]  # until the workers are there
    began = time.monotonic()
    records += map(encode_line, pipe)
    return time.monotonic() - began, records


def machine() -> dict[str, str]:
    """What the figures were measured on."""
    info = Path("/proc/cpuinfo")
    names = [line.split(":")[1].strip() for line in info.read_text().splitlines() if "model name" in line]
    return {
        "processor": names[0] if names else platform.processor(),
        "cores": str(os.cpu_count()),
        "system": platform.platform(terse=True),
        "python": platform.python_version(),
        "archived-policy": VERSION,
        "date": time.strftime("%Y-%m-%d"),
        "load when begun": f"{os.getloadavg()[0]:.1f}",
    }


def table_of_ways(data: Path) -> list[dict[str, Any]]:
    """What each way costs, beside ours for the same pages."""
    rows, quick = [], ("ours, fast", "trafilatura alone", "straightforward", "Princeton")
    for title, pages, before, ways, rounds in (
        ("strangers", strangers, given, quick, ROUNDS),
        ("captures", some_captures, given, quick, ROUNDS),
        ("few strangers", few_strangers, given, ("ours, fast", "ours, accurate", "BERT"), 1),
        ("few captures", few_captures, first_captures, ("ours, fast", "ours, accurate"), 1),
    ):
        first = {way: SLOW.get(way, 1000) if before is given else 1000 for way in ways}
        found = [(way, alone(way, data, pages, before, first[way])) for _ in range(rounds) for way in ways]
        cheapest = {way: min(one for name, one in found if name == way) for way in ways}
        rows += [row(title, way, one, cheapest["ours, fast"]) for way, one in cheapest.items()]
    return rows


def row(pages: str, way: str, found: Cost, base: Cost) -> dict[str, Any]:
    """A row of the table; `times ours` compares with `base`, which is ours for the same pages."""
    return {
        "pages": pages,
        "way": way,
        "ms a page": round(found.page, 1),
        "pages a second": round(1000 / found.page, 1),
        "time, ours = 1": round(found.page / base.page, 2),
        "peak MB": round(found.peak),
    }


def cost_by_size(data: Path) -> list[dict[str, float]]:
    """What pages of several sizes cost on the clock, heavy ones in their own process among them; 4 MB of each size."""
    annotator, bodies, rows = load_long_lived("fast"), map(body_of, captures(data)), []
    for size in SIZES:
        first, *pages = (of_size(bodies, size) for _ in range(max(3, 4000 // size)))
        annotator(first)
        began = time.monotonic()
        for page in pages:
            encode_line(annotator(page))
        seconds = (time.monotonic() - began) / len(pages)
        rows.append({"kB": size, "ms a page": round(1000 * seconds, 1), "ms a kB": round(1000 * seconds / size, 3)})
    return rows


def cost_by_count(data: Path) -> list[dict[str, float]]:
    """What so many captures cost."""
    found = [(count, alone("ours, fast", data, partial(some_captures, number=count))) for count in COUNTS]
    return [{"pages": count, "seconds": round(one.seconds, 2), "ms a page": round(one.page, 1)} for count, one in found]


def workers(data: Path) -> list[dict[str, Any]]:
    """How much faster two processes are than one, on the clock, and whether their records are the same."""
    (one, first), (two, second) = wall(data, 1), wall(data, 2)
    return [{"one, s": round(one, 1), "two, s": round(two, 1), "times": round(one / two, 2), "same": first == second}]


def plot(results: dict[str, Any], path: Path) -> None:
    """Cost against the size of a page, and against the number of pages."""
    import matplotlib

    matplotlib.use("svg")
    from matplotlib import pyplot

    matplotlib.rcParams["svg.hashsalt"] = "archived-policy"
    figure, (left, right) = pyplot.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    sizes, costs = zip(*((row["kB"], row["ms a page"]) for row in results["by size"]), strict=True)
    left.loglog(sizes, costs, "o-")
    left.set(xlabel="size of the page, kB", ylabel="ms a page", title="Cost against size")
    for axis, ticks in ((left.xaxis, SIZES), (left.yaxis, (5, 10, 20, 50, 100, 200, 500))):
        axis.set_ticks(ticks, labels=map(str, ticks))
        axis.set_ticks([], minor=True)
    right.plot([row["pages"] for row in results["by count"]], [row["seconds"] for row in results["by count"]], "o-")
    right.set(xlabel="captures", ylabel="CPU seconds", title="Cost against number", xlim=0, ylim=0)
    for axes in (left, right):
        axes.grid(alpha=0.3)
    figure.savefig(path, metadata={"Date": None})


def as_markdown(rows: Iterable[dict[str, Any]]) -> str:
    """Rows as a table."""
    rows = list(rows)
    lines = [list(rows[0]), ["---"] + ["---:"] * (len(rows[0]) - 1), *(map(str, row.values()) for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main(words: list[str]) -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("-o", "--output", type=Path, default=Path("benchmarks/results"))
    arguments = parser.parse_args(words)
    results: dict[str, Any] = {"machine": machine()}
    parts = {"ways": table_of_ways, "by size": cost_by_size, "by count": cost_by_count, "workers": workers}
    for title, measured in parts.items():
        results[title] = measured(arguments.data)
        print(f"\n{as_markdown(results[title])}", flush=True)
    arguments.output.mkdir(parents=True, exist_ok=True)
    (arguments.output / "pipeline.json").write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")
    plot(results, arguments.output / "pipeline.svg")


if __name__ == "__main__":
    main(sys.argv[1:])
