"""Measures polarity and data types on policies that their rules have not seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from extractor.label import DATA_TYPE_PRACTICES, PolarityRules, denial_polarity, has_negation
from extractor.records import DATA_TYPES, PRACTICES, Polarity, Practice
from extractor.text import statements
from extractor.training.data import (
    ERA_NAMES,
    MAJORITY,
    DataTypeExample,
    EraPassage,
    GoldPolarity,
    MarkedPassage,
    MarkedSegment,
    era_marks,
    group_folds,
    read_data_type_examples,
    read_marked_segments,
    segment_passage,
)
from extractor.training.metrics import LabelMatrix, label_metrics
from extractor.training.models import (
    GOLD_POLARITIES,
    build_vocabulary,
    fit_data_type_rules,
    fit_polarity_rules,
    has_enough_marks,
    learnable_data_types,
    majority_masks,
    marked_folds,
    passage_values,
    predicted_polarity,
    read_cues,
    score_practices,
)

# The learned rules, two simple methods beside them, and each annotator where the two others agree
DETAILS, _NEGATION, _ALWAYS, _ANNOTATOR = "details", "bare not", "always does", "one annotator"
_DONE_OR_DENIED = GOLD_POLARITIES[:2]  # any other prediction counts as wrong
_MetricsByName = dict[str, dict[str, Any]]


class _PolarityPrediction(NamedTuple):
    """The gold polarity of a practice in a sentence or segment, and the one that a method predicts."""

    method: str
    policy: str
    practice: str
    gold: GoldPolarity
    predicted: Polarity


def measure_details(rows: Sequence[dict[str, Any]], eras: Sequence[EraPassage] = ()) -> _MetricsByName:
    """The figures, by name, of rules on policies that they have not seen, and of simpler methods.

    `rows` are segments of OPP-115, `eras` labelled passages of all eras. Empty if too few segments are annotated to
    learn from.
    """
    marked, examples = read_marked_segments(rows), read_data_type_examples(rows)
    if not (has_enough_marks(marked) and learnable_data_types(examples)):
        return {}
    sentences: list[_PolarityPrediction] = []
    segments = list(_predict_by_annotators(marked))
    of_eras: list[_PolarityPrediction] = []
    for fold in marked_folds(marked, era_marks(eras)):
        rules = fit_polarity_rules(fold.marked, fold.passages)
        sentences += _predict_sentences(rules, fold.unseen_marked)
        segments += _predict_segments(rules, fold.unseen_marked)
        of_eras += _predict_passages(rules, fold.unseen_passages)
    return {
        **_metrics_by_method("done or denied, sentences", sentences, _DONE_OR_DENIED),
        **_metrics_by_method("done or denied, segments", segments, _DONE_OR_DENIED),
        **_metrics_by_method("polarity, segments", segments, GOLD_POLARITIES),
        **_metrics_by_practice([one for one in segments if one.method == DETAILS]),
        **_metrics_by_era(of_eras, eras),
        f"{DETAILS}: types of data, segments with the practice": _data_type_metrics(examples),
    }


def _metrics_by_era(predictions: Sequence[_PolarityPrediction], eras: Sequence[EraPassage]) -> _MetricsByName:
    """The figures of the learned rules for the passages of each era, and of all."""
    era_of = {one.policy: one.era for one in eras}
    by_era = {years: [one for one in predictions if era_of[one.policy] == era] for era, years in ERA_NAMES.items()} | {
        "all eras": list(predictions)
    }
    return {
        f"{DETAILS}: polarity, passages, {name}": _polarity_metrics(own, GOLD_POLARITIES)
        for name, own in by_era.items()
        if own
    }


def _metrics_by_practice(predictions: Sequence[_PolarityPrediction]) -> _MetricsByName:
    """The figures of the learned rules for each practice."""
    by_practice = {name: [one for one in predictions if one.practice == name] for name in PRACTICES}
    return {
        f"{DETAILS}: done or denied, {name}": _polarity_metrics(own, _DONE_OR_DENIED)
        for name, own in by_practice.items()
        if own
    }


def _metrics_by_method(
    task: str, predictions: Sequence[_PolarityPrediction], polarities: Sequence[GoldPolarity]
) -> _MetricsByName:
    """The figures of each method that predicts anything in a task."""
    methods = (DETAILS, _NEGATION, _ALWAYS, _ANNOTATOR)
    by_method = {method: [one for one in predictions if one.method == method] for method in methods}
    return {f"{method}: {task}": _polarity_metrics(own, polarities) for method, own in by_method.items() if own}


def _polarity_metrics(predictions: Sequence[_PolarityPrediction], polarities: Sequence[GoldPolarity]) -> dict[str, Any]:
    """The figures of predictions, with these polarities as labels."""
    gold, predicted = (
        _polarity_matrix([getattr(one, name) for one in predictions], polarities) for name in ("gold", "predicted")
    )
    return label_metrics(polarities, gold, predicted, groups=[one.policy for one in predictions])


def _polarity_matrix(values: Sequence[str], polarities: Sequence[str]) -> LabelMatrix:
    """Whether each value is each polarity, (values, polarities)."""
    return np.array([[value == name for name in polarities] for value in values], dtype=np.int8)


def _predict_sentences(rules: PolarityRules, marked: Sequence[MarkedSegment]) -> Iterator[_PolarityPrediction]:
    """The predictions for sentences with a gold polarity."""
    for segment in marked:
        for (place, practice), gold in _sentence_gold(segment).items():
            text = segment.sentences[place]
            value = passage_values(rules, rules.denial, [text] if has_negation(text) else [])[practice]
            by_rules: Polarity = "does_not" if denial_polarity(value, rules.thresholds) == "does_not" else "does"
            by_negation: Polarity = "does_not" if has_negation(text) else "does"
            for method, predicted in ((DETAILS, by_rules), (_NEGATION, by_negation), (_ALWAYS, "does")):
                yield _PolarityPrediction(method, segment.policy, practice, gold, predicted)


def _sentence_gold(segment: MarkedSegment) -> dict[tuple[int, Practice], GoldPolarity]:
    """The polarity that two or more annotators marked and nobody contradicts, by sentence and practice."""
    marks = {mark for mark in segment.marks if mark.sentence >= 0}
    counts = Counter((mark.sentence, mark.practice, mark.polarity) for mark in marks)
    return {
        (place, practice): polarity
        for (place, practice, polarity), count in counts.items()
        if count >= MAJORITY and not counts[place, practice, "does" if polarity == "does_not" else "does_not"]
    }


def _predict_segments(rules: PolarityRules, marked: Sequence[MarkedSegment]) -> Iterator[_PolarityPrediction]:
    """The predictions for practices of segments on which annotators agree."""
    for segment in marked:
        by_negation = _polarity_by_negation(segment.text)
        for by_rules in _predict_passages(rules, [segment_passage(segment)]):
            yield by_rules
            yield by_rules._replace(method=_NEGATION, predicted=by_negation)
            yield by_rules._replace(method=_ALWAYS, predicted="does")


def _predict_passages(rules: PolarityRules, passages: Sequence[MarkedPassage]) -> Iterator[_PolarityPrediction]:
    """The predictions of rules for practices of passages whose polarity is agreed on."""
    for scored in score_practices(rules, passages):
        predicted = predicted_polarity(scored, rules.thresholds)
        yield _PolarityPrediction(DETAILS, scored.policy, scored.practice, scored.gold, predicted)


def _polarity_by_negation(text: str) -> Polarity:
    """The polarity of a text if every sentence with a negation were a denial."""
    negated = [has_negation(sentence) for sentence in statements(text)]
    return "does" if not any(negated) else "does_not" if all(negated) else "mixed"


def _predict_by_annotators(marked: Iterable[MarkedSegment]) -> Iterator[_PolarityPrediction]:
    """The polarity that each annotator gives to a practice on which the two others agree."""
    for segment in marked:
        for practice in PRACTICES:
            polarities = segment.polarity_by_annotator(practice)
            for annotator, polarity in polarities.items():
                others = {value for other, value in polarities.items() if other != annotator}
                if len(polarities) == 3 and len(others) == 1:
                    yield _PolarityPrediction(_ANNOTATOR, segment.policy, practice, next(iter(others)), polarity)


def _data_type_metrics(examples: Sequence[DataTypeExample]) -> dict[str, Any]:
    """The figures of data types in segments that have the practice; vocabulary and rules are of the other policies."""
    kinds = tuple(
        (practice, name)
        for practice in DATA_TYPE_PRACTICES
        for name in DATA_TYPES
        if majority_masks(examples, (practice, name))[0].any()
    )
    truth, has_practice = (
        np.array(masks).T for masks in zip(*(majority_masks(examples, kind) for kind in kinds), strict=True)
    )
    predicted = np.zeros(truth.shape, dtype=bool)
    policies = [example.policy for example in examples]
    for train, test in group_folds(policies):
        seen, unseen = [examples[row] for row in train], [(examples[row].text, "") for row in test]
        vocabulary = build_vocabulary([(example.text, "") for example in seen], read_cues())
        rules = fit_data_type_rules(seen, vocabulary)
        if rules is None:
            continue
        reached = rules.decision_values(vocabulary.vectors(unseen)) >= rules.thresholds
        for column, kind in enumerate(rules.kinds):
            if kind in kinds:
                predicted[test, kinds.index(kind)] = reached[:, column]
    columns = np.flatnonzero(predicted.any(axis=0)).tolist()  # some kinds are never predicted
    return label_metrics(
        [": ".join(kinds[column]) for column in columns],
        truth[:, columns].astype(np.int8),
        (predicted & has_practice)[:, columns].astype(np.int8),
        groups=policies,
    )
