"""Corrected segments as gold labels: from exports of Label Studio and doccano into a model."""

import json
import math

import pytest
from label_studio_sdk.label_interface import LabelInterface

from extractor.cli import main
from extractor.errors import UnreadableError
from extractor.exports import doccano_example, labelstudio_choices, labelstudio_interface, labelstudio_task
from extractor.label import CATEGORY_COLUMNS, LABELS, PRACTICE_COLUMNS, load_model
from extractor.records import Policy, PolicyCapture, Provenance, Segment, Source, Verdict
from extractor.training.data.corrections import gold_with_corrections, read_corrections
from extractor.training.data.opp115 import read_opp115, text_key
from extractor.training.data.passages import gold_passages, held_out_passages

HAT = "Our owls note which hat you try on."


def segments(*texts) -> list[tuple[Policy, Segment]]:
    """Segments without labels, with their policy."""
    policy = Policy(
        *("1.2", "id", "hats.example", "hats.example/privacy", "hats.example", "", "en"),
        *(Source(), PolicyCapture(), Verdict(True, 1.0), "", "", True, ()),
        Provenance(model="fast"),
    )
    return [(policy, Segment(k, 0, len(text), text, headings=("Hats", "Owls"))) for k, text in enumerate(texts)]


def annotated(task: dict, *people: dict[str, list[str]]) -> dict:
    """A task as Label Studio exports it, with the choices of each person."""
    results = [[labelstudio_choices(name, tuple(labels)) for name, labels in chosen.items()] for chosen in people]
    annotations = [{"id": k, "completed_by": k, "was_cancelled": False, "result": one} for k, one in enumerate(results)]
    interface = LabelInterface(labelstudio_interface())
    assert all(interface.validate_annotation(one) for one in annotations)
    return {"id": 1, "annotations": annotations, **task}


@pytest.fixture
def labelstudio(tmp_path):
    def write(*people, text=HAT):
        tasks = [annotated(labelstudio_task(*one), *people) for one in segments(text)]
        path = tmp_path / "exported.json"
        path.write_text(json.dumps(tasks))
        return path

    return write


def positive(targets) -> dict[str, float]:
    return {label: value for label, value in zip(LABELS, targets, strict=True) if not math.isnan(value) and value}


def test_read_corrections_of_label_studio_gives_passages_as_the_model_reads_them(labelstudio):
    (row,) = read_corrections(labelstudio({"practices": ["collection"], "categories": ["Data Security"]}))
    assert (row.text, row.headings, row.policy) == (f"Owls {HAT}", "Hats Owls", "hats.example")
    assert positive(row.targets) == {"collection": 1, "Data Security": 1}
    assert not any(map(math.isnan, row.targets))


def test_read_corrections_without_a_choice_has_no_practice_and_unknown_categories(labelstudio):
    (row,) = read_corrections(labelstudio({}))
    assert row.targets[PRACTICE_COLUMNS] == (0.0,) * 5
    assert all(map(math.isnan, row.targets[CATEGORY_COLUMNS]))


def test_read_corrections_averages_known_targets_over_annotators(labelstudio):
    (row,) = read_corrections(labelstudio({"practices": ["rights"], "categories": ["Data Security"]}, {}, {}))
    assert positive(row.targets) == {"rights": pytest.approx(1 / 3), "Data Security": 1}


def test_read_corrections_leaves_out_cancelled_and_untouched_tasks(tmp_path):
    done, cancelled, untouched = (
        annotated(labelstudio_task(*one), *people)
        for one, people in zip(segments("A", "B", "C"), ([{}], [{}], []), strict=True)
    )
    cancelled["annotations"][0]["was_cancelled"] = True
    (tmp_path / "e.json").write_text(json.dumps([done, cancelled, untouched]))
    assert [row.text for row in read_corrections(tmp_path / "e.json")] == ["Owls A"]


