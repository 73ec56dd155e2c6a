"""Correct the labels in Label Studio, and retrain.

1.  python docs/recipes/correct_and_retrain.py choose corpus/policies.jsonl -o to-correct.jsonl
    archived-policy export to-correct.jsonl --format labelstudio -o tasks.json

    Writes the policies that the model is least sure of as tasks, with the model's labels as predictions.

2.  In Label Studio, create a project with the content of tasks.xml as its labelling interface, and import tasks.json.
    Correct and submit what you read; tasks without a submission are left out later. Export as JSON.

3.  python docs/recipes/correct_and_retrain.py retrain DATA/opp115 exported.json -o my-model
    archived-policy annotate pages/ --model my-model -o policies.jsonl

    Trains on OPP-115 and the corrections together. Before that, it measures the effect of the corrections: a model
    trained with those of half of the sites, and one without any, are compared with those of the other half.
"""

import argparse
import heapq
import json
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.metrics import f1_score

import extractor
from extractor.exports import HEADING_SEPARATOR
from extractor.label.estimator import PolicyClassifier
from extractor.training import train_fast_model


def choose(records: Path, out: Path, number: int) -> None:
    """Writes the policies with the largest shares of uncertain segments, in their original order."""
    shares = (
        (sum(segment.uncertain for segment in policy.segments) / len(policy.segments), policy.id)
        for policy in extractor.read_jsonl(records)
        if policy.labelled
    )
    chosen = {name for _, name in heapq.nlargest(number, shares)}
    extractor.write_jsonl((policy for policy in extractor.read_jsonl(records) if policy.id in chosen), out)


def submitted(exported: Path) -> list[dict]:
    """The tasks that somebody has submitted."""
    tasks = json.loads(exported.read_text(encoding="utf-8"))
    return [task for task in tasks if any(not one.get("was_cancelled") for one in task["annotations"])]


def as_segment(task: dict) -> extractor.Segment:
    """The segment of a task, with its headings and lead-in."""
    data = task["data"]
    above = tuple(filter(None, data["headings"].split(HEADING_SEPARATOR)))
    return extractor.Segment(0, 0, len(data["text"]), data["text"], headings=above, context=data["context"])


def practices_of(task: dict) -> set[str]:
    """The practices that the first annotator chose."""
    result = next(one["result"] for one in task["annotations"] if not one.get("was_cancelled"))
    return {label for part in result if part["from_name"] == "practices" for label in part["value"]["choices"]}


def agreement(model: Path, tasks: Sequence[dict]) -> float:
    """The micro F1 of a model's practices against the corrected ones."""
    classifier = PolicyClassifier(str(model)).fit()
    truth = np.array([[label in practices_of(task) for label in classifier.classes_] for task in tasks])
    return float(f1_score(truth, classifier.predict(map(as_segment, tasks)), average="micro", zero_division=1.0))


def agreements(data: Path, tasks: Sequence[dict], folder: Path) -> tuple[float, float]:
    """The agreement of models without and with the corrections of half of the sites with those of the other half."""
    sites = sorted({task["data"]["domain"] for task in tasks})
    learned_from = [task for task in tasks if task["data"]["domain"] in sites[::2]]
    unseen = [task for task in tasks if task["data"]["domain"] in sites[1::2]]
    (folder / "half.json").write_text(json.dumps(learned_from), encoding="utf-8")
    train_fast_model(data, folder / "without")
    train_fast_model(data, folder / "with", gold=[folder / "half.json"])
    return agreement(folder / "without", unseen), agreement(folder / "with", unseen)


def retrain(data: Path, exported: Path, out: Path) -> None:
    """Prints the effect of the corrections on unseen sites, and trains a model with all of them."""
    tasks = submitted(exported)
    if len({task["data"]["domain"] for task in tasks}) > 1:
        with TemporaryDirectory() as folder:
            without, with_them = agreements(data, tasks, Path(folder))
        print(f"agreement with you on sites not learned from (micro F1): {without:.3f} without, {with_them:.3f} with")
    print(train_fast_model(data, out, gold=[exported]))


def main() -> None:
    """Chooses what to correct, or retrains."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    steps = parser.add_subparsers(dest="step", required=True)
    first = steps.add_parser("choose")
    first.add_argument("records", type=Path, help="policies.jsonl")
    first.add_argument("-n", "--number", type=int, default=20, help="policies to correct (default: 20)")
    second = steps.add_parser("retrain")
    second.add_argument("data", type=Path, help="the folder of OPP-115")
    second.add_argument("exported", type=Path, help="Label Studio's export, JSON")
    for step in (first, second):
        step.add_argument("-o", "--output", type=Path, required=True)
    arguments = parser.parse_args()
    if arguments.step == "choose":
        choose(arguments.records, arguments.output, arguments.number)
    else:
        retrain(arguments.data, arguments.exported, arguments.output)


if __name__ == "__main__":
    main()
