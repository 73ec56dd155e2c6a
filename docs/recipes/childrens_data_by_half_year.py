"""Children's data in 2000-2020, by half-year: in how many of the sites' policies it is spoken of, as a plot.

    archived-policy run @sites.txt --from 2000 --to 2020 --every half-year -o corpus
    python docs/recipes/childrens_data_by_half_year.py corpus/policies.jsonl -o children.svg

Needs matplotlib. A site counts once a half-year, with its last capture in it; a policy that was not labelled (an error
page, another language) is not counted, since nobody looked. The number of sites stands above each bar: a share of few
says little.
"""

import argparse
from pathlib import Path

import matplotlib.pyplot as plt

import extractor

YEARS = range(2000, 2021)


def half_year(policy: extractor.Policy) -> str:
    """The half-year of a capture: "2005-1", "2005-2"."""
    timestamp = policy.capture.timestamp
    return f"{timestamp[:4]}-{1 if timestamp[4:6] <= '06' else 2}"


def on_children(policy: extractor.Policy) -> bool:
    """Whether any segment of a policy speaks of children's data."""
    return any("children" in segment.practices for segment in policy.segments)


def shares(records: Path) -> dict[str, tuple[int, int]]:
    """For each half-year the sites whose policy speaks of children, and all sites seen; (0, 0) where none was."""
    seen: dict[tuple[str, str], tuple[str, bool]] = {}
    for policy in extractor.read_jsonl(records):
        if policy.labelled:
            place, when = (half_year(policy), policy.domain), policy.capture.timestamp
            seen[place] = max(seen.get(place, ("", False)), (when, on_children(policy)))
    found = {f"{year}-{half}": (0, 0) for year in YEARS for half in (1, 2)}
    for (period, _), (_, spoken_of) in seen.items():
        if period in found:
            yes, sites = found[period]
            found[period] = yes + spoken_of, sites + 1
    return found


def plot(found: dict[str, tuple[int, int]], out: Path) -> None:
    """Draws the shares as bars."""
    figure, axes = plt.subplots(figsize=(11, 3.5), layout="constrained")
    known = {period: (yes, sites) for period, (yes, sites) in found.items() if sites}
    places = [list(found).index(period) for period in known]
    bars = axes.bar(places, [100 * yes / sites for yes, sites in known.values()], color="#336699")
    axes.bar_label(bars, [str(sites) for _, sites in known.values()], label_type="edge", fontsize=7)
    axes.set_xticks(range(0, len(found), 2), [str(year) for year in YEARS], rotation=45)
    axes.set(ylim=(0, 110), xlim=(-1, len(found)), ylabel="% of sites")
    axes.set_title("Sites whose privacy policy speaks of children's data, by half-year (above: number of sites)")
    figure.savefig(out)


def main() -> None:
    """Prints a line a half-year and writes the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path, help="policies.jsonl")
    parser.add_argument("-o", "--output", type=Path, default=Path("children.svg"))
    arguments = parser.parse_args()
    found = shares(arguments.records)
    for period, (yes, sites) in found.items():
        if sites:
            print(f"{period}\t{yes} of {sites}")
    plot(found, arguments.output)


if __name__ == "__main__":
    main()
