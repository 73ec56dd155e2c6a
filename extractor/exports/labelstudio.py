"""Label Studio: a task a segment with the model's labels as predictions, and the labelling interface for them."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from extractor.errors import UsageError
from extractor.exports.lines import Record, evidence_in, origin, segments_of, surest, write_array
from extractor.files import write_atomically
from extractor.records import CATEGORIES, PRACTICES, Policy, Segment

TEXT, PRACTICE, _CATEGORY, _EVIDENCE = "text", "practices", "categories", "evidence"  # names of the interface's parts


def write_labelstudio(policies: Iterable[Policy], path: Path) -> int:
    """Writes the tasks to import, and beside them, as `.xml`, the labelling interface. Gives the number of tasks.

    Raises UsageError where the tasks would have the interface's name.
    """
    if path.suffix == ".xml":
        raise UsageError(f"{path} is to hold tasks, which are JSON: name it .json, the interface is put beside it.")
    count = write_array((task_of(*found) for found in segments_of(policies)), path)
    if path.is_file():  # beside a device there is no place
        with write_atomically(path.with_suffix(".xml")) as stream:
            stream.write(labelling_interface().encode())
    return count


def task_of(policy: Policy, segment: Segment) -> Record:
    """A segment as a task; the score of its prediction is how sure the model is of all practices."""
    results = [choices(name, getattr(segment, name)) for name in (PRACTICE, _CATEGORY) if getattr(segment, name)]
    results += [_region(segment, *found) for found in evidence_in(segment)]
    prediction = {"model_version": policy.provenance.model, "score": surest(segment), "result": results}
    return {"data": {"text": segment.text, **origin(policy, segment)}, "predictions": [prediction]}


def choices(name: str, labels: tuple[str, ...]) -> Record:
    """What was chosen in a part of the interface."""
    return {"id": name, "from_name": name, "to_name": TEXT, "type": "choices", "value": {"choices": list(labels)}}


def _region(segment: Segment, practice: str, start: int, end: int) -> Record:
    """A place in a segment's text that carried a practice; Label Studio counts code points too."""
    value = {"start": start, "end": end, "text": segment.text[start:end], "labels": [practice]}
    name = f"{_EVIDENCE}-{practice}-{start}"
    return {"id": name, "from_name": _EVIDENCE, "to_name": TEXT, "type": "labels", "value": value}


def labelling_interface() -> str:
    """The interface: the headings above a segment, its text with the evidence, and the labels of both schemes."""
    return f"""<View>
  <Header value="$headings"/>
  <Text name="lead" value="$context"/>
  <Labels name="{_EVIDENCE}" toName="{TEXT}">
{_label_list(PRACTICES)}
  </Labels>
  <Text name="{TEXT}" value="$text"/>
  <Header value="Practices"/>
{choice_list(PRACTICE, PRACTICES)}
  <Header value="Categories of OPP-115"/>
{choice_list(_CATEGORY, CATEGORIES)}
</View>
"""


def _label_list(labels: tuple[str, ...]) -> str:
    """The labels that places in a text can have."""
    return "\n".join(f"    <Label value={_quoted(label)}/>" for label in labels)


def choice_list(name: str, labels: tuple[str, ...]) -> str:
    """A list of labels, of which several can be chosen."""
    lines = "\n".join(f"    <Choice value={_quoted(label)}/>" for label in labels)
    return f'  <Choices name="{name}" toName="{TEXT}" choice="multiple" showInline="true">\n{lines}\n  </Choices>'


def _quoted(label: str) -> str:
    """A label as the value of an attribute."""
    from xml.sax.saxutils import quoteattr  # brings urllib.request with it

    return quoteattr(label)
