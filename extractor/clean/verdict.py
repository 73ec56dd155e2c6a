"""Can the page be used, and is it a privacy policy? Each answer with a reason a reader understands."""

from __future__ import annotations

import math
import re

import py3langid

from extractor.records import Verdict

ENGLISH = "en"
FEW_WORDS = 15
ERROR_PAGE_WORDS = 250
ERROR_PAGE = re.compile(
    r"\b(404|(page|file|document|site|url|article|resource)( that| which)?( you| was| is| has| could| can|)"
    r"[^.!?\n]{0,60}(not (be )?found|no longer (here|available|exists?)|does(n.t| not) exist|been (re)?moved))",
    re.IGNORECASE,
)
# What privacy policies speak of. Not a model of practices: each cue counts once, however often it stands there.
CUES = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"privacy (policy|notice|statement|practices)",
        r"personal(ly)?[- ](identif\w+ )?(information|data)|personal details",
        r"\bcookies?\b",
        r"third[- ]part(y|ies)",
        r"\b(we|us|our)\b[^.]{0,60}\bcollect",
        r"\b(share|disclose|sell|rent)\w*\b[^.]{0,80}\b(information|data|details)",
        r"e-?mail address",
        r"ip address|log files?|web beacons?|pixel|browser type",
        r"opt[- ]?(out|in)|unsubscribe",
        r"children|under (the age of )?1[0-8]|thirteen",
        r"\b(access|correct|update|delete|erase)\b[^.]{0,50}\b(information|data|details|account)",
        r"secur(e|ity)\b|encrypt",
        r"retain|retention|how long we keep|as long as",
        r"consent",
        r"law enforcement|required by law|court order|subpoena",
        r"(change|update|amend|modify|revis)\w* (to )?(this|our|the) (privacy )?(policy|notice|statement)",
        r"advertis",
        r"service providers?|on our behalf|processors?",
        r"marketing|newsletter|promotional",
        r"your (privacy|information|data|rights)\b",
    )
]
HALF = 6.5  # cues that make a page as likely a policy as not
SPREAD = 1.4
POLICY = 0.5


def language_of(text: str) -> str:
    """The ISO 639-1 code of the language, "" where there are too few words to tell (py3langid)."""
    return str(py3langid.classify(text[:4000])[0]) if len(text.split()) >= 5 else ""


def judge(title: str, text: str, *, language: str, status: int) -> Verdict:
    """The verdict on a page that was read; `status` is the one it was served with, 0 where unknown."""
    likeness = policy_likeness(f"{title}\n{text}")
    if fault := fault_of(title, text, status):
        return Verdict(usable=False, is_policy=0.0, reasons=(fault,))
    if language != ENGLISH:
        return Verdict(True, likeness, (f"not in English but in {language or 'an unknown language'}, so not labelled",))
    return Verdict(True, likeness, () if likeness >= POLICY else ("does not read like a privacy policy",))


def fault_of(title: str, text: str, status: int) -> str:
    """Why a page cannot be used, "" if it can."""
    words = len(text.split())
    if status >= 400:
        return f"the site answered {status} instead of a page"
    if not words:
        return "no text was found in the page"
    if words < ERROR_PAGE_WORDS and ERROR_PAGE.search(f"{title}\n{text[:600]}"):
        return "an error page that was served as if it were a page (soft 404)"
    if words < FEW_WORDS:
        return f"only {words} words were found in the page"
    return ""


def policy_likeness(text: str) -> float:
    """How much a text reads like a privacy policy, 0 to 1: a logistic curve over the number of cues in it.

    A first measure with its figures in `docs/extraction.md`; a trained verdict can take its place.
    """
    found = sum(1 for cue in CUES if cue.search(text))
    return round(1 / (1 + math.exp((HALF - found) / SPREAD)), 4)


def unusable(reason: str) -> Verdict:
    """The verdict on what could not be read at all."""
    return Verdict(usable=False, is_policy=0.0, reasons=(reason,))
