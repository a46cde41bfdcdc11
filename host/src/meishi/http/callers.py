"""Who calls: whom a token belongs to is asked of identity, and remembered for a moment."""

from __future__ import annotations

import hashlib
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple
from uuid import UUID

from flask import Flask, current_app, request
from werkzeug.exceptions import BadRequest

from meishi.context import Actor
from meishi.core.identity.contract import Tokens
from meishi.host import Host
from meishi.http.cookies import SESSION_COOKIE, cookie
from meishi.http.forgery import refuse_forged_request
from meishi.http.limits.rates import rate_limits
from meishi.http.problems import Unauthenticated
from meishi.http.sessions import actor_of, session_of_request
from meishi.refusals import Forbidden
from meishi.remote.neighbours import Neighbours
from meishi.remote.wire import ACTING, Acting, UnreadableHeader, read_acting

BEARER = "bearer"

#: Where an application keeps who has called, and which other processes may.
CALLERS, NEIGHBOURS = "meishi_callers", "meishi_neighbours"

#: How many callers one process remembers; beyond that it forgets who was found out first.
CAPACITY = 10_000


class Caller(NamedTuple):
    """Who calls, and in which workspace."""

    actor: Actor
    workspace: UUID


class Callers:
    """Finds out whom tokens belong to; `elapsed` is a clock that only goes forward, in seconds.

    What was found is good for so many `seconds`, so a token that was ended, or may do
    less than before, is refused that much later at most. Who is unknown is asked for each time.
    """

    def __init__(
        self,
        host: Host,
        *,
        seconds: float,
        elapsed: Callable[[], float] = time.monotonic,
        capacity: int = CAPACITY,
    ) -> None:
        self._host = host
        self._capacity = capacity
        self._elapsed = elapsed
        self._seconds = seconds
        self._known: OrderedDict[bytes, tuple[float, Caller]] = OrderedDict()
        self._lock = threading.Lock()

    def identify(self, header: str) -> Caller:
        """Return who sends an `Authorization` header; raise `Unauthenticated` for nobody."""
        scheme, _, secret = header.partition(" ")
        if scheme.lower() != BEARER:
            raise Unauthenticated("Send an API token: `Authorization: Bearer msh_…`.")
        secret = secret.strip()
        # Secrets do not lie about in memory longer than their requests.
        key = hashlib.sha256(secret.encode()).digest()
        now = self._elapsed()
        until, caller = self._known.get(key, (now, None))
        if caller is None or until <= now:
            caller = self._asked(secret)
            self._remember(key, now + self._seconds, caller)
        return caller

    def _asked(self, secret: str) -> Caller:
        principal = self._host.calls.get(Tokens).resolve(secret)
        if principal is None:
            raise Unauthenticated("The token is unknown, expired or revoked.")
        if principal.stale:
            self._host.calls.get(Tokens).note_use(secret)
        permissions = self._host.permissions_of(principal.role, operator=principal.operator)
        if principal.scopes is not None:
            permissions &= principal.scopes
        actor = Actor(
            user_id=principal.user_id, token_id=principal.token_id, permissions=permissions
        )
        return Caller(actor, principal.workspace_id)

    def _remember(self, key: bytes, until: float, caller: Caller) -> None:
        with self._lock:
            self._known[key] = until, caller
            self._known.move_to_end(key)
            if len(self._known) > self._capacity:
                self._known.popitem(last=False)


def install_callers(app: Flask, host: Host) -> None:
    """Let an application find out who calls."""
    seconds = host.settings.token_memory_milliseconds / 1000
    app.extensions[CALLERS] = Callers(host, seconds=seconds)
    app.extensions[NEIGHBOURS] = Neighbours(host.settings)


def identify() -> Caller:
    """Return who calls; the request is counted as theirs, or as a stranger's.

    Raises `Unauthenticated`, or `RateLimited` for who has asked too often.
    """
    neighbour = _handed_on()
    if neighbour is not None:
        return neighbour
    callers: Callers = current_app.extensions[CALLERS]
    header = request.headers.get("Authorization")
    try:
        if _is_service():
            raise Unauthenticated("This service answers the main deployment alone.")
        if header is None and cookie(SESSION_COOKIE) is not None:
            caller = _signed_in()
        else:
            caller = callers.identify(header or "")
    except Unauthenticated:
        rate_limits().charge_stranger()
        raise
    holder = caller.actor.token_id or caller.actor.session_id
    assert holder is not None
    rate_limits().charge_caller(holder, caller.workspace)
    return caller


def acting_at_main() -> Acting | None:
    """Return for whom the main deployment hands a request on; None for any other request."""
    if ACTING not in request.headers:
        return None
    neighbours: Neighbours = current_app.extensions[NEIGHBOURS]
    if not any(one.plugin is None for one in neighbours.of(bearer_token())):
        return None
    return acting_of_request()


def _handed_on() -> Caller | None:
    """Return for whom a request of the web API is handed on, who is in a workspace then."""
    acting = acting_at_main()
    if acting is None:
        return None
    if acting.workspace is None:
        raise Forbidden("A request is handed on for somebody in a workspace.")
    return Caller(acting.actor, acting.workspace)


def _is_service() -> bool:
    host: Host = current_app.extensions["meishi"]
    return bool(host.settings.only)


def bearer_token() -> str:
    """Return the token that a request carries, empty if it carries none."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == BEARER else ""


def acting_of_request() -> Acting:
    """Return who acts in another process; answer 400 if that is not said."""
    try:
        return read_acting(request.headers.get(ACTING, ""))
    except UnreadableHeader as error:
        raise BadRequest(str(error)) from error


def _signed_in() -> Caller:
    """Return whose session the browser has.

    It is asked for each time: remembered, it could still be in a workspace that its user has left
    for another one.
    """
    host: Host = current_app.extensions["meishi"]
    session = session_of_request(host)
    if session is None:
        raise Unauthenticated("The session has ended; sign in again.")
    refuse_forged_request()
    actor, workspace = actor_of(host, session)
    if workspace is None:
        raise Forbidden("You are in no workspace; choose one, or have a member invite you.")
    return Caller(actor, workspace)
