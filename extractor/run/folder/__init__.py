"""The contents of a run folder besides its archive: records, manifest, lock; and their faults."""

from extractor.run.folder.faults import file_faults, policy_faults
from extractor.run.folder.groups import read_by_policy, read_by_site
from extractor.run.folder.lock import is_locked, lock_folder
from extractor.run.folder.manifest import (
    MADE_BY,
    describe_run,
    describe_software,
    is_listed_unchanged,
    read_manifest,
    write_manifest,
)
from extractor.run.folder.records import (
    DENIED,
    count_records,
    group_by_site,
    read_records,
    record_files,
    with_counts,
    with_missing_extras,
    zero_counts,
)

__all__ = [
    "DENIED",
    "MADE_BY",
    "count_records",
    "describe_run",
    "describe_software",
    "file_faults",
    "group_by_site",
    "is_listed_unchanged",
    "is_locked",
    "lock_folder",
    "policy_faults",
    "read_by_policy",
    "read_by_site",
    "read_manifest",
    "read_records",
    "record_files",
    "with_counts",
    "with_missing_extras",
    "write_manifest",
    "zero_counts",
]