@pytest.mark.parametrize("nested", [False, True])
def test_read_corrections_of_doccano_with_fields_at_the_top_or_nested(tmp_path, nested):
    rows = [{"id": 7, **doccano_example(*one), "label": ["children", "Data Retention"]} for one in segments(HAT, "B")]
    if nested:
        rows = [{"id": 7, "text": row.pop("text"), "label": row.pop("label"), "meta": row} for row in rows]
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    first, _ = read_corrections(tmp_path / "all.jsonl")
    assert (first.text, first.policy) == (f"Owls {HAT}", "hats.example")
    assert positive(first.targets) == {"children": 1, "Data Retention": 1}


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "holds no corrected segments: submit"),
        ("[]", "holds no corrected segments"),
        ('[{"id": 1, "text": "x", "practices": "cookies"}]', "has no 'annotations'.*not JSON-MIN"),
        (
            '[{"data": {"text": "x"}, "annotations": [{"result": [{"type": "choices", "value": {"choices": ["spying"]}}]}]}]',
            "no label 'spying'",
        ),
        ("[1, 2]", "cannot be read as corrected segments"),
        ("{", "cannot be read as corrected segments"),
        ('{"text": "x"}', "has no 'label'"),
        ('{"text": "x", "label": [[0, 4, "cookies"]]}', "cannot be read as corrected segments"),
        ("[" * 100_000, "cannot be read as corrected segments"),
    ],
)
def test_read_corrections_of_another_file_is_unreadable(tmp_path, content, message):
    (tmp_path / "e").write_text(content)
    with pytest.raises(UnreadableError, match=message):
        read_corrections(tmp_path / "e")


def test_read_corrections_of_a_missing_file_is_unreadable(tmp_path):
    with pytest.raises(UnreadableError, match="No such file"):
        read_corrections(tmp_path / "none.json")


def test_gold_with_corrections_replaces_passages_of_the_same_words_and_leaves_out_held_out_ones(opp115, tmp_path):
    corpus = read_opp115(opp115)
    seen, unseen = gold_passages(corpus, "validation")[0], held_out_passages(corpus, "validation")[0]
    rows = [{"text": row.text, "label": ["children"]} for row in (seen, unseen)]
    (tmp_path / "e.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pool = gold_with_corrections(corpus, "validation", [tmp_path / "e.jsonl"])
    found = [row for row in pool if text_key(row.text) == text_key(seen.text)]
    assert [positive(row.targets[PRACTICE_COLUMNS] + (0.0,) * 12) for row in found] == [{"children": 1}]
    assert not [row for row in pool if text_key(row.text) == text_key(unseen.text)]


def test_train_with_gold_learns_the_corrected_labels(opp115, tmp_path, capsys):
    texts = [
        f"Our owls note which {thing} you try on." for thing in ("hat", "coat", "scarf", "shoe", "glove", "cap")
    ] * 2
    tasks = [annotated(labelstudio_task(*one), {"practices": ["collection"]}) for one in segments(*texts)]
    (tmp_path / "e.json").write_text(json.dumps(tasks))
    words = ["train", str(opp115), "-q", "-o"]
    assert main([*words, str(tmp_path / "before")]) == 0
    assert main([*words, str(tmp_path / "after"), "--gold", str(tmp_path / "e.json")]) == 0
    unseen = Segment(0, 0, 0, "Our owls note which boot you try on.")
    before, after = (load_model(tmp_path / name).label([unseen])[0] for name in ("before", "after"))
    assert after.scores["collection"] > before.scores["collection"]
    assert "collection" in after.practices
    assert load_model(tmp_path / "after").card["trained_on"]["corrected"] == 6


def test_train_with_gold_of_a_model_that_does_not_learn_from_it_exits_with_2(opp115, tmp_path, capsys):
    words = ["train", str(opp115), "--model", "accurate", "-o", str(tmp_path / "m"), "--gold", "e.json"]
    assert main(words) == 2
    assert "fast or encoder" in capsys.readouterr().err
