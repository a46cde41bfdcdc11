"""Calls from one service to another: the main deployment, which knows both, passes them on."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import request

from meishi.calls.elsewhere import Answer, CallName
from meishi.calls.rules import ContractMethod, contract_methods
from meishi.host import Host
from meishi.placement import Placement
from meishi.remote.wire import ACTING, CALL_KEY, SECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class MethodElsewhere:
    """A method of a plugin that runs as a service, and where that is."""

    method: ContractMethod
    placement: Placement


def method_elsewhere(host: Host, name: CallName) -> MethodElsewhere | None:
    """Return what is called so at a service of the main deployment, None if nothing is.

    A service passes nothing on: whoever calls it means what it has.
    """
    if host.settings.only or not host.plugins.is_active(name.plugin):
        return None
    contribution = host.plugins.contributions[name.plugin]
    if contribution.placement is None:
        return None
    for service in contribution.services:
        if service.protocol.__name__ == name.protocol:
            method = contract_methods(service.protocol).get(name.method)
            if method is not None:
                return MethodElsewhere(method=method, placement=contribution.placement)
    return None


def pass_on(
    host: Host, name: CallName, there: MethodElsewhere, key: UUID | None, document: bytes
) -> Answer:
    """Have a call done for the same person, in the same workspace and under the same key.

    It takes no longer than who calls waits, and nothing is held of the database meanwhile.

    :raises RemoteCallError: if there is no answer
    """
    host.refuse_held(name.plugin)
    told = [(ACTING, request.headers[ACTING])]
    if key is not None:
        told.append((CALL_KEY, str(key)))
    seconds = min(there.placement.seconds, _patience())
    return host.ways.to(there.placement, seconds).pass_on(name, there.method, told, document)


def _patience() -> float:
    """Return how long who calls waits, in seconds; without limit if that is not told."""
    try:
        return max(0.001, float(request.headers.get(SECONDS, "inf")))
    except ValueError:
        return float("inf")
