"""One shard of a corpus that is annotated in shares: temporary file → fsync → rename → manifest.

A shard is complete when its manifest is there and holds: the same corpus, version and model, the file with that hash,
and records of the same bytes as the corpus has now. A complete one is skipped, any other is made from its beginning.
Nobody waits for a lock, which network file systems do not keep: two that make one shard write the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from extractor.corpora import Wanted
from extractor.errors import UnreadableError, UsageError
from extractor.exports import write_jsonl
from extractor.records import Policy, Snapshot
from extractor.run.corpus.pages import Share, Tally, known_format, read_paths
from extractor.run.corpus.resume import is_record_of
from extractor.run.folder.manifest import COUNTED, MADE_BY, counted, fingerprint, made_with, write_json
from extractor.run.pipeline.annotator import TOGETHER, Annotator

SHARDS = "shards"  # the folder in the output folder
_Count = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Corpus:
    """What is annotated: the paths and what is asked for there. `strict` ends with the first that cannot be read."""

    paths: tuple[Path, ...]
    wanted: Wanted = field(default_factory=Wanted)
    form: str = ""
    strict: bool = False

    @property
    def configuration(self) -> dict[str, Any]:
        """What decides which pages the corpus has, for a manifest."""
        wanted = self.wanted
        return {
            "paths": list(map(str, self.paths)),
            "format": self.form,
            "documents": list(wanted.documents),
            "url_pattern": wanted.url_pattern,
            "text_column": wanted.text_column,
            "sidecar": str(wanted.sidecar or ""),
        }


@dataclass(frozen=True, slots=True)
class Shard:
    """A share of a corpus."""

    corpus: Corpus
    share: Share

    def __str__(self) -> str:
        return f"Shard {self.share.number} of {self.share.of}"

    def pages(self, tally: Tally) -> Iterator[Snapshot]:
        """The pages of the shard."""
        corpus = self.corpus
        return read_paths(corpus.paths, tally, corpus.wanted, form=corpus.form, strict=corpus.strict, share=self.share)


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """The manifest of a shard.

    `corpus` is a hash of the names of all `parts` of the corpus, `pages` how many pages each part of this shard gave,
    `unread` what could not be read, `empty` the paths without a page, `files` the shard with its size and hash.
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


class Done(NamedTuple):
    """A shard that is complete, and whether it was before."""

    made: Made
    kept: bool


def shards_of(corpus: Corpus, folder: Path, of: int) -> list[Shard]:
    """The shards of a corpus, to be made in a folder.

    Raises UsageError where the folder is none to use, UnreadableError where one of the paths is not there.
    """
    known_format(corpus.form)
    if (folder / "ledger.sqlite").exists():
        raise UsageError(f"{folder} is a run folder: name another one for the shards.")
    for path in corpus.paths:
        _check_path(path)
        if folder.resolve().is_relative_to(path.resolve()):
            raise UsageError(f"{folder} lies in {path}, where pages are read from: name a folder outside.")
    return [Shard(corpus, Share(number, of)) for number in range(1, of + 1)]


def _check_path(path: Path) -> None:
    """Raises UnreadableError where there is nothing at a path: a machine that lacks the shared file system."""
    if not path.exists():
        raise UnreadableError(
            f"There is no file or folder {path}: check the path, which every machine has to reach by that name."
        )


def shard_path(folder: Path, share: Share) -> Path:
    """Where a shard lies; its manifest lies beside it, with .json for its ending.

    >>> shard_path(Path("out"), Share(3, 8)).as_posix()
    'out/shards/00003-of-00008.jsonl'
    """
    return folder / SHARDS / f"{share.number:05}-of-{share.of:05}.jsonl"


def process_shard(
    shard: Shard, folder: Path, annotator: Annotator, *, workers: int = 1, count: _Count = lambda _: None
) -> Done:
    """Makes a shard in a folder, unless it is complete. `count` hears how many records there are as it goes on.

    Raises UnreadableError where one of the paths is not there, and where the corpus is strict.
    """
    for path in shard.corpus.paths:
        _check_path(path)
    if made := _complete(shard, folder, annotator):
        return Done(made, kept=True)
    return Done(_make(shard, folder, annotator, workers, count), kept=False)


def _make(shard: Shard, folder: Path, annotator: Annotator, workers: int, count: _Count) -> Made:
    """Writes a shard, then its manifest."""
    path, tally, counts = shard_path(folder, shard.share), Tally(), dict.fromkeys(COUNTED, 0)
    path.parent.mkdir(parents=True, exist_ok=True)
    policies = counted(annotator.pipe(shard.pages(tally), workers=workers, together=TOGETHER), counts)
    write_jsonl(_heard(policies, counts, count), path)
    made = Made(
        shard=shard.share.number,
        shards=shard.share.of,
        **made_with(annotator.model),
        configuration=shard.corpus.configuration,
        **_findings(tally),
        records=counts,
        files={path.name: fingerprint(path)},
    )
    _write_made(made, path)
    return made


def _findings(tally: Tally) -> dict[str, Any]:
    """What reading a shard's pages tells of the corpus, for its manifest."""
    return {
        "corpus": tally.names.hexdigest(),
        "parts": tally.parts,
        "pages": tally.pages,
        "unread": tally.unread,
        "empty": list(map(str, tally.empty)),
    }


def _write_made(made: Made, path: Path) -> None:
    """Writes the manifest of a shard beside it."""
    write_json(path.with_suffix(".json"), msgspec.to_builtins(made))


def _heard(policies: Iterable[Policy], counts: dict[str, int], count: _Count) -> Iterator[Policy]:
    """The policies, told to `count` as they pass."""
    for policy in policies:
        count(counts["policies"])
        yield policy


def _complete(shard: Shard, folder: Path, annotator: Annotator) -> Made | None:
    """The manifest of a shard that is complete, None where it has to be made.

    Where only other shards' pages are new, it says so from now on.
    """
    path = shard_path(folder, shard.share)
    made = read_made(path.with_suffix(".json"))
    if not made or not _is_current(made, shard, annotator) or not is_whole(made, path):
        return None
    tally = Tally()
    if not _holds(path, shard.pages(tally)) or made.pages != tally.pages:
        return None
    now = msgspec.structs.replace(made, **_findings(tally))
    if now != made:
        _write_made(now, path)
    return now


def _is_current(made: Made, shard: Shard, annotator: Annotator) -> bool:
    """Whether a shard was made by this version and this model, of what is asked for."""
    return (made.made_by, made.model["version"], made.model["sha256"], made.configuration) == (
        MADE_BY,
        annotator.model.version,
        annotator.model.sha256,
        shard.corpus.configuration,
    )


def read_made(path: Path) -> Made | None:
    """The manifest in a file, None where there is none that can be read."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=Made)
    except (OSError, msgspec.DecodeError):
        return None


def is_whole(made: Made, path: Path) -> bool:
    """Whether a shard is the file that its manifest names."""
    return path.is_file() and made.files == {path.name: fingerprint(path)}


def _holds(path: Path, pages: Iterator[Snapshot]) -> bool:
    """Whether a shard has the records of these pages and no others, told by their bytes."""
    with path.open("rb") as lines:
        return all(is_record_of(lines.readline(), page) for page in pages) and not lines.readline()
