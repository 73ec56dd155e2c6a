"""The drift reference, built on a corpus of a few sentences."""

import gzip
import json

import pytest

from extractor.cli import main
from extractor.errors import UnreadableError
from extractor.label import read_drift_reference, stems
from extractor.training.evaluation.drift_reference import build_drift_reference
from training.conftest import ERA_THINGS, SENTENCES, THINGS


def test_train_drift_counts_the_stems_of_several_policies(opp115, tmp_path):
    assert main(["train", str(opp115), "--model", "drift", "-o", str(tmp_path / "one"), "-q"]) == 0
    assert main(["train", str(opp115), "--model", "drift", "-o", str(tmp_path / "two"), "-q"]) == 0
    first, second = ((tmp_path / name / "reference.json").read_bytes() for name in ("one", "two"))
    assert first == second
    reference = read_drift_reference(tmp_path / "one")
    assert reference.policies == len(THINGS)
    assert reference.stems["cooki"] == len(THINGS)
    assert not set(reference.stems) & {stem for thing in THINGS for stem in stems(thing)}
    sentences = [*SENTENCES.values(), "Cookies and beacons watch your {} for us."]
    assert reference.words == sum(len(stems(text.format(thing))) for text in sentences for thing in THINGS)
    assert [one.policies for one in reference.limits] == [1, 2, 4]
    assert sum(reference.tops) == pytest.approx(1, abs=1e-3)
    assert 0 <= reference.uncertain <= 1
    assert reference.measured == ()


def test_build_drift_reference_measures_every_era_and_has_its_words(opp115_with_eras):
    reference = build_drift_reference(opp115_with_eras)
    eras = [(era.first_year, era.last_year, era.passages) for era in reference.measured]
    assert eras == [(first, last, 39) for first, last in ((1999, 2010), (2011, 2020), (2020, 2026))]
    for era in reference.measured:
        assert (era.model, era.labelled_by) == ("fast", "a language model")
        assert 0 <= era.low <= era.macro_f1 <= era.high <= 1
    assert reference.policies == len(THINGS) + 9
    assert reference.stems["cooki"] == len(THINGS) and reference.stems["sell"] == 9
    assert not set(reference.stems) & {
        stem for things in ERA_THINGS.values() for thing in things for stem in stems(thing)
    }


def test_build_drift_reference_with_too_few_policies_is_unreadable(opp115, tmp_path):
    for path in opp115.iterdir():
        content = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        rows = [json.loads(line) for line in content.splitlines()]
        kept = [row for row in rows if row.get("policy", "site0") in ("site0", "site0.example", "site1.example")]
        lines = "".join(json.dumps(row) + "\n" for row in kept).encode()
        (tmp_path / path.name).write_bytes(gzip.compress(lines) if path.suffix == ".gz" else lines)
    with pytest.raises(UnreadableError, match="only 2 policies"):
        build_drift_reference(tmp_path)
