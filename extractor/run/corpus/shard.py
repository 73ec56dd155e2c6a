"""One shard of a corpus: annotated into a temporary file, synced, renamed, and described by a manifest.

A shard is complete when its manifest names the same corpus, version and model, and its file has the hash in the
manifest and records of the bytes that the corpus has now. A complete shard is skipped, any other is made anew. There
are no locks, as network file systems do not keep them: two processes that make one shard write the same bytes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from extractor.compact import RecordForm
from extractor.corpora import CorpusFilter
from extractor.errors import UnreadableError, UsageError
from extractor.exports import has_parquet_name, record_lines, require_writable_form, write_record_file
from extractor.files import size_and_hash, write_json
from extractor.layout import SHARDS, is_run_folder, shard_file_name
from extractor.modelcard import ModelIdentity
from extractor.records import Policy, Snapshot
from extractor.run.corpus.pages import CorpusTally, ShardPosition, read_paths, require_known_format
from extractor.run.corpus.resume import COMPARED_KEYS, OnCount, is_record_of, origin_of
from extractor.run.folder import MADE_BY, describe_software, with_counts, zero_counts
from extractor.run.pipeline import BATCH_SIZE, Annotator


@dataclass(frozen=True, slots=True)
class CorpusSpec:
    """What to annotate: the paths, and what to read there; and the form of the records.

    `strict` ends with the first thing that cannot be read.
    """

    paths: tuple[Path, ...]
    corpus_filter: CorpusFilter = field(default_factory=CorpusFilter)
    format_name: str = ""
    strict: bool = False
    form: RecordForm = "full"

    @property
    def configuration(self) -> dict[str, Any]:
        """What decides which pages the corpus has, for the manifest."""
        corpus_filter = self.corpus_filter
        return {
            "paths": list(map(str, self.paths)),
            "format": self.format_name,
            "documents": list(corpus_filter.documents),
            "url_pattern": corpus_filter.url_pattern,
            "text_column": corpus_filter.text_column,
            "sidecar": str(corpus_filter.sidecar or ""),
        }


@dataclass(frozen=True, slots=True)
class Shard:
    """A shard of a corpus that is to be manifest."""

    corpus: CorpusSpec
    position: ShardPosition

    def __str__(self) -> str:
        return f"Shard {self.position.number} of {self.position.of}"

    def pages(self, tally: CorpusTally) -> Iterator[Snapshot]:
        """The pages of the shard."""
        corpus = self.corpus
        return read_paths(
            corpus.paths,
            tally,
            corpus.corpus_filter,
            format_name=corpus.format_name,
            strict=corpus.strict,
            position=self.position,
        )


class ShardManifest(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest of a shard.

    `corpus` is a hash of the names of all `parts` of the corpus, `pages` the number of pages in each part of this
    shard, `unread` the reasons why something could not be read, `empty` the paths without a page, `files` the shard's
    file with its size and hash, `form` that of its records.
    """

    shard: int
    shards: int
    schema_version: str
    made_by: str
    python: str
    libraries: dict[str, str]
    model: dict[str, str]
    configuration: dict[str, Any]
    corpus: str
    parts: int
    pages: list[int]
    records: dict[str, int]
    unread: list[str]
    empty: list[str]
    files: dict[str, dict[str, Any]]
    form: RecordForm = "full"


class ShardResult(NamedTuple):
    """The manifest of a complete shard, and whether it was complete before."""

    manifest: ShardManifest
    kept: bool


def shards_of(corpus: CorpusSpec, folder: Path, of: int) -> list[Shard]:
    """The shards of a corpus, to be made in a folder.

    Raises UsageError where the folder cannot be used, UnreadableError where one of the paths does not exist,
    ConfigurationError where a package to write shards is missing.
    """
    require_known_format(corpus.format_name)
    require_writable_form(folder, corpus.form)
    if is_run_folder(folder):
        raise UsageError(f"{folder} is a run folder: name another one for the shards.")
    for path in corpus.paths:
        _require_path(path)
        if folder.resolve().is_relative_to(path.resolve()):
            raise UsageError(f"{folder} lies in {path}, where pages are read from: name a folder outside.")
    return [Shard(corpus, ShardPosition(number, of)) for number in range(1, of + 1)]


def _require_path(path: Path) -> None:
    """Raises UnreadableError where a path does not exist, as on a machine without the shared file system."""
    if not path.exists():
        raise UnreadableError(
            f"There is no file or folder {path}: check the path, which every machine has to reach by that name."
        )


def shard_path(folder: Path, position: ShardPosition) -> Path:
    """The file of a shard: Parquet if the name of the folder ends so, else JSONL.

    >>> shard_path(Path("out"), ShardPosition(3, 8)).as_posix()
    'out/shards/00003-of-00008.jsonl'
    >>> shard_path(Path("out.parquet"), ShardPosition(3, 8)).as_posix()
    'out.parquet/shards/00003-of-00008.parquet'
    """
    path = folder / SHARDS / shard_file_name(position.number, position.of)
    return path.with_suffix(".parquet") if has_parquet_name(folder) else path


