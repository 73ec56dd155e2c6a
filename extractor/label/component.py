"""The models as a spaCy component: `nlp.add_pipe("policy_practices")`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

import srsly
from spacy.language import Language
from spacy.tokens import Doc, Span, SpanGroup

from extractor.errors import UsageError
from extractor.label.load import load_model
from extractor.modelcard import model_folder
from extractor.records import Segment

_PARAGRAPH = re.compile(r"\S(?:.*\S)?(?:[^\S\n]*\n[^\S\n]*\S(?:.*\S)?)*")  # lines, no blank line between them


class _PolicyPractices:
    """Labels the passages of a Doc with practices, like spaCy's own span categorizer.

    `doc.spans[spans_key]` gets a span for each practice of each passage, with the practice as its label. Its
    `attrs["scores"]` and `attrs["polarity"]` have the score and the polarity of each span. Passages are the spans under
    `passages_key`; if that is "", the paragraphs of the text, between blank lines.
    """

    def __init__(self, model: str | Path = "fast", spans_key: str = "policy_practices", passages_key: str = "") -> None:
        self.spans_key = spans_key
        self.passages_key = passages_key
        self._load(model_folder(model))

    def __call__(self, doc: Doc) -> Doc:
        """Labels one Doc. Raises UsageError if it has no spans under `passages_key`."""
        return next(iter(self._label([doc])))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Labels many Docs in batches; each is labelled independently of the others."""
        remaining = iter(stream)
        while docs := list(islice(remaining, batch_size)):
            yield from self._label(docs)

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:  # noqa: ARG002
        """Writes the model's files to a folder."""
        for name, content in self._files.items():
            (Path(path) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(path) / name).write_bytes(content)

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> _PolicyPractices:  # noqa: ARG002
        """Loads the model in a folder. Raises ModelError."""
        self._load(Path(path))
        return self

    def to_bytes(self, *, exclude: Sequence[str] = ()) -> bytes:  # noqa: ARG002
        """The model's files as bytes."""
        packed: bytes = srsly.msgpack_dumps(self._files)
        return packed

    def from_bytes(self, content: bytes, *, exclude: Sequence[str] = ()) -> _PolicyPractices:  # noqa: ARG002
        """Loads the model from the bytes of `to_bytes`. Raises ModelError."""
        self._files = srsly.msgpack_loads(content)
        with TemporaryDirectory() as folder:
            self.to_disk(folder)
            self._load(Path(folder))
        return self

    def _load(self, folder: Path) -> None:
        self._model = load_model(folder)
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        self._files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}

    def _label(self, docs: Sequence[Doc]) -> Iterable[Doc]:
        passages = [(doc, span) for doc in docs for span in self._passages(doc)]
        labelled = self._model.label([_as_segment(span) for _, span in passages])
        for doc in docs:
            marks = [
                (span, segment, practice)
                for (owner, span), segment in zip(passages, labelled, strict=True)
                if owner is doc
                for practice in segment.practices
            ]
            spans = [Span(doc, span.start, span.end, label=practice) for span, _, practice in marks]
            attrs = {
                "scores": [segment.scores[practice] for _, segment, practice in marks],
                "polarity": [segment.polarity[practice] for _, segment, practice in marks],
            }
            doc.spans[self.spans_key] = SpanGroup(doc, name=self.spans_key, attrs=attrs, spans=spans)
        return docs

    def _passages(self, doc: Doc) -> list[Span]:
        if not self.passages_key:
            return _paragraphs(doc)
        if self.passages_key not in doc.spans:
            raise UsageError(
                f"A Doc has no spans under {self.passages_key!r}: set them first, or leave passages_key out."
            )
        return list(doc.spans[self.passages_key])


def _paragraphs(doc: Doc) -> list[Span]:
    """The paragraphs of a Doc, which blank lines separate."""
    spans = (doc.char_span(*match.span(), alignment_mode="expand") for match in _PARAGRAPH.finditer(doc.text))
    return [span for span in spans if span is not None]


def _as_segment(span: Span) -> Segment:
    """A span as a segment."""
    return Segment(0, span.start_char, span.end_char, span.text)


@Language.factory(
    "policy_practices", default_config={"model": "fast", "spans_key": "policy_practices", "passages_key": ""}
)
def make_policy_practices(
    nlp: Language,  # noqa: ARG001 - spaCy passes it to every factory
    name: str,  # noqa: ARG001
    model: str,
    spans_key: str,
    passages_key: str,
) -> _PolicyPractices:
    """Creates the component from a pipeline's configuration. Raises ModelError."""
    return _PolicyPractices(model, spans_key, passages_key)
