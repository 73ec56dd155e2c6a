"""`evaluate`: what polarity and types of data are worth on policies that their rules have not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from extractor.label import DATA_TYPE_PRACTICES, PolarityRules, denial_polarity, has_negation
from extractor.records import DATA_TYPES, PRACTICES, Polarity, Practice
from extractor.text import statements
from extractor.training.data.marks import Gold, Marked, read_marks
from extractor.training.data.opp115 import MAJORITY
from extractor.training.data.pool import folds_by_policy
from extractor.training.metrics import Marks, report
from extractor.training.models.datatypes import Named, gold_of, kinds_in, learn_types, read_named
from extractor.training.models.fast import read_cues
from extractor.training.models.fit import learn_vocabulary
from extractor.training.models.polarity import SIDES, folds_of, is_enough, polarity_rules, said_by, strengths, strongest

RULES, _NOT, _ALWAYS, _PEOPLE = "details", "bare not", "always does", "one annotator"
_TWO = SIDES[:2]  # a side that is neither counts as wrong
_SENTENCES, _SEGMENTS, _THREE = "done or denied, sentences", "done or denied, segments", "polarity, segments"
_Found = dict[str, dict[str, Any]]


class _Told(NamedTuple):
    """What is true of a practice in a sentence or segment, what was said of it, and by whom."""

    who: str
    policy: str
    practice: str
    gold: Gold
    said: Polarity


def details_reports(rows: Sequence[dict[str, Any]]) -> _Found:
    """The figures by name: of rules that did not see the policies measured on, and of what one could do instead.

    Nothing where too few segments are marked to learn from.
    """
    marked, named = read_marks(rows), read_named(rows)
    if not (is_enough(marked) and kinds_in(named)):
        return {}
    by_sentence: list[_Told] = []
    by_segment = list(_agreement(marked))
    for train, test in folds_of(marked):
        rules = polarity_rules(train)
        by_sentence += _told_of_sentences(rules, test)
        by_segment += _told_of_segments(rules, test)
    return {
        **_polarity_reports(_SENTENCES, by_sentence, _TWO),
        **_polarity_reports(_SEGMENTS, by_segment, _TWO),
        **_polarity_reports(_THREE, by_segment, SIDES),
        **_by_practice([one for one in by_segment if one.who == RULES]),
        f"{RULES}: types of data, segments with the practice": _types_report(named),
    }


def _by_practice(told: Sequence[_Told]) -> _Found:
    """The figures of each practice."""
    found = {practice: [one for one in told if one.practice == practice] for practice in PRACTICES}
    return {f"{RULES}: done or denied, {name}": _polarity_report(some, _TWO) for name, some in found.items() if some}


def _polarity_reports(what: str, told: Sequence[_Told], sides: Sequence[Gold]) -> _Found:
    """The figures of each that said something."""
    said = {who: [one for one in told if one.who == who] for who in (RULES, _NOT, _ALWAYS, _PEOPLE)}
    return {f"{who}: {what}": _polarity_report(some, sides) for who, some in said.items() if some}


def _polarity_report(told: Sequence[_Told], sides: Sequence[Gold]) -> dict[str, Any]:
    """The figures of some sides."""
    truth, given = (_marks_of([getattr(one, name) for one in told], sides) for name in ("gold", "said"))
    return report(sides, truth, given, groups=[one.policy for one in told])


def _marks_of(values: Sequence[str], sides: Sequence[str]) -> Marks:
    """Values as marks, (values, sides)."""
    return np.array([[value == name for name in sides] for value in values], dtype=np.int8)


def _told_of_sentences(rules: PolarityRules, marked: Sequence[Marked]) -> Iterator[_Told]:
    """What is said of the sentences in which two annotators or more marked a practice, and none disagrees."""
    for segment in marked:
        for (place, practice), gold in _sentence_gold(segment).items():
            text = segment.sentences[place]
            value = strongest(rules, rules.denial, [text])[practice] if has_negation(text) else -np.inf
            by_rules: Polarity = "does_not" if denial_polarity(value, rules.thresholds) == "does_not" else "does"
            by_not: Polarity = "does_not" if has_negation(text) else "does"
            for who, said in ((RULES, by_rules), (_NOT, by_not), (_ALWAYS, "does")):
                yield _Told(who, segment.policy, practice, gold, said)


def _sentence_gold(segment: Marked) -> dict[tuple[int, Practice], Gold]:
    """What annotators agree on, by sentence and practice."""
    once = {mark for mark in segment.marks if mark.sentence >= 0}
    counts = Counter((mark.sentence, mark.practice, mark.said) for mark in once)
    return {
        (place, practice): said
        for (place, practice, said), count in counts.items()
        if count >= MAJORITY and not counts[place, practice, "does" if said == "does_not" else "does_not"]
    }


def _told_of_segments(rules: PolarityRules, marked: Sequence[Marked]) -> Iterator[_Told]:
    """What is said of the practices of segments on which annotators agree."""
    for segment in marked:
        by_not = _bare(segment.text)
        for scored in strengths(rules, [segment]):
            for who, said in ((RULES, said_by(scored, rules.thresholds)), (_NOT, by_not), (_ALWAYS, "does")):
                yield _Told(who, scored.policy, scored.practice, scored.gold, said)


def _bare(text: str) -> Polarity:
    """What one could do instead: every sentence with a word to deny with denies."""
    denying = [has_negation(part) for part in statements(text)]
    return "does" if not any(denying) else "does_not" if all(denying) else "mixed"


def _agreement(marked: Iterable[Marked]) -> Iterator[_Told]:
    """What each annotator says where the two others agree."""
    for segment in marked:
        for practice in PRACTICES:
            by = segment.by_annotator(practice)
            for who, said in by.items():
                others = {value for other, value in by.items() if other != who}
                if len(by) == 3 and len(others) == 1:
                    yield _Told(_PEOPLE, segment.policy, practice, next(iter(others)), said)


def _types_report(named: Sequence[Named]) -> dict[str, Any]:
    """The figures of the kinds of data, in segments that have the practice; all is learned from the other policies."""
    kinds = tuple(
        (scope, name) for scope in DATA_TYPE_PRACTICES for name in DATA_TYPES if gold_of(named, (scope, name))[0].any()
    )
    truth, asked = (np.array(some).T for some in zip(*(gold_of(named, kind) for kind in kinds), strict=True))
    given = np.zeros(truth.shape, dtype=bool)
    for train, test in folds_by_policy([segment.policy for segment in named]):
        seen, unseen = [named[row] for row in train], [(named[row].text, "") for row in test]
        vocabulary = learn_vocabulary([(segment.text, "") for segment in seen], read_cues())
        rules = learn_types(seen, vocabulary)
        if rules is None:
            continue
        reached = rules.decision_values(vocabulary.vectors(unseen)) >= rules.thresholds
        for column, kind in enumerate(rules.kinds):
            if kind in kinds:
                given[test, kinds.index(kind)] = reached[:, column]
    told = np.flatnonzero(given.any(axis=0)).tolist()  # some kinds are left out
    labels, groups = [": ".join(kinds[column]) for column in told], [segment.policy for segment in named]
    return report(labels, truth[:, told].astype(np.int8), (given & asked)[:, told].astype(np.int8), groups=groups)
