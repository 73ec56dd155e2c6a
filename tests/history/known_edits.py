"""Policies with planted edits: of generated sentences, or given ones, with changes chosen by a seed.

The planted changes are known as (kind, words before, words after), so an alignment can be compared with them. Sentences
are built from parts, so that two passages on one subject share much of their wording, as real ones do.
"""

from __future__ import annotations

import random
import re
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from extractor.history import align, significant_words
from extractor.records import Segment

SECTIONS = {
    "What we collect": [
        "When you {do}, we ask for {data} and for {data}.",
        "We collect {data} so that we can {purpose}.",
        "{data!u} is stored only where you have given it to us yourself.",
        "Our {machine} notes {data} with every {visit}.",
        "You need not tell us {data} if all you want is to {do}.",
        "From {outsider} we may learn {data}, but never {data}.",
    ],
    "How we use it": [
        "We use {data} to {purpose} and, now and then, to {purpose}.",
        "Without {data} it would not be possible to {purpose}.",
        "None of this is used to {purpose} unless you have said so.",
        "Our staff in {place} look at {data} only in order to {purpose}.",
        "An automatic check of {data} helps us to {purpose}.",
    ],
    "Who else sees it": [
        "We pass {data} on to {outsider}, who may use it to {purpose} and for nothing else.",
        "{outsider!u} in {place} receives {data} under a contract.",
        "No part of {data} is sold or rented to {outsider}.",
        "If a court in {place} orders it, we hand over {data}.",
        "Should the business be sold, {data} goes to the new owner together with these promises.",
    ],
    "Cookies": [
        "A cookie on your {machine} remembers {data} until {until}.",
        "You can refuse cookies, but then we cannot {purpose}.",
        "{outsider!u} places a cookie of its own when you {do}.",
        "The cookie is gone {until}.",
        "Pixels in our letters tell us about {data}, which serves to {purpose}.",
    ],
    "Your choices": [
        "You may look at {data} at any time and have it corrected.",
        "Write to our office in {place} if you want {data} deleted.",
        "We answer such letters within {time}.",
        "If you object to our use of {data}, we will no longer {purpose}.",
        "You can also complain to the supervisor in {place}.",
    ],
    "How long": [
        "We keep {data} for {time}, counted from the day on which you {do}.",
        "After {time} we delete {data} from every {machine}.",
        "Copies of {data} may last {time} longer in {place}.",
        "What the tax office has to see, above all {data}, stays for {time}.",
    ],
    "Safety": [
        "{data!u} travels in encrypted form between your {machine} and ours.",
        "The doors of our building in {place} are locked, and {data} is kept behind them.",
        "Only people who have to {purpose} can open the file with {data}.",
        "If somebody steals {data}, we tell you within {time}.",
    ],
}
FILLERS = {
    "do": "place an order|open an account|enter a contest|write to us|borrow a boat|book a seat|join the choir|rent a "
    "lamp|ask for a catalogue|return a parcel|sign the guest book|apply for a post",
    "data": "your name|your postal address|your telephone number|the number of your card|your date of birth|the pages you "
    "have read|the size of your shoes|a picture of you|your shopping basket|the address of your computer|your letters to "
    "us|the names of your guests|your place of work|the language you speak|the town you live in|your medical history",
    "purpose": "send the goods|answer your questions|find faults|print the tickets|settle the bill|plan the season|keep "
    "thieves out|draw the winners|improve the map|remind you of a date|choose the news for you|count the visitors",
    "machine": "server|telephone|computer|till|turnstile|printer|camera",
    "visit": "visit|call|order|ticket|journey",
    "outsider": "the parcel service|our bank|the printing house|an advertising company|the weather office|the insurer|a "
    "research institute|the landlord|our sister company|the delivery boy",
    "place": "Harbour Street|the old mill|Northfield|our second office|the capital|Lower Brook|the tower",
    "until": "when you close the window|at the end of the season|after your next order|by the first frost",
    "time": "ten days|three weeks|six months|a year|seven years|ninety days|two summers|forty hours",
}
SLOT = re.compile(r"\{(\w+)(!u)?\}")
SENTENCE = re.compile(r"\S.*?[.!?](?=\s|$)", re.DOTALL)

Truth = tuple[str, tuple[tuple[str, ...], ...], tuple[tuple[str, ...], ...]]


