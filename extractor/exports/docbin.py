"""spaCy's DocBin: a Doc a policy, its practices as spans, as the component `policy_practices` sets them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from extractor.errors import UsageError
from extractor.exports.lines import evidence_in
from extractor.files import write_atomically
from extractor.records import Policy

if TYPE_CHECKING:  # spaCy takes a while to load
    from spacy.language import Language
    from spacy.tokens import Doc, Span

_SPANS_KEY, _PASSAGES_KEY, _EVIDENCE_KEY = "policy_practices", "passages", "evidence"
_MAX_TOKENS = 1_500_000  # of a DocBin, which spaCy builds and reads in memory as a whole; some 25,000 segments


def write_docbin(policies: Iterable[Policy], path: Path) -> int:
    """Writes policies as one DocBin. Gives their number. Raises UsageError where they are too many for one."""
    import spacy
    from spacy.tokens import DocBin

    nlp, kept, count, tokens = spacy.blank("en"), DocBin(attrs=["ORTH"], store_user_data=True), 0, 0
    for count, policy in enumerate(policies, 1):  # noqa: B007
        doc = _doc_of(policy, nlp)
        tokens += len(doc)
        if tokens > _MAX_TOKENS:
            raise UsageError(
                f"One DocBin is held in memory whole, and {path} would have more than {_MAX_TOKENS:,} tokens: "
                "write a folder of them with --per-file 500."
            )
        kept.add(doc)
    with write_atomically(path) as stream:
        stream.write(kept.to_bytes())
    return count


def _doc_of(policy: Policy, nlp: Language) -> Doc:
    """A policy as a Doc.

    `doc.spans["policy_practices"]` has a span for each practice of each segment, with its score in `attrs["scores"]`
    and whether it is done in `attrs["polarity"]`; `doc.spans["evidence"]` one for each place that carried one;
    `doc.spans["passages"]` the segments; `doc.user_data` what names the capture.
    """
    from spacy.tokens import Span, SpanGroup

    doc = nlp.tokenizer(policy.text)
    places = [(segment, _span_of(doc, segment.start, segment.end)) for segment in policy.segments]
    marks = [(span, practice, of.scores[practice]) for of, span in places for practice in of.practices]
    spans = [Span(doc, span.start, span.end, label=practice) for span, practice, _ in marks]
    attrs = {
        "scores": [score for *_, score in marks],
        "polarity": [of.polarity[practice] for of, _ in places for practice in of.practices],
    }
    doc.spans[_SPANS_KEY] = SpanGroup(doc, name=_SPANS_KEY, attrs=attrs, spans=spans)
    doc.spans[_PASSAGES_KEY] = SpanGroup(doc, name=_PASSAGES_KEY, spans=[span for _, span in places])
    doc.spans[_EVIDENCE_KEY] = SpanGroup(doc, name=_EVIDENCE_KEY, spans=list(_evidence_spans(doc, policy)))
    capture = policy.capture
    doc.user_data.update(id=policy.id, domain=policy.domain, url=capture.url, timestamp=capture.timestamp)
    return doc


def _evidence_spans(doc: Doc, policy: Policy) -> Iterator[Span]:
    """The tokens that carried practices, labelled with them."""
    for segment in policy.segments:
        for practice, start, end in evidence_in(segment):
            yield _span_of(doc, segment.start + start, segment.start + end, practice)


def _span_of(doc: Doc, start: int, end: int, label: str = "") -> Span:
    """The tokens of a place in a text, those at its borders whole."""
    span = doc.char_span(start, end, label, alignment_mode="expand")
    assert span is not None, "a segment, and what is evidence in it, has words"
    return span