def shard_manifest_path(path: Path) -> Path:
    """The manifest of a shard, which lies beside it. Readers of folders of Parquet pass over names with an underscore.

    >>> shard_manifest_path(Path("00003-of-00008.jsonl")).name, shard_manifest_path(Path("00003-of-00008.parquet")).name
    ('00003-of-00008.json', '_00003-of-00008.json')
    """
    return path.with_name(f"{'_' if has_parquet_name(path) else ''}{path.stem}.json")


def process_shard(
    shard: Shard, folder: Path, annotator: Annotator, *, workers: int = 1, on_count: OnCount = lambda _: None
) -> ShardResult:
    """Makes a shard in a folder, unless it is complete. `on_count` is called with the number of records as it grows.

    Raises UnreadableError where one of the paths does not exist, or where the corpus is strict.
    """
    for path in shard.corpus.paths:
        _require_path(path)
    if manifest := _complete_manifest(shard, folder, annotator):
        return ShardResult(manifest, kept=True)
    return ShardResult(_build_shard(shard, folder, annotator, workers, on_count), kept=False)


def _build_shard(shard: Shard, folder: Path, annotator: Annotator, workers: int, on_count: OnCount) -> ShardManifest:
    """Writes a shard, then its manifest."""
    path, tally, counts = shard_path(folder, shard.position), CorpusTally(), zero_counts()
    path.parent.mkdir(parents=True, exist_ok=True)
    policies = with_counts(annotator.pipe(shard.pages(tally), workers=workers, batch_size=BATCH_SIZE), counts)
    write_record_file(_report_count(policies, counts, on_count), path, shard.corpus.form)
    manifest = ShardManifest(
        shard=shard.position.number,
        shards=shard.position.of,
        **describe_software(annotator.identity),
        configuration=shard.corpus.configuration,
        **_reading_facts(tally),
        records=counts,
        files={path.name: size_and_hash(path)},
        form=shard.corpus.form,
    )
    _write_shard_manifest(manifest, path)
    return manifest


def _reading_facts(tally: CorpusTally) -> dict[str, Any]:
    """Facts about the corpus that are known once the shard's pages have been read, for the manifest."""
    return {
        "corpus": tally.names.hexdigest(),
        "parts": tally.parts,
        "pages": tally.pages,
        "unread": tally.unread,
        "empty": list(map(str, tally.empty)),
    }


def _write_shard_manifest(manifest: ShardManifest, path: Path) -> None:
    """Writes the manifest of a shard beside it."""
    write_json(shard_manifest_path(path), msgspec.to_builtins(manifest))


def _report_count(policies: Iterable[Policy], counts: dict[str, int], on_count: OnCount) -> Iterator[Policy]:
    """The same policies; `on_count` is called with their number as they pass."""
    for policy in policies:
        on_count(counts["policies"])
        yield policy


def _complete_manifest(shard: Shard, folder: Path, annotator: Annotator) -> ShardManifest | None:
    """The manifest of a shard that is complete, None where the shard has to be made.

    Where only pages of other shards are new, the manifest is brought up to date.
    """
    path = shard_path(folder, shard.position)
    manifest = read_shard_manifest(shard_manifest_path(path))
    if not manifest or not _is_current(manifest, shard, annotator) or not is_file_of(manifest, path):
        return None
    tally = CorpusTally()
    if not _has_records_of(path, shard, tally, annotator.identity) or manifest.pages != tally.pages:
        return None
    now = msgspec.structs.replace(manifest, **_reading_facts(tally))
    if now != manifest:
        _write_shard_manifest(now, path)
    return now


def _is_current(manifest: ShardManifest, shard: Shard, annotator: Annotator) -> bool:
    """Whether a shard was made by this version and model, of the same paths and options, in the same form."""
    made = manifest.made_by, manifest.model["version"], manifest.model["sha256"], manifest.configuration, manifest.form
    return made == (
        MADE_BY,
        annotator.identity.version,
        annotator.identity.sha256,
        shard.corpus.configuration,
        shard.corpus.form,
    )


def read_shard_manifest(path: Path) -> ShardManifest | None:
    """The manifest of a shard, None where it cannot be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=ShardManifest)
    except (OSError, msgspec.DecodeError):
        return None


def is_file_of(manifest: ShardManifest, path: Path) -> bool:
    """Whether a file is the one that the manifest lists."""
    try:
        return manifest.files == {path.name: size_and_hash(path)}
    except (FileNotFoundError, IsADirectoryError):
        return False


def _has_records_of(path: Path, shard: Shard, tally: CorpusTally, model: ModelIdentity) -> bool:
    """Whether a file has the records of a shard's pages and no others."""
    lines, form = record_lines(path, COMPARED_KEYS), shard.corpus.form
    records_fit = all(is_record_of(next(lines, b""), origin_of(page), model, form) for page in shard.pages(tally))
    return records_fit and not next(lines, b"")
