"""A run on the sample archive, and a record that is hard to write."""

from pathlib import Path

import pytest

from exports.test_jsonl import policy
from extractor import load, read_jsonl
from extractor.cli import main
from extractor.records import PolicyCapture, Segment, no_evidence

TARGETS = Path(__file__).parents[2] / "corpus/sample/targets.txt"
HARD = "Wé use “cookies” \U0001f36a\u2028and 𝒷eacons, <b>=1+1</b>.\n\nChildren under 13 may not use this."


@pytest.fixture(scope="session")
def corpus(tmp_path_factory, sample_warc) -> Path:
    """A run folder: 21 records of four sites, one of them unusable and not labelled."""
    folder = tmp_path_factory.mktemp("run") / "corpus"
    assert main(["run", f"@{TARGETS}", "--archive-base", str(sample_warc), "-o", str(folder), "-q"]) == 0
    return folder


@pytest.fixture(scope="session")
def policies(corpus):
    return list(read_jsonl(corpus / "policies.jsonl"))


@pytest.fixture(scope="session")
def labelled(policies):
    return [policy for policy in policies if policy.labelled]


def span(words: str) -> tuple[int, int]:
    """The start and end of words in HARD."""
    return HARD.index(words), HARD.index(words) + len(words)


@pytest.fixture
def hard():
    """A policy with two segments, characters beyond the Basic Multilingual Plane, line ends and a formula."""
    middle = HARD.index("Children")
    segments = (
        Segment(
            *(0, 0, middle - 2, HARD[: middle - 2]),
            headings=("=A", "B"),
            practices=("sharing", "cookies"),
            evidence={
                **no_evidence(),
                "cookies": (span("use “cookies” \U0001f36a"), span("𝒷eacons")),
                "sharing": ((0, 2),),
            },
        ),
        Segment(
            *(1, middle, len(HARD), HARD[middle:]),
            practices=("children",),
            context="We say:",
            evidence={**no_evidence(), "children": (span("under 13"),)},
        ),
    )
    capture = PolicyCapture(url="http://a.example/p?(a b)=é%20", timestamp="20050102030405", archive_url="https://w/x")
    return policy(HARD, title='=HYPERLINK("http://e.example")', segments=segments, capture=capture)


@pytest.fixture(scope="session")
def annotator():
    return load()
