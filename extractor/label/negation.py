"""Negations in sentences: their cues ("not", "never", …), and the features of the clause after each cue.

spaCy's tokenizer and rule matcher found the same clauses, but took half as long as all other processing of a page
(docs/decisions/0013-polarity.md).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from extractor.label.stemming import stem
from extractor.text import lower_case

NEGATION_CUES = frozenset(
    "not no never neither nor none nothing nobody without cannot refuse refuses refused refusing refrain refrains "
    "prohibit prohibits prohibited prohibiting forbid forbids forbidden exclude excludes excluded excluding unable "
    "unlawful impossible zero".split()
)
_NO_WORDS = frozenset("no zero none nothing nobody neither".split())  # which may deny the verb before them
_SHORT_NOT = "n't"  # words that end like this are cues too
_CUE_PHRASES = ("free of", "free from")
_CUE_PATTERN = rf"(?:{'|'.join(sorted([*NEGATION_CUES, *_CUE_PHRASES], reverse=True))}|\w+{_SHORT_NOT})"
NEGATION_CUE = re.compile(rf"\b{_CUE_PATTERN}\b")
# Most cues begin with an n or end in n't: a pattern that begins with a literal is searched ten times as fast
_COMMON_CUE = re.compile(r"n(?:(?<!\wn)(?:o(?:t|r|ne|thing|body)?|ever|either)|(?<=\wn)'t)\b")
_RARE_CUE_PARTS = (
    *("without", "cannot", "refus", "refrain", "prohib", "forbid", "exclud", "unable", "unlawful", "impossib", "zero"),
    *_CUE_PHRASES,
)
_REQUEST = r"(?:requests?|asks?|tell|chooses?|elects?|prefers?|decides?|wish|want|opt)"
_IDIOM = re.compile(  # phrases in which a cue denies nothing
    r"\b(?:not (?:only|just|merely|limited|exclusively|solely)\b|or not\b|do not (?:track|call)\b|do-not-\w+"
    r"|not-for-|no matter\b|no(?:[ -]?one|body| third part(?:y|ies)) (?:other than|but)\b"
    rf"|if you(?:r \w+)?(?: \w+){{0,3}}? {_CUE_PATTERN}\b"
    rf"|{_REQUEST}(?: (?:to|that|us|we)){{0,3}} {_CUE_PATTERN}\b)"
)
# What a phrase that denies is read as, and a part of it that is searched first; as above, patterns begin with a literal
_PHRASES = [
    (" no", re.compile(r"no(?<!\wno)[ -]?one\b"), "nobody"),
    (" no ", re.compile(r"\b(?:at no (?:time|point)|under no (?:circumstance|condition)s?|by no means)\b"), "never"),
    (" no ", re.compile(r"\bin no (?:event|case|way|circumstances?)\b"), "never"),
    ("not ", re.compile(r"not(?<!\wnot) (?:ever|at any time)\b"), "never"),
    ("free ", re.compile(r"\bfree (?:of|from)\b"), "no"),
    (
        "actual knowledge",
        re.compile(r"\b(?:ha(?:ve|s|d) (?:no|not)|do(?:es)?(?: not|n't) have(?: any)?) actual knowledge (?:that|of)\b"),
        "not knowingly",
    ),
]
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
_DENIABLE_GROUPS = frozenset(("share", "collect", "use", "keep", "track"))  # verbs of what a site may do with a thing
_DENIABLE_STEMS = frozenset(
    "respond honor honour recogn recognis support particip reli subject certifi adher engag employ conduct perform "
    "offer display place set instal deploy serv embed".split()
)
_BLOCKING_STEMS = frozenset("necessari oblig need requir restrict prohibit includ contain caus".split())
_BE_FORMS = frozenset("is are was were be been".split())
_DENYING_SUBJECTS = frozenset(("we", "it", "no", "none"))
_NO_DENIAL_BEFORE = _CLAUSE_BREAKS | {"please", "you", "may"}
_PREPOSITIONS = frozenset("in through via by from on using".split())  # what follows them is not what is done
_DETERMINERS = frozenset("the our your any such these those a an".split())
_AUXILIARIES = frozenset(
    "is are was were will be being been has have may can could would shall should data information ever".split()
)
_MAX_WORDS_TO_PASSIVE = 5
_OBJECT_STEMS = {
    "data": "data inform address name number detail email e-mail list record content prompt input locat",
    "cookie": "cooki beacon pixel gif tag tracker",
    "party": "parti one anyon nobodi anybodi compani advertis partner other",
    "choice": "access option choic request account",
    "child": "child children minor 13 16 18",
}
_OBJECT_GROUP = {word: group for group, words in _OBJECT_STEMS.items() for word in words.split()}
_PAIRED_PREFIXES = ("does:", "denied:", "verb:")  # of features that are also paired with what the sentence mentions
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


def may_be_in_cue(word: str) -> bool:
    """Whether a word in lower case can be in a negation cue: a text without such a word has no negation.

    >>> [may_be_in_cue(word) for word in ("don't", "no-one", "ad-free", "casinos")]
    [True, True, True, False]
    """
    return word.endswith("free") or NEGATION_CUE.search(word) is not None


def is_practice_verb(word: str) -> bool:
    """Whether a word is a verb of those that practices are told with.

    >>> is_practice_verb("Selling"), is_practice_verb("bank")
    (True, False)
    """
    return stem(lower_case(word)) in _VERB_GROUP


def mentions_group(text: str, group: str) -> bool:
    """Whether a text mentions a group of words: "cookie", "child", "third" (parties) …

    >>> mentions_group("Children may look on.", "child")
    True
    """
    return any(_MENTION_GROUP.get(stem(word)) == group for word in _TOKEN.findall(lower_case(text)))


def sentence_features(sentence: str) -> list[str]:
    """The features of a sentence by name, each once: its stems, word groups it mentions, and those of each cue.

    Words after a cue, up to the end of its clause, are features of the cue only.
    """
    return list(dict.fromkeys(repeated_features(sentence)))


def repeated_features(sentence: str) -> list[str]:
    """The features of a sentence, each as often as it occurs."""
    text = _with_plain_cues(lower_case(sentence[:_MAX_SENTENCE_CHARACTERS]))
    tokens = _TOKEN.findall(text)
    stems = list(map(stem, tokens))
    has_short = _SHORT_NOT in text
    places = [
        place
        for place, token in enumerate(tokens)
        if token in NEGATION_CUES or (has_short and token.endswith(_SHORT_NOT))
    ]
    denied = {place for cue in places for place in _scope(cue, tokens, stems)}
    words = [f"w:{word}" for place, word in enumerate(stems) if place not in denied]
    words += ["colon"] * sentence.endswith(":") + ["question"] * sentence.endswith("?")
    verbs = [place for place, word in enumerate(stems) if word in _VERB_GROUP and place not in denied]
    names = [name for place in verbs for name in _verb_features(place, tokens, stems)]
    for place in places:
        names += _clause_features(place, tokens, stems)
    mentions = [f"has:{_MENTION_GROUP[word]}" for word in stems if word in _MENTION_GROUP]
    paired = [name for name in names if name.startswith(_PAIRED_PREFIXES)] if mentions else []
    pairs = [f"{one} {name}" for one in dict.fromkeys(mentions) for name in paired]
    return [*words, *names, *mentions, *pairs]


def _with_plain_cues(text: str) -> str:
    """A text in which idioms have no cue, and phrases that deny are one word.

    >>> _with_plain_cues("at no time do we not only share it with no one")
    'never do we not_only share it with nobody'
    """
    text = _IDIOM.sub(_joined_words, text)
    for part, pattern, word in _PHRASES:
        if part in text:
            text = pattern.sub(word, text)
    return text


def _joined_words(match: re.Match[str]) -> str:
    """A phrase with its words joined, so that it has no cue."""
    return match[0].replace(" ", "_")


def _verb_features(place: int, tokens: Sequence[str], stems: Sequence[str]) -> list[str]:
    """The features of a verb that no cue denies: its group and its subject."""
    verb, subject = _VERB_GROUP[stems[place]], _subject(place, tokens, stems)
    return [f"does:{verb}", f"does:{subject} {verb}"]


def _clause_features(place: int, tokens: Sequence[str], stems: Sequence[str]) -> list[str]:
    """The features of a cue: its subject, the verbs after it, and the words around it up to the clause's end."""
    before, after = stems[max(0, place - _WORDS_BEFORE) : place], stems[place + 1 : _clause_end(place, tokens)]
    verbs = list(dict.fromkeys(_VERB_GROUP[word] for word in after if word in _VERB_GROUP))
    subject, verb, cue = _subject(place, tokens, stems), verbs[0] if verbs else "none", _cue_name(tokens[place])
    verb_before = next((_VERB_GROUP[word] for word in reversed(before) if word in _VERB_GROUP), "none")
    thing = next((_OBJECT_GROUP[word] for word in after if word in _OBJECT_GROUP), "none")
    return [
        *(f"neg:{cue}", f"who:{subject}", f"verb:{verb}", f"who-verb:{subject} {verb}", f"neg-verb:{cue} {verb}"),
        *(f"verb before:{cue} {verb_before}", f"verb before:{verb_before} {thing}"),
        *(f"denied:{verb} {thing}", f"cue:{cue} {thing}"),
        *[f"some verb:{verb}" for verb in verbs],
        *[f"after:{word}" for word in after],
        *[f"before:{word}" for word in before],
        *[f"next:{cue} {word}" for word in after[:1]],
        *[f"next two:{one} {two}" for one, two in zip(after[:1], stems[place + 2 : place + 3], strict=False)],
    ]


