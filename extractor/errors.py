"""The exceptions of this package: one short tree; each message says what happened, to what, and what to do."""

from __future__ import annotations


class ArchivedPolicyError(Exception):
    """The root: every error that a user can meet. `exit_code` is what the command line ends with."""

    exit_code = 1


class UsageError(ArchivedPolicyError):
    """The call itself is off: a target that is no URL, a date that is none."""

    exit_code = 2


class DiskFullError(ArchivedPolicyError):
    """No room left to write to; what was committed so far stands, and the run can be resumed."""

    exit_code = 3


class ConfigurationError(ArchivedPolicyError):
    """Settings that contradict what a folder or a model was made with."""

    exit_code = 4


class ModelError(ConfigurationError):
    """A model that is missing, damaged or of another format version."""


class TooManyFailuresError(ArchivedPolicyError):
    """More captures failed than `--max-fail` allows."""

    exit_code = 5


class InterruptedRunError(ArchivedPolicyError):
    """The user stopped the run; running it again goes on."""

    exit_code = 11


class ArchiveError(ArchivedPolicyError):
    """The archive did not give what was asked for; `outcome` is the one word for it in the ledger."""

    def __init__(self, message: str, *, outcome: str = "no-page") -> None:
        super().__init__(message)
        self.outcome = outcome


class NoCapturesError(ArchiveError):
    """The archive holds no capture of a target in the given time."""


class ExcludedError(ArchiveError):
    """The archive does not show this site: its owner, or its robots.txt, asked for that."""


class TransientError(ArchiveError):
    """A failure that may pass: a timeout, a cut body, a 5xx. `retry_after` is in seconds, None where unknown."""

    def __init__(self, message: str, *, outcome: str = "broken-off", retry_after: float | None = None) -> None:
        super().__init__(message, outcome=outcome)
        self.retry_after = retry_after


class ThrottledError(TransientError):
    """The archive answered 429: every worker has to wait."""


class RefusedError(TransientError):
    """The archive refused the connection: it may have blocked this address."""


class ArchiveStopError(ArchiveError):
    """The archive asked us to stop: a refused connection, or throttling that did not end.

    `reason` says how, in a sentence; `come_back` is the time to ask again at, in seconds since 1970.
    """

    exit_code = 18

    def __init__(self, message: str, *, reason: str, come_back: float) -> None:
        super().__init__(message, outcome="stopped")
        self.reason, self.come_back = reason, come_back


class UnreadableError(ArchivedPolicyError):
    """A file that cannot be read as what it should be."""
