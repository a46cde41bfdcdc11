"""The way to a service: pooled connections, repetition of what may be repeated, a breaker."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable
from functools import cached_property
from itertools import count
from typing import TYPE_CHECKING

from meishi.calls.elsewhere import Answer, CallName
from meishi.calls.rules import ContractMethod
from meishi.context import current_scope
from meishi.outgoing.circuits import Circuits
from meishi.outgoing.errors import EndpointUnavailable
from meishi.placement import Placement
from meishi.remote.errors import RemoteCallError
from meishi.remote.keys import command_key
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

if TYPE_CHECKING:
    import httpx

#: How often something is tried in all, and the seconds before the second time and at most.
ATTEMPTS, _FIRST_PAUSE, _LONGEST_PAUSE = 3, 0.05, 1.0
#: Seconds until a service that failed again and again is asked once more.
BREAK_SECONDS = 2.0
#: Octets of the largest answer that is taken.
MAX_ANSWER = 64 * 1024**2
#: Seconds that are waited for a connection.
_CONNECT = 2.0

_OK = 200
_CONFLICT = 409
#: The service, or what stands before it, could not now, and may later.
_LATER = frozenset({429, 502, 503, 504})
_WORDS = {
    401: "it does not accept our token",
    403: "it does not do this for us",
    404: "it does not know this method; it may be of another version",
    400: "it cannot read the call; it may be of another version",
}


class _Failed(Exception):
    """An attempt failed: why, whether something may have happened, and whether another may help."""

    def __init__(self, reason: str, *, happened: bool, again: bool) -> None:
        super().__init__(reason)
        self.reason = reason
        self.happened = happened
        self.again = again


class Way:
    """Calls the service where one plugin is, for as many threads as want to.

    `elapsed` is a clock that only goes forward, in seconds; `pause` waits for as many.
    """

    def __init__(
        self,
        placement: Placement,
        *,
        elapsed: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._placement = placement
        self._elapsed = elapsed
        self._pause = pause
        self._circuits = Circuits(elapsed, pause_seconds=BREAK_SECONDS)

    @cached_property
    def client(self) -> httpx.Client:
        """What keeps the connections; made in the process that uses it."""
        import httpx

        return httpx.Client(
            base_url=self._placement.url,
            headers={"Authorization": f"Bearer {self._placement.token}"},
            # What the environment says of proxies is about servers outside.
            trust_env=False,
            verify=ssl.create_default_context(),
            follow_redirects=False,
        )

    def close(self) -> None:
        """Give the connections back."""
        client = self.__dict__.pop("client", None)
        if client is not None:
            client.close()

    def call(self, name: CallName, method: ContractMethod, document: bytes) -> Answer:
        """Have a method called for who acts in the current scope.

        A query is tried again while there is time, a command under its key as well.

        :raises RemoteCallError: if there is no answer
        """
        scope = current_scope()
        headers = {"Content-Type": JSON, ACTING: acting_in(scope)}
        changes = method.rule.kind is not CallKind.QUERY
        if changes:
            headers[CALL_KEY] = str(command_key(scope, name, document))
        deadline = self._elapsed() + self._placement.seconds
        happened = False
        for number in count(1):
            try:
                return self._attempted(name, document, headers, deadline)
            except _Failed as failure:
                happened = happened or failure.happened
                pause = _pause_after(number)
                late = self._elapsed() + pause >= deadline
                if late or not failure.again or number == ATTEMPTS:
                    raise RemoteCallError(
                        name.plugin,
                        name.method,
                        failure.reason,
                        may_have_happened=happened and changes,
                    ) from failure
                self._pause(pause)
        raise AssertionError("there is always another number")

    def unreadable(
        self, name: CallName, method: ContractMethod, error: Exception
    ) -> RemoteCallError:
        """Return what to raise for an answer that does not fit the contract."""
        return RemoteCallError(
            name.plugin,
            name.method,
            f"{self._placement.url} gave an answer that does not fit the contract: {error}",
            may_have_happened=method.rule.kind is not CallKind.QUERY,
        )

    def _attempted(
        self, name: CallName, document: bytes, headers: dict[str, str], deadline: float
    ) -> Answer:
        url = self._placement.url
        try:
            self._circuits.enter(name.plugin, url)
        except EndpointUnavailable as error:
            raise _Failed(str(error), happened=False, again=False) from error
        try:
            answer = self._exchanged(name, document, headers, deadline)
        except _Failed as failure:
            if failure.again:
                self._circuits.failed(name.plugin, url)
            else:
                self._circuits.succeeded(name.plugin, url)
            raise
        self._circuits.succeeded(name.plugin, url)
        return answer

    def _exchanged(
        self, name: CallName, document: bytes, headers: dict[str, str], deadline: float
    ) -> Answer:
        import httpx

        url, left = self._placement.url, deadline - self._elapsed()
        timeout = httpx.Timeout(max(left, 0.001), connect=min(_CONNECT, max(left, 0.001)))
        try:
            with self.client.stream(
                "POST", call_path(name), content=document, headers=headers, timeout=timeout
            ) as response:
                body = self._body(response, deadline)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            reason = f"{url} cannot be reached: {_said(error)}"
            raise _Failed(reason, happened=False, again=True) from error
        except httpx.HTTPError as error:
            reason = f"{url} did not answer: {_said(error)}"
            raise _Failed(reason, happened=True, again=True) from error
        return _answer(url, response, body)

    def _body(self, response: httpx.Response, deadline: float) -> bytes:
        """Read an answer whole; who trickles, or does not end, is left."""
        pieces: list[bytes] = []
        size = 0
        for piece in response.iter_bytes():
            pieces.append(piece)
            size += len(piece)
            if size > MAX_ANSWER:
                reason = f"{self._placement.url} answered with more than {MAX_ANSWER} octets"
                raise _Failed(reason, happened=True, again=False)
            if self._elapsed() > deadline:
                reason = f"{self._placement.url} took too long with its answer"
                raise _Failed(reason, happened=True, again=False)
        return b"".join(pieces)


def _answer(url: str, response: httpx.Response, body: bytes) -> Answer:
    kind = response.headers.get("content-type", "")
    if response.status_code == _OK and kind == RESULT_TYPE:
        return Answer(document=body)
    if kind == ERROR_TYPE:
        return Answer(document=body, is_error=True)
    nothing = NOTHING_HAPPENED in response.headers
    status = response.status_code
    raise _Failed(
        f"{url} answered {status}" + (f": {_WORDS[status]}" if status in _WORDS else ""),
        happened=not nothing,
        again=status in _LATER or (nothing and status == _CONFLICT),
    )


def _pause_after(number: int) -> float:
    """Return the seconds until the next attempt: longer each time, and not in step with others."""
    longest = min(_FIRST_PAUSE * 2 ** (number - 1), _LONGEST_PAUSE)
    return random.uniform(longest / 2, longest)  # noqa: S311 (nobody gains by foreseeing it)


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


class Ways:
    """The ways from here to services elsewhere; plugins at one place share theirs."""

    def __init__(self) -> None:
        self._ways: dict[Placement, Way] = {}

    def to(self, placement: Placement) -> Way:
        """Return the way to a place."""
        return self._ways.setdefault(placement, Way(placement))

    def close(self) -> None:
        """Give all connections back."""
        for way in self._ways.values():
            way.close()
