"""Why an operation on events is refused, and what to do instead."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches

from meishi.sdk.contract import DomainError


class OperationRefused(DomainError):
    """An operation that cannot be done as asked; `hint` says what can. Nothing was changed."""

    code = "operation-refused"
    title = "Refused"

    def __init__(self, detail: str, *, hint: str = "") -> None:
        super().__init__(detail)
        self.hint = hint


class InvalidInput(OperationRefused):
    """A value that an operator gave is not acceptable."""

    code = "invalid-input"
    title = "Invalid value"


class UnknownSubscription(OperationRefused):
    """No subscription of that name is known to the database."""

    code = "unknown-subscription"
    title = "No such subscription"
    status = 404


class NotParked(OperationRefused):
    """The event, or the key, is not parked: it is delivered, on its way, or was never there."""

    code = "not-parked"
    title = "Not parked"
    status = 404


class WrongState(OperationRefused):
    """What is to be changed is not in a state in which that could be done."""

    code = "wrong-state"
    title = "Not now"
    status = 409


class ReplayRefused(OperationRefused):
    """Old events must not, or can not, be delivered once more."""

    code = "replay-refused"
    title = "Replay refused"
    status = 409


class ResetFailed(OperationRefused):
    """A plugin could not empty its tables before a rebuild; nothing was changed."""

    code = "reset-failed"
    title = "Reset failed"
    status = 409


def unknown_name(name: str, known: Sequence[str], listing: str) -> str:
    """Return a hint for a name that is not among the known ones; `listing` shows those."""
    close = get_close_matches(name, known, n=1)
    return f"Did you mean {close[0]!r}?" if close else listing
