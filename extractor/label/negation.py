"""Negations in sentences: their cues ("not", "never", …), and the features of the clause after each cue.

spaCy's tokenizer and rule matcher found the same clauses, but took half as long as all other processing of a page
(docs/decisions/0013-polarity.md).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from extractor.label.stemming import stem
from extractor.text import lower_case

NEGATION_CUES = frozenset(
    "not no never neither nor none nothing nobody without cannot refuse refuses refused refusing refrain refrains "
    "prohibit prohibits prohibited prohibiting forbid forbids forbidden exclude excludes excluded excluding unable "
    "unlawful".split()
)
_SHORT_NOT = "n't"  # words that end like this are cues too
_CUE_PATTERN = rf"(?:{'|'.join(sorted(NEGATION_CUES, reverse=True))}|\w+{_SHORT_NOT})"
NEGATION_CUE = re.compile(rf"\b{_CUE_PATTERN}\b")
# Most cues begin with an n or end in n't: a pattern that begins with a literal is searched ten times as fast
_COMMON_CUE = re.compile(r"n(?:(?<!\wn)(?:o(?:t|r|ne|thing|body)?|ever|either)|(?<=\wn)'t)\b")
_RARE_CUE_PARTS = ("without", "cannot", "refus", "refrain", "prohib", "forbid", "exclud", "unable", "unlawful")
_REQUEST = r"(?:requests?|asks?|tell|chooses?|elects?|prefers?|decides?|wish|want|opt)"
_IDIOM = re.compile(  # phrases in which a cue denies nothing
    r"\bnot (?:only|just|merely|limited|exclusively|solely)\b|\bor not\b|\bdo not (?:track|call)\b|\bdo-not-\w+"
    rf"|\bnot-for-|\bno matter\b|\bif you(?:r \w+)?(?: \w+){{0,3}}? {_CUE_PATTERN}\b"
    rf"|\b{_REQUEST}(?: (?:to|that|us|we)){{0,3}} {_CUE_PATTERN}\b"
)
_TOKEN = re.compile(r"\w[\w'-]*|[,:()]")
_MAX_SENTENCE_CHARACTERS = 2_000  # the rest is not read; a longer sentence is a list without full stops
_WORDS_BEFORE, _WORDS_AFTER = 6, 11  # read on both sides of a cue
_CLAUSE_BREAKS = frozenset(
    "but however unless except if although ( ) : which that when because where who until while so".split()
)
_VERB_STEMS = {
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
_SUBJECT_STEMS = {
    "we": "we us our i compani servic site websit",
    "you": "you user your visitor anyon custom member individu",
    "they": "they parti advertis partner vendor provid network third affili contractor agent employe",
    "it": "it this inform data address number such cooki these beacon",
    "no": "no neither none nor",
}
_MENTION_STEMS = {
    "cookie": "cooki beacon pixel gif tag",
    "child": "child children childhood minor kid 13",
    "third": "third advertis outsid anyon partner affili",
    "anonymous": "anonym aggreg",
    "personal": "person",
    "exception": "except unless otherwis",
    "contrast": "but howev although while",
    "only": "only",
}
_VERB_GROUP = {word: group for group, words in _VERB_STEMS.items() for word in words.split()}
_SUBJECT_GROUP = {word: group for group, words in _SUBJECT_STEMS.items() for word in words.split()}
_MENTION_GROUP = {word: group for group, words in _MENTION_STEMS.items() for word in words.split()}


def has_negation(text: str) -> bool:
    """Whether a text has a negation cue.

    >>> has_negation("We don't sell it."), has_negation("We notice it in casinos."), has_negation("No.")
    (True, False, True)
    """
    lower = lower_case(text)
    if _COMMON_CUE.search(lower):
        return True
    return any(part in lower for part in _RARE_CUE_PARTS) and NEGATION_CUE.search(lower) is not None


def mentions_group(text: str, group: str) -> bool:
    """Whether a text mentions a group of words: "cookie", "child", "third" (parties) …

    >>> mentions_group("Children may look on.", "child")
    True
    """
    return any(_MENTION_GROUP.get(stem(word)) == group for word in _TOKEN.findall(lower_case(text)))


def sentence_features(sentence: str) -> list[str]:
    """The features of a sentence by name, each once: its stems, word groups it mentions, and those of each cue."""
    text = _IDIOM.sub(_joined_words, lower_case(sentence[:_MAX_SENTENCE_CHARACTERS]))
    tokens = _TOKEN.findall(text)
    stems = list(map(stem, tokens))
    names = [f"w:{word}" for word in stems]
    names += [f"has:{_MENTION_GROUP[word]}" for word in stems if word in _MENTION_GROUP]
    names += ["colon"] * sentence.endswith(":")
    for place, token in enumerate(tokens):
        if token in NEGATION_CUES or token.endswith(_SHORT_NOT):
            names += _clause_features(place, tokens, stems)
    return list(dict.fromkeys(names))


def _joined_words(match: re.Match[str]) -> str:
    """A phrase with its words joined, so that it has no cue."""
    return match[0].replace(" ", "_")


def _clause_features(place: int, tokens: Sequence[str], stems: Sequence[str]) -> list[str]:
    """The features of a cue: its subject, the verbs after it, and the words around it up to the clause's end."""
    before, after = stems[max(0, place - _WORDS_BEFORE) : place], stems[place + 1 : _clause_end(place, tokens)]
    verbs = list(dict.fromkeys(_VERB_GROUP[word] for word in after if word in _VERB_GROUP))
    subject, verb, cue = _subject(place, tokens, stems), verbs[0] if verbs else "none", _cue_name(tokens[place])
    return [
        *(f"neg:{cue}", f"who:{subject}", f"verb:{verb}", f"who-verb:{subject} {verb}", f"neg-verb:{cue} {verb}"),
        *(f"some verb:{verb}" for verb in verbs),
        *[f"after:{word}" for word in after],
        *[f"before:{word}" for word in before],
        *(f"next:{cue} {word}" for word in after[:1]),
        *(f"next two:{one} {two}" for one, two in zip(after[:1], stems[place + 2 : place + 3], strict=False)),
    ]


def _clause_end(place: int, tokens: Sequence[str]) -> int:
    """The end of the clause after a cue: before a word that begins another clause, or after `_WORDS_AFTER` words."""
    end, reach = place + 1, min(place + 1 + _WORDS_AFTER, len(tokens))
    while end < reach and tokens[end] not in _CLAUSE_BREAKS:
        end += 1
    return end


def _cue_name(token: str) -> str:
    """The name of a cue in features: "don't", "cannot" and "never" are "not"."""
    return "not" if token.endswith(_SHORT_NOT) or token in ("cannot", "never") else token


def _subject(place: int, tokens: Sequence[str], stems: Sequence[str]) -> str:
    """The subject of a cue: the group of the nearest known word before it, after "if" with that; "if" or "none"."""
    for before in range(place - 1, max(-1, place - 1 - _WORDS_BEFORE), -1):
        if tokens[before] in _CLAUSE_BREAKS:
            return "if" if tokens[before] == "if" else "none"
        if stems[before] in _SUBJECT_GROUP:
            condition = "if " if before and tokens[before - 1] == "if" else ""
            return condition + _SUBJECT_GROUP[stems[before]]
    return "none"
