"""A small self-written corpus in OPP-115's three files, to train on in a second."""

import gzip
import json
import shutil
from pathlib import Path

import pytest

from extractor.records import PRACTICES

SENTENCES = {  # one per category, varied in eight policies
    "First Party Collection/Use": "We gather and use your {} to serve you well.",
    "Third Party Sharing/Collection": "Partners and other companies receive your {} from us.",
    "User Choice/Control": "You may choose to refuse mail on your {}.",
    "User Access, Edit and Deletion": "Sign in to correct or delete your {} whenever you like.",
    "Data Retention": "Records of your {} are kept for two years and no longer.",
    "Data Security": "Locks and encryption protect your {} against thieves.",
    "Policy Change": "When this page is changed, we tell you by a note on your {}.",
    "Do Not Track": "Signals of do not track about your {} are honoured by us.",
    "International and Specific Audiences": "Children under thirteen must not send a {} here.",
    "Introductory/Generic": "This policy explains what happens to a {} at our house.",
    "Practice not covered": "Links to foreign sites about a {} are none of our business.",
    "Privacy contact information": "Questions about a {}? Write to our officer.",
}
ATTRIBUTES = {
    "International and Specific Audiences": {"Audience Type": "Children"},
    "Introductory/Generic": {"Other Type": "Introductory/Generic"},
    "Practice not covered": {"Other Type": "Practice not covered"},
    "Privacy contact information": {"Other Type": "Privacy contact information"},
}
COOKIES = {"Personal Information Type": "Cookies and tracking elements"}
THINGS = ("name", "address", "photo", "telephone", "order", "birthday", "letter", "salary")


def annotation(annotator: str, category: str, attributes: dict[str, str]) -> dict:
    stored_category = "Other" if "Other Type" in attributes else category
    values = {name: {"value": value} for name, value in attributes.items()}
    return {"annotator": annotator, "category": stored_category, "attributes": values}


def row(policy: str, number: int, text: str, annotations: list[dict] | None, split: str) -> dict:
    return {"policy": policy, "segment": number, "text": text, "split": split, "annotations": annotations}


def rows_of(policy: str, thing: str, split: str) -> list[dict]:
    kinds = [(category, ATTRIBUTES.get(category, {}), text) for category, text in SENTENCES.items()]
    kinds.append(("First Party Collection/Use", COOKIES, "Cookies and beacons watch your {} for us."))
    return [
        row(policy, number, text.format(thing), [annotation(who, category, attributes) for who in "ab"], split)
        for number, (category, attributes, text) in enumerate(kinds)
    ]


def benchmark_rows(things: tuple[str, ...]) -> list[dict]:
    return [
        {"text": text.format(thing).lower(), "labels": [category]}
        for thing in things
        for category, text in SENTENCES.items()
    ]


def write_lines(path: Path, rows: list[dict]) -> None:
    content = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(content) if path.suffix == ".gz" else content)


@pytest.fixture(scope="session")
def opp115(tmp_path_factory) -> Path:
    """The folder of eight policies, the last in the validation set, and a withheld one without labels."""
    folder = tmp_path_factory.mktemp("opp115")
    splits = ["train"] * 7 + ["validation"]
    rows = [row for i, thing in enumerate(THINGS) for row in rows_of(f"site{i}.example", thing, splits[i])]
    rows.append(row("secret.example", 0, "Nobody may look at this.", None, "withheld"))
    write_lines(folder / "segments.jsonl.gz", rows)
    train = benchmark_rows(THINGS[:7])
    damaged, double = {"text": "#NAME?", "labels": ["Data Security"]}, {**train[0], "labels": ["Data Retention"]}
    write_lines(folder / "majority_train.jsonl", [*train, damaged, double])
    write_lines(folder / "majority_validation.jsonl", benchmark_rows(THINGS[7:]))
    return folder


ERA_THINGS = {
    "old": ("fax", "pager", "modem"),
    "mid": ("blog", "phone", "badge"),
    "modern": ("earbud", "avatar", "wallet"),
}
PRACTICES_BY_CATEGORY = {
    "First Party Collection/Use": ["collection"],
    "Third Party Sharing/Collection": ["sharing"],
    "User Choice/Control": ["rights"],
    "User Access, Edit and Deletion": ["rights"],
    "Do Not Track": ["cookies"],
    "International and Specific Audiences": ["children"],
}


def era_rows(era: str, thing: str) -> list[dict]:
    """The passages of a policy of an era, the last one a denial."""
    plain = {"policy": f"{thing}.example", "era": era, "headings": ["Privacy"], "context": ""}
    rows = [
        {
            "text": text.format(thing),
            "practices": PRACTICES_BY_CATEGORY.get(name, []),
            "categories": [name],
            "denied": {},
        }
        for name, text in SENTENCES.items()
    ]
    denial = {"text": f"We do not sell your {thing} to other companies.", "practices": ["sharing"]}
    denial |= {"categories": ["Third Party Sharing/Collection"], "denied": {"sharing": "does_not"}}
    return [{**plain, **one} for one in (*rows, denial)]


def human_rows(corpus: str, marked: list[str]) -> list[dict]:
    """The passages of two policies of a corpus that marks some of the practices."""
    return [
        {"corpus": corpus, "policy": thing, "text": text.format(thing),
         "practices": {practice: practice in PRACTICES_BY_CATEGORY.get(name, []) for practice in marked}}
        for thing in ("lamp", "scooter")
        for name, text in SENTENCES.items()
    ]  # fmt: skip


@pytest.fixture(scope="session")
def opp115_with_eras(opp115, tmp_path_factory) -> Path:
    """The folder of OPP-115, beside it passages of nine policies of all eras, and of two corpora of people."""
    folder = tmp_path_factory.mktemp("data")
    shutil.copytree(opp115, folder / "opp115")
    (folder / "eras").mkdir()
    rows = [row for era, things in ERA_THINGS.items() for thing in things for row in era_rows(era, thing)]
    write_lines(folder / "eras/labelled.jsonl.gz", rows)
    people = [*human_rows("goppc", [*PRACTICES]), *human_rows("gdpr200", ["collection", "sharing", "rights"])]
    write_lines(folder / "eras/human.jsonl.gz", people)
    return folder / "opp115"
