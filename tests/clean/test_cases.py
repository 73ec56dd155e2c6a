"""The cases in `cases/`: pages, and what a careful reader expects of their documents."""

import pytest
from cases import NAMES, document_of, expected, observed

NOTES = ("about", "known_failing")


def case_param(name):
    reason = expected(name).get("known_failing")
    return pytest.param(name, marks=pytest.mark.xfail(reason=reason, strict=True) if reason else ())


@pytest.mark.parametrize("name", [case_param(name) for name in NAMES])
def test_clean_case_matches_expected(name):
    wanted = {key: value for key, value in expected(name).items() if key not in NOTES}
    assert wanted, "the case has no expected.json"
    actual = observed(document_of(name), wanted)
    assert {key: actual[key] for key in wanted} == wanted


@pytest.mark.parametrize("name", NAMES)
def test_clean_case_has_exact_spans(name):
    document = document_of(name)
    assert [document.text[start:end] for start, end in document.spans] == [block.text for block in document.blocks]
