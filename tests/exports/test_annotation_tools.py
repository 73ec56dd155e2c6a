"""Label Studio, doccano, Prodigy and W3C Web Annotation: these tools accept what is written."""

import json
from itertools import chain
from pathlib import Path

import pytest
import rdflib
from label_studio_sdk.converter import Converter
from label_studio_sdk.label_interface import LabelInterface

from extractor.exports.doccano import write_doccano
from extractor.exports.labelstudio import write_labelstudio
from extractor.exports.prodigy import write_prodigy, write_prodigy_spans
from extractor.exports.w3c import write_w3c
from extractor.records import CATEGORIES, PRACTICES


@pytest.fixture
def segments(labelled, hard):
    return [segment for policy in [*labelled, hard] for segment in policy.segments]


# Label Studio --------------------------------------------------------------------------------------------------------
@pytest.fixture
def tasks(tmp_path, labelled, hard, segments):
    assert write_labelstudio([*labelled, hard], tmp_path / "tasks.json") == len(segments)
    return json.loads((tmp_path / "tasks.json").read_text())


@pytest.fixture
def interface(tasks, tmp_path):
    return LabelInterface((tmp_path / "tasks.xml").read_text())


def test_write_labelstudio_gives_valid_interface_tasks_and_predictions(tasks, interface, segments):
    interface.validate()
    assert [task["data"]["text"] for task in tasks] == [segment.text for segment in segments]
    for task, segment in zip(tasks, segments, strict=True):
        (prediction,) = task["predictions"]
        assert interface.validate_task({"data": task["data"]})
        assert interface.validate_prediction(prediction)
        given = {one["from_name"]: one["value"]["choices"] for one in prediction["result"] if one["type"] == "choices"}
        assert given.get("practices", []) == list(segment.practices)
        assert given.get("categories", []) == list(segment.categories)
        regions = [one["value"] for one in prediction["result"] if one["type"] == "labels"]
        assert {label for region in regions for label in region["labels"]} == set(segment.practices)
        assert all(region["text"] == segment.text[region["start"] : region["end"]] != "" for region in regions)
    assert not interface.validate_prediction(
        {"result": [{**tasks[0]["predictions"][0]["result"][0], "from_name": "x"}]}
    )


def test_label_studio_converter_exports_labels_of_written_tasks(tasks, interface, tmp_path, segments):
    for number, task in enumerate(tasks):
        result = task.pop("predictions")[0]["result"]
        task.update(id=number, annotations=[{"id": number, "result": result, "was_cancelled": False}])
        assert interface.validate_annotation(task["annotations"][0])
    (tmp_path / "exported.json").write_text(json.dumps(tasks))
    converter = Converter((tmp_path / "tasks.xml").read_text(), project_dir=str(tmp_path))
    converter.convert_to_json_min(str(tmp_path / "exported.json"), str(tmp_path / "min"), is_dir=False)
    rows = json.loads((tmp_path / "min/result.json").read_text())
    for row, segment in zip(rows, segments, strict=True):
        found = row.get("practices", {"choices": []})
        assert (found["choices"] if isinstance(found, dict) else [found]) == list(segment.practices)


# doccano -------------------------------------------------------------------------------------------------------------
def test_write_doccano_gives_text_labels_and_metadata_per_line(tmp_path, labelled, hard, segments):
    """Checks the form that its importer reads (1.8: data_import/pipeline); its own package needs a web application."""
    assert write_doccano([*labelled, hard], tmp_path / "d.jsonl") == len(segments)
    raw = (tmp_path / "d.jsonl").read_bytes()
    assert raw.isascii()  # doccano guesses encodings
    lines = [json.loads(line) for line in raw.decode().splitlines()]
    assert len(lines) == len(segments)
    for line, segment in zip(lines, segments, strict=True):
        assert (line["text"], line["label"]) == (segment.text, [*segment.practices, *segment.categories])
        assert set(line["label"]) <= {*PRACTICES, *CATEGORIES}
    assert len({tuple(line) for line in lines}) == 1  # doccano reads them into one table
    assert all(isinstance(value, (str, int, float)) for line in lines for key, value in line.items() if key != "label")


# Prodigy -------------------------------------------------------------------------------------------------------------
def test_write_prodigy_gives_choice_tasks(tmp_path, labelled, hard, segments):
    """Checks the documented form of the `choice` interface: Prodigy is commercial and not on the registry."""
    assert write_prodigy([*labelled, hard], tmp_path / "p.jsonl") == len(segments)
    for line, segment in zip((tmp_path / "p.jsonl").read_text().splitlines(), segments, strict=True):
        task = json.loads(line)
        assert (task["text"], task["accept"]) == (segment.text, list(segment.practices))
        assert {option["id"] for option in task["options"]} == set(PRACTICES)


