"""spaCy's DocBin: a Doc per policy with its practices as spans, as the component `policy_practices` sets them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.errors import UsageError
from extractor.exports.fields import evidence_in
from extractor.files import write_atomically
from extractor.records import Policy

if TYPE_CHECKING:  # spaCy takes a while to load
    from spacy.language import Language
    from spacy.tokens import Doc, Span

_SPANS_KEY, _PASSAGES_KEY, _EVIDENCE_KEY = "policy_practices", "passages", "evidence"
_MAX_TOKENS = 1_500_000  # of a DocBin, which spaCy holds in memory; about 25,000 segments


def write_docbin(policies: Iterable[Policy], path: Path) -> int:
    """Writes policies as one DocBin and returns their number. Raises UsageError if they are too many for one."""
    import spacy
    from spacy.tokens import DocBin

    nlp, docs, count, tokens = spacy.blank("en"), DocBin(attrs=["ORTH"], store_user_data=True), 0, 0
    for count, policy in enumerate(policies, 1):  # noqa: B007
        doc = _doc_of_policy(policy, nlp)
        tokens += len(doc)
        if tokens > _MAX_TOKENS:
            raise UsageError(
                f"One DocBin is held in memory whole, and {path} would have more than {_MAX_TOKENS:,} tokens: "
                "write a folder of them with --per-file 500."
            )
        docs.add(doc)
    with write_atomically(path) as stream:
        stream.write(docs.to_bytes())
    return count


def _doc_of_policy(policy: Policy, nlp: Language) -> Doc:
    """A policy as a Doc.

    `doc.spans["policy_practices"]` has a span for each practice of each segment, with its score in `attrs["scores"]`
    and its polarity in `attrs["polarity"]`; `doc.spans["evidence"]` the evidence of practices; `doc.spans["passages"]`
    the segments; `doc.user_data` the id, site, policy, domain, URL and timestamp of the capture.
    """
    from spacy.tokens import Span, SpanGroup

    doc = nlp.tokenizer(policy.text)
    passages = [_span_of(doc, segment.start, segment.end) for segment in policy.segments]
    labelled = [
        (segment, span, practice)
        for segment, span in zip(policy.segments, passages, strict=True)
        for practice in segment.practices
    ]
    spans = [Span(doc, span.start, span.end, label=practice) for _, span, practice in labelled]
    attrs = {
        "scores": [segment.scores[practice] for segment, _, practice in labelled],
        "polarity": [segment.polarity[practice] for segment, _, practice in labelled],
    }
    doc.spans[_SPANS_KEY] = SpanGroup(doc, name=_SPANS_KEY, attrs=attrs, spans=spans)
    doc.spans[_PASSAGES_KEY] = SpanGroup(doc, name=_PASSAGES_KEY, spans=passages)
    doc.spans[_EVIDENCE_KEY] = SpanGroup(doc, name=_EVIDENCE_KEY, spans=list(_evidence_spans(doc, policy)))
    capture = policy.capture
    doc.user_data.update(id=policy.id, site=policy.site, policy=policy.policy, domain=policy.domain)
    doc.user_data.update(url=capture.url, timestamp=capture.timestamp)
    return doc


def _evidence_spans(doc: Doc, policy: Policy) -> Iterator[Span]:
    """The evidence of practices, labelled with them."""
    for segment in policy.segments:
        for practice, start, end in evidence_in(segment):
            yield _span_of(doc, segment.start + start, segment.start + end, practice)


def _span_of(doc: Doc, start: int, end: int, label: str = "") -> Span:
    """The tokens of a passage; those that it cuts are included."""
    span = doc.char_span(start, end, label, alignment_mode="expand")
    assert span is not None, "segments and evidence have words"
    return span
