"""The annotator turns one page, or a stream of pages, into labelled policies."""

from __future__ import annotations

import atexit
import gc
import hashlib
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import msgspec

from extractor.corpora import read_file, with_saved_url
from extractor.errors import UnreadableError
from extractor.identity import Identity, PageOrigin, identity_of, site_of
from extractor.modelcard import ModelIdentity, identify_model
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
from extractor.run.pipeline.allocator import fix_allocation_thresholds, return_free_memory
from extractor.run.pipeline.own_texts import check_page, check_pages, own_passages
from extractor.run.pipeline.sandbox import annotate_in_sandbox
from extractor.run.pipeline.workers import AnyPage, WorkerFunctions, exit_with_parent, pipe_through_workers
from extractor.version import VERSION

if TYPE_CHECKING:
    from extractor.clean import DocumentCache, PageSignature, UnpackedPage
    from extractor.label import LabelCache, Model

# The cleaning and labelling code (numpy, scipy, lxml, language models) is imported where it is used: `--help`,
# `status`, `verify` and a second run on a folder work without it, in a third of the time

_log = logging.getLogger(__name__)

_LABELLED_LANGUAGE = "en"
_MAX_CACHED_HEAVY_PAGES = 16
_MAX_CACHED_BYTES = 1_000_000  # of the record of a heavy page; a longer one is not cached
_PAGES_TO_TRIM = 500  # after which free memory is returned: a process of 20,000 pages has 25 MB less
BATCH_SIZE = 32  # pages labelled in one call if all are available: captures take a seventh less time


class Annotator:
    """Applies a model: `annotator(page)` to one page, `annotator.pipe(pages)` to a stream, `annotator.label` to texts.

    A page is its bytes, its HTML or text as a str, a Path to read it from, or a Snapshot.
    """

    def __init__(self, name: str, identity: ModelIdentity, model: Model | None = None) -> None:
        """An annotator with a model that is loaded, or is loaded by its name when it is first needed."""
        self.identity = identity
        self._model = model
        self._name = name  # workers load the model by it
        self._document_cache: DocumentCache = {}
        self._label_cache: LabelCache = {}
        self._heavy_cache: dict[PageSignature, bytes] = {}
        self._pages_since_trim = 0

    @property
    def model(self) -> Model:
        """The model. Raises ModelError if it cannot be loaded."""
        if self._model is None:
            self._model = _load_model(self._name)
        return self._model

    def __call__(self, page: AnyPage) -> Policy:
        """The policy of a page. An unusable page also has one; its verdict has the reason.

        Raises UnreadableError for a Path that is not a readable file; TypeError for a list; ValueError for a str that
        is the path of a file, an address, or too short to be a page.
        """
        check_page(page)
        return self._annotate_batch([page])[0]

    def pipe(self, pages: Iterable[AnyPage], *, workers: int = 1, batch_size: int = 1) -> Iterator[Policy]:
        """The policies of many pages, in the order of the pages and independent of the number of workers (processes).

        With one worker, pages are taken as their policies are requested, `batch_size` at a time. Larger batches are a
        little faster. Raises TypeError if one page is given, or the path of a folder.
        """
        check_pages(pages)
        if workers <= 1:
            return chain.from_iterable(map(self._annotate_batch, _batches(pages, batch_size)))
        return _pipe_parallel(self._name, pages, workers)

    def label(self, texts: Iterable[str], headings: Iterable[str | Sequence[str]] | None = None) -> list[Segment]:
        """Texts of one's own as labelled segments, in their order, each labelled by itself.

        `headings` are those above each text, outermost first, or one str for each. The offsets of a segment, and those
        of its evidence, count the code points of its own text. Raises TypeError for one str, or where a text is none;
        ValueError if headings are not as many as texts.
        """
        from extractor.label import label_with_cache

        return label_with_cache(own_passages(texts, headings), self.model, self._label_cache)

    def _annotate_batch(self, pages: Sequence[AnyPage]) -> list[Policy]:
        policies = self._label_batch([self._prepare(_as_snapshot(page)) for page in pages])
        self._pages_since_trim += len(pages)
        if self._pages_since_trim >= _PAGES_TO_TRIM:
            self._pages_since_trim = 0
            return_free_memory()
        return policies

    def _prepare(self, snapshot: Snapshot) -> Policy | _SegmentedPage:
        from extractor.clean import is_heavy, unpack

        try:
            page = unpack(snapshot)
            if is_heavy(page):
                return self._annotate_heavy(page)
            return _clean_and_segment(page, self._document_cache)
        except UnreadableError as error:
            return _unusable_policy(snapshot, str(error))
        except Exception as error:  # noqa: BLE001 - one bad page must not affect the others
            return _policy_after_error(snapshot, error)

    def _annotate_heavy(self, page: UnpackedPage) -> Policy:
        """The policy of a heavy page; one that stood before, as a PDF often did, is not processed again."""
        from extractor.clean import page_signature

        signature = page_signature(page)
        signature = signature._replace(content=hashlib.sha256(signature.content).digest())
        if packed := self._heavy_cache.pop(signature, b""):
            policy = _as_capture(msgspec.msgpack.decode(packed, type=Policy), page.snapshot)
        else:
            policy = annotate_in_sandbox(page.snapshot, self._name)
            packed = msgspec.msgpack.encode(policy)
        if policy.verdict.usable and len(packed) <= _MAX_CACHED_BYTES:  # others may have met a limit of time
            self._heavy_cache[signature] = packed  # at the end
        for oldest in list(self._heavy_cache)[:-_MAX_CACHED_HEAVY_PAGES]:
            del self._heavy_cache[oldest]
        return policy

    def _label_batch(self, pages: Sequence[Policy | _SegmentedPage]) -> list[Policy]:
        segmented = [page for page in pages if isinstance(page, _SegmentedPage)]
        try:
            labelled = iter(_label_pages(segmented, self.model, self._label_cache))
        except Exception as error:  # noqa: BLE001 - as above
            if len(pages) > 1:
                return [policy for page in pages for policy in self._label_batch([page])]
            return [_policy_after_error(page.snapshot, error) for page in segmented]
        return [next(labelled) if isinstance(page, _SegmentedPage) else page for page in pages]


