"""Agreement against tables worked by hand in the literature."""

import pytest
from sklearn.metrics import cohen_kappa_score

from extractor.audit import Estimate, cohens_kappa, krippendorffs_alpha

# K. Krippendorff, "Computing Krippendorff's Alpha-Reliability" (2011): section A, and section C by its nominal metric
MEG, OWEN = "0100000010", "1110010000"
FOUR = ("123321412...", "1233224125.3", ".3332342251.", "12332441251.")


def test_krippendorffs_alpha_of_two_raters_equals_published_value():
    assert krippendorffs_alpha(list(zip(MEG, OWEN, strict=True))).value == pytest.approx(0.095, abs=5e-4)


def test_krippendorffs_alpha_of_four_raters_with_gaps_equals_published_value():
    rows = [[one for one in column if one != "."] for column in zip(*FOUR, strict=True)]
    assert krippendorffs_alpha(rows).value == pytest.approx(0.743, abs=5e-4)


def pairs(table):
    rows = [(a, b) for (a, b), count in table.items() for _ in range(count)]
    return [a for a, _ in rows], [b for _, b in rows]


@pytest.mark.parametrize(
    "table, expected",
    [
        # J. Sim and C. Wright, "The Kappa Statistic in Reliability Studies" (2005), table 1
        ({("y", "y"): 22, ("y", "n"): 2, ("n", "y"): 4, ("n", "n"): 11}, 0.67),
        # by hand: they agree on 35 of 50, by chance on half of them, (.7 - .5) / (1 - .5)
        ({("y", "y"): 20, ("y", "n"): 5, ("n", "y"): 10, ("n", "n"): 15}, 0.4),
    ],
)
def test_cohens_kappa_equals_published_values_and_sklearn(table, expected):
    first, second = pairs(table)
    found = cohens_kappa(first, second)
    assert found.value == pytest.approx(expected, abs=5e-3)
    assert found.value == pytest.approx(cohen_kappa_score(first, second), abs=1e-4)
    assert found.low < found.value < found.high


def test_agreement_without_variation_has_no_estimate():
    assert (
        cohens_kappa("yyyy", "yyyn")
        == cohens_kappa("", "")
        == krippendorffs_alpha([])
        == krippendorffs_alpha(["y", "n"])
        == krippendorffs_alpha(["yy", "yy"])
        == Estimate()
    )


def test_agreement_of_raters_who_never_or_always_differ():
    assert cohens_kappa("ynyn", "ynyn").value == krippendorffs_alpha(["yy", "nn"]).value == 1
    assert cohens_kappa("ynyn", "nyny").value == -1
