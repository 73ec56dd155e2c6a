"""Records of the sample archive, and records from given passages."""

import pytest

from extractor.cli import main
from extractor.records import SCHEMA_VERSION, Policy, PolicyCapture, Provenance, Segment, Source, Verdict


@pytest.fixture(scope="session")
def sample_run(sample_warc, tmp_path_factory):
    folder = tmp_path_factory.mktemp("history") / "run"
    targets = f"@{sample_warc.parent / 'targets.txt'}"
    assert main(["run", targets, "--archive-base", str(sample_warc), "-o", str(folder), "-q"]) == 0
    return folder


@pytest.fixture(scope="session")
def make_policy():
    """A function that makes a record from passages: texts, (text, {practice: score}), or (text, scores, heading)."""

    def make(timestamp: str, *passages, url="http://lamps.example/privacy", **changes) -> Policy:
        segments, at, text = [], 0, ""
        for index, passage in enumerate(passages):
            words, scores, heading = (passage, {}, "Privacy") if isinstance(passage, str) else (*passage, "Privacy")[:3]
            text = f"{text}\n\n{words}" if text else words
            at = len(text) - len(words)
            every = {"collection": 0.0, "sharing": 0.0, "cookies": 0.0, "rights": 0.0, "children": 0.0, **scores}
            practices = tuple(name for name, score in every.items() if score >= 0.5)
            segments.append(
                Segment(index, at, len(text), words, headings=(heading,), practices=practices, scores=every)
            )
        fields = {
            "schema_version": SCHEMA_VERSION,
            "id": f"{timestamp}/{url}",
            "site": changes.get("domain", "lamps.example"),
            "policy": changes.get("domain", "lamps.example"),
            "domain": "lamps.example",
            "title": "Privacy",
            "language": "en",
            "source": Source(),
            "capture": PolicyCapture(url=url, served_url=url, timestamp=timestamp, requested="lamps.example"),
            "verdict": Verdict(True, 0.9),
            "markdown": "",
            "text": text,
            "labelled": True,
            "segments": tuple(segments),
            "provenance": Provenance(),
        }
        return Policy(**{**fields, **changes})

    return make
