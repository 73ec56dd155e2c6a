"""`sample` and `audit`: a sample of a run folder for blind raters, and the model's error rates by their answers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import chain
from pathlib import Path
from typing import Any, cast

import msgspec

from extractor.audit import (
    Audit,
    AuditItem,
    DrawnItem,
    JudgedItem,
    RaterAnswers,
    Sample,
    Stratum,
    Unit,
    audit_rows,
    draw_sample,
    read_answers,
    read_json_record,
    span_of,
    stratum_counts,
    write_json_record,
)
from extractor.errors import UsageError
from extractor.exports import HEADING_SEPARATOR, write_rater_csv, write_rater_tasks
from extractor.history import histories, representative_captures
from extractor.progress import Progress, no_progress
from extractor.records import PRACTICES, Policy, Practice, Segment
from extractor.run.folder import read_by_policy, read_by_site, read_records
from extractor.version import VERSION

_DESIGN, _SHEET, _TASKS, _AUDIT = "design.json", "sheet.csv", "tasks.json", "audit.json"


class _StratumRow(msgspec.Struct, frozen=True):
    """A stratum in `design.json`: the number of its texts, and of those that were drawn for any practice."""

    span: str
    practice: Practice
    band: str
    size: int
    judged: int


class _DesignItem(msgspec.Struct, frozen=True):
    """A drawn text in `design.json`: its place, its chance of being drawn, and the model's labels and scores."""

    id: str
    place: str
    span: str
    chance: float
    weight: float
    practices: frozenset[Practice]
    scores: dict[Practice, float]


class _Design(msgspec.Struct, frozen=True):
    """`design.json`: how a sample was drawn. Raters must not see it."""

    made_by: str
    unit: Unit
    per_stratum: int
    years: int
    seed: int
    model: str
    model_sha256: str
    strata: tuple[_StratumRow, ...]
    items: tuple[_DesignItem, ...]
    policy: str = ""


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """How to draw a sample: the number of texts from each stratum, the unit, the years of a span, and the seed.

    `policy` is the name of the only policy or site to draw from, "" for all.
    """

    per_stratum: int
    unit: Unit = "segments"
    years: int = 5
    seed: int = 0
    policy: str = ""


def write_sample(place: Path, out: Path, plan: SamplePlan, progress: Progress = no_progress) -> str:
    """Draws a sample of a run folder or file of records and returns a line on it.

    Writes the sheet, the same as tasks for Label Studio, and the design, which raters must not see. Raises
    UnreadableError if the records are damaged, UsageError if there is nothing to draw or a sample in `out` already.
    """
    if (out / _DESIGN).exists():
        raise UsageError(f"{out} holds a sample already, which raters may be working on: name another folder with -o.")
    models: set[tuple[str, str]] = set()
    sample = draw_sample(_with_progress(_items_in(place, plan, models), progress), plan.per_stratum, plan.seed)
    if not sample.items:
        raise UsageError(f"{place} has no usable, labelled text to draw.")
    design = _design_of(sample, plan, *_single_model(models, place))
    out.mkdir(parents=True, exist_ok=True)
    rows = [_sheet_row(drawn) for drawn in sample.items]
    write_rater_csv(rows, out / _SHEET)
    write_rater_tasks(rows, out / _TASKS)
    write_json_record(out / _DESIGN, design)
    return (
        f"{len(rows)} of {_population(sample):,} {plan.unit} drawn from {len(sample.sizes)} strata: {out / _SHEET} (or "
        f"{out / _TASKS}) is for the raters, {out / _DESIGN} is not."
    )


def _with_progress(items: Iterable[AuditItem], progress: Progress) -> Iterator[AuditItem]:
    """The same texts; reports how many were read."""
    for number, item in enumerate(items, 1):
        yield item
        progress("sample", number, 0)


def _population(sample: Sample) -> int:
    """The number of texts that the sample was drawn from; each is in one stratum of each practice."""
    return sum(size for stratum, size in sample.sizes.items() if stratum.practice == PRACTICES[0])


def _single_model(models: set[tuple[str, str]], place: Path) -> tuple[str, str]:
    """The name and hash of the model. Raises UsageError if there are several: their errors differ."""
    if len(models) > 1:
        raise UsageError(f"The records in {place} are by {len(models)} models: audit those of each separately.")
    return next(iter(models))


def _items_in(place: Path, plan: SamplePlan, models: set[tuple[str, str]]) -> Iterator[AuditItem]:
    """The texts that can be drawn: usable and labelled. Their models are added to `models`."""
    if plan.unit == "sites":
        yield from _site_items(place, plan, models)
        return
    seen: set[str] = set()
    policies = chain.from_iterable(read_by_policy(place, plan.policy)) if plan.policy else read_records(place)
    for policy in policies:
        if policy.verdict.usable and policy.labelled and policy.id not in seen:
            seen.add(policy.id)
            models.add(_model_of(policy))
            yield from (_segment_item(policy, segment, plan.years) for segment in policy.segments)


