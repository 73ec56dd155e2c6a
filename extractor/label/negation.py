"""Sentences and what in them may deny something: the clause of a "not", found by spaCy's rule matcher.

Most segments hold no such word, and are told by one regular expression; only sentences with one reach spaCy, whose
blank English tokenizer needs no downloaded model.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from extractor.label.words import stem

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.matcher import Matcher
    from spacy.tokens import Doc

NEGATION = re.compile(
    r"\b(?:not|no|never|neither|nor|none|nothing|nobody|without|cannot|refus\w+|refrain\w*|prohibit\w*|forbid\w*"
    r"|exclud\w+|unable|unlawful)\b|n['\N{RIGHT SINGLE QUOTATION MARK}]t\b",
    re.IGNORECASE,
)
BORDER = re.compile(r"(?<=[.;!?:])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9-])")  # between two sentences
BEFORE, AFTER = 6, 11  # tokens read on both sides of a cue
LONGEST = 2_000  # characters of a sentence are read; what is longer is a list without full stops
BREAKS = frozenset(
    "but however unless except if although ( ) : which that when because where who until while so".split()
)
CUES = (
    "not n't no never neither nor none nothing nobody without refuse refuses refrain refrains prohibit prohibits "
    "prohibited forbid forbids forbidden exclude excludes excluded excluding unable unlawful"
).split()
HOW_SAID = {"n't": "not", "never": "not"}
ASKED = "request requests ask asks tell choose chooses elect elects prefer prefers decide decides wish want opt".split()
VERBS = {
    "share": "share sell sold rent leas lend trade disclos transfer give given provid releas distribut divulg reveal "
    "pass exchang transmit send sent swap loan suppli barter furnish sale market make publish expos",
    "collect": "collect gather obtain request solicit receiv ask requir captur acquir get read",
    "use": "use process utilis util contact spam mail email",
    "keep": "keep retain store record save log maintain hold",
    "link": "link associ combin identif identifi tie connect correl trace match",
    "track": "track monitor profil follow target",
    "allow": "allow permit author let enabl have access",
    "other": "guarante respons liabl control warrant appli cover govern ensur promis limit affect prevent mean abl "
    "respond honor recogn support accept visit submit work function delet remov opt",
    "know": "know awar intend intent direct want wish agre consent like choos prefer",
    "contain": "contain includ",
}
SUBJECTS = {
    "we": "we us our i compani servic site websit",
    "you": "you user your visitor anyon custom member individu",
    "they": "they parti advertis partner vendor provid network third affili contractor agent employe",
    "it": "it this that inform data address number such cooki these beacon",
    "no": "no neither none nor",
}
MENTIONS = {
    "cookie": re.compile(r"cookie|beacon|pixel|gif\b|\btags?\b"),
    "child": re.compile(r"child|minor|under 13|under the age|kids"),
    "third": re.compile(r"third[- ]part|advertiser|outside|other compan|anyone|partner|affiliate|others"),
    "anonymous": re.compile(r"anonym|aggregat|non-personal"),
    "personal": re.compile(r"personal"),
    "exception": re.compile(r"\bexcept|\bunless|other than|otherwise"),
    "consent": re.compile(r"without (?:your|the|prior|express|explicit|first|their|user|obtaining|permission|consent)"),
    "contrast": re.compile(r"\b(?:but|however|although|while)\b"),
    "only": re.compile(r"\bonly\b"),
}
VERB_OF = {word: group for group, words in VERBS.items() for word in words.split()}
SUBJECT_OF = {word: group for group, words in SUBJECTS.items() for word in words.split()}


class Cue(NamedTuple):
    """A word that denies something, by its place among the tokens of a sentence."""

    place: int
    word: str


def sentences(text: str) -> list[str]:
    """A text cut into sentences, at colons and semicolons too where a capital, a digit or a dash follows.

    >>> sentences("We use it: Never sold. We e.g. keep it; not you.")
    ['We use it:', 'Never sold.', 'We e.g. keep it; not you.']
    """
    return [part for part in BORDER.split(text) if part]


def denies_something(text: str) -> bool:
    """Whether a text has any word that may deny something.

    >>> denies_something("We don't sell it."), denies_something("We note what you like.")
    (True, False)
    """
    return NEGATION.search(text) is not None


def features(sentence: str) -> list[str]:
    """The names of what stands in a sentence, each once: its stems, what it mentions, and the clause of each cue."""
    doc = tokenizer().make_doc(sentence[:LONGEST])
    tokens = [token.lower_.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'") for token in doc]
    found = [stem(token) if token[:1].isalnum() else token for token in tokens]
    names = {f"w:{word}" for word in found if word[:1].isalnum()}
    names |= {f"has:{name}" for name, pattern in MENTIONS.items() if pattern.search(sentence.lower())}
    if sentence.rstrip().endswith(":"):
        names.add("colon")
    for cue in cues(doc):
        names |= set(clause(cue, tokens, found))
    return sorted(names)


def clause(cue: Cue, tokens: Sequence[str], found: Sequence[str]) -> Iterator[str]:
    """The names of what stands around a cue: who, what they do not do, and the words up to the clause's end."""
    after = list(range(cue.place + 1, min(cue.place + 1 + AFTER, len(tokens))))
    after = after[: next((k for k, place in enumerate(after) if tokens[place] in BREAKS), None)]
    verbs = list(dict.fromkeys(VERB_OF[found[place]] for place in after if found[place] in VERB_OF))
    who, first = subject(cue.place, tokens, found), verbs[0] if verbs else "none"
    word = HOW_SAID.get(cue.word, cue.word)
    yield from (f"neg:{word}", f"who:{who}", f"verb:{first}", f"who-verb:{who} {first}", f"neg-verb:{word} {first}")
    yield from (f"some verb:{verb}" for verb in verbs)
    yield from (f"after:{found[place]}" for place in after)
    yield from (f"before:{found[place]}" for place in range(max(0, cue.place - BEFORE), cue.place))
    yield from (f"next:{word} {found[place]}" for place in after[:1])
    yield from (f"next two:{found[place]} {found[place + 1]}" for place in after[:1] if place + 1 < len(found))


