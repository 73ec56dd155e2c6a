"""Targets to planned captures: entered in the ledger for `run`, or only listed for `captures`."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event

from extractor.errors import (
    ArchivedPolicyError,
    ArchiveError,
    ArchiveStopError,
    ExcludedError,
    NoCapturesError,
    UnreadableError,
)
from extractor.identity import registered_domain
from extractor.progress import Progress
from extractor.records import Snapshot
from extractor.run.collect.fetch import check_stop
from extractor.wayback import (
    DEFAULT_WARC_SIZE,
    Archive,
    CaptureChoice,
    DiscoveryStep,
    Ledger,
    StepStore,
    Target,
    Window,
    choose_for_target,
    find_policy_captures,
    is_shareable,
    with_moved_captures,
)

_log = logging.getLogger(__name__)

# What costs one target and not those beside it; ValueError: a header or address that cannot be parsed
TARGET_ERRORS = (ArchiveError, UnreadableError, ValueError)
# Answers of the archive: there is nothing. All else that goes wrong is a look-up that failed
_EMPTY_ANSWERS = (NoCapturesError, ExcludedError)


DAMAGED = "damaged"  # in `Job.retry`: captures whose bytes in the WARC are not whole


@dataclass(frozen=True, slots=True)
class Job:
    """What to collect: the targets, the time, which captures; and where everything goes."""

    targets: tuple[Target, ...]
    folder: Path
    window: Window = field(default_factory=Window)
    every: str = "half-year"
    archive_name: str = "https://web.archive.org"
    workers: int = 4
    max_fail: float = float("inf")
    contact: str = ""
    lift_ban: bool = False
    retry: tuple[str, ...] = ()  # outcomes of failed captures to ask for again, "all", or DAMAGED
    warc_size: int = DEFAULT_WARC_SIZE

    @property
    def settings(self) -> dict[str, str]:
        """The settings that must not change within a folder."""
        return {
            "archive": self.archive_name,
            "every": self.every,
            "from": self.window.start,
            "to": self.window.end,
        }


@dataclass(slots=True)
class PlanPreview:
    """What `preview_plan` counts.

    `repeated` are captures taken whose digest another one has; `skipped` those passed over, by reason. `problems` are
    the reasons why targets have no captures, `failures` why look-ups failed.
    """

    taken: int = 0
    repeated: int = 0
    skipped: Counter[str] = field(default_factory=Counter)
    malformed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    home_pages: int = 0


def plan_targets(job: Job, archive: Archive, ledger: Ledger, stop: Event, progress: Progress) -> None:
    """Enters the captures of each target in the ledger, or why it has none, or why its look-up failed."""
    ledger.lookups.open_targets(target.name for target in job.targets)
    for done, target in enumerate(job.targets):
        check_stop(stop)
        progress("plan", done, len(job.targets), 0, target.name)
        if not ledger.plan.has_target(target.name):
            _plan_target(job, archive, ledger, target)
    progress("plan", len(job.targets), len(job.targets))


def _plan_target(job: Job, archive: Archive, ledger: Ledger, target: Target) -> None:
    malformed: list[str] = []
    failures: list[ArchiveError] = []
    try:
        choices = _choose_captures(
            archive, target, job, ledger.plan.steps(target.name), malformed=malformed, failures=failures
        )
        ledger.plan.add(target.name, choices, malformed)
        taken = sum(choice.taken for choice in choices)
        _log.info("%s: %d captures to fetch, %d passed over.", target.name, taken, len(choices) - taken)
        if failures:
            ledger.lookups.mark_failed(target.name, _partial_lookup(failures))
    except ArchiveStopError:
        raise
    except _EMPTY_ANSWERS as error:
        _log.info("%s", error)
        ledger.plan.add_malformed(target.name, malformed)
        ledger.plan.add_problem(target.name, str(error))
    except TARGET_ERRORS as error:
        _log.info("%s", error)
        ledger.plan.add_malformed(target.name, malformed)
        ledger.lookups.mark_failed(target.name, _planning_problem(target, error))


def _partial_lookup(failures: list[ArchiveError]) -> str:
    """What was not looked at for a target some of whose captures were found, as sentences."""
    reasons = dict.fromkeys(str(failure) for failure in failures)
    return f"in part; what was found is taken. {' '.join(reasons)}"


def _planning_problem(target: Target, error: Exception) -> str:
    """Why a target could not be planned, as a sentence."""
    return str(error) if isinstance(error, ArchivedPolicyError) else f"{target.name} cannot be planned: {error}."


def describe_failed_lookup(name: str, reason: str) -> str:
    """A sentence on a look-up that failed."""
    return f"The look-up of {name} failed: {reason}"


def _choose_captures(  # noqa: PLR0913 - what a search for a policy has
    archive: Archive, target: Target, job: Job, steps: StepStore, *, malformed: list[str], failures: list[ArchiveError]
) -> list[CaptureChoice]:
    """The captures of a target, each taken or skipped; `failures` gets what failed on the way to them.

    Raises NoCapturesError where none is taken.
    """
    found = find_policy_captures(
        archive,
        target,
        job.window,
        steps,
        malformed.append,
        page_text=_page_text,
        workers=job.workers,
        on_failure=failures.append,
    )
    if job.every == "change" and not target.is_prefix:
        found = with_moved_captures(archive, found, job.window, malformed.append)
    choices = choose_for_target(found, target, job.every)
    if not any(choice.taken for choice in choices):
        if failures:
            raise failures[0]
        raise NoCapturesError(
            f"None of the {len(found)} captures of {target.name} shows a page (status 200): "
            "look at them with `captures --every all`.",
            outcome="no-captures",
        )
    return choices


def _page_text(page: Snapshot) -> str:
    """The characters of a page, read as those of a policy are."""
    from extractor.clean import decode, unpack  # not needed by `status` and `verify`

    return decode(unpack(page).content, page.content_type).text


def preview_plan(job: Job, archive: Archive, preview: PlanPreview) -> Iterator[CaptureChoice]:
    """Each capture of a site once, taken or skipped as the job would.

    `preview` counts them and names targets without any.
    """
    digests: set[str] = set()
    seen: set[tuple[str, ...]] = set()
    for target in job.targets:
        steps: dict[str, DiscoveryStep] = {}
        failures: list[ArchiveError] = []
        try:
            choices = _choose_captures(archive, target, job, steps, malformed=preview.malformed, failures=failures)
        except ArchiveStopError:
            raise
        except _EMPTY_ANSWERS as error:
            preview.problems.append(str(error))
            continue
        except TARGET_ERRORS as error:
            preview.failures.append(describe_failed_lookup(target.name, _planning_problem(target, error)))
            continue
        if failures:
            preview.failures.append(describe_failed_lookup(target.name, _partial_lookup(failures)))
        preview.home_pages += len(steps)
        site = registered_domain(target.name)
        for choice in choices:
            if (site, *choice.capture.key) not in seen:
                _count_choice(choice, preview, digests)
                yield choice
            seen.add((site, *choice.capture.key))


def _count_choice(choice: CaptureChoice, preview: PlanPreview, digests: set[str]) -> None:
    if not choice.taken:
        preview.skipped[choice.why.partition("; ")[0].partition(" nearest ")[0]] += 1
        return
    preview.taken += 1
    if is_shareable(choice.capture):
        preview.repeated += choice.capture.digest in digests
        digests.add(choice.capture.digest)
