"""What it costs that the labels are of 2015: how far later policies lie from OPP-115, and what the model loses there.

    python -m benchmarks.drift DATA

Groups of policies against the reference that ships (`models/drift`), with the share of uncertain segments by `fast`;
how many groups of so many policies are called far; and recall and F1 by practice on thirds of the policies, from the
ones with the fewest unknown words to those with the most. Of OPP-115 by builds that did not see the policy, of C3PA
(2023, recall only) by the model that ships.
"""

from __future__ import annotations

import argparse
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extractor.clean import clean
from extractor.label import TextProfile, drift_of, load_model, read_drift_reference, unknown_share
from extractor.records import PRACTICES, Segment, Snapshot
from extractor.segment import segments
from extractor.training import confusion_counts, f1_score
from extractor.training.data import Opp115Corpus, read_c3pa, read_jsonl_rows, read_opp115
from extractor.training.evaluation import known_stems, label_matrix, out_of_fold_scores, stems_by_policy, text_segment

SIZES, TIMES = (1, 2, 4, 8, 16, 32), 200
EVERY = 3  # of the unlabelled policies one in so many, for time


@dataclass(frozen=True)
class Read:
    """A policy as the tool reads it: its profile, and the share of its words that the reference does not know."""

    name: str
    profile: TextProfile
    unknown: float


def policies_in(data: Path) -> Iterator[tuple[str, str, Snapshot]]:
    """(group, name, page) of every policy."""
    for group, folder in (("OPP-115's pages, 2015", "opp115"), ("C3PA, 2023", "c3pa")):
        for path in sorted((data / "extraction" / folder).glob("*.html")):
            yield group, path.stem, Snapshot(path.read_bytes())
    for number, row in enumerate(read_jsonl_rows(data / "unlabelled_policies.jsonl.gz", {"text", "source"})):
        if number % EVERY == 0:
            group = "Open Terms Archive" if row["source"].startswith("OpenTerms") else "TOSBack"
            yield group, str(number), Snapshot(row["text"].encode(), content_type="text/markdown; charset=utf-8")


def read_all(data: Path) -> dict[str, list[Read]]:
    model, reference, found = load_model(), read_drift_reference(), defaultdict(list)
    for group, name, page in policies_in(data):
        document = clean(page)
        if document.verdict.usable and document.language == "en":
            profile = TextProfile()
            profile.add(model.label(list(segments(document))))
            found[group].append(Read(name, profile, unknown_share(profile.stems, reference.stems)))
    return found


def together(reads: Sequence[Read]) -> TextProfile:
    total = TextProfile()
    for one in reads:
        total.policies += 1
        total.segments += one.profile.segments
        total.uncertain += one.profile.uncertain
        total.stems.update(one.profile.stems)
    return total


def show_groups(found: dict[str, list[Read]]) -> None:
    reference, generator = read_drift_reference(), np.random.default_rng(0)
    heads = ("group", "policies", "unknown words", "distance", "uncertain", *(f"far of {n}" for n in SIZES))
    print(f"| {' | '.join(heads)} |")
    for group, reads in found.items():
        whole = drift_of(group, together(reads), reference)
        far = []
        for size in SIZES:
            picks = (generator.choice(len(reads), size, replace=False) for _ in range(TIMES))
            drifts = (drift_of("", together([reads[i] for i in pick]), reference) for pick in picks)
            far.append(np.mean([drift.exceeds_limit for drift in drifts]))
        figures = f"{whole.unknown:.3f} ({whole.unknown_limit:.3f}) | {whole.distance:.3f} ({whole.distance_limit:.3f})"
        print(f"| {group} | {len(reads)} | {figures} | {whole.uncertain:.1%} |", *(f"{one:.0%} |" for one in far))


def thirds(values: dict[str, float]) -> list[list[str]]:
    """The names with the lowest, middle and highest values."""
    names = np.array(sorted(values, key=lambda name: (values[name], name)))
    return [part.tolist() for part in np.array_split(names, 3)]


def unknown_by_policy(corpus: Opp115Corpus) -> dict[str, float]:
    """The share of words of each policy of OPP-115 that the other policies do not have."""
    counts = stems_by_policy(corpus)
    return {
        name: unknown_share(own, known_stems(other for rest, other in counts.items() if rest != name)[0])
        for name, own in counts.items()
    }


def show_opp115(corpus: Opp115Corpus) -> None:
    folds, values = out_of_fold_scores(corpus, []), unknown_by_policy(corpus)
    print("\nOPP-115, unseen policies by unknown words: recall and macro F1")
    for names in (list(values), *thirds(values)):
        rows = np.isin(folds.policies, names)
        counts = confusion_counts(folds.truth[rows], folds.predicted[rows]).sum(0)
        recall = counts[:, 0] / (counts[:, 0] + counts[:, 2])
        mean = np.mean([values[name] for name in names])
        print(
            f"| {len(names)} policies, {mean:.3f} |",
            *(f"{one:.3f} |" for one in recall),
            f"F1 {f1_score(counts).mean():.3f} |",
        )


def show_c3pa(data: Path, reads: Sequence[Read]) -> None:
    rows, values = read_c3pa(data / "extraction/c3pa"), {one.name: one.unknown for one in reads}
    passages: list[Segment] = [text_segment(row.text) for row in rows]
    given = label_matrix([one.practices for one in load_model().label(passages)], PRACTICES)
    truth, policies = label_matrix([row.labels for row in rows], PRACTICES), np.array([row.policy for row in rows])
    print("\nC3PA, by unknown words: recall")
    for names in (list(values), *thirds(values)):
        which = np.isin(policies, names)
        hits, positives = (truth * given)[which].sum(0), truth[which].sum(0)
        mean = np.mean([values[name] for name in names])
        cells = (f"{hit / of:.3f} |" if of else "– |" for hit, of in zip(hits, positives, strict=True))
        print(f"| {len(names)} policies, {mean:.3f} |", *cells)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder that OPP-115 lies in")
    data = parser.parse_args().data
    found = read_all(data)
    show_groups(found)
    print("\n", *PRACTICES)
    show_opp115(read_opp115(data / "opp115"))
    show_c3pa(data, found["C3PA, 2023"])


if __name__ == "__main__":
    main()