def subject(place: int, tokens: Sequence[str], found: Sequence[str]) -> str:
    """Who a cue speaks of: the nearest word before it that tells."""
    for before in range(place - 1, max(-1, place - 1 - BEFORE), -1):
        if tokens[before] in BREAKS:
            return "if" if tokens[before] == "if" else "none"
        if found[before] in SUBJECT_OF:
            asked = "if " if before and tokens[before - 1] == "if" else ""
            return asked + SUBJECT_OF[found[before]]
    return "none"


def cues(doc: Doc) -> list[Cue]:
    """The words of a sentence that deny something, without those in turns of phrase that deny nothing."""
    matches = [(doc.vocab.strings[name], start, end) for name, start, end in matcher()(doc)]
    idle = {place for name, start, end in matches if name == "idle" for place in range(start, end)}
    return [Cue(start, doc[start].lower_) for name, start, _ in matches if name == "cue" and start not in idle]


@cache
def tokenizer() -> Language:
    """spaCy's English tokenizer."""
    import spacy

    return spacy.blank("en")


@cache
def matcher() -> Matcher:
    """The rules that find cues, and turns of phrase in which a cue denies nothing: "not only", "if you do not"."""
    from spacy.matcher import Matcher

    rules = Matcher(tokenizer().vocab)
    cue = {"LOWER": {"IN": CUES}}
    some = {"LOWER": {"NOT_IN": [*CUES, ",", ";"]}, "OP": "{0,3}"}
    rules.add("cue", [[cue]])
    rules.add(
        "idle",
        [
            [{"LOWER": "not"}, {"LOWER": {"IN": ["only", "just", "merely", "limited", "exclusively", "solely"]}}],
            [{"LOWER": "or"}, {"LOWER": "not"}],
            [{"LOWER": "do"}, {"LOWER": "not"}, {"LOWER": {"IN": ["track", "call"]}}],
            [{"LOWER": {"IN": ["do", "no", "not"]}}, {"LOWER": "-"}, {"LOWER": {"IN": ["not", "for"]}}],
            [{"LOWER": "no"}, {"LOWER": "matter"}],
            [{"LOWER": "if"}, {"LOWER": {"IN": ["you", "your"]}}, some, cue],
            [{"LOWER": {"IN": ASKED}}, {"LOWER": {"IN": ["to", "that", "us", "we"]}, "OP": "{0,3}"}, cue],
        ],
    )
    return rules
