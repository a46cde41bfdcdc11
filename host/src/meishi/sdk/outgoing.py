"""Asking servers outside, such that nobody is led inside."""

from __future__ import annotations

from meishi.context import current_scope
from meishi.outgoing.errors import (
    AddressRefused,
    AnswerRefused,
    EndpointUnavailable,
    OutgoingError,
)
from meishi.outgoing.message import OutgoingAnswer, OutgoingRequest

__all__ = [
    "AddressRefused",
    "AnswerRefused",
    "EndpointUnavailable",
    "OutgoingAnswer",
    "OutgoingError",
    "OutgoingRequest",
    "send",
]


def send(request: OutgoingRequest, *, setting: str | None = None) -> OutgoingAnswer:
    """Send a request of the running plugin, and return the answer, whatever its status.

    Only public addresses are called, on ports 80 and 443, and hosts that the operator has listed in
    `outgoing_hosts`. `setting` names one of the plugin's own settings in which the operator wrote
    a URL: what has its origin is called as well, be it on this machine.
    Redirects are not followed. Send from a job, with no transaction open: an answer takes its time.

    :raises AddressRefused: if the plugin must not call it
    :raises AnswerRefused: if the answer is a redirect, too large or compressed
    :raises EndpointUnavailable: if the server cannot be reached or cannot answer now
    """
    scope = current_scope()
    return scope.host.sender.send(scope.work.plugin, request, setting=setting)
