"""`export`: writes the records of a run folder or file in another format."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain, islice
from pathlib import Path

from extractor.compact import lacks_markdown
from extractor.errors import UnreadableError, UsageError
from extractor.exports import EXPORT_FORMATS, ExportFormat, TableRows, table_format
from extractor.files import folder_atomically
from extractor.layout import ARCHIVE, MANIFEST, records_folder
from extractor.progress import Progress, no_progress
from extractor.records import Policy
from extractor.run.folder import read_manifest, read_records
from extractor.wayback import PageEntry, write_wacz

_log = logging.getLogger(__name__)


def export(  # noqa: PLR0913 - what, as what, where, and in how many files
    source: Path,
    format_name: str,
    path: Path,
    *,
    rows: TableRows | None = None,
    per_file: int = 0,
    progress: Progress = no_progress,
) -> str:
    """Writes the records of a run folder or a `policies.jsonl` in one of EXPORT_FORMATS; returns a line that says what.

    `rows` says what a row of a table is, if not what is usual in its format. With `per_file`, writes a folder of files
    with that many policies each. Raises UnreadableError if there are no records or one is damaged, UsageError if a
    folder to be made exists, a format without rows is to have some, or one of Markdown has records without it.
    """
    export_format = table_format(format_name, rows) if rows else EXPORT_FORMATS[format_name]
    if per_file and not export_format.suffix:
        raise UsageError(f"{format_name} is a folder already: leave --per-file out.")
    export_format = _of_corpus(export_format, source)
    left_out: list[str] = []
    of = read_manifest(source / MANIFEST).get("records", {}).get("policies", 0)
    records = _with_markdown(_report_count(read_records(source), of, progress), source, format_name)
    policies = _exportable(records, export_format, left_out)
    count = _write(export_format, _require_nonempty(policies, source, export_format, left_out), path, per_file)
    if left_out:
        _log.warning("Left out, as %s: %d.", export_format.rejection, len(left_out))
    return f"{count} {export_format.unit} in {path}"


def _with_markdown(policies: Iterable[Policy], source: Path, format_name: str) -> Iterator[Policy]:
    """The policies. Says so where they have no Markdown and the format does; UsageError where it has nothing else."""
    markdown, lacking = EXPORT_FORMATS[format_name].markdown, 0
    for policy in policies:
        lacking += lacks_markdown(policy)
        if lacking and markdown == "is":
            raise UsageError(
                f"{source} has compact records without Markdown, of which {format_name} consists: "
                "annotate the pages again without --compact, or with --compact --with-markdown."
            )
        yield policy
    if lacking and markdown == "has":
        _log.warning('%d records have "" for Markdown, as they were read from compact ones without it.', lacking)


def _of_corpus(export_format: ExportFormat, source: Path) -> ExportFormat:
    """The format with a writer that knows what it needs of the corpus."""
    known = {"name": source.resolve().name.split(".")[0], "manifest": records_folder(source) / MANIFEST}
    needed = {name: known[name] for name in export_format.needs}
    return replace(export_format, write=partial(export_format.write, **needed))


def _report_count(policies: Iterable[Policy], of: int, progress: Progress) -> Iterator[Policy]:
    """The policies; reports how many were taken, and of all, 0 if that is unknown."""
    for number, policy in enumerate(policies, 1):
        yield policy
        progress("export", number, of)


def _exportable(policies: Iterable[Policy], export_format: ExportFormat, left_out: list[str]) -> Iterator[Policy]:
    """The policies that a format accepts; the ids of the others are added to `left_out`."""
    for policy in policies:
        if export_format.accepts(policy):
            yield policy
        else:
            left_out.append(policy.id)


def _require_nonempty(
    policies: Iterator[Policy], source: Path, export_format: ExportFormat, left_out: list[str]
) -> Iterator[Policy]:
    """The policies. Raises UnreadableError if there are none."""
    first = next(policies, None)
    if first is None and left_out:
        raise UnreadableError(
            f"There is nothing to export: all {len(left_out)} records of {source} are {export_format.rejection}."
        )
    if first is None:
        raise UnreadableError(f"{source} holds no records: there is nothing to export.")
    return chain([first], policies)


def _write(export_format: ExportFormat, policies: Iterable[Policy], path: Path, per_file: int) -> int:
    """Writes policies to a file, or to a folder if the format is one or several files are wanted."""
    if export_format.suffix and not per_file:
        return export_format.write(policies, path)
    with folder_atomically(path) as folder:
        if per_file:
            return _write_shards(export_format, policies, folder, per_file)
        return export_format.write(policies, folder)


def _write_shards(export_format: ExportFormat, policies: Iterable[Policy], folder: Path, per_file: int) -> int:
    """Writes policies to the files `policies-00000`, `policies-00001` and so on."""
    count, rest = 0, iter(policies)
    for number, first in enumerate(rest):
        shard = chain([first], islice(rest, per_file - 1))
        count += export_format.write(shard, folder / f"policies-{number:05}{export_format.suffix}")
    return count


def export_wacz(folder: Path, path: Path) -> None:
    """Packs the captures of a run into a WACZ. Raises UnreadableError if `folder` is no run folder."""
    if not (folder / ARCHIVE).is_dir():
        raise UnreadableError(f"{folder} is no run folder: it has no archive/.")
    pages = (PageEntry(p.capture.url, p.capture.timestamp, p.title) for p in read_records(folder))
    write_wacz(folder / ARCHIVE, path, pages, title=f"Privacy policies in {folder.name}")
