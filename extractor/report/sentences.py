"""Events as sentences."""

from __future__ import annotations

from collections.abc import Sequence

from extractor.records import Event, Quote, Segment

_MAX_QUOTE_LENGTH = 220
PASSAGE_KINDS = frozenset(("added", "removed", "edited", "moved", "split", "merged"))
_SENTENCES = {
    "practice_appeared": "The policy mentions {practice} for the first time{denied}.",
    "practice_disappeared": "The policy no longer mentions {practice}{denied_before}.",
    "practice_returned": "The policy mentions {practice} again{denied}.",
    "polarity_changed": "What a passage says about {practice} changed from {old} to {new}{under}.",
    "retention_changed": "A retention period changed from {old} to {new}{under}.",
    "retention_changed, came": "A retention period is stated: {new}{under}.",
    "retention_changed, went": "A retention period is no longer stated: {old}{under}.",
    "third_party_appeared": "{new} is named{under}.",
    "third_party_disappeared": "{old} is no longer named.",
    "rights_changed": "A passage on rights changed{under}.",
    "rights_changed, came": "A passage on rights was added{under}.",
    "rights_changed, went": "A passage on rights was removed{under}.",
    "policy_moved": "The policy moved from {old} to {new}.",
    "rewritten": "The policy was rewritten.",
    "effective_date_changed": "The policy's effective date changed from {old} to {new}.",
    "added": "A passage was added{under}.",
    "removed": "A passage was removed{under}.",
    "edited": "A passage was reworded{under}.",
    "moved": "A passage moved{under}.",
    "split": "A passage was split in {pieces}{under}.",
    "merged": "{parts} passages became one{under}.",
}

_POLARITY_TEXTS = {"does": "“does”", "does_not": "“does not”"}  # values of `polarity_changed`


def event_sentence(event: Event, segment: Segment | None) -> str:
    """What happened, in a sentence; `segment` is the first segment concerned, if there is one."""
    evidence = event.evidence
    pattern = _SENTENCES.get(f"{event.kind}{_direction(event)}") or _SENTENCES.get(event.kind, "{kind}{under}.")
    text = pattern.format(
        kind=event.kind.replace("_", " ").capitalize(),
        practice=event.practice,
        old=_enumeration([_POLARITY_TEXTS.get(value, value) for value in evidence.values_before]),
        new=_enumeration([_POLARITY_TEXTS.get(value, value) for value in evidence.values_after]),
        under=f", under “{segment.headings[-1]}”" if segment and segment.headings else "",
        denied=", to deny it" if evidence.values_after == ("does_not",) else "",
        denied_before=", which it had only denied" if evidence.values_before == ("does_not",) else "",
        pieces=len(event.after.segments),
        parts=len(event.before.segments),
    )
    return f"{text} {evidence.note}".strip()


def _direction(event: Event) -> str:
    """Whether the words of an event only came or only went."""
    evidence = event.evidence
    old, new = evidence.values_before or evidence.before, evidence.values_after or evidence.after
    return "" if bool(old) == bool(new) else ", came" if new else ", went"


def _enumeration(values: Sequence[str]) -> str:
    """Values as a list in a sentence.

    >>> _enumeration(("30 days", "1 year", "2 years"))
    '30 days, 1 year and 2 years'
    """
    return " and ".join(filter(None, (", ".join(values[:-1]), *values[-1:])))


def quotes_text(quotes: Sequence[Quote]) -> str:
    """The words of some quotes in a row; if they are too long, cut after a word."""
    text = " … ".join(" ".join(quote.text.split()) for quote in quotes)
    return text if len(text) <= _MAX_QUOTE_LENGTH else f"{text[:_MAX_QUOTE_LENGTH].rpartition(' ')[0]} …"
