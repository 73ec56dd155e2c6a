"""Plots how many sites mention children's data in their policies, by half-year, 2000-2020.

    archived-policy run @sites.txt --from 2000 --to 2020 --every half-year -o corpus
    python docs/recipes/childrens_data_by_half_year.py corpus/policies.jsonl -o children.svg

Needs matplotlib. A site counts once per half-year, by its last capture. A policy that was not labelled (an error
page, another language) is not counted. The number of sites is above each bar: a share of few sites means little.
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


def mentions_children(policy: extractor.Policy) -> bool:
    """Whether any segment of a policy mentions children's data."""
    return any("children" in segment.practices for segment in policy.segments)


def site_counts(records: Path) -> dict[str, tuple[int, int]]:
    """For each half-year, the number of sites whose policy mentions children, and of all sites."""
    latest: dict[tuple[str, str], tuple[str, bool]] = {}
    for policy in extractor.read_jsonl(records):
        if policy.labelled:
            key = half_year(policy), policy.domain
            latest[key] = max(latest.get(key, ("", False)), (policy.capture.timestamp, mentions_children(policy)))
    counts = {f"{year}-{half}": (0, 0) for year in YEARS for half in (1, 2)}
    for (period, _), (_, mentioned) in latest.items():
        if period in counts:
            yes, sites = counts[period]
            counts[period] = yes + mentioned, sites + 1
    return counts


def plot(counts: dict[str, tuple[int, int]], out: Path) -> None:
    """Draws the shares as a bar chart."""
    figure, axes = plt.subplots(figsize=(11, 3.5), layout="constrained")
    nonempty = {period: (yes, sites) for period, (yes, sites) in counts.items() if sites}
    positions = [list(counts).index(period) for period in nonempty]
    bars = axes.bar(positions, [100 * yes / sites for yes, sites in nonempty.values()], color="#336699")
    axes.bar_label(bars, [str(sites) for _, sites in nonempty.values()], label_type="edge", fontsize=7)
    axes.set_xticks(range(0, len(counts), 2), [str(year) for year in YEARS], rotation=45)
    axes.set(ylim=(0, 110), xlim=(-1, len(counts)), ylabel="% of sites")
    axes.set_title("Sites whose privacy policy mentions children's data, by half-year (above: number of sites)")
    figure.savefig(out)


def main() -> None:
    """Prints a line per half-year and writes the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("records", type=Path, help="policies.jsonl")
    parser.add_argument("-o", "--output", type=Path, default=Path("children.svg"))
    arguments = parser.parse_args()
    counts = site_counts(arguments.records)
    for period, (yes, sites) in counts.items():
        if sites:
            print(f"{period}\t{yes} of {sites}")
    plot(counts, arguments.output)


if __name__ == "__main__":
    main()