def _model_of(policy: Policy) -> tuple[str, str]:
    """The name and hash of the model that labelled a policy."""
    return policy.provenance.model, policy.provenance.model_sha256


def _segment_item(policy: Policy, segment: Segment, years: int) -> AuditItem:
    """A segment as an item."""
    return AuditItem(
        f"{policy.id}#{segment.index}",
        span_of(policy.capture.timestamp, years),
        frozenset(segment.practices),
        _scores_of([segment]),
        segment.text,
        segment.headings,
        segment.context,
    )


def _scores_of(segments: Iterable[Segment]) -> dict[Practice, float]:
    """The highest score of each practice."""
    rows = [segment.scores for segment in segments]
    return {name: max((row[name] for row in rows), default=0.0) for name in PRACTICES}


def _site_items(place: Path, plan: SamplePlan, models: set[tuple[str, str]]) -> Iterator[AuditItem]:
    """Each site in each half-year: the policies that represent it in `history`, with the practices found there."""
    for site in read_by_site(place, plan.policy):
        records = {policy.id: policy for policy in site if policy.verdict.usable and policy.labelled}
        observations = [capture for history in histories(site) for capture in history.observations]
        for period, captures in representative_captures(observations):
            policies = [records[capture.record] for capture in captures]
            models.update(map(_model_of, policies))
            yield AuditItem(
                f"{captures[0].site}#{period}",
                span_of(period, plan.years),
                frozenset[Practice]().union(*(capture.practices for capture in captures)),
                _scores_of(segment for policy in policies for segment in policy.segments),
                "\n\n".join(policy.text for policy in policies),
            )


def _sheet_row(drawn: DrawnItem) -> dict[str, Any]:
    """The columns that raters see: no label or score, and no site or time, which might hint at them."""
    item = drawn.item
    return {
        "id": drawn.id,
        "headings": HEADING_SEPARATOR.join(item.headings),
        "context": item.context,
        "text": item.text,
    }


def _design_of(sample: Sample, plan: SamplePlan, model: str, sha256: str) -> _Design:
    """The design of a sample."""
    return _Design(
        f"archived-policy {VERSION}",
        **asdict(plan),
        model=model,
        model_sha256=sha256,
        strata=tuple(_StratumRow(*stratum, size, judged) for stratum, size, judged in stratum_counts(sample)),
        items=tuple(
            _DesignItem(
                drawn.id,
                drawn.item.place,
                drawn.item.span,
                round(drawn.chance, 6),
                round(1 / drawn.chance, 4),
                drawn.item.practices,
                dict(drawn.item.scores),
            )
            for drawn in sample.items
        ),
    )


def audit_sample(place: Path, sheets: Sequence[Path], out: Path | None = None, policy: str = "") -> Audit:
    """Audits the model by the answers in sheets or exports; writes the audit to `out`, or `audit.json` by the design.

    `place` is the folder of the sample, or the run folder that has it in `audit/`. Raises UnreadableError; UsageError
    if the sample was not drawn from the `policy` that is named.
    """
    folder = next((candidate for candidate in (place, place / "audit") if (candidate / _DESIGN).is_file()), place)
    design = read_json_record(folder / _DESIGN, _Design, "draw one with `sample`")
    if policy not in ("", design.policy):
        drawn = design.policy or "all policies"
        raise UsageError(
            f"The sample in {folder} is of {drawn}, not of {policy}: draw one with `sample --policy NAME -o OUT`."
        )
    answers = read_answers(sheets, [item.id for item in design.items])
    audit = _audit_of(design, answers)
    write_json_record(out or folder / _AUDIT, audit)
    return audit


def _audit_of(design: _Design, answers: RaterAnswers) -> Audit:
    """The audit of a sample by the answers."""
    judged = [_judged_item(item, answers) for item in design.items]
    sizes = {Stratum(row.span, row.practice, cast(Any, row.band)): row.size for row in design.strata}
    return Audit(
        f"archived-policy {VERSION}",
        design.unit,
        design.years,
        design.seed,
        design.model,
        design.model_sha256,
        answers.raters,
        len(judged),
        tuple(audit_rows(judged, sizes)),
    )


def _judged_item(item: _DesignItem, answers: RaterAnswers) -> JudgedItem:
    """A drawn text with its answers."""
    by_rater: Mapping[str, frozenset[Practice]] = answers.by_rater.get(item.id, {})
    return JudgedItem(
        item.span, 1 / item.chance, item.practices, item.scores, by_rater, answers.adjudicated.get(item.id)
    )