def test_write_prodigy_spans_gives_spans_of_practices(tmp_path, labelled, hard):
    assert write_prodigy_spans([*labelled, hard], tmp_path / "p.jsonl") == len(labelled) + 1
    for line, policy in zip((tmp_path / "p.jsonl").read_text().splitlines(), [*labelled, hard], strict=True):
        task = json.loads(line)
        assert task["text"] == policy.text
        found = [(task["text"][span["start"] : span["end"]], span["label"]) for span in task["spans"]]
        assert found == [(segment.text, name) for segment in policy.segments for name in segment.practices]


# W3C Web Annotation --------------------------------------------------------------------------------------------------
OA = rdflib.Namespace("http://www.w3.org/ns/oa#")
CONTEXT = {  # the terms in use, as the recommendation defines them
    "@vocab": str(OA),
    "id": "@id",
    "type": "@type",
    "items": {"@id": "http://www.w3.org/ns/activitystreams#items", "@container": "@list"},
    "body": "oa:hasBody",
    "target": "oa:hasTarget",
    "source": {"@id": "oa:hasSource", "@type": "@id"},
    "selector": "oa:hasSelector",
    "motivation": {"@id": "oa:motivatedBy", "@type": "@vocab"},
    "oa": str(OA),
}


@pytest.fixture
def collection(tmp_path, labelled, hard, segments):
    number = write_w3c([*labelled, hard], tmp_path / "a.jsonld")
    assert number == len(segments) + sum(len(segment.practices) for segment in segments)
    return json.loads((tmp_path / "a.jsonld").read_text())


def annotations_with_motivation(collection, motivation):
    return [one for one in collection["first"]["items"] if one["motivation"] == motivation]


def resolve_selector(selector, text):
    if selector["type"] == "TextPositionSelector":
        return [selector["start"]] if selector["end"] <= len(text) else []
    wanted = selector["prefix"] + selector["exact"] + selector["suffix"]
    places = [place for place in range(len(text)) if text.startswith(wanted, place)]
    return [place + len(selector["prefix"]) for place in places]


def test_w3c_selectors_resolve_to_segments(collection, labelled, hard):
    annotations = iter(annotations_with_motivation(collection, "classifying"))
    for policy in [*labelled, hard]:
        for segment in policy.segments:
            annotation = next(annotations)
            quote, position = annotation["target"]["selector"]
            assert quote["exact"] == policy.text[position["start"] : position["end"]] == segment.text
            assert resolve_selector(quote, policy.text) == resolve_selector(position, policy.text) == [segment.start]
            assert [body["value"] for body in annotation["body"]] == [*segment.practices, *segment.categories]
    assert next(annotations, None) is None


def test_w3c_targets_of_practice_are_its_evidence(collection, labelled, hard):
    found = iter(annotations_with_motivation(collection, "highlighting"))
    for policy in [*labelled, hard]:
        for segment in policy.segments:
            for practice in segment.practices:
                annotation = next(found)
                quotes, positions = zip(*(target["selector"] for target in annotation["target"]), strict=True)
                assert annotation["id"].endswith(f"#{segment.index}/{practice}")
                assert [body["value"] for body in annotation["body"]] == [practice]
                assert tuple((one["start"], one["end"]) for one in positions) == segment.evidence[practice]
                for quote, (start, end) in zip(quotes, segment.evidence[practice], strict=True):
                    assert quote["exact"] == policy.text[start:end] and start in resolve_selector(quote, policy.text)
    assert next(found, None) is None


def test_w3c_collection_is_valid_linked_data(collection, segments):
    graph = rdflib.Graph().parse(data=json.dumps({**collection, "@context": CONTEXT}), format="json-ld")
    assert collection["@context"] == "http://www.w3.org/ns/anno.jsonld"
    places = sum(len(spans) for segment in segments for spans in segment.evidence.values())
    assert collection["total"] == len(set(graph.subjects(rdflib.RDF.type, OA.Annotation))) > len(segments)
    assert len(list(graph.triples((None, rdflib.RDF.type, OA.TextPositionSelector)))) == len(segments) + places
    sources = set(graph.objects(None, OA.hasSource))
    assert rdflib.URIRef("http://www.brightcart.example/legal/privacy-policy") in sources
    assert not any(isinstance(source, rdflib.Literal) for source in sources)


# All of them ---------------------------------------------------------------------------------------------------------
def values(record):
    if isinstance(record, (dict, list)):
        return chain.from_iterable(map(values, record.values() if isinstance(record, dict) else record))
    return [record]


@pytest.mark.parametrize("write", [write_labelstudio, write_doccano, write_prodigy, write_prodigy_spans, write_w3c])
def test_written_json_has_no_nulls_and_one_record_per_line(tmp_path, labelled, hard, write):
    path = Path(tmp_path / "out.json")
    write([*labelled, hard], path)
    text = path.read_bytes().decode("ascii")
    records = (
        [json.loads(text)]
        if text.startswith(("[", '{"@context"'))
        else [json.loads(line) for line in text.splitlines()]
    )
    assert None not in values(records)
    assert any("\u2028" in value for value in values(records) if isinstance(value, str))
