"""Sentences, and what in them may deny something: the clause of each "not".

spaCy's tokenizer and rule matcher found the same clauses and took half as long as everything else that is done to a
page (docs/decisions/0013-polarity.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor.label.words import lowered, stem

CUES = frozenset(
    "not no never neither nor none nothing nobody without cannot refuse refuses refused refusing refrain refrains "
    "prohibit prohibits prohibited prohibiting forbid forbids forbidden exclude excludes excluded excluding unable "
    "unlawful".split()
)
_SHORTENED = "n't"  # ends further cues
_CUE = rf"(?:{'|'.join(sorted(CUES, reverse=True))}|\w+{_SHORTENED})"
NEGATION = re.compile(rf"\b{_CUE}\b")
# Most cues begin with an n, or are shortened: a pattern that begins with one letter is found ten times as fast
_USUAL = re.compile(r"n(?:(?<!\wn)(?:o(?:t|r|ne|thing|body)?|ever|either)|(?<=\wn)'t)\b")
_OTHERS = ("without", "cannot", "refus", "refrain", "prohib", "forbid", "exclud", "unable", "unlawful")
_ASKED = r"(?:requests?|asks?|tell|chooses?|elects?|prefers?|decides?|wish|want|opt)"
_IDLE = re.compile(  # turns of phrase in which a cue denies nothing
    r"\bnot (?:only|just|merely|limited|exclusively|solely)\b|\bor not\b|\bdo not (?:track|call)\b|\bdo-not-\w+"
    rf"|\bnot-for-|\bno matter\b|\bif you(?:r \w+)?(?: \w+){{0,3}}? {_CUE}\b"
    rf"|\b{_ASKED}(?: (?:to|that|us|we)){{0,3}} {_CUE}\b"
)
_BORDER = re.compile(r"(?<=[.;!?:])[\"')\]]*\s+(?=[\"'(\[]?[A-Z0-9-])")  # between two sentences
_TOKEN = re.compile(r"\w[\w'-]*|[,:()]")
_LONGEST = 2_000  # characters of a sentence are read; what is longer is a list without full stops
_BEFORE, _AFTER = 6, 11  # words read on both sides of a cue
_BREAKS = frozenset(
    "but however unless except if although ( ) : which that when because where who until while so".split()
)
_VERBS = {
    "share": "share sell sold rent leas lend trade disclos transfer give given provid releas distribut divulg reveal "
    "pass exchang transmit send sent swap loan suppli barter furnish sale market make publish expos",
    "collect": "collect gather obtain request solicit receiv ask requir captur acquir get read",
    "use": "process use utilis util contact spam mail email",
    "keep": "keep retain store record save log maintain hold",
    "link": "link associ combin identif identifi tie connect correl trace match",
    "track": "track monitor profil follow target",
    "allow": "allow permit author let enabl have access",
    "other": "guarante respons liabl control warrant appli cover govern ensur promis limit affect prevent mean abl "
    "respond honor recogn support accept visit submit work function delet remov opt",
    "know": "know awar intend intent direct want wish agre consent like choos prefer",
    "contain": "contain includ",
}
_SUBJECTS = {
    "we": "we us our i compani servic site websit",
    "you": "you user your visitor anyon custom member individu",
    "they": "they parti advertis partner vendor provid network third affili contractor agent employe",
    "it": "it this inform data address number such cooki these beacon",
    "no": "no neither none nor",
}
_MENTIONS = {
    "cookie": "cooki beacon pixel gif tag",
    "child": "child children childhood minor kid 13",
    "third": "third advertis outsid anyon partner affili",
    "anonymous": "anonym aggreg",
    "personal": "person",
    "exception": "except unless otherwis",
    "contrast": "but howev although while",
    "only": "only",
}
_VERB_OF = {word: group for group, words in _VERBS.items() for word in words.split()}
_SUBJECT_OF = {word: group for group, words in _SUBJECTS.items() for word in words.split()}
_MENTION_OF = {word: group for group, words in _MENTIONS.items() for word in words.split()}


def sentences(text: str) -> list[str]:
    """A text cut into sentences, at colons and semicolons too where a capital, a digit or a dash follows.

    >>> sentences("We use it: Never sold. We e.g. keep it; not you.")
    ['We use it:', 'Never sold.', 'We e.g. keep it; not you.']
    """
    return [part for part in _BORDER.split(text) if part]


def denies(text: str) -> bool:
    """Whether a text has a word that may deny something.

    >>> denies("We don't sell it."), denies("We notice it in casinos."), denies("No.")
    (True, False, True)
    """
    low = lowered(text)
    if _USUAL.search(low):
        return True
    return any(letters in low for letters in _OTHERS) and NEGATION.search(low) is not None


def mentions(text: str, group: str) -> bool:
    """Whether a text has a word of one of MENTIONS.

    >>> mentions("Children may look on.", "child")
    True
    """
    return any(_MENTION_OF.get(stem(word)) == group for word in _TOKEN.findall(lowered(text)))


def features(sentence: str) -> list[str]:
    """The names of what stands in a sentence, each once: its stems, what it mentions, and the clause of each cue."""
    low = _IDLE.sub(_idled, lowered(sentence[:_LONGEST]))
    tokens = _TOKEN.findall(low)
    found = list(map(stem, tokens))
    names = [f"w:{word}" for word in found]
    names += [f"has:{_MENTION_OF[word]}" for word in found if word in _MENTION_OF]
    names += ["colon"] * sentence.endswith(":")
    for place, token in enumerate(tokens):
        if token in CUES or token.endswith(_SHORTENED):
            names += _clause(place, tokens, found)
    return list(dict.fromkeys(names))


def _idled(match: re.Match[str]) -> str:
    """A turn of phrase with its words run together, so that it holds no cue."""
    return match[0].replace(" ", "_")


def _clause(place: int, tokens: Sequence[str], found: Sequence[str]) -> list[str]:
    """The names of what stands around a cue: who, what they do not do, and the words up to the clause's end."""
    before, after = found[max(0, place - _BEFORE) : place], found[place + 1 : _end_of_clause(place, tokens)]
    verbs = list(dict.fromkeys(_VERB_OF[word] for word in after if word in _VERB_OF))
    who, first, cue = _subject(place, tokens, found), verbs[0] if verbs else "none", _cue_of(tokens[place])
    return [
        *(f"neg:{cue}", f"who:{who}", f"verb:{first}", f"who-verb:{who} {first}", f"neg-verb:{cue} {first}"),
        *(f"some verb:{verb}" for verb in verbs),
        *[f"after:{word}" for word in after],
        *[f"before:{word}" for word in before],
        *(f"next:{cue} {word}" for word in after[:1]),
        *(f"next two:{one} {two}" for one, two in zip(after[:1], found[place + 2 : place + 3], strict=False)),
    ]


def _end_of_clause(place: int, tokens: Sequence[str]) -> int:
    """Where the clause after a cue ends: before a word that begins another, or out of reach."""
    end, reach = place + 1, min(place + 1 + _AFTER, len(tokens))
    while end < reach and tokens[end] not in _BREAKS:
        end += 1
    return end


def _cue_of(token: str) -> str:
    """A cue as features name it: "don't", "cannot" and "never" are "not"."""
    return "not" if token.endswith(_SHORTENED) or token in ("cannot", "never") else token


def _subject(place: int, tokens: Sequence[str], found: Sequence[str]) -> str:
    """Who a cue speaks of: the nearest word before it that tells."""
    for before in range(place - 1, max(-1, place - 1 - _BEFORE), -1):
        if tokens[before] in _BREAKS:
            return "if" if tokens[before] == "if" else "none"
        if found[before] in _SUBJECT_OF:
            asked = "if " if before and tokens[before - 1] == "if" else ""
            return asked + _SUBJECT_OF[found[before]]
    return "none"
