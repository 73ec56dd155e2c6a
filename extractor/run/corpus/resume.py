"""Records written to a file so that an interrupted run goes on where it stopped.

Until all records are there, they are kept in a draft beside the file (`draft.py`). The next run goes through the pages
again and keeps the records at the beginning of the draft that were made from the same pages by the same version and
model. From the first that was not, the draft is written anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from itertools import chain
from pathlib import Path
from typing import NamedTuple, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

from extractor.compact import RecordForm, in_form
from extractor.exports import encode_line, require_writable_form, write_record_file
from extractor.modelcard import ModelIdentity
from extractor.optional import is_page_reader_installed, missing_extra
from extractor.records import Policy, PolicyCapture, Provenance, Snapshot, Source, Verdict
from extractor.run.corpus.draft import BEGINNING, Draft, open_draft
from extractor.run.folder import with_missing_extras
from extractor.run.pipeline import BATCH_SIZE, Annotator, policy_capture, policy_identity
from extractor.version import VERSION

OnCount = Callable[[int], None]
Page = TypeVar("Page")


class Origin(NamedTuple):
    """The fields of a record that describe the page it was made from."""

    id: str
    site: str
    policy: str
    source: Source
    capture: PolicyCapture


class _Record(msgspec.Struct):
    """The part of a record that says what it was made of, and what made it."""

    id: str
    site: str
    policy: str
    source: Source
    capture: PolicyCapture
    verdict: Verdict
    labelled: bool
    provenance: Provenance
    form: str = "full"
    markdown: msgspec.Raw | UnsetType = UNSET


COMPARED_KEYS = ("id", "site", "policy", "source", "capture", "verdict", "labelled", "provenance")  # of any record


def annotate_into(  # noqa: PLR0913 - what to write where, and what is said of it
    path: Path,
    annotator: Annotator,
    pages: Iterable[Snapshot],
    on_count: OnCount,
    *,
    workers: int,
    missing_extras: Counter[str] | None = None,
    form: RecordForm = "full",
) -> int:
    """Writes the policies of pages to a file, whole or not at all, and returns how many there are.

    What an interrupted run left beside the file is used. `on_count` is called with the number of records as it grows;
    pages of this run that were not read for want of an extra are counted in `missing_extras`. Raises ConfigurationError
    where another run writes the same file, or a package to write it is missing.
    """
    require_writable_form(path, form)  # before any work is done
    missing = Counter() if missing_extras is None else missing_extras
    if path.exists() and not path.is_file():  # a pipe or a device has no room beside it for a draft
        found = with_missing_extras(annotator.pipe(pages, workers=workers), missing)
        return write_record_file(_with_count(found, on_count), path, form)
    with open_draft(path) as draft:
        rest, kept = skip_recorded(pages, draft, annotator.identity, origin_of, form)
        policies = with_missing_extras(annotator.pipe(rest, workers=workers, batch_size=BATCH_SIZE), missing)
        number = kept
        for number in append_records(policies, draft, kept, form):
            on_count(number)
        draft.publish()
        return number


def _with_count(policies: Iterable[Policy], on_count: OnCount) -> Iterator[Policy]:
    """The same policies, counted as they pass."""
    for number, policy in enumerate(policies, 1):
        yield policy
        on_count(number)


def skip_recorded(
    pages: Iterable[Page],
    draft: Draft,
    model: ModelIdentity,
    origin_of_page: Callable[[Page], Origin],
    form: RecordForm = "full",
) -> tuple[Iterator[Page], int]:
    """The pages from the first on that has no record in the draft, and how many have one; the rest of the draft is cut.

    A page may be anything of which `origin_of_page` can tell the origin that its record would have.
    """
    rest, lines, kept, place = iter(pages), draft.lines(), 0, BEGINNING
    for page in rest:
        line, end = next(lines, (b"", place))
        if not is_record_of(line, origin_of_page(page), model, form):
            rest = chain([page], rest)
            break
        kept, place = kept + 1, end
    draft.cut(place)
    return rest, kept


def is_record_of(line: bytes, origin: Origin, model: ModelIdentity, form: RecordForm = "full") -> bool:
    """Whether a line is the whole record of a page in a form, made by this version and, if it is labelled, this model.

    A page that was not read for want of an extra is made again once that is installed.
    """
    if not line.endswith(b"\n"):
        return False
    try:
        record = msgspec.json.decode(line, type=_Record)
    except msgspec.DecodeError:
        return False
    made = record.provenance
    return (
        (record.id, record.site, record.policy, record.source, record.capture) == origin
        and _form_of(record) == form
        and made.extractor.partition(" (")[0] == f"archived-policy {VERSION}"
        and not _is_readable_now(record.verdict)
        and (not record.labelled or (made.model, made.model_sha256) == (f"{model.name} {model.version}", model.sha256))
    )


def _form_of(record: _Record) -> str:
    """The form of a record."""
    return "compact with Markdown" if record.form == "compact" and record.markdown is not UNSET else record.form


def _is_readable_now(verdict: Verdict) -> bool:
    """Whether a page was not read for want of an extra that is installed by now."""
    extra = missing_extra(verdict.reasons)
    return bool(extra) and is_page_reader_installed(extra)


def origin_of(page: Snapshot) -> Origin:
    """The origin that the record of a page has."""
    return Origin(page.id, *policy_identity(page), page.source, policy_capture(page))


def append_records(policies: Iterable[Policy], draft: Draft, kept: int, form: RecordForm = "full") -> Iterator[int]:
    """Writes policies to the end of a draft that has `kept` records; yields how many there are after each."""
    for number, policy in enumerate(policies, kept + 1):
        draft.append(encode_line(in_form(policy, form)))
        yield number