@dataclass(frozen=True)
class Text:
    """A passage while edits are planted: its section, its words, the passages that it comes from, and the kind of edit."""

    section: str
    text: str
    origins: tuple[int, ...] = ()
    kind: str = "same"


def sentence(rng: random.Random, frame: str) -> str:
    """A sentence made from a frame with gaps."""

    def filled(match: re.Match[str]) -> str:
        word = rng.choice(FILLERS[match[1]].split("|"))
        return word[0].upper() + word[1:] if match[2] else word

    return SLOT.sub(filled, frame)


def passage(rng: random.Random, section: str) -> str:
    """A passage of two to four sentences, no two of one frame."""
    return " ".join(sentence(rng, frame) for frame in rng.sample(SECTIONS[section], rng.randint(2, 4)))


def policy_texts(rng: random.Random, passages: int) -> list[Text]:
    """A policy of the given number of passages, no two alike."""
    names = list(SECTIONS)
    sections = sorted((rng.choice(names) for _ in range(passages)), key=names.index)
    seen: set[str] = set()
    found = []
    for section in sections:
        while (text := passage(rng, section)) in seen:
            pass
        seen.add(text)
        found.append(Text(section, text))
    return found


def segments_of(texts: Sequence[Text]) -> list[Segment]:
    """The passages as segments of a record."""
    found, at = [], 0
    for index, one in enumerate(texts):
        found.append(Segment(index, at, at + len(one.text), one.text, headings=("Policy", one.section)))
        at += len(one.text) + 2
    return found


def plant_edits(
    rng: random.Random, texts: Sequence[Text], edits: int, write: Callable[[random.Random, str], str] = passage
) -> tuple[list[Text], Counter[str]]:
    """The passages with the given number of edits, and how often each kind was planted."""
    after = [replace(one, origins=(index,), kind="same") for index, one in enumerate(texts)]
    done: Counter[str] = Counter()
    tries = 0
    while done.total() < edits and (tries := tries + 1) < 50 * edits:
        kind = rng.choice(list(EDITS))
        if EDITS[kind](rng, after, write):
            done[kind] += 1
    return [one for one in after if one.kind != "removed"], done


Write = Callable[[random.Random, str], str]


def untouched(after: Sequence[Text], at: int) -> bool:
    """Whether a passage and its neighbours are unchanged, so that edits do not touch each other."""
    return 0 <= at < len(after) and all(one.kind == "same" for one in after[max(0, at - 1) : at + 2])


def pick(rng: random.Random, after: Sequence[Text]) -> int:
    """The index of a passage for an edit, or -1."""
    at = rng.randrange(len(after))
    return at if untouched(after, at) and len(significant_words(after[at].text)) >= 8 else -1


def insert(rng: random.Random, after: list[Text], write: Write) -> bool:
    at = pick(rng, after)
    if at >= 0:
        section = after[at].section
        after.insert(at, Text(section, write(rng, section), (), "added"))
    return at >= 0


def delete(rng: random.Random, after: list[Text], write: Write) -> bool:
    at = pick(rng, after)
    if at >= 0:
        after[at] = replace(after[at], kind="removed")  # removed at the end, so that nothing is planted next to it
    return at >= 0


