"""`sample` and `audit`: texts of a run folder for blind raters, and what their answers say of the model's labels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, cast

import msgspec

from extractor.audit import (
    Answers,
    Audit,
    Drawn,
    Item,
    Judged,
    Sample,
    Stratum,
    Unit,
    draw,
    read_answers,
    read_json,
    rows_of,
    span_of,
    strata_in,
    write_json,
)
from extractor.errors import UsageError
from extractor.exports.blind import write_sheet, write_tasks
from extractor.exports.lines import HEADING_BORDER
from extractor.history import chosen_captures, histories
from extractor.records import PRACTICES, Policy, Practice, Segment
from extractor.run.folder import read_by_site, read_records
from extractor.version import VERSION

_DESIGN, _SHEET, _TASKS, _AUDIT = "design.json", "sheet.csv", "tasks.json", "audit.json"


class _StratumRow(msgspec.Struct, frozen=True):
    """A stratum in `design.json`: its number of texts, and of those that were drawn for whatever practice."""

    span: str
    practice: Practice
    band: str
    size: int
    judged: int


class _DesignItem(msgspec.Struct, frozen=True):
    """A drawn text in `design.json`: where it stands, its chance of being drawn, and what the model says of it."""

    id: str
    place: str
    span: str
    chance: float
    weight: float
    practices: frozenset[Practice]
    scores: dict[Practice, float]


class _Design(msgspec.Struct, frozen=True):
    """`design.json`: how a sample was drawn. Raters are not to see it."""

    made_by: str
    unit: Unit
    per_stratum: int
    years: int
    seed: int
    model: str
    model_sha256: str
    strata: tuple[_StratumRow, ...]
    items: tuple[_DesignItem, ...]


@dataclass(frozen=True, slots=True)
class SamplePlan:
    """How to draw: the unit, how many from each stratum, the years of a span, and the seed."""

    per_stratum: int
    unit: Unit = "segments"
    years: int = 5
    seed: int = 0


def write_sample(place: Path, out: Path, plan: SamplePlan) -> str:
    """Draws a sample of a run folder or file of records; gives a line on it.

    Writes the sheet, the same as tasks of Label Studio, and the design, which raters are not to see. Raises
    UnreadableError where the records are damaged, UsageError where there is nothing to draw, or a sample in `out`
    already, which raters may be at work on.
    """
    if (out / _DESIGN).exists():
        raise UsageError(f"{out} holds a sample already, which raters may be at work on: name another folder with -o.")
    makers: set[tuple[str, str]] = set()
    sample = draw(_items_of(place, plan, makers), plan.per_stratum, plan.seed)
    if not sample.drawn:
        raise UsageError(f"{place} has no usable, labelled text to draw.")
    design = _design_of(sample, plan, *_one_model(makers, place))
    out.mkdir(parents=True, exist_ok=True)
    rows = [_shown(one) for one in sample.drawn]
    write_sheet(rows, out / _SHEET)
    write_tasks(rows, out / _TASKS)
    write_json(design, out / _DESIGN)
    return (
        f"{len(rows)} of {_population(sample):,} {plan.unit} drawn from {len(sample.sizes)} strata: {out / _SHEET} (or "
        f"{out / _TASKS}) is for the raters, {out / _DESIGN} is not."
    )


def _population(sample: Sample) -> int:
    """The number of texts that were drawn from: each lies in one stratum of each practice."""
    return sum(size for stratum, size in sample.sizes.items() if stratum.practice == PRACTICES[0])


def _one_model(makers: set[tuple[str, str]], place: Path) -> tuple[str, str]:
    """The name and the hash of the model. Raises UsageError where there are several, whose errors differ."""
    if len(makers) > 1:
        raise UsageError(f"The records in {place} are by {len(makers)} models: audit those of one by themselves.")
    return next(iter(makers))


def _items_of(place: Path, plan: SamplePlan, makers: set[tuple[str, str]]) -> Iterator[Item]:
    """What can be drawn: usable and labelled; who made it is added to `makers` on the way."""
    if plan.unit == "sites":
        yield from _site_items(place, plan.years, makers)
        return
    seen: set[str] = set()
    for policy in read_records(place):
        if policy.verdict.usable and policy.labelled and policy.id not in seen:
            seen.add(policy.id)
            makers.add(_maker(policy))
            yield from (_segment_item(policy, segment, plan.years) for segment in policy.segments)


def _maker(policy: Policy) -> tuple[str, str]:
    """The model that labelled a policy, and its hash."""
    return policy.provenance.model, policy.provenance.model_sha256


def _segment_item(policy: Policy, segment: Segment, years: int) -> Item:
    """A segment as something to draw."""
    return Item(
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


def _site_items(place: Path, years: int, makers: set[tuple[str, str]]) -> Iterator[Item]:
    """Each site in each half-year: the policies that speak for it in `history`, and the practices found there."""
    for site in read_by_site(place):
        found = list(histories(site))
        texts = {(one.line.policy, policy.capture.timestamp): policy for one in found for policy in one.line.captures}
        for period, captures in chosen_captures([seen for one in found for seen in one.observations]):
            policies = [texts[seen.policy, seen.timestamp] for seen in captures]
            makers.update(map(_maker, policies))
            yield Item(
                f"{captures[0].domain}#{period}",
                span_of(period, years),
                frozenset[Practice]().union(*(seen.practices for seen in captures)),
                _scores_of(segment for policy in policies for segment in policy.segments),
                "\n\n".join(policy.text for policy in policies),
            )


def _shown(one: Drawn) -> dict[str, Any]:
    """What raters are shown of a text: neither label nor score, nor site or time, which might hint at them."""
    item = one.item
    return {"id": one.id, "headings": HEADING_BORDER.join(item.headings), "context": item.context, "text": item.text}


def _design_of(sample: Sample, plan: SamplePlan, model: str, sha256: str) -> _Design:
    """The design of a sample."""
    return _Design(
        f"archived-policy {VERSION}",
        **asdict(plan),
        model=model,
        model_sha256=sha256,
        strata=tuple(_StratumRow(*stratum, size, judged) for stratum, size, judged in strata_in(sample)),
        items=tuple(
            _DesignItem(
                one.id,
                one.item.place,
                one.item.span,
                round(one.chance, 6),
                round(1 / one.chance, 4),
                one.item.practices,
                dict(one.item.scores),
            )
            for one in sample.drawn
        ),
    )


def audit_sample(place: Path, sheets: Sequence[Path], out: Path | None = None) -> Audit:
    """What the answers in some sheets or exports say of the model; written as `audit.json` beside the design.

    `place` is the sample's folder, or the run folder that has it in `audit/`. Raises UnreadableError.
    """
    folder = next((one for one in (place, place / "audit") if (one / _DESIGN).is_file()), place)
    design = read_json(folder / _DESIGN, _Design, "draw one with `sample`")
    answers = read_answers(sheets, [item.id for item in design.items])
    audit = _audit_of(design, answers)
    write_json(audit, out or folder / _AUDIT)
    return audit


def _audit_of(design: _Design, answers: Answers) -> Audit:
    """The audit of a sample by its answers."""
    judged = [_judged_of(item, answers) for item in design.items]
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
        tuple(rows_of(judged, sizes)),
    )


def _judged_of(item: _DesignItem, answers: Answers) -> Judged:
    """A text with its answers."""
    given: Mapping[str, frozenset[Practice]] = answers.given.get(item.id, {})
    return Judged(item.span, 1 / item.chance, item.practices, item.scores, given, answers.settled.get(item.id))
