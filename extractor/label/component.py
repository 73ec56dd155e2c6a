"""The models as a component of a spaCy pipeline: `nlp.add_pipe("policy_practices")`."""

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
from extractor.label.load import folder_of, load_model
from extractor.records import Segment

_PARAGRAPH = re.compile(r"\S(?:.*\S)?(?:[^\S\n]*\n[^\S\n]*\S(?:.*\S)?)*")  # lines without a blank one between
_MODEL_FILES = "**/*"


class _PolicyPractices:
    """Marks the passages of a Doc with practices, as spaCy's own span categorizer does.

    `doc.spans[spans_key]` gets a span for each practice of each passage, labelled with it, and its `attrs["scores"]`
    the score of each of these, `attrs["polarity"]` whether it is done. Passages are the spans under `passages_key`, or
    the paragraphs of the text, between blank lines, where that is "".
    """

    def __init__(self, model: str | Path = "fast", spans_key: str = "policy_practices", passages_key: str = "") -> None:
        self.spans_key = spans_key
        self.passages_key = passages_key
        self._use(folder_of(model))

    def __call__(self, doc: Doc) -> Doc:
        """Marks one Doc. Raises UsageError where it has no spans under `passages_key`."""
        return next(iter(self._mark([doc])))

    def pipe(self, stream: Iterable[Doc], *, batch_size: int = 64) -> Iterator[Doc]:
        """Marks many Docs, so many at a time; none depends on the others."""
        waiting = iter(stream)
        while docs := list(islice(waiting, batch_size)):
            yield from self._mark(docs)

    def to_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> None:  # noqa: ARG002
        """Writes the model's files to a folder."""
        for name, content in self._files.items():
            (Path(path) / name).parent.mkdir(parents=True, exist_ok=True)
            (Path(path) / name).write_bytes(content)

    def from_disk(self, path: str | Path, *, exclude: Sequence[str] = ()) -> _PolicyPractices:  # noqa: ARG002
        """Takes the model in a folder. Raises ModelError."""
        self._use(Path(path))
        return self

    def to_bytes(self, *, exclude: Sequence[str] = ()) -> bytes:  # noqa: ARG002
        """The model's files as bytes."""
        packed: bytes = srsly.msgpack_dumps(self._files)
        return packed

    def from_bytes(self, content: bytes, *, exclude: Sequence[str] = ()) -> _PolicyPractices:  # noqa: ARG002
        """Takes the model out of such bytes. Raises ModelError."""
        self._files = srsly.msgpack_loads(content)
        with TemporaryDirectory() as folder:
            self.to_disk(folder)
            self._use(Path(folder))
        return self

    def _use(self, folder: Path) -> None:
        self._model = load_model(folder)
        found = sorted(path for path in folder.glob(_MODEL_FILES) if path.is_file())
        self._files = {path.relative_to(folder).as_posix(): path.read_bytes() for path in found}

    def _mark(self, docs: Sequence[Doc]) -> Iterable[Doc]:
        passages = [(doc, span) for doc in docs for span in self._passages(doc)]
        labelled = self._model.label([_as_segment(span) for _, span in passages])
        for doc in docs:
            mine = [(span, one) for (of, span), one in zip(passages, labelled, strict=True) if of is doc]
            marks = [(span, practice, one.scores[practice]) for span, one in mine for practice in one.practices]
            spans = [Span(doc, span.start, span.end, label=practice) for span, practice, _ in marks]
            attrs = {
                "scores": [score for *_, score in marks],
                "polarity": [one.polarity[practice] for _, one in mine for practice in one.practices],
            }
            doc.spans[self.spans_key] = SpanGroup(doc, name=self.spans_key, attrs=attrs, spans=spans)
        return docs

    def _passages(self, doc: Doc) -> list[Span]:
        if not self.passages_key:
            return _paragraphs(doc)
        if self.passages_key not in doc.spans:
            raise UsageError(
                f"A Doc has no spans under {self.passages_key!r}: set them before, or leave passages_key out."
            )
        return list(doc.spans[self.passages_key])


def _paragraphs(doc: Doc) -> list[Span]:
    """The paragraphs of a Doc, those cut at blank lines."""
    found = (doc.char_span(*match.span(), alignment_mode="expand") for match in _PARAGRAPH.finditer(doc.text))
    return [span for span in found if span is not None]


def _as_segment(span: Span) -> Segment:
    """A span as a segment."""
    return Segment(0, span.start_char, span.end_char, span.text)


@Language.factory(
    "policy_practices", default_config={"model": "fast", "spans_key": "policy_practices", "passages_key": ""}
)
def make_policy_practices(
    nlp: Language,  # noqa: ARG001 - spaCy gives it to every factory
    name: str,  # noqa: ARG001
    model: str,
    spans_key: str,
    passages_key: str,
) -> _PolicyPractices:
    """The component, as spaCy makes it from a pipeline's configuration. Raises ModelError."""
    return _PolicyPractices(model, spans_key, passages_key)
