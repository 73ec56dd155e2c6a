"""The annotator: one page, or a stream of them, to labelled policies."""

from __future__ import annotations

import gc
import logging
from collections import deque
from collections.abc import Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from functools import cache
from itertools import chain, islice
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from extractor.corpora import read_file
from extractor.errors import UnreadableError
from extractor.records import (
    SCHEMA_VERSION,
    Document,
    Policy,
    PolicyCapture,
    Provenance,
    Segment,
    Snapshot,
    Verdict,
)
from extractor.run.pipeline.sandbox import annotate_apart, is_heavy
from extractor.version import VERSION

if TYPE_CHECKING:
    import tldextract

    from extractor.label import Memory, Model

# What reads and labels pages (numpy, scipy, lxml, language models) is imported where it is used: a second run on a
# folder, `status`, `verify` and `--help` answer without it, in a third of the time

_log = logging.getLogger(__name__)

_Page = bytes | str | Path | Snapshot
_LABELLED_LANGUAGE = "en"
_CHUNK = 16  # pages a worker is handed at a time
TOGETHER = 8  # pages are labelled in one go where all of them are at hand: captures take a twelfth less time


class Annotator:
    """Calls a model on pages: `annotator(page)` for one, `annotator.pipe(pages)` for a stream.

    A page is its bytes, its HTML or text as str, a Path to read it from, or a Snapshot.
    """

    def __init__(self, model: Model, name: str) -> None:
        self.model = model
        self._name = name  # it was loaded by, as workers do again
        self._memory: Memory = {}

    def __call__(self, page: _Page) -> Policy:
        """The policy of a page. A page that cannot be used gives one too: its verdict says why.

        Raises UnreadableError for a Path that is no readable file.
        """
        return self._policies([page])[0]

    def pipe(self, pages: Iterable[_Page], *, workers: int = 1, together: int = 1) -> Iterator[Policy]:
        """The policies of many pages, in their order and the same whatever the number of workers (processes).

        With one worker a page is taken when its policy is asked for, or so many `together`, which is a little quicker.
        """
        if workers <= 1:
            return chain.from_iterable(map(self._policies, _chunks_of(pages, together)))
        return _pipe_parallel(self._name, pages, workers)

    def _policies(self, pages: Sequence[_Page]) -> list[Policy]:
        return self._labelled([self._read(_as_snapshot(page)) for page in pages])

    def _read(self, snapshot: Snapshot) -> Policy | _Read:
        try:
            return annotate_apart(snapshot, self._name) if is_heavy(snapshot) else _read(snapshot)
        except UnreadableError as error:
            return _failed(snapshot, str(error))
        except Exception as error:  # noqa: BLE001 - one bad page must not cost its neighbours
            return _broken(snapshot, error)

    def _labelled(self, pages: Sequence[Policy | _Read]) -> list[Policy]:
        try:
            made = iter(_labelled([page for page in pages if isinstance(page, _Read)], self.model, self._memory))
        except Exception as error:  # noqa: BLE001 - as above
            if len(pages) > 1:
                return [policy for page in pages for policy in self._labelled([page])]
            return [_broken(page.snapshot, error) for page in pages if isinstance(page, _Read)]
        return [next(made) if isinstance(page, _Read) else page for page in pages]


def load(name: str | Path = "fast") -> Annotator:
    """The annotator with a model: "fast", "accurate", or the folder of one. Raises ModelError."""
    from extractor.label import load_model

    return Annotator(load_model(name), str(name))


def load_to_stay(name: str | Path) -> Annotator:
    """The annotator of a process that does nothing else: what is loaded stays, so that the garbage collector passes it
    over, and comes seldom, as records hold no cycles: 5 to 8% of the time of a long run.
    """
    import extractor.clean
    import extractor.segment  # noqa: F401

    annotator = load(name)
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    return annotator


def _as_snapshot(page: _Page) -> Snapshot:
    """A page in any of its forms as a snapshot."""
    if isinstance(page, Snapshot):
        return page
    if isinstance(page, bytes):
        return Snapshot(page)
    if isinstance(page, str):
        return Snapshot(page.encode("utf-8", "replace"), content_type="; charset=utf-8")
    return only_page(page)


def only_page(path: Path) -> Snapshot:
    """The one page in a file. Raises UnreadableError for an archive with several."""
    found = list(islice(read_file(path), 2))
    if len(found) != 1:
        number = "several pages" if found else "no page"
        raise UnreadableError(f"{path} holds {number}: use `annotate`, or extractor.read_corpus.")
    return found[0]


def _failed(snapshot: Snapshot, reason: str) -> Policy:
    """The record of a page that could not be worked on."""
    return policy_of(snapshot, Document(Verdict(usable=False, is_policy=0.0, reasons=(reason,))), (), None)


def _broken(snapshot: Snapshot, error: Exception) -> Policy:
    """The record of a page on which something went wrong that nobody thought of."""
    _log.warning("%s could not be annotated: %r", snapshot.id or "A page", error)
    return _failed(snapshot, f"could not be read: {type(error).__name__}: {str(error)[:200]}")


class _Read(NamedTuple):
    """A page that was read and cut into segments, before these are labelled."""

    snapshot: Snapshot
    document: Document
    parts: tuple[Segment, ...]

    @property
    def is_for_labels(self) -> bool:
        """Whether its segments are to be labelled."""
        return self.document.verdict.usable and self.document.language == _LABELLED_LANGUAGE


def annotate(snapshot: Snapshot, model: Model | None) -> Policy:
    """The line of stages for one page: clean, segment, and label where there is a model."""
    page = _read(snapshot)
    return _labelled([page], model, {})[0] if model else policy_of(*page, None)


