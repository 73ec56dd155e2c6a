"""From "these sites, these years" to labelled, citable privacy policies.

>>> import extractor
>>> annotator = extractor.load()
>>> policy = annotator("<h1>Privacy</h1><p>We use cookies to remember you, and you can refuse them in your browser. "
...     "This privacy policy says which personal information we collect and what we do with it.</p>")
>>> [(segment.headings, segment.practices) for segment in policy.segments if "cookies" in segment.practices] != []
True
"""

from extractor.errors import ArchivedPolicyError
from extractor.exports import policy_schema, read_jsonl, write_jsonl
from extractor.records import Capture, Policy, Segment, Snapshot
from extractor.run import Annotator, load, read_corpus
from extractor.version import VERSION as __version__

__all__ = [
    "Annotator",
    "ArchivedPolicyError",
    "Capture",
    "Policy",
    "Segment",
    "Snapshot",
    "__version__",
    "load",
    "policy_schema",
    "read_corpus",
    "read_jsonl",
    "write_jsonl",
]
