"""`drift` and the report's warnings, on records whose words are drawn from the reference's and from elsewhere."""

import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from extractor.cli import main
from extractor.errors import ModelError
from extractor.exports import write_jsonl
from extractor.label import (
    MeasuredEra,
    TextProfile,
    drift_of,
    frequency_distance,
    read_drift_reference,
    unknown_share,
)
from extractor.records import SCHEMA_VERSION, Policy, PolicyCapture, Provenance, Segment, Source, Verdict
from extractor.run.studies.drift import drift_by_year, drift_warnings

WORDS = 1_500  # of a policy
COUNTS = st.dictionaries(st.sampled_from("abcdef"), st.integers(1, 50), min_size=1)


def text_of(generator, strange: float) -> str:
    """A policy with words drawn as often as the reference has them, except for a share of unknown ones."""
    reference = read_drift_reference()
    names, counts = list(reference.stems), np.array(list(reference.stems.values()), dtype=float)
    known = generator.choice(names, WORDS, p=counts / counts.sum())
    return " ".join("quuxery" if generator.random() < strange else word for word in known)


def record(site: str, year: int, text: str, **changes) -> Policy:
    url = f"http://{site}/privacy"
    stamp = f"{year}0601000000"
    fields = {
        "schema_version": SCHEMA_VERSION, "id": f"{stamp}/{url}", "site": site, "policy": site, "domain": site,
        "title": "", "language": "en",
        "source": Source(), "capture": PolicyCapture(url=url, timestamp=stamp, requested=site),
        "verdict": Verdict(True, 0.9), "markdown": "", "text": text, "labelled": True,
        "segments": (Segment(0, 0, len(text), text),), "provenance": Provenance("", "fast", "0" * 64),
    }  # fmt: skip
    return Policy(**{**fields, **changes})


@pytest.fixture(scope="module")
def corpus(tmp_path_factory):
    """Twelve sites in 2014, and in 2024 with a tenth of their words unknown; one capture that is not labelled."""
    generator, path = np.random.default_rng(0), tmp_path_factory.mktemp("drift") / "policies.jsonl"
    policies = [
        record(f"site{number}.example", year, text_of(generator, strange))
        for number in range(12)
        for year, strange in ((2014, 0.0), (2024, 0.1))
    ]
    write_jsonl([*policies, record("no.example", 2030, "Nichts", labelled=False)], path)
    return path


def test_drift_by_year_of_a_year_with_other_words_is_far(corpus):
    within, far = drift_by_year(corpus)
    assert (within.period, within.policies, within.words) == ("2014", 12, 12 * WORDS)
    assert (far.period, "far" in within.reasons, "far" in far.reasons) == ("2024", False, True)
    assert far.unknown == pytest.approx(within.unknown + 0.1, abs=0.02)
    assert far.distance > within.distance


def test_drift_command_warns_of_the_year_that_is_far(corpus, capsys, tmp_path):
    assert main(["drift", str(corpus)]) == 0
    message = capsys.readouterr().out
    assert "| 2014 | 12 | 18,000 | " in message and sum(" | far" in line for line in message.splitlines()) == 1
    assert "The wording of 2024 lies further from what the labels were learned from" in message
    assert main(["evaluate", "--drift", str(corpus), "--format", "json", "--html", str(tmp_path / "page.html")]) == 0
    years = json.loads(capsys.readouterr().out)[0]["figures"]["years"]
    assert ["far" in year["reasons"] for year in years.values()] == [False, True]
    assert years["2014"]["era"]["last_year"] == 2020
    assert sum(years["2014"]["tops"]) == pytest.approx(1, abs=1e-3)
    assert '<tr class="far"><th scope="row">2024</th>' in (tmp_path / "page.html").read_text()


def test_report_of_a_corpus_with_a_far_year_has_the_warning(corpus, sample_warc, tmp_path):
    assert main(["report", str(corpus), "-o", str(tmp_path / "r.html"), "-q"]) == 0
    assert '<p class="warning">The wording of 2024 lies further' in (tmp_path / "r.html").read_text()
    assert main(["annotate", str(sample_warc), "-o", str(tmp_path / "sample.jsonl"), "-q"]) == 0
    assert main(["report", str(tmp_path / "sample.jsonl"), "-o", str(tmp_path / "s.html"), "-q"]) == 0
    assert '<p class="warning">The wording' not in (tmp_path / "s.html").read_text()


def test_report_of_undated_policies_that_are_far_says_that_they_have_no_date(tmp_path):
    generator = np.random.default_rng(0)
    policies = [
        record(f"site{number}.example", 2024, text_of(generator, 0.1), capture=PolicyCapture(url=f"http://{number}/"))
        for number in range(12)
    ]
    write_jsonl(policies, tmp_path / "policies.jsonl")
    assert main(["report", str(tmp_path / "policies.jsonl"), "-o", str(tmp_path / "r.html"), "-q"]) == 0
    assert "The wording of captures without a date lies further from" in (tmp_path / "r.html").read_text()