def load(name: str | Path = "fast") -> Annotator:
    """An annotator with the model "fast", "accurate", or one in a folder. Raises ModelError."""
    model = _load_model(str(name))
    return Annotator(str(name), ModelIdentity(model.name, model.version, model.sha256), model)


def _load_model(name: str) -> Model:
    """The model of an annotator. Raises ModelError."""
    from extractor.label import load_model

    return load_model(name)


def load_long_lived(name: str | Path, workers: int = 1) -> Annotator:
    """An annotator for a process that only annotates pages. Raises ModelError.

    With several workers, each of them loads the model, and this process need not.

    The garbage collector ignores what is loaded and runs rarely, because records have no cycles. This saves 5 to 8% of
    the time of a long run. At the end it ignores everything, which would take it some 0.2 seconds to look through.
    Memory that pages took is returned to the system. Threads of OpenBLAS, which small matrices do not need, would take
    a tenth of the time of the start, so there are none unless the environment asks for them.
    """
    if workers > 1:
        return Annotator(str(name), identify_model(name))
    gc.set_threshold(250_000, 20, 100)
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # read when numpy and scipy are loaded
    import extractor.clean
    import extractor.segment  # noqa: F401

    fix_allocation_thresholds()
    annotator = load(name)
    gc.freeze()
    atexit.register(gc.freeze)
    return annotator


def _as_snapshot(page: AnyPage) -> Snapshot:
    """A page in any accepted form as a snapshot."""
    if isinstance(page, Snapshot):
        return page
    if isinstance(page, bytes):
        return with_saved_url(Snapshot(page))
    if isinstance(page, str):
        return with_saved_url(Snapshot(page.encode("utf-8", "replace"), content_type="; charset=utf-8"))
    return read_single_page(page)


def read_single_page(path: Path) -> Snapshot:
    """The only page in a file. Raises UnreadableError for an archive with several."""
    pages = list(islice(read_file(path), 2))
    if len(pages) != 1:
        number = "several pages" if pages else "no page"
        raise UnreadableError(f"{path} holds {number}: use `annotate`, or extractor.read_corpus.")
    return pages[0]


def _unusable_policy(snapshot: Snapshot, reason: str) -> Policy:
    """The record of a page that could not be processed."""
    return build_policy(snapshot, Document(Verdict(usable=False, is_policy=0.0, reasons=(reason,))), (), None)


def _policy_after_error(snapshot: Snapshot, error: Exception) -> Policy:
    """The record of a page on which an unexpected error occurred."""
    _log.warning("%s could not be annotated: %r", snapshot.id or "A page", error)
    return _unusable_policy(snapshot, f"could not be read: {type(error).__name__}: {str(error)[:200]}")


class _SegmentedPage(NamedTuple):
    """A page after cleaning and segmentation, before labelling."""

    snapshot: Snapshot
    document: Document
    segments: tuple[Segment, ...]

    @property
    def needs_labels(self) -> bool:
        """Whether the segments will be labelled."""
        return self.document.verdict.usable and self.document.language == _LABELLED_LANGUAGE


def annotate(page: UnpackedPage, model: Model | None) -> Policy:
    """The policy of one page: cleaned, segmented, and labelled if there is a model."""
    segmented = _clean_and_segment(page, {})
    return _label_pages([segmented], model, {})[0] if model else build_policy(*segmented, None)