def _scope(cue: int, tokens: Sequence[str], stems: Sequence[str]) -> Iterator[int]:
    """The places of the words that a cue denies: up to its clause's end, and a verb before "no" ("sell to no one")."""
    yield from range(cue, _clause_end(cue, tokens))
    if tokens[cue] in _NO_WORDS:
        for place in range(cue - 1, max(-1, cue - 1 - _WORDS_BEFORE), -1):
            if tokens[place] in _CLAUSE_BREAKS:
                return
            if stems[place] in _VERB_GROUP:
                yield place
                return


def _clause_end(place: int, tokens: Sequence[str]) -> int:
    """The end of the clause after a cue: before a word that begins another clause, or after `_WORDS_AFTER` words."""
    end, reach = place + 1, min(place + 1 + _WORDS_AFTER, len(tokens))
    while end < reach and tokens[end] not in _CLAUSE_BREAKS:
        end += 1
    return end


def _cue_name(token: str) -> str:
    """The name of a cue in features: "don't", "cannot" and "never" are "not"."""
    if token.endswith(_SHORT_NOT) or token in ("cannot", "never"):
        return "not"
    return "no" if token in _NO_WORDS else token


def _subject(place: int, tokens: Sequence[str], stems: Sequence[str]) -> str:
    """The subject of a cue: the group of the nearest known word before it, after "if" with that; "if" or "none"."""
    for before in range(place - 1, max(-1, place - 1 - _WORDS_BEFORE), -1):
        if tokens[before] in _CLAUSE_BREAKS:
            return "if" if tokens[before] == "if" else "none"
        if stems[before] in _SUBJECT_GROUP:
            condition = "if " if before and tokens[before - 1] == "if" else ""
            return condition + _SUBJECT_GROUP[stems[before]]
    return "none"


