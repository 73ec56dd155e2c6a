"""Label Studio: a task per segment with the model's labels as predictions, and the labelling interface."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from extractor.errors import UsageError
from extractor.exports.fields import JsonObject, evidence_in, lowest_confidence, segment_metadata, segments_of
from extractor.exports.jsonl import write_json_array
from extractor.files import write_atomically
from extractor.records import CATEGORIES, PRACTICES, Policy, Segment

TEXT_PART, PRACTICES_PART, _CATEGORIES_PART, _EVIDENCE_PART = (
    "text",
    "practices",
    "categories",
    "evidence",
)  # parts of the interface


def write_labelstudio(policies: Iterable[Policy], path: Path) -> int:
    """Writes the tasks to import and, beside them as `.xml`, the labelling interface; returns the number of tasks.

    Raises UsageError if the tasks would have the name of the interface.
    """
    if path.suffix == ".xml":
        raise UsageError(f"{path} is to hold tasks, which are JSON: name it .json, the interface is put beside it.")
    count = write_json_array((labelstudio_task(*pair) for pair in segments_of(policies)), path)
    if path.is_file():  # nothing can be put beside a device
        with write_atomically(path.resolve().with_suffix(".xml")) as stream:
            stream.write(labelstudio_interface().encode())
    return count


def labelstudio_task(policy: Policy, segment: Segment) -> JsonObject:
    """A segment as a task; the score of its prediction is the lowest confidence in a practice."""
    results = [
        labelstudio_choices(name, getattr(segment, name))
        for name in (PRACTICES_PART, _CATEGORIES_PART)
        if getattr(segment, name)
    ]
    results += [_labels_result(segment, *span) for span in evidence_in(segment)]
    prediction = {"model_version": policy.provenance.model, "score": lowest_confidence(segment), "result": results}
    return {"data": {"text": segment.text, **segment_metadata(policy, segment)}, "predictions": [prediction]}


def labelstudio_choices(name: str, labels: tuple[str, ...]) -> JsonObject:
    """The labels chosen in a part of the interface, as a result."""
    return {"id": name, "from_name": name, "to_name": TEXT_PART, "type": "choices", "value": {"choices": list(labels)}}


def _labels_result(segment: Segment, practice: str, start: int, end: int) -> JsonObject:
    """Evidence of a practice in a segment's text, as a result; Label Studio counts code points too."""
    value = {"start": start, "end": end, "text": segment.text[start:end], "labels": [practice]}
    name = f"{_EVIDENCE_PART}-{practice}-{start}"
    return {"id": name, "from_name": _EVIDENCE_PART, "to_name": TEXT_PART, "type": "labels", "value": value}


def labelstudio_interface() -> str:
    """The labelling interface: headings, text with the evidence, and the labels of both schemes."""
    return f"""<View>
  <Header value="$headings"/>
  <Text name="lead" value="$context"/>
  <Labels name="{_EVIDENCE_PART}" toName="{TEXT_PART}">
{_label_elements(PRACTICES)}
  </Labels>
  <Text name="{TEXT_PART}" value="$text"/>
  <Header value="Practices"/>
{choices_element(PRACTICES_PART, PRACTICES)}
  <Header value="Categories of OPP-115"/>
{choices_element(_CATEGORIES_PART, CATEGORIES)}
</View>
"""


def _label_elements(labels: tuple[str, ...]) -> str:
    """The elements for labels of passages in a text."""
    return "\n".join(f"    <Label value={_quote_attribute(label)}/>" for label in labels)


def choices_element(name: str, labels: tuple[str, ...]) -> str:
    """The element for a list of labels, of which several can be chosen."""
    lines = "\n".join(f"    <Choice value={_quote_attribute(label)}/>" for label in labels)
    return f'  <Choices name="{name}" toName="{TEXT_PART}" choice="multiple" showInline="true">\n{lines}\n  </Choices>'


def _quote_attribute(label: str) -> str:
    """A label as an attribute value."""
    from xml.sax.saxutils import quoteattr  # imports urllib.request

    return quoteattr(label)