def _clean_and_segment(page: UnpackedPage, cache: DocumentCache) -> _SegmentedPage:
    """The first stages: clean, unless the cache has the document of such a page, and segment."""
    from extractor.clean import clean_with_cache
    from extractor.segment import segments

    document = clean_with_cache(page, cache)
    return _SegmentedPage(page.snapshot, document, segments(document))


def _label_pages(pages: Sequence[_SegmentedPage], model: Model, cache: LabelCache) -> list[Policy]:
    """The last stage, for several pages in one call; each record is the same as for the page alone.

    Passages of earlier pages that are in `cache` are not labelled again.
    """
    from extractor.label import label_with_cache

    segments = [segment for page in pages if page.needs_labels for segment in page.segments]
    labelled = iter(label_with_cache(segments, model, cache))
    return [
        build_policy(page.snapshot, page.document, tuple(islice(labelled, len(page.segments))), model)
        if page.needs_labels
        else build_policy(*page, None)
        for page in pages
    ]


def build_policy(snapshot: Snapshot, document: Document, segments: tuple[Segment, ...], model: Model | None) -> Policy:
    """The record of a page from the results of the stages; `model` is None if it was not labelled."""
    extractor = f"archived-policy {VERSION}" + (f" ({document.extractor})" if document.extractor else "")
    labeller = (f"{model.name} {model.version}", model.sha256) if model else ("", "")
    identity = policy_identity(snapshot)
    return Policy(
        schema_version=SCHEMA_VERSION,
        id=snapshot.id,
        site=identity.site,
        policy=identity.policy,
        domain=_domain_of(snapshot),
        title=document.title,
        language=document.language,
        source=snapshot.source,
        capture=policy_capture(snapshot),
        verdict=document.verdict,
        markdown=document.markdown,
        text=document.text,
        labelled=model is not None,
        segments=segments,
        provenance=Provenance(extractor, *labeller, document.encoding, document.elsewhere, snapshot.followed_from),
    )


def _as_capture(policy: Policy, snapshot: Snapshot) -> Policy:
    """The record of a page as that of another capture with the same bytes."""
    own = _unusable_policy(snapshot, "")
    origin = {name: getattr(own, name) for name in ("id", "site", "policy", "domain", "source", "capture")}
    return replace(policy, **origin, provenance=replace(policy.provenance, followed_from=snapshot.followed_from))


def policy_identity(snapshot: Snapshot) -> Identity:
    """The site and policy that a page's record has: those of the page that was asked for first, if it led to this."""
    source, capture = snapshot.source, snapshot.capture
    first = next(iter(snapshot.followed_from), "").partition("/")[2]
    origin = PageOrigin(
        capture.target,
        first or capture.original,
        _domain_of(snapshot),
        source.path,
        source.record,
        "" if source.path or capture.original else snapshot.sha256,
    )
    return identity_of(origin, Identity(snapshot.site, snapshot.policy))


def _domain_of(snapshot: Snapshot) -> str:
    """The registered domain of a page's site."""
    return site_of(snapshot.capture.original, snapshot.followed_from)


def policy_capture(snapshot: Snapshot) -> PolicyCapture:
    """The capture as stored in a record: fields from the index, and what was served."""
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


def _batches(pages: Iterable[AnyPage], size: int) -> Iterator[list[AnyPage]]:
    """Lists of `size` pages, taken as they are requested."""
    source = iter(pages)
    return iter(lambda: list(islice(source, size)), [])


def _pipe_parallel(model: str, pages: Iterable[AnyPage], workers: int) -> Iterator[Policy]:
    """The policies of pages, processed by several workers."""
    return pipe_through_workers(
        WorkerFunctions(
            start=exit_with_parent,
            annotate=partial(_annotate_chunk, model=model),
            annotate_alone=partial(_annotate_in_own_process, model=model),
            policy_of=_policy_of,
        ),
        pages,
        workers,
    )


def _policy_of(page: AnyPage) -> str:
    """The policy that a page is known to be a capture of, "" where nothing but its content is given."""
    return policy_identity(page).policy if isinstance(page, Snapshot) else ""


def _annotate_in_own_process(page: AnyPage, model: str) -> Policy:
    """The policy of a page, made in a process of its own, which may die."""
    snapshot = _as_snapshot(page)
    try:
        return annotate_in_sandbox(snapshot, model)
    except UnreadableError as error:
        return _unusable_policy(snapshot, str(error))


def _annotate_chunk(pages: list[AnyPage], model: str) -> list[Policy]:
    """The policies of a few pages, in a worker. Raises ModelError."""
    return list(_worker_annotator(model).pipe(pages, batch_size=BATCH_SIZE))


@cache
def _worker_annotator(model: str) -> Annotator:
    """The annotator of a worker, loaded with its first pages: an error then reaches the process that sent them."""
    return load_long_lived(model)
