"""What each column of the tables of policies and of segments holds, in a sentence for people."""

from __future__ import annotations

from extractor.exports.fields import DATA_TYPE_SCOPES, column_name
from extractor.records import CATEGORIES, PRACTICES

_CAPTURE = {
    "id": "The record: the timestamp and URL of the capture, or the path of the page. Unique within a site.",
    "site": "The site whose policy it is.",
    "policy": "The name of the policy, which all its captures share.",
    "domain": "The registered domain of the URL; empty without a URL.",
    "title": "The title of the page.",
    "language": "The language of the text, ISO 639-1.",
    "url": "The URL that was captured.",
    "timestamp": "The time of the capture in UTC, YYYYMMDDhhmmss; empty where unknown.",
    "date": "The day of the capture; missing where unknown.",
    "year": "The year of the capture; 0 where unknown.",
    "archive_url": "The address of the capture in the web archive.",
    "sha256": "The SHA-256 of the page's bytes.",
    "labelled": "Whether a model looked at the record. If it did not, missing labels mean nothing.",
    "model": "The model that gave the labels, with its version.",
    "model_sha256": "The SHA-256 of that model.",
}
_POLARITIES = "does, does_not (it is not done), mixed, unclear, or empty if the practice is not mentioned"
POLICY_COLUMN_DESCRIPTIONS: dict[str, str] = {
    **_CAPTURE,
    "status": "The HTTP status of the capture; 0 where unknown.",
    "source": "The file that the page was read from; empty if it was fetched.",
    "usable": "Whether the page can be used as a privacy policy.",
    "is_policy": "How likely the page is a privacy policy, 0 to 1.",
    "reasons": "Why the page cannot be used.",
    "words": "The number of words of the policy.",
    "segments": "The number of segments of the policy.",
    "uncertain": "The number of segments whose labels are uncertain.",
    **{practice: f"What the policy says of the practice {practice}: {_POLARITIES}." for practice in PRACTICES},
    **{f"segments_{name}": f"The number of segments on the practice {name}." for name in PRACTICES},
    **{f"segments_{column_name(name)}": f"The number of segments in the category {name}." for name in CATEGORIES},
    **{
        f"denied_{name}": f"The number of segments that deny the practice {name}, all or in part." for name in PRACTICES
    },
    **{
        f"data_types_{scope}": f"The types of data that the policy names for the practice {scope}."
        for scope in DATA_TYPE_SCOPES
    },
    "elsewhere": "The address that an unusable page names for its policy.",
    "followed_from": "The records that led to this one, the first first.",
    "extractor": "The program that made the record, with its version.",
    "text": "The policy as clean text, in which the offsets of segments count.",
}
SEGMENT_COLUMN_DESCRIPTIONS: dict[str, str] = {
    **_CAPTURE,
    "index": "The number of the segment in its policy, from 0.",
    "start": "Where the segment begins in the text of the policy, in Unicode code points.",
    "end": "Where it ends.",
    "text": "The text of the segment.",
    "kind": "What the segment was on the page: paragraph, list, item or row.",
    "headings": "The headings above the segment, the highest first.",
    "context": "The sentence that leads in to a list, or the header of a table.",
    "practices": "The practices that the segment mentions.",
    "categories": "The categories of OPP-115 that the segment belongs to.",
    "uncertain": "Whether the labels of the segment are uncertain.",
    **{practice: f"What the segment says of the practice {practice}: {_POLARITIES}." for practice in PRACTICES},
    **{f"evidence_{name}": f"The words that are evidence of the practice {name}." for name in PRACTICES},
    **{
        f"data_types_{scope}": f"The types of data that the segment names for the practice {scope}."
        for scope in DATA_TYPE_SCOPES
    },
    **{f"score_{name}": f"The score of the practice {name}, 0 to 1." for name in PRACTICES},
    **{f"score_{column_name(name)}": f"The score of the category {name}, 0 to 1." for name in CATEGORIES},
}
