"""The way to a service: calls of its contract, and requests that are handed on to it."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import IO, TypeVar, cast
from uuid import UUID

from meishi.calls.elsewhere import Answer, CallName
from meishi.calls.registry import placed_service
from meishi.calls.rules import ContractMethod
from meishi.context import current_scope
from meishi.placement import Placement
from meishi.remote.clocks import DeploymentClock
from meishi.remote.errors import RemoteCallError
from meishi.remote.hooked import HookedPlugins
from meishi.remote.keys import command_key
from meishi.remote.line import Line, Message, NoAnswer, Reply
from meishi.remote.models import DB_SCHEMA
from meishi.remote.shown import shown_by
from meishi.remote.wire import (
    ACTING,
    CALL_KEY,
    ERROR_TYPE,
    JSON,
    NOTHING_HAPPENED,
    RESULT_TYPE,
    SECONDS,
    acting_in,
    call_path,
)
from meishi.sdk.contract import CallKind

P = TypeVar("P")

_OK = 200
_CONFLICT = 409
_UNAUTHENTICATED = 401
#: The service, or what stands before it, could not now, and may later.
_LATER = frozenset({429, 502, 503, 504})
_WORDS = {
    401: "it does not accept our token",
    403: "it does not do this for us",
    404: "it does not know this method; it may be of another version",
    400: "it cannot read the call; it may be of another version",
}


class Way:
    """Reaches the plugins of one place, for as many threads as want to.

    A call may take as long as the placement says, or `seconds`. A command goes under the `key`, if
    there is one: it is done once then, whoever sends it again.
    """

    def __init__(
        self, line: Line, *, seconds: float | None = None, key: UUID | None = None
    ) -> None:
        self._line = line
        self._seconds = seconds
        self._key = key

    @property
    def _url(self) -> str:
        return self._line.placement.url

    def call(self, name: CallName, method: ContractMethod, document: bytes) -> Answer:
        """Have a method called for who acts in the current scope.

        A query is tried again while there is time, a command under its key as well.

        :raises RemoteCallError: if there is no answer
        """
        scope = current_scope()
        scope.host.refuse_held(name.plugin)
        headers = [(ACTING, acting_in(scope))]
        if method.rule.kind is not CallKind.QUERY:
            headers.append((CALL_KEY, str(self._key or command_key(scope, name, document))))
        return self.pass_on(name, method, headers, document)

    def pass_on(
        self,
        name: CallName,
        method: ContractMethod,
        told: Sequence[tuple[str, str]],
        document: bytes,
    ) -> Answer:
        """Have a method called for who is `told` of in headers, under the key that stands there.

        :raises RemoteCallError: if there is no answer
        """
        seconds = self._seconds or self._line.placement.seconds
        headers = [("Content-Type", JSON), (SECONDS, str(seconds)), *told]
        changes = method.rule.kind is not CallKind.QUERY
        message = Message(method="POST", path=call_path(name), headers=headers, body=document)
        try:
            return self._line.exchange(
                name.plugin, message, self._answer, repeatable=True, seconds=self._seconds
            )
        except NoAnswer as failure:
            raise RemoteCallError(
                name.plugin,
                name.method,
                failure.reason,
                may_have_happened=failure.happened and changes,
            ) from failure

    def hand_on(self, plugin: str, message: Message, *, repeatable: bool) -> Reply:
        """Send a request of somebody else's for who acts in the current scope.

        Whatever the service says is the answer, also that it cannot; but that it does not know us
        is nothing that somebody else should read of themselves.

        :raises RemoteCallError: if there is none
        """
        headers = [*message.headers, (ACTING, acting_in(current_scope()))]
        sent = replace(message, headers=headers)
        try:
            return self._line.exchange(plugin, sent, self._handed, repeatable=repeatable)
        except NoAnswer as failure:
            happened = failure.happened and message.method not in {"GET", "HEAD"}
            raise RemoteCallError(
                plugin, message.path, failure.reason, may_have_happened=happened
            ) from failure

    def show(self, plugin: str, message: Message) -> Reply:
        """Have a page shown to who visits, and return whatever the service says, and nobody else.

        It is asked for once, as a page may count who has seen it.

        :raises RemoteCallError: if there is no answer, or none of a service
        """
        headers = [*message.headers, (ACTING, acting_in(current_scope()))]
        sent = replace(message, headers=headers)
        try:
            return self._line.exchange(
                plugin, sent, partial(shown_by, self._line.placement, sent), repeatable=False
            )
        except NoAnswer as failure:
            raise RemoteCallError(
                plugin, message.path, failure.reason, may_have_happened=failure.happened
            ) from failure

    def file(self, plugin: str, path: str, document: bytes, into: IO[bytes]) -> Reply:
        """Have a file made for who acts in the current scope, of what a document asks for.

        If the service answers with success, the file is `into` what is given, whole; whatever else
        it says is the answer.

        :raises RemoteCallError: if there is none
        """
        seconds = str(self._seconds or self._line.placement.seconds)
        told = [(ACTING, acting_in(current_scope())), (SECONDS, seconds)]
        headers = [("Content-Type", JSON), ("Accept-Encoding", "identity"), *told]
        message = Message(method="POST", path=path, headers=headers, body=document, into=into)
        try:
            return self._line.exchange(
                plugin, message, self._handed, repeatable=True, seconds=self._seconds
            )
        except NoAnswer as failure:
            raise RemoteCallError(
                plugin, path, failure.reason, may_have_happened=False
            ) from failure

    def unreadable(
        self, name: CallName, method: ContractMethod, error: Exception
    ) -> RemoteCallError:
        """Return what to raise for an answer that does not fit the contract."""
        return RemoteCallError(
            name.plugin,
            name.method,
            f"{self._url} gave an answer that does not fit the contract: {error}",
            may_have_happened=method.rule.kind is not CallKind.QUERY,
        )

    def _handed(self, reply: Reply) -> Reply:
        if reply.status == _UNAUTHENTICATED:
            reason = f"{self._url} answered {reply.status}: {_WORDS[reply.status]}"
            raise NoAnswer(reason, happened=False, again=False)
        return reply

    def _answer(self, reply: Reply) -> Answer:
        kind, status = reply.header("content-type"), reply.status
        if status == _OK and kind == RESULT_TYPE:
            return Answer(document=reply.body)
        if kind == ERROR_TYPE:
            return Answer(document=reply.body, is_error=True)
        nothing = reply.header(NOTHING_HAPPENED.lower()) is not None
        words = f": {_WORDS[status]}" if status in _WORDS else ""
        raise NoAnswer(
            f"{self._url} answered {status}{words}",
            happened=not nothing,
            again=status in _LATER or (nothing and status == _CONFLICT),
        )


class Ways:
    """The ways from here to services elsewhere; plugins at one place share theirs.

    `clock` is the deployment's; `elapsed` is one that only goes forward, in seconds.
    """

    def __init__(
        self, clock: DeploymentClock, *, elapsed: Callable[[], float] = time.monotonic
    ) -> None:
        self._clock = clock
        self._elapsed = elapsed
        self._lines: dict[Placement, Line] = {}
        self._standing: dict[tuple[type, Placement, float | None], object] = {}

    def line(self, placement: Placement) -> Line:
        """Return the line to a place."""
        if placement not in self._lines:
            self._lines[placement] = Line(placement, clock=self._clock, elapsed=self._elapsed)
        return self._lines[placement]

    def to(self, placement: Placement, seconds: float | None = None) -> Way:
        """Return the way to a place; its answers to calls may take so many seconds."""
        return Way(self.line(placement), seconds=seconds)

    def hooked(self, placement: Placement, seconds: float | None = None) -> HookedPlugins:
        """Return what stands for the hooks of a place; its answers may take so many seconds."""
        return self.service(HookedPlugins, DB_SCHEMA, placement, seconds)

    def service(
        self, protocol: type[P], plugin: str, placement: Placement, seconds: float | None = None
    ) -> P:
        """Return what stands for a service that a part of the host has at a place, and here too.

        Its answers may take so many seconds.
        """
        key = protocol, placement, seconds
        if key not in self._standing:
            way = Way(self.line(placement), seconds=seconds)
            self._standing[key] = placed_service(protocol, plugin, way)
        return cast("P", self._standing[key])

    def close(self) -> None:
        """Give all connections back, and forget what failed."""
        for line in self._lines.values():
            line.close()