def _read(snapshot: Snapshot) -> _Read:
    """The first stages: clean, segment."""
    from extractor.clean import clean
    from extractor.segment import segments

    document = clean(snapshot)
    return _Read(snapshot, document, segments(document))


def _labelled(pages: Sequence[_Read], model: Model, memory: Memory) -> list[Policy]:
    """The last stage for several pages in one go; each record is what it would be for the page alone.

    What `memory` knows of earlier pages is not labelled again.
    """
    from extractor.label import label_once

    parts = [part for page in pages if page.is_for_labels for part in page.parts]
    found = iter(label_once(parts, model, memory))
    return [
        policy_of(*page[:2], tuple(islice(found, len(page.parts))), model)
        if page.is_for_labels
        else policy_of(*page, None)
        for page in pages
    ]


def policy_of(snapshot: Snapshot, document: Document, parts: tuple[Segment, ...], model: Model | None) -> Policy:
    """The record that the stages' results make; without a model it was not labelled."""
    extractor = f"archived-policy {VERSION}" + (f" ({document.extractor})" if document.extractor else "")
    labeller = (f"{model.name} {model.version}", model.sha256) if model else ("", "")
    return Policy(
        schema_version=SCHEMA_VERSION,
        id=snapshot.id,
        domain=registered_domain(snapshot.capture.original),
        title=document.title,
        language=document.language,
        source=snapshot.source,
        capture=policy_capture(snapshot),
        verdict=document.verdict,
        markdown=document.markdown,
        text=document.text,
        labelled=model is not None,
        segments=parts,
        provenance=Provenance(extractor, *labeller, document.encoding),
    )


def policy_capture(snapshot: Snapshot) -> PolicyCapture:
    """The capture as the record has it: the index's words, and what was served."""
    capture = snapshot.capture
    return PolicyCapture(
        url=capture.original,
        timestamp=capture.timestamp,
        requested=capture.target,
        archive_url=snapshot.archive_url,
        status=int(capture.status) if capture.status.isdigit() else 0,
        mime=capture.mime,
        digest=capture.digest,
        served_url=snapshot.served_url,
        served_timestamp=snapshot.served_timestamp,
        sha256=snapshot.sha256,
        outcome=snapshot.outcome,
    )


@cache
def _domain_finder() -> tldextract.TLDExtract:
    """tldextract with the public suffix list that it carries; it never asks the network."""
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)


def registered_domain(url: str) -> str:
    """The registered domain of a URL, its host where that has none (an address, a single word), "" without a URL.

    A suffix that the list does not know is one of a single label, as the list's own rules say.

    >>> registered_domain("http://www.shop.example.co.uk/privacy"), registered_domain("http://www.shop.example/")
    ('example.co.uk', 'shop.example')
    """
    if not url:
        return ""  # without a second's tenth for the list of suffixes
    parts = _domain_finder()(url)
    if parts.suffix or parts.ipv4 or not parts.subdomain:
        return parts.top_domain_under_public_suffix or parts.domain or parts.suffix
    return f"{parts.subdomain.split('.')[-1]}.{parts.domain}"


def _chunks_of(pages: Iterable[_Page], size: int) -> Iterator[list[_Page]]:
    """Pages, so many at a time, taken when they are asked for."""
    source = iter(pages)
    return iter(lambda: list(islice(source, size)), [])


def _pipe_parallel(model: str, pages: Iterable[_Page], workers: int) -> Iterator[Policy]:
    """The policies of pages, worked on by several processes; no more than a few chunks wait at a time.

    Where a process dies, what was under way is done again chunk by chunk, and the chunk of which one dies again page by
    page, each in a process of its own: so that the page which kills costs itself and nothing else.
    """
    chunks = _chunks_of(pages, _CHUNK)
    while under_way := (yield from _pipe_until_one_dies(model, chunks, workers)):
        _log.warning("A worker process died: the %d pages under way are done again.", sum(map(len, under_way)))
        for chunk in under_way:
            if (yield from _pipe_until_one_dies(model, iter([chunk]), 1)):
                yield from (_annotate_alone(page, model) for page in chunk)


def _pipe_until_one_dies(
    model: str, chunks: Iterator[list[_Page]], workers: int
) -> Generator[Policy, None, list[list[_Page]]]:
    """The policies of chunks of pages; returns the chunks that were under way when a process died, else none."""
    under_way: deque[list[_Page]] = deque()
    results: deque[Future[list[Policy]]] = deque()
    spawn = get_context("spawn")
    with ProcessPoolExecutor(workers, mp_context=spawn, initializer=_start_worker, initargs=(model,)) as pool:
        try:
            while True:
                while len(under_way) <= 2 * workers and (chunk := next(chunks, [])):
                    under_way.append(chunk)
                    results.append(pool.submit(_annotate_chunk, chunk))
                if not under_way:
                    return []
                done = results.popleft().result()
                under_way.popleft()
                yield from done
        except BrokenProcessPool:
            return list(under_way)


def _annotate_alone(page: _Page, model: str) -> Policy:
    """The policy of a page, made in a process of its own, whatever becomes of that."""
    snapshot = _as_snapshot(page)
    try:
        return annotate_apart(snapshot, model)
    except UnreadableError as error:
        return _failed(snapshot, str(error))


_worker: dict[str, Annotator] = {}


def _start_worker(name: str) -> None:
    """Loads the model, once a process."""
    _worker["annotator"] = load_to_stay(name)


def _annotate_chunk(pages: list[_Page]) -> list[Policy]:
    """The policies of a few pages, in a worker."""
    return list(_worker["annotator"].pipe(pages, together=TOGETHER))
