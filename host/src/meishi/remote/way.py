"""The way to a service: calls of its contract, and requests that are handed on to it."""

from __future__ import annotations

from meishi.calls.elsewhere import Answer, CallName
from meishi.calls.registry import placed_service
from meishi.calls.rules import ContractMethod
from meishi.context import current_scope
from meishi.placement import Placement
from meishi.remote.errors import RemoteCallError
from meishi.remote.hooked import HookedPlugins
from meishi.remote.keys import command_key
from meishi.remote.line import Line, Message, NoAnswer, Reply
from meishi.remote.models import DB_SCHEMA
from meishi.remote.wire import (
    ACTING,
    CALL_KEY,
    ERROR_TYPE,
    JSON,
    NOTHING_HAPPENED,
    RESULT_TYPE,
    acting_in,
    call_path,
)
from meishi.sdk.contract import CallKind

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

    A call may take as long as the placement says, or `seconds`.
    """

    def __init__(self, line: Line, *, seconds: float | None = None) -> None:
        self._line = line
        self._seconds = seconds

    @property
    def _url(self) -> str:
        return self._line.placement.url

    def call(self, name: CallName, method: ContractMethod, document: bytes) -> Answer:
        """Have a method called for who acts in the current scope.

        A query is tried again while there is time, a command under its key as well.

        :raises RemoteCallError: if there is no answer
        """
        scope = current_scope()
        headers = [("Content-Type", JSON), (ACTING, acting_in(scope))]
        changes = method.rule.kind is not CallKind.QUERY
        if changes:
            headers.append((CALL_KEY, str(command_key(scope, name, document))))
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
        sent = Message(method=message.method, path=message.path, headers=headers, body=message.body)
        try:
            return self._line.exchange(plugin, sent, self._handed, repeatable=repeatable)
        except NoAnswer as failure:
            happened = failure.happened and message.method not in {"GET", "HEAD"}
            raise RemoteCallError(
                plugin, message.path, failure.reason, may_have_happened=happened
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
    """The ways from here to services elsewhere; plugins at one place share theirs."""

    def __init__(self) -> None:
        self._lines: dict[Placement, Line] = {}
        self._hooked: dict[tuple[Placement, float | None], HookedPlugins] = {}

    def line(self, placement: Placement) -> Line:
        """Return the line to a place."""
        if placement not in self._lines:
            self._lines[placement] = Line(placement)
        return self._lines[placement]

    def to(self, placement: Placement) -> Way:
        """Return the way to a place."""
        return Way(self.line(placement))

    def hooked(self, placement: Placement, seconds: float | None = None) -> HookedPlugins:
        """Return what stands for the hooks of a place; its answers may take so many seconds."""
        key = placement, seconds
        if key not in self._hooked:
            way = Way(self.line(placement), seconds=seconds)
            self._hooked[key] = placed_service(HookedPlugins, DB_SCHEMA, way)
        return self._hooked[key]

    def close(self) -> None:
        """Give all connections back, and forget what failed."""
        for line in self._lines.values():
            line.close()
