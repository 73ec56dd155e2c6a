"""Corrected segments as gold: out of Label Studio's and doccano's exports, into a model."""

import json
import math

import pytest
from label_studio_sdk.label_interface import LabelInterface

from extractor.cli import main
from extractor.errors import UnreadableError
from extractor.exports import doccano_example, labelstudio_choices, labelstudio_interface, labelstudio_task
from extractor.label import CATEGORY_COLUMNS, LABELS, PRACTICE_COLUMNS, load_model
from extractor.records import Policy, PolicyCapture, Provenance, Segment, Source, Verdict
from extractor.training.data.corrected import gold_with_corrections, read_corrected
from extractor.training.data.opp115 import key, read_opp115
from extractor.training.data.pool import gold_pool, held_out

HAT = "Our owls note which hat you try on."


def segments(*texts) -> list[tuple[Policy, Segment]]:
    """Segments with what the model said of them: nothing right."""
    policy = Policy(
        *("1.1", "id", "hats.example", "", "en", Source(), PolicyCapture(), Verdict(True, 1.0), "", "", True, ()),
        Provenance(model="fast"),
    )
    return [(policy, Segment(k, 0, len(text), text, headings=("Hats", "Owls"))) for k, text in enumerate(texts)]


def annotated(task: dict, *people: dict[str, list[str]]) -> dict:
    """A task as Label Studio exports it, with what each of these people chose."""
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


def known(targets) -> dict[str, float]:
    return {label: value for label, value in zip(LABELS, targets, strict=True) if not math.isnan(value) and value}


def test_a_corrected_task_is_a_passage_as_the_model_reads_it(labelstudio):
    (row,) = read_corrected(labelstudio({"practices": ["collection"], "categories": ["Data Security"]}))
    assert (row.text, row.headings, row.policy) == (f"Owls {HAT}", "Hats Owls", "hats.example")
    assert known(row.targets) == {"collection": 1, "Data Security": 1}
    assert not any(map(math.isnan, row.targets))


def test_no_choice_means_no_practice_and_an_unknown_category(labelstudio):
    (row,) = read_corrected(labelstudio({}))
    assert row.targets[PRACTICE_COLUMNS] == (0.0,) * 5
    assert all(map(math.isnan, row.targets[CATEGORY_COLUMNS]))


def test_several_people_are_averaged_over_those_who_said_something(labelstudio):
    (row,) = read_corrected(labelstudio({"practices": ["rights"], "categories": ["Data Security"]}, {}, {}))
    assert known(row.targets) == {"rights": pytest.approx(1 / 3), "Data Security": 1}


def test_cancelled_and_untouched_tasks_are_left_out(tmp_path):
    done, cancelled, untouched = (
        annotated(labelstudio_task(*one), *people) for one, people in zip(segments("A", "B", "C"), ([{}], [{}], []), strict=True)
    )
    cancelled["annotations"][0]["was_cancelled"] = True
    (tmp_path / "e.json").write_text(json.dumps([done, cancelled, untouched]))
    assert [row.text for row in read_corrected(tmp_path / "e.json")] == ["Owls A"]


@pytest.mark.parametrize("nested", [False, True])
def test_doccano(tmp_path, nested):
    rows = [{"id": 7, **doccano_example(*one), "label": ["children", "Data Retention"]} for one in segments(HAT, "B")]
    if nested:
        rows = [{"id": 7, "text": row.pop("text"), "label": row.pop("label"), "meta": row} for row in rows]
    (tmp_path / "all.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    first, _ = read_corrected(tmp_path / "all.jsonl")
    assert (first.text, first.policy) == (f"Owls {HAT}", "hats.example")
    assert known(first.targets) == {"children": 1, "Data Retention": 1}


@pytest.mark.parametrize(
    ("content", "says"),
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
def test_what_is_no_export_is_named(tmp_path, content, says):
    (tmp_path / "e").write_text(content)
    with pytest.raises(UnreadableError, match=says):
        read_corrected(tmp_path / "e")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(UnreadableError, match="No such file"):
        read_corrected(tmp_path / "none.json")


def test_corrections_replace_the_same_words_and_nothing_held_out_is_learned(opp115, tmp_path):
    corpus = read_opp115(opp115)
    seen, unseen = gold_pool(corpus, "validation")[0], held_out(corpus, "validation")[0]
    rows = [{"text": row.text, "label": ["children"]} for row in (seen, unseen)]
    (tmp_path / "e.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    pool = gold_with_corrections(corpus, "validation", [tmp_path / "e.jsonl"])
    found = [row for row in pool if key(row.text) == key(seen.text)]
    assert [known(row.targets[PRACTICE_COLUMNS] + (0.0,) * 12) for row in found] == [{"children": 1}]
    assert not [row for row in pool if key(row.text) == key(unseen.text)]


def test_a_model_learns_what_was_corrected(opp115, tmp_path, capsys):
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
    assert after.practices == ("collection",)
    assert load_model(tmp_path / "after").card["trained_on"]["corrected"] == 6


def test_gold_for_a_model_that_learns_nothing_is_code_2(opp115, tmp_path, capsys):
    words = ["train", str(opp115), "--model", "accurate", "-o", str(tmp_path / "m"), "--gold", "e.json"]
    assert main(words) == 2
    assert "fast or encoder" in capsys.readouterr().err
