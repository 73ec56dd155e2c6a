"""The table of policies: a row per record, that is per capture of a policy."""

from __future__ import annotations

from collections import Counter

from extractor.exports.fields import (
    CAPTURE_COLUMN_TYPES,
    DATA_TYPE_SCOPES,
    JsonObject,
    capture_columns,
    column_name,
    data_types_in,
)
from extractor.records import CATEGORIES, PRACTICES, Policy

_DENIAL_POLARITIES = ("does_not", "mixed")
_LABEL_COLUMNS = {f"segments_{column_name(label)}": label for label in (*PRACTICES, *CATEGORIES)}
POLICY_COLUMN_TYPES: dict[str, str] = {
    **CAPTURE_COLUMN_TYPES,
    "status": "int32",
    "source": "string",
    "usable": "bool",
    "is_policy": "float64",
    "reasons": "list<string>",
    "words": "int32",
    "segments": "int32",
    "uncertain": "int32",
    **dict.fromkeys(PRACTICES, "string"),
    **dict.fromkeys(_LABEL_COLUMNS, "int32"),
    **{f"denied_{practice}": "int32" for practice in PRACTICES},
    **{f"data_types_{scope}": "list<string>" for scope in DATA_TYPE_SCOPES},
    "elsewhere": "string",
    "followed_from": "list<string>",
    "extractor": "string",
}


def policy_row(policy: Policy) -> JsonObject:
    """A policy as a row: the values of POLICY_COLUMN_TYPES.

    A practice is the policy's polarity: "does", "does_not", "mixed", "unclear", or "" if no segment speaks of it.
    `segments_` counts the segments with a label, `denied_` those that say it is not done, in whole or in part;
    `data_types_` are the types that any segment names.
    """
    labels = Counter(label for segment in policy.segments for label in (*segment.practices, *segment.categories))
    denials = Counter(
        practice
        for segment in policy.segments
        for practice in PRACTICES
        if segment.polarity[practice] in _DENIAL_POLARITIES
    )
    return {
        **capture_columns(policy),
        "status": policy.capture.status,
        "source": policy.source.path,
        "usable": policy.verdict.usable,
        "is_policy": policy.verdict.is_policy,
        "reasons": list(policy.verdict.reasons),
        "words": len(policy.text.split()),
        "segments": len(policy.segments),
        "uncertain": sum(segment.uncertain for segment in policy.segments),
        **{practice: policy.summary[practice]["polarity"] for practice in PRACTICES},
        **{column: labels[label] for column, label in _LABEL_COLUMNS.items()},
        **{f"denied_{practice}": denials[practice] for practice in PRACTICES},
        **{f"data_types_{scope}": data_types_in(policy, scope) for scope in DATA_TYPE_SCOPES},
        "elsewhere": policy.provenance.elsewhere,
        "followed_from": list(policy.provenance.followed_from),
        "extractor": policy.provenance.extractor,
    }
