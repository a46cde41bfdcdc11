"""Why an operation on jobs is refused, and what to do instead."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class JobRefused(DomainError):
    """An operation that cannot be done as asked; `hint` says what can. Nothing was changed."""

    code = "job-refused"
    title = "Refused"

    def __init__(self, detail: str, *, hint: str = "") -> None:
        super().__init__(detail)
        self.hint = hint


class InvalidJobInput(JobRefused):
    """A value that an operator gave is not acceptable."""

    code = "invalid-job-input"
    title = "Invalid value"


class JobNotFound(JobRefused):
    """No job of that number is known: there was none, or its time of keeping is over."""

    code = "job-not-found"
    title = "No such job"
    status = 404


class WrongJobState(JobRefused):
    """The job is not in a state in which that could be done."""

    code = "wrong-job-state"
    title = "Not now"
    status = 409
