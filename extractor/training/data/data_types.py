"""OPP-115's annotations of data types: which types a segment names as collected, and which as shared."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from extractor.label import DATA_TYPE_PRACTICES, PracticeDataType
from extractor.records import DataType, Practice
from extractor.training.data.opp115 import annotation_scheme, attribute_value


@dataclass(frozen=True, slots=True)
class DataTypeExample:
    """A segment with the number of annotators who gave each practice, and each data type of a practice."""

    policy: str
    text: str
    practice_votes: Counter[Practice]
    data_type_votes: Counter[PracticeDataType]


def read_data_type_examples(rows: Iterable[dict[str, Any]]) -> list[DataTypeExample]:
    """The segments of OPP-115 in which an annotator found collection or sharing."""
    scheme = annotation_scheme()
    data_types = {str(value).casefold(): name for name, value in scheme["data_types"].items()}
    practice_of = {
        rule["category"]: rule["practice"] for rule in scheme["rule"] if rule["practice"] in DATA_TYPE_PRACTICES
    }
    examples = [_data_type_example(row, practice_of, data_types) for row in rows if row["annotations"] is not None]
    return [example for example in examples if example.practice_votes]


def _data_type_example(
    row: dict[str, Any], practice_of: Mapping[str, Practice], data_types: Mapping[str, DataType]
) -> DataTypeExample:
    """A segment with its votes; the spelling of the types differs between categories."""
    votes = {
        (
            annotation["annotator"],
            practice_of[annotation["category"]],
            data_types.get(attribute_value(annotation, "Personal Information Type").casefold()),
        )
        for annotation in row["annotations"]
        if annotation["category"] in practice_of
    }
    practice_votes = Counter(practice for _, practice in {(annotator, practice) for annotator, practice, _ in votes})
    data_type_votes = Counter((practice, data_type) for _, practice, data_type in votes if data_type)
    return DataTypeExample(row["policy"], row["text"], practice_votes, data_type_votes)
