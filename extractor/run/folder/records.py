"""The records in a folder or a file: found, read, grouped by site, and counted."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from extractor.errors import UnreadableError
from extractor.exports import has_parquet_name, read_record_file
from extractor.layout import MANIFEST, RECORD_NAMES, SHARDS
from extractor.optional import missing_extra
from extractor.records import PRACTICES, Policy
from extractor.run.folder.manifest import read_manifest
from extractor.stances import has_stance, practice_stances

DENIED = "denied "  # before the name of a practice: how many records only deny it
_COUNT_NAMES = ("policies", "usable", "labelled", "segments", *PRACTICES, *(DENIED + name for name in PRACTICES))
_EXPORTED_PARTS = ("policies-*.jsonl*", "policies-*.parquet")  # of `export --per-file`


def record_files(place: Path) -> list[Path]:
    """The files that hold the records: `place` itself; in a folder one of RECORD_NAMES, else shards or exported parts.

    Raises UnreadableError where there are none.
    """
    if not place.exists():
        raise UnreadableError(f"There is no file or folder {place}: check the path.")
    if not place.is_dir():
        return [place]
    whole = [place / name for name in RECORD_NAMES if (place / name).is_file()]
    if (
        found := whole[:1]
        or _parquet_shards(place)
        or sorted(path for pattern in _EXPORTED_PARTS for path in place.glob(pattern))
    ):
        return found
    advice = f" Merge its shards first: `archived-policy merge {place}`." if (place / SHARDS).is_dir() else ""
    raise UnreadableError(f"{place} is neither a run folder nor a policies.jsonl or .parquet.{advice}")


def _parquet_shards(folder: Path) -> list[Path]:
    """The shards of Parquet in a folder, if `merge` found them complete."""
    listed = read_manifest(folder / MANIFEST).get("files", {}) if has_parquet_name(folder) else {}
    return [folder / name for name in listed if has_parquet_name(folder / name)]


def read_records(place: Path) -> Iterator[Policy]:
    """The records in a run folder, a folder of parts, or a file. Raises UnreadableError where there are none."""
    return chain.from_iterable(map(read_record_file, record_files(place)))


def group_by_site(policies: Iterable[Policy], expected: Counter[str]) -> Iterator[list[Policy]]:
    """Policies grouped by site; a group is complete when it has as many as are `expected` of it."""
    groups: dict[str, list[Policy]] = defaultdict(list)
    for policy in policies:
        group = groups[policy.site]
        group.append(policy)
        if len(group) == expected[policy.site]:
            yield groups.pop(policy.site)
    yield from groups.values()


def zero_counts() -> dict[str, int]:
    """The counts of no records."""
    return dict.fromkeys(_COUNT_NAMES, 0)


def with_missing_extras(policies: Iterable[Policy], missing: Counter[str]) -> Iterator[Policy]:
    """The same policies; `missing` counts those that were not read for want of an extra, by the extra."""
    for policy in policies:
        if extra := missing_extra(policy.verdict.reasons):
            missing[extra] += 1
        yield policy


def count_records(policies: Iterable[Policy]) -> dict[str, int]:
    """How many records there are, how many are usable, labelled, speak of each practice, and only deny it; and how many
    segments.
    """
    counts = zero_counts()
    for _ in with_counts(policies, counts):
        pass
    return counts


def with_counts(policies: Iterable[Policy], counts: dict[str, int]) -> Iterator[Policy]:
    """The same policies, added to `counts` as they pass."""
    for policy in policies:
        counts["policies"] += 1
        counts["usable"] += policy.verdict.usable
        counts["labelled"] += policy.labelled
        counts["segments"] += len(policy.segments)
        for practice, stance in practice_stances(policy.segments).items():
            counts[practice] += has_stance(stance.polarity, "any")
            counts[DENIED + practice] += has_stance(stance.polarity, "denies only")
        yield policy