def denies_words(sentence: str, start: int, end: int) -> bool:
    """Whether a sentence says that what its words from `start` to `end` name is not done, used or followed.

    A rule on the clause of each negation: who does not do what. "We do not use cookies to track you" denies no cookies,
    and neither does what others do not do, or what is said of a condition.

    >>> sentence = "We do not use cookies, but we use web beacons; cookies are not sold."
    >>> [denies_words(sentence, start, start + 6) for start in (14, 35, 47)]
    [True, False, True]
    >>> denies_words("You may not be able to order without cookies.", 37, 44)
    False
    """
    text = _IDIOM.sub(_joined_words, lower_case(sentence[:_MAX_SENTENCE_CHARACTERS].replace("\u0130", "I")))
    matches = list(_TOKEN.finditer(text))
    tokens = [match[0] for match in matches]
    inside = [place for place, match in enumerate(matches) if match.start() < end and match.end() > start]
    cues = [place for place, token in enumerate(tokens) if token in NEGATION_CUES or _is_short_not(token)]
    return bool(inside) and any(_denies_place(cue, inside[0], inside[-1], tokens) for cue in cues)


def _is_short_not(token: str) -> bool:
    """Whether a token is one like "don't", and no phrase in which that denies nothing."""
    return token.endswith(_SHORT_NOT) and "_" not in token


