"""The cases in `cases/`: pages in, what a careful reader wants of them out."""

import pytest
from cases import NAMES, document_of, expected, observed

NOTES = ("about", "known_failing")


def case(name):
    reason = expected(name).get("known_failing")
    return pytest.param(name, marks=pytest.mark.xfail(reason=reason, strict=True) if reason else ())


@pytest.mark.parametrize("name", [case(name) for name in NAMES])
def test_case(name):
    wanted = {key: value for key, value in expected(name).items() if key not in NOTES}
    assert wanted, "the case has no expected.json"
    found = observed(document_of(name), wanted)
    assert {key: found[key] for key in wanted} == wanted


@pytest.mark.parametrize("name", NAMES)
def test_spans_of_a_case(name):
    document = document_of(name)
    assert [document.text[start:end] for start, end in document.spans] == [block.text for block in document.blocks]