def edit(rng: random.Random, after: list[Text], write: Write) -> bool:
    """Replaces a few words, and may add a sentence at the end."""
    at = pick(rng, after)
    if at < 0:
        return False
    words = after[at].text.split(" ")
    for place in rng.sample(range(len(words)), max(1, len(words) // 8)):
        words[place] = rng.choice(["perhaps", "usually", "securely", "promptly", "electronically", "jointly"])
    text = " ".join(words)
    if rng.random() < 0.3:
        text += f" In {rng.choice(FILLERS['place'].split('|'))} this has been so since the flood."
    after[at] = replace(after[at], text=text, kind="edited")
    return True


def move(rng: random.Random, after: list[Text], write: Write) -> bool:
    """Moves a passage by at least three places."""
    at, to = pick(rng, after), rng.randrange(len(after))
    if at < 0 or abs(at - to) < 3 or not (untouched(after, to) and untouched(after, to - 1)):
        return False
    one = after.pop(at)
    to -= to > at
    after.insert(to, replace(one, section=after[to].section, kind="moved"))
    return True


def split(rng: random.Random, after: list[Text], write: Write) -> bool:
    at = pick(rng, after)
    sentences = SENTENCE.findall(after[at].text) if at >= 0 else []
    if len(sentences) < 2:
        return False
    cut = rng.randint(1, len(sentences) - 1)
    parts = " ".join(sentences[:cut]), " ".join(sentences[cut:])
    if min(len(significant_words(part)) for part in parts) < 5:
        return False
    after[at : at + 1] = [replace(after[at], text=part, kind="split") for part in parts]
    return True


def merge(rng: random.Random, after: list[Text], write: Write) -> bool:
    at = pick(rng, after)
    if at < 0 or not untouched(after, at + 1) or after[at].section != after[at + 1].section:
        return False
    if len(significant_words(after[at + 1].text)) < 5:
        return False
    first, second = after[at : at + 2]
    after[at : at + 2] = [Text(first.section, f"{first.text} {second.text}", first.origins + second.origins, "merged")]
    return True


def rewrite(rng: random.Random, after: list[Text], write: Write) -> bool:
    """Replaces a passage by one on another subject, so that one is removed and one added."""
    at = pick(rng, after)
    if at >= 0:
        other = rng.choice([name for name in SECTIONS if name != after[at].section])
        after[at] = Text(after[at].section, write(rng, other), (), "added")
    return at >= 0


EDITS = {
    "insert": insert, "delete": delete, "edit": edit, "move": move, "split": split, "merge": merge, "rewrite": rewrite,
}  # fmt: skip

TYPOGRAPHY = str.maketrans({"'": "’", "-": "‑"})
LEAKS = [
    "Back to top",
    "Skip to main content",
    "Home\nProducts\nAbout us\nContact",
    "© 2011 The Company",
    "Print this page",
]


def recapture(rng: random.Random, texts: Sequence[Text]) -> list[Text]:
    """The same policy captured again, with other typography, spaces and dates, and leaked navigation."""
    found = []
    for one in texts:
        text = one.text.translate(TYPOGRAPHY) if rng.random() < 0.5 else one.text
        text = re.sub(" ", lambda _: rng.choice([" ", " ", " ", "  ", "\n", "\u00a0"]), text)
        if rng.random() < 0.1:
            text += f"\n\n{rng.choice([LEAKS[0], LEAKS[4]])}"
        found.append(replace(one, text=text.rstrip(".") if rng.random() < 0.1 else text))
    found.insert(0, Text("Policy", f"Last updated: {rng.randint(1, 28)} March {rng.randint(2000, 2020)}"))
    for leak in rng.sample(LEAKS, 2):
        found.insert(rng.choice([0, len(found)]), Text("Policy", leak))
    return found


def planted_changes(before: Sequence[Text], after: Sequence[Text]) -> Counter[Truth]:
    """The planted changes, by the words of both sides."""
    words = [significant_words(one.text) for one in before]
    kept = {origin for one in after for origin in one.origins}
    found: Counter[Truth] = Counter(
        ("removed", (words[index],), ()) for index in range(len(before)) if index not in kept
    )
    parts: dict[tuple[int, ...], list[tuple[str, ...]]] = {}
    for one in after:
        if one.kind == "split":
            parts.setdefault(one.origins, []).append(significant_words(one.text))
        elif one.kind != "same":
            found[one.kind, tuple(words[origin] for origin in one.origins), (significant_words(one.text),)] += 1
    found.update(
        ("split", tuple(words[origin] for origin in origins), tuple(pieces)) for origins, pieces in parts.items()
    )
    return found


def aligned_changes(before: Sequence[Segment], after: Sequence[Segment]) -> Counter[Truth]:
    """The changes that the alignment finds, in the same form."""
    return Counter(
        (
            group.kind,
            tuple(significant_words(before[i].text) for i in group.before),
            tuple(significant_words(after[j].text) for j in group.after),
        )
        for group in align(before, after)
        if group.kind != "same" and not group.cosmetic
    )


@dataclass
class Score:
    """Counts of one kind of change: planted, found, and both."""

    planted: int = 0
    found: int = 0
    right: int = 0

    @property
    def precision(self) -> float:
        return self.right / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        return self.right / self.planted if self.planted else 1.0


def add_scores(scores: dict[str, Score], truth: Counter[Truth], found: Counter[Truth]) -> None:
    """Adds one pair of captures to the scores of each kind."""
    for name, changes in (("planted", truth), ("found", found), ("right", truth & found)):
        for change, count in changes.items():
            kind_score = scores.setdefault(change[0], Score())
            setattr(kind_score, name, getattr(kind_score, name) + count)