def _denies_place(cue: int, first: int, last: int, tokens: Sequence[str]) -> bool:
    """Whether a cue denies the words at the places from `first` to `last`."""
    stems = list(map(stem, tokens))
    if last < cue:
        return _denies_what_precedes(cue, tokens[last + 1 : cue], tokens, stems)
    before = [token for token in tokens[max(0, first - 3) : first] if token not in _DETERMINERS]
    return (
        cue < first < _clause_end(cue, tokens)
        and _may_deny(cue, tokens, stems)
        and not _PREPOSITIONS.intersection(before[-1:])
        and (
            _is_deniable(stems[cue + 1 : last + 1], tokens[last + 1 : last + 2])
            or (tokens[cue] == "no" and first - cue <= 2)
        )
    )


def _may_deny(cue: int, tokens: Sequence[str], stems: Sequence[str]) -> bool:
    """Whether a cue is said of the site itself: of no condition or ability, and no command like "Do not sell"."""
    subject = _subject(cue, tokens, stems)
    return (
        tokens[cue] not in ("cannot", "unable", "without")
        and subject in _DENYING_SUBJECTS
        and not (subject == "none" and (tokens[max(0, cue - 1) : cue] == ["do"] or tokens[cue] == "don't"))
        and not _NO_DENIAL_BEFORE.intersection(tokens[max(0, cue - 2) : cue])
        and not {"to", "one"}.intersection(tokens[cue + 1 : cue + 2])
    )


def _denies_what_precedes(cue: int, between: Sequence[str], tokens: Sequence[str], stems: Sequence[str]) -> bool:
    """Whether a cue denies words that stand some words before it: "cookies are not used"."""
    after = [place for place in range(cue + 1, min(cue + 4, len(tokens))) if tokens[place] not in _AUXILIARIES][:1]
    return (
        0 < len(between) <= _MAX_WORDS_TO_PASSIVE
        and _AUXILIARIES.issuperset(between)
        and not _BE_FORMS.isdisjoint((*between, *tokens[cue + 1 : cue + 3]))
        and any(_is_deniable([stems[place]], tokens[place + 1 : place + 2]) for place in after)
    )


def _is_deniable(stems: Sequence[str], following: Sequence[str]) -> bool:
    """Whether the first verb among some stems is one of doing, and not of doing for a purpose that follows."""
    for word in stems:
        if word in _DENIABLE_STEMS:
            return True
        if word in _BLOCKING_STEMS or word in _VERB_GROUP:
            is_purpose = _VERB_GROUP.get(word) == "use" and not {"to", "for", "in"}.isdisjoint(following)
            return word not in _BLOCKING_STEMS and _VERB_GROUP[word] in _DENIABLE_GROUPS and not is_purpose
    return False
