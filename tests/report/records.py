"""Records for the tests of the report."""

from extractor.records import (
    SCHEMA_VERSION,
    Event,
    Evidence,
    Policy,
    PolicyCapture,
    Provenance,
    Quote,
    Segment,
    Side,
    Source,
    Verdict,
)
from extractor.report import PolicyHistory, Site


def segment(index: int, text: str, **changes) -> Segment:
    """A segment that begins at 0 of the text, unless `changes` says otherwise."""
    return Segment(
        index, 0, len(text), text, **{"headings": ("Privacy", "Cookies"), "practices": ("cookies",), **changes}
    )


def policy(**changes) -> Policy:
    """A labelled policy of two segments, with an empty text."""
    fields = {
        "schema_version": SCHEMA_VERSION,
        "id": "20050101000000/http://lamps.example/privacy",
        "site": changes.get("domain", "lamps.example"),
        "policy": "lamps.example/privacy",
        "domain": "lamps.example",
        "title": "Our privacy policy",
        "language": "en",
        "source": Source(),
        "capture": PolicyCapture(
            url="http://lamps.example/privacy",
            timestamp="20050101000000",
            archive_url="https://archive.example/web/20050101000000id_/http://lamps.example/privacy",
        ),
        "verdict": Verdict(usable=True, is_policy=0.9),
        "markdown": "",
        "text": "",
        "labelled": True,
        "segments": (segment(0, "We use cookies."), segment(1, "We write to you.", practices=())),
        "provenance": Provenance("archived-policy", "fast", "0" * 64),
    }
    return Policy(**{**fields, **changes})


def site(*policies: Policy, **changes) -> Site:
    """The site of some policies."""
    return Site(**{"name": policies[0].domain, "policies": policies, **changes})


UNUSABLE_POLICY = policy(
    id="b",
    domain="other.example",
    labelled=False,
    segments=(),
    verdict=Verdict(False, 0.0, ("an error page (soft 404)",)),
)
LATER_POLICY = policy(
    id="20070101000000/http://lamps.example/privacy",
    capture=PolicyCapture(url="http://lamps.example/privacy", timestamp="20070101000000"),
    segments=(segment(0, "We use cookies and beacons."), segment(1, "We keep logs for 30 days.", practices=())),
)
QUOTE = Quote(1, 17, 24, "30 days")
EVENT = Event(
    "lamps.example",
    "lamps.example/privacy",
    "lamps.example",
    "retention_changed",
    Side("20050101000000", ()),
    Side("20070101000000", (1,)),
    evidence=Evidence(policy().id, LATER_POLICY.id, after=(QUOTE,), values_after=("30 days",)),
    confidence=0.75,
)
POLICY_HISTORY = PolicyHistory((policy().id, LATER_POLICY.id), (EVENT,), (), "lamps.example/privacy")
SITE_WITH_HISTORY = site(policy(), LATER_POLICY, histories=(POLICY_HISTORY,))
