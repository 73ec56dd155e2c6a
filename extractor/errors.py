"""The exceptions of this package. Each message says what happened, to what, and what to do."""

from __future__ import annotations


class ArchivedPolicyError(Exception):
    """The base class of all errors that a user can meet. `exit_code` is the exit code of the command line."""

    exit_code = 1


class UsageError(ArchivedPolicyError):
    """A wrong argument or option, such as a target that is no URL."""

    exit_code = 2


class DiskFullError(ArchivedPolicyError):
    """The disk is full. What was committed so far is kept, and the run can be resumed."""

    exit_code = 3


class ConfigurationError(ArchivedPolicyError):
    """Settings that contradict those of a folder or model, or a missing optional package."""

    exit_code = 4


class ModelError(ConfigurationError):
    """A model that is missing, damaged or of another format version."""


class TooManyFailuresError(ArchivedPolicyError):
    """More captures failed than `--max-fail` allows."""

    exit_code = 5


class InterruptedRunError(ArchivedPolicyError):
    """The user stopped the run. It can be resumed."""

    exit_code = 11


class ArchiveError(ArchivedPolicyError):
    """The archive did not return what was requested. `outcome` is the word for it in the ledger.

    `answer` is what the archive answered, in a few words; answers to different requests that are alike have the same.
    """

    def __init__(self, message: str, *, outcome: str = "no-page", answer: str = "") -> None:
        super().__init__(message)
        self.outcome, self.answer = outcome, answer


class NoCapturesError(ArchiveError):
    """The archive has no capture of a target in the given period."""


class ExcludedError(ArchiveError):
    """The archive does not show this site, because its owner or its robots.txt excluded it."""


class UnconfirmedError(ArchiveError):
    """An answer that counts once the archive has given it twice, such as a 404: servers before it make mistakes."""


class TransientError(ArchiveError):
    """A failure that may pass: a timeout, a truncated body, a 5xx. `retry_after` is in seconds, None if unknown."""

    def __init__(
        self, message: str, *, outcome: str = "broken-off", answer: str = "", retry_after: float | None = None
    ) -> None:
        super().__init__(message, outcome=outcome, answer=answer)
        self.retry_after = retry_after


class ThrottledError(TransientError):
    """The archive answered 429. All workers have to wait."""


class RefusedError(TransientError):
    """The archive refused the connection. It may have blocked this address."""


class ArchiveStopError(ArchiveError):
    """The archive made us stop: it refused connections, its throttling did not end, or it is out of order.

    `reason` is a sentence; `come_back` is the time to try again, in seconds since 1970. What failed after
    `failing_since`, in seconds since 1970 as well, failed because the archive is out of order.
    """

    exit_code = 18

    def __init__(self, message: str, *, reason: str, come_back: float) -> None:
        super().__init__(message, outcome="stopped")
        self.reason, self.come_back = reason, come_back
        self.failing_since = float("inf")


class UnreadableError(ArchivedPolicyError):
    """A file that cannot be read, or not in the format it should have."""
