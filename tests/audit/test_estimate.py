"""Error rates and corrected shares, on corpora whose truth is planted."""

import numpy as np
import pytest

from audit.planted import World, audited, corpus
from extractor.audit import Estimate, clustered_share_draws, corrected_share, share_draws
from extractor.records import PRACTICES

FIGURES = ("precision", "recall", "false_positive_rate", "corrected")
WORLDS = {
    "ordinary": (World(), 12),
    "rare practices": (World(prevalence=0.03, fpr=0.02), 12),
    "a model that misses half": (World(tpr=0.5, fpr=0.05), 12),
    "several spans": (World(spans=3, texts=3_000), 8),
}


@pytest.fixture(scope="module", params=WORLDS.values(), ids=WORLDS.keys())
def repeated(request):
    """Errors of each figure and whether its interval held the truth, over planted corpora and their samples."""
    world, per_stratum = request.param
    errors, held = {name: [] for name in FIGURES}, {name: [] for name in FIGURES}
    for seed in range(24):
        made = corpus(world, seed)
        rows = {row.practice: row for row in audited(made, per_stratum, seed).rows if row.span == "all"}
        for practice in PRACTICES:
            for name, truth in made.rates(practice).items():
                found = getattr(rows[practice], name)
                if found.value is not None:
                    errors[name].append(found.value - truth)
                    held[name].append(found.low <= truth <= found.high)
    return errors, held


@pytest.mark.parametrize("name", FIGURES)
def test_audit_rows_estimates_are_unbiased(repeated, name):
    errors = np.array(repeated[0][name])
    assert len(errors) > 100
    standard_error = errors.std(ddof=1) / np.sqrt(len(errors))
    ratio_bias = 0.012 if name in ("recall", "precision") else 0.0  # ratios of estimates are biased by 1/n
    assert abs(errors.mean()) < 3.5 * standard_error + ratio_bias


@pytest.mark.parametrize("name", FIGURES)
def test_audit_rows_intervals_cover_the_truth(repeated, name):
    held = np.array(repeated[1][name])
    allowed = 3.5 * np.sqrt(0.95 * 0.05 / len(held))  # of a share of .95 among so many
    assert held.mean() > 0.95 - allowed


def test_corrected_share_is_unbiased_where_the_raw_share_is_not():
    """Later corpora have other shares and the same error rates: what an audit of one corrects."""
    world = World(prevalence=0.3, tpr=0.7, fpr=0.1)
    audit = audited(corpus(world, 99), 60, 99)
    for prevalence in (0.05, 0.5):
        raw, fixed, held = [], [], []
        for seed in range(40):
            later = corpus(World(prevalence=prevalence, tpr=0.7, fpr=0.1, texts=500), seed)
            for practice in PRACTICES:
                count, truth = later.counted(practice), later.share(practice)
                found = corrected_share(audit, practice, "2000", count / 500, share_draws(count, 500)).share
                raw.append(count / 500 - truth)
                fixed.append(found.value - truth)
                held.append(found.low <= truth <= found.high)
        expected = prevalence * 0.7 + (1 - prevalence) * 0.1 - prevalence
        assert np.mean(raw) == pytest.approx(expected, abs=0.01)
        assert abs(np.mean(fixed)) < abs(np.mean(raw)) / 2
        assert np.mean(held) > 0.9


def test_corrected_share_of_the_audited_corpus_equals_its_estimate():
    made = corpus(World(), 5)
    audit = audited(made, 20, 5)
    for row in audit.rows:
        if row.span == "all":
            count = made.counted(row.practice)
            found = corrected_share(audit, row.practice, "2000", count / 2_000, share_draws(count, 2_000))
            assert found.share.value == pytest.approx(row.corrected.value, abs=1e-3)
            assert found.rates == "all"


def test_corrected_share_of_an_uninformative_model_is_missing():
    audit = audited(corpus(World(tpr=0.3, fpr=0.28), 1), 20, 1)
    row = audit.rows[0]
    assert row.corrected == Estimate()
    assert "not surely more than 0.1 apart" in row.note
    found = corrected_share(audit, row.practice, "2000", 0.3, share_draws(30, 100))
    assert (found.share, found.note) == (Estimate(), row.note)


@pytest.mark.parametrize("prevalence, reason", [(0.0, "none of the texts"), (1.0, "all texts judged")])
def test_audit_rows_of_a_practice_that_no_or_every_text_has_are_not_corrected(prevalence, reason):
    audit = audited(corpus(World(prevalence=prevalence, texts=300), 2), 10, 2)
    assert all(reason in row.note and row.corrected == Estimate() for row in audit.rows)


def test_corrected_share_in_a_span_with_few_cases_uses_the_rates_of_all():
    rich = audited(corpus(World(spans=2, prevalence=0.4), 3), 20, 3)
    poor = audited(corpus(World(spans=2, prevalence=0.1, texts=400), 3), 3, 3)
    for audit, rates in ((rich, "2001"), (poor, "all")):
        assert corrected_share(audit, "cookies", "2001-H1", 0.4, share_draws(40, 100)).rates == rates
    assert corrected_share(rich, "cookies", "2019-H1", 0.4, share_draws(40, 100)).rates == "all"


def test_corrected_share_of_few_texts_has_a_wide_interval():
    audit = audited(corpus(World(prevalence=0.4), 3), 40, 3)
    few, many = (corrected_share(audit, "rights", "2000", 0.4, share_draws(4 * n, 10 * n)).share for n in (1, 100))
    assert few.high - few.low > 2 * (many.high - many.low)
    one, spread = (
        np.percentile(clustered_share_draws([(4, 10)]), (2.5, 97.5)),
        np.percentile(clustered_share_draws([(0, 10), (8, 10)]), (2.5, 97.5)),
    )
    assert one[0] < 0.25 and one[1] > 0.6
    assert spread[1] - spread[0] > one[1] - one[0]


def test_clustered_share_draws_spread_like_a_ratio_estimator():
    """Against the linearised standard error of a ratio (Cochran 1977, 2.46), for few sites and for many, in groups."""
    generator = np.random.default_rng(0)
    for sites in (60, 900):
        of = generator.integers(20, 60, sites)
        count = generator.binomial(of, generator.beta(2, 6, sites))
        share = count.sum() / of.sum()
        error = np.sqrt(((count - share * of) ** 2).sum() * sites / (sites - 1)) / of.sum()
        drawn = clustered_share_draws(list(zip(count.tolist(), of.tolist(), strict=True)))
        assert drawn.mean() == pytest.approx(share, abs=error / 4)
        assert error * 0.95 < drawn.std() < error * 1.35  # what varies within sites is in it once more