ERAS = (
    MeasuredEra(1999, 2010, "fast", "a language model", 600, 0.84, 0.80, 0.88),
    MeasuredEra(2011, 2020, "fast", "a language model", 800, 0.78, 0.75, 0.81),
    MeasuredEra(2020, 2026, "fast", "a language model", 1500, 0.871, 0.844, 0.89),
)


@pytest.fixture
def measured_eras(monkeypatch):
    """A reference with the figures of three eras, of which the middle one is clearly below the best."""
    reference = msgspec.structs.replace(read_drift_reference(), measured=ERAS)
    monkeypatch.setattr("extractor.run.studies.drift.read_drift_reference", lambda: reference)
    return reference


@pytest.mark.parametrize(
    ("year", "reasons"),
    [
        ("1998", ("not measured",)),
        ("1999", ()),
        ("2011", ("less right",)),
        ("2020", ()),  # the later era counts
        ("2027", ("not measured",)),
        ("undated", ()),
    ],
)
def test_drift_of_a_year_has_the_reasons_of_its_era(measured_eras, year, reasons):
    assert drift_of(year, TextProfile(), measured_eras).reasons == reasons


def test_era_that_is_within_the_tolerance_of_the_best_is_not_less_right(measured_eras):
    best = msgspec.structs.replace(ERAS[2], macro_f1=0.859)
    reference = msgspec.structs.replace(measured_eras, measured=(*ERAS[:2], best))
    assert not reference.is_less_right(ERAS[1])


def test_drift_warnings_tell_what_was_measured(measured_eras):
    drifts = [drift_of(year, TextProfile(), measured_eras) for year in ("1997", "1998", "2005", "2012", "2013", "2024")]
    assert list(drift_warnings(drifts)) == [
        "How right labels of 1997–1998 are was not measured: the labelled passages are of 1999–2026; audit a sample "
        "before you publish (archived-policy sample).",
        "Labels of 2011–2020 were right to F1 .78 (.75–.81) on passages labelled by a language model, those of "
        "2020–2026 to .87 (.84–.89); audit a sample before you publish (archived-policy sample).",
    ]
    assert list(drift_warnings(drifts[5:])) == []


def test_reference_without_measured_eras_gives_no_reason():
    reference = msgspec.structs.replace(read_drift_reference(), measured=())
    assert drift_of("1980", TextProfile(), reference).reasons == ()


def test_drift_by_year_of_many_captures_in_a_year_counts_the_last(tmp_path):
    first, second = record("a.example", 2014, "We ask you."), record("a.example", 2014, "We ask you for mail.")
    later = PolicyCapture(url="http://a.example/privacy", timestamp="20140901000000", requested="a.example")
    second = replace(second, capture=later, id="b")
    write_jsonl([second, first], tmp_path / "policies.jsonl")
    found = drift_by_year(tmp_path)
    assert [(one.policies, one.words) for one in found] == [(1, 5)]


def test_drift_by_year_of_pages_without_date_or_site_counts_each(tmp_path):
    pages = [
        record(f"{number}", 2014, "We ask you.", id=f"page{number}.html", domain="", capture=PolicyCapture())
        for number in range(3)
    ]
    write_jsonl(pages, tmp_path / "policies.jsonl")
    assert [(one.period, one.policies) for one in drift_by_year(tmp_path)] == [("undated", 3)]


def test_drift_command_without_usable_policies_is_an_error(tmp_path, capsys):
    write_jsonl([], tmp_path / "policies.jsonl")
    assert main(["drift", str(tmp_path)]) == 2
    assert "no usable, labelled policy to measure drift on" in capsys.readouterr().err
    assert main(["evaluate"]) == 2
    assert "a corpus with --drift" in capsys.readouterr().err
    assert main(["evaluate", "--drift", str(tmp_path), "--plot", str(tmp_path / "risk.svg")]) == 2
    assert "leave out --model, or --plot" in capsys.readouterr().err
    with pytest.raises(ModelError, match=r"reference\.json cannot be read"):
        read_drift_reference(tmp_path)


@given(COUNTS, COUNTS)
def test_distance_is_symmetric_and_zero_for_equal_shares(one, other):
    letters, ends = "abc", (sum(one.values()), sum(other.values()))
    there, back = frequency_distance(one, other, ends[1], letters), frequency_distance(other, one, ends[0], letters)
    assert there == pytest.approx(back, abs=1e-9)
    assert 0 <= there <= 1 and frequency_distance(one, one, ends[0], letters) == pytest.approx(0, abs=1e-6)
    assert 0 <= unknown_share(one, other) <= 1 and unknown_share(one, one) == 0


def test_limits_for_fewer_or_shorter_policies_are_wider():
    reference = read_drift_reference()
    mean = reference.words // reference.policies
    limits = [reference.limit(size, size * mean + size) for size in (1, 2, 5, 32, 10_000)]
    assert [one.policies for one in limits] == [1, 2, 4, 32, 32]
    assert sorted(limits, key=lambda one: -one.distance) == limits
    assert reference.limit(32, 3 * mean).policies == 2
    assert reference.limit(1, 0).policies == 1
