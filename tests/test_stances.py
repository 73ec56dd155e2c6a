"""What several segments of a policy say together."""

from dataclasses import replace

import pytest

from extractor.records import PRACTICES, Segment
from extractor.stances import STANCES, has_stance, practice_stances


def segment(**polarity) -> Segment:
    plain = Segment(0, 0, 2, "No", practices=tuple(polarity))
    return replace(plain, polarity={**plain.polarity, **polarity})


@pytest.mark.parametrize(
    ("polarities", "together", "stances"),
    [
        ((), "", []),
        (("does",), "does", ["any", "does"]),
        (("does_not",), "does_not", ["any", "denies only"]),
        (("does_not", "does_not"), "does_not", ["any", "denies only"]),
        (("does", "does_not"), "mixed", ["any", "does"]),
        (("mixed", "does_not"), "mixed", ["any", "does"]),
        (("unclear",), "unclear", ["any", "does"]),
        (("unclear", "does_not"), "unclear", ["any", "does"]),
        (("unclear", "does"), "does", ["any", "does"]),
        (("unclear", "does", "does_not"), "mixed", ["any", "does"]),
        (("",), "unclear", ["any", "does"]),  # records of schema 1.0
    ],
)
def test_practice_stances_of_several_segments(polarities, together, stances):
    found = practice_stances([segment(sharing=polarity) for polarity in polarities])
    assert found["sharing"] == (len(polarities), together)
    assert [stance for stance in STANCES if has_stance(together, stance)] == stances
    assert all(found[name] == (0, "") for name in PRACTICES if name != "sharing")
