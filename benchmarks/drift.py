"""How far policies lie from what the labels were learned from, and how right labels are by era and by unknown words.

    python -m benchmarks.drift DATA

Groups of policies against the reference that ships (`models/drift`), with the share of uncertain segments by `fast`;
how many groups of so many policies are called far, of policies of each era, of other corpora, and of terms of service,
which no model learned from. Then F1 by practice on the labelled passages of OPP-115 and of each era, by builds that did
not see the policy: of all, and of thirds of the policies, from the ones with the fewest unknown words to those with the
most.
"""

from __future__ import annotations

import argparse
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from extractor.clean import clean
from extractor.label import TextProfile, drift_of, load_model, read_drift_reference
from extractor.records import PRACTICES, Snapshot
from extractor.segment import segments
from extractor.training import confusion_counts, f1_score
from extractor.training.data import read_jsonl_rows, read_opp115
from extractor.training.evaluation import out_of_fold_scores, stems_by_group

SIZES, TIMES = (1, 2, 4, 8, 16, 32), 200
EVERY = 12  # of the dated policies one in so many, for time
PAGES = {  # group, and where its pages are
    "OPP-115's pages, 2015": "opp115/*.html",
    "C3PA, 2023": "c3pa/*.html",
    "smart-home vendors, 2019–2020": "smart/*.html",
    "terms of service": "ota/*terms-of-service*.html",
}


def policies_in(data: Path) -> Iterator[tuple[str, Snapshot]]:
    """(group, page) of every policy."""
    for group, pattern in PAGES.items():
        for path in sorted((data / "extraction").glob(pattern)):
            yield group, Snapshot(path.read_bytes())
    for number, row in enumerate(read_jsonl_rows(data / "eras/dated.jsonl.gz", {"text", "date"})):
        if number % EVERY == 0 and row["date"]:
            year = int(row["date"][:4])
            group = "1999–2010" if year <= 2010 else "2011–2019" if year < 2020 else "2020–2026"
            yield group, Snapshot(row["text"].encode(), content_type="text/markdown; charset=utf-8")


def read_profiles(data: Path) -> dict[str, list[TextProfile]]:
    """The profiles of policies as the tool reads them, by group."""
    model, found = load_model(), defaultdict[str, list[TextProfile]](list)
    for group, page in policies_in(data):
        document = clean(page)
        if document.verdict.usable and document.language == "en":
            found[group].append(TextProfile())
            found[group][-1].add(model.label(list(segments(document))))
    return found


def together(profiles: Sequence[TextProfile]) -> TextProfile:
    total = TextProfile()
    for one in profiles:
        total.policies += 1
        total.segments += one.segments
        total.uncertain += one.uncertain
        total.stems.update(one.stems)
    return total


def show_groups(found: Mapping[str, Sequence[TextProfile]]) -> None:
    reference, generator = read_drift_reference(), np.random.default_rng(0)
    heads = ("group", "policies", "unknown words", "distance", "uncertain", *(f"far of {n}" for n in SIZES))
    print(f"| {' | '.join(heads)} |")
    for group, profiles in found.items():
        whole = drift_of("", together(profiles), reference)
        far = []
        for size in (size for size in SIZES if size <= len(profiles)):
            picks = (generator.choice(len(profiles), size, replace=False) for _ in range(TIMES))
            drifts = (drift_of("", together([profiles[i] for i in pick]), reference) for pick in picks)
            far.append(np.mean(["far" in drift.reasons for drift in drifts]))
        figures = f"{whole.unknown:.3f} ({whole.unknown_limit:.3f}) | {whole.distance:.3f} ({whole.distance_limit:.3f})"
        print(f"| {group} | {len(profiles)} | {figures} | {whole.uncertain:.1%} |", *(f"{one:.0%} |" for one in far))


@dataclass(frozen=True)
class Policy:
    """A labelled policy: where it is from, its name, and the share of its words that no other two policies have."""

    group: str
    name: str
    unknown: float


def labelled_policies(data: Path) -> list[Policy]:
    groups = stems_by_group(data, read_opp115(data))
    spread = Counter(stem for policies in groups.values() for counts in policies.values() for stem in counts)
    return [
        Policy(group, name, sum(n for stem, n in counts.items() if spread[stem] < 3) / max(1, counts.total()))
        for group, policies in groups.items()
        for name, counts in policies.items()
    ]


def show_labelled(data: Path) -> None:
    folds, policies = out_of_fold_scores(data, read_opp115(data)), labelled_policies(data)
    print(
        "\nF1 on unseen policies, by unknown words\n| group | policies | unknown |", " | ".join(PRACTICES), "| macro |"
    )
    for group in dict.fromkeys(policy.group for policy in policies):
        part = folds.of([group])
        own = sorted((one for one in policies if one.group == group), key=lambda one: (one.unknown, one.name))
        for chosen in (own, *np.array_split(np.array(own, dtype=object), 3)):
            rows = np.isin(part.policies, [one.name for one in chosen])
            figures = f1_score(confusion_counts(part.truth[rows], part.predicted[rows]).sum(0))
            mean = np.mean([one.unknown for one in chosen])
            cells = " | ".join(f"{one:.3f}" for one in (*figures, figures.mean()))
            print(f"| {group} | {len(chosen)} | {mean:.3f} | {cells} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path, help="the folder that OPP-115 lies in")
    data = parser.parse_args().data
    show_groups(read_profiles(data))
    show_labelled(data / "opp115")


if __name__ == "__main__":
    main()
