"""A line to another process of the deployment: pooled connections, repetition, a breaker."""

from __future__ import annotations

import random
import ssl
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from http.cookiejar import CookieJar, DefaultCookiePolicy
from itertools import count
from typing import IO, TYPE_CHECKING, TypeVar

from meishi.outgoing.circuits import Circuits
from meishi.outgoing.errors import EndpointUnavailable
from meishi.placement import Placement
from meishi.remote.clocks import DeploymentClock
from meishi.remote.tokens import Tokens
from meishi.remote.wire import NOW, UNKNOWN_TOKEN, UnreadableHeader

if TYPE_CHECKING:
    import httpx

T = TypeVar("T")

#: How often something is tried in all, and the seconds before the second time and at most.
ATTEMPTS, _FIRST_PAUSE, _LONGEST_PAUSE = 3, 0.05, 1.0
#: Seconds until a service that failed again and again is asked once more.
BREAK_SECONDS = 2.0
#: Octets of the largest answer that is taken.
MAX_ANSWER = 64 * 1024**2
#: Octets of the largest file that is taken.
MAX_FILE = 4 * 1024**3
#: Seconds that are waited for a connection.
_CONNECT = 2.0


class NoAnswer(Exception):
    """An attempt failed: why, whether something may have happened, and whether another may help.

    `passes` says that the other side was not there, which is nobody's fault here; `begun` that it
    took what was sent, and came to no end with it.
    """

    def __init__(
        self,
        reason: str,
        *,
        happened: bool,
        again: bool,
        passes: bool | None = None,
        begun: bool = False,
    ) -> None:
        super().__init__(reason)
        self.reason = reason
        self.happened = happened
        self.again = again
        self.passes = again if passes is None else passes
        self.begun = begun


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """What is sent: to an address behind the other side's origin.

    What is answered with success goes `into` a file, if there is one; it stands there alone.
    """

    method: str
    path: str
    headers: Sequence[tuple[str, str]]
    body: bytes = b""
    into: IO[bytes] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What came back, read whole; the names of its headers are in lower case."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes

    def header(self, name: str) -> str | None:
        """Return the first value of a header, None if there is none."""
        return next((value for key, value in self.headers if key == name), None)


class Line:
    """Sends messages to one place, for as many threads as want to.

    `clock` is the deployment's, which main tells and services hear with each message; `elapsed` is
    one that only goes forward, in seconds; `pause` waits for as many.
    """

    def __init__(
        self,
        placement: Placement,
        *,
        clock: DeploymentClock,
        elapsed: Callable[[], float] = time.monotonic,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self.placement = placement
        self._clock = clock
        self._elapsed = elapsed
        self._pause = pause
        self._circuits = self._closed_circuits()
        self.tokens = Tokens(placement.url, placement.tokens, elapsed)

    @cached_property
    def client(self) -> httpx.Client:
        """What keeps the connections; made in the process that uses it."""
        import httpx

        client = httpx.Client(
            base_url=self.placement.url,
            # What the environment says of proxies is about servers outside.
            trust_env=False,
            verify=ssl.create_default_context(),
            follow_redirects=False,
            # What was answered to one visitor would be sent along with the requests of all others.
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
            headers={"Accept-Encoding": "identity"},
        )
        # What a request is made by, and takes, is said by whoever sends it.
        del client.headers["User-Agent"], client.headers["Accept"]
        return client

    def close(self) -> None:
        """Give the connections back, and forget what failed."""
        client = self.__dict__.pop("client", None)
        if client is not None:
            client.close()
        self._circuits = self._closed_circuits()

    def _closed_circuits(self) -> Circuits:
        return Circuits(self._elapsed, pause_seconds=BREAK_SECONDS)

    def exchange(
        self,
        plugin: str,
        message: Message,
        judged: Callable[[Reply], T],
        *,
        repeatable: bool,
        seconds: float | None = None,
    ) -> T:
        """Send a message, and return what `judged` makes of the answer.

        What is repeatable is tried again, while there is time and it may help; `judged` raises
        `NoAnswer` for answers that are none. The time is that of the placement, or `seconds`.

        :raises NoAnswer: if no attempt had one; `happened` is about all of them
        """
        deadline = self._elapsed() + (seconds or self.placement.seconds)
        happened = begun = False
        for number in count(1):
            try:
                return self._attempted(plugin, message, judged, deadline)
            except NoAnswer as failure:
                happened, begun = happened or failure.happened, begun or failure.begun
                pause = _pause_after(number)
                late = self._elapsed() + pause >= deadline
                if late or not repeatable or not failure.again or number == ATTEMPTS:
                    raise NoAnswer(
                        failure.reason,
                        happened=happened,
                        again=False,
                        passes=failure.passes,
                        begun=begun,
                    ) from failure
                self._pause(pause)
        raise AssertionError("there is always another number")

    def _attempted(
        self, plugin: str, message: Message, judged: Callable[[Reply], T], deadline: float
    ) -> T:
        url = self.placement.url
        try:
            self._circuits.enter(plugin, url)
        except EndpointUnavailable as error:
            reason = str(error).removesuffix(".")
            raise NoAnswer(reason, happened=False, again=False, passes=True) from error
        try:
            answer = judged(self._sent(message, deadline))
        except NoAnswer as failure:
            note = self._circuits.failed if failure.again else self._circuits.succeeded
            note(plugin, url)
            raise
        self._circuits.succeeded(plugin, url)
        return answer

    def _sent(self, message: Message, deadline: float) -> Reply:
        """Send a message; if the other side does not know the token, once more with each other."""
        reply = self._sent_with(self.tokens.current, message, deadline)
        if not _is_refused(reply):
            return reply
        for token in self.tokens.others():
            answer = self._sent_with(token, message, deadline)
            if not _is_refused(answer):
                self.tokens.take(token)
                return answer
        self.tokens.refused()
        return reply

    def _sent_with(self, token: str, message: Message, deadline: float) -> Reply:
        import httpx

        url, left = self.placement.url, max(deadline - self._elapsed(), 0.001)
        try:
            with self.client.stream(
                message.method,
                message.path,
                content=message.body,
                headers=_as_octets(
                    [("Authorization", f"Bearer {token}"), *self._clock.told(), *message.headers]
                ),
                timeout=httpx.Timeout(left, connect=min(_CONNECT, left)),
            ) as response:
                body = self._body(response, deadline, message.into)
        except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout) as error:
            reason = f"{url} cannot be reached: {_said(error)}"
            raise NoAnswer(reason, happened=False, again=True) from error
        except httpx.HTTPError as error:
            reason = f"{url} did not answer: {_said(error)}"
            raise NoAnswer(reason, happened=True, again=True, begun=True) from error
        self._hear(response.headers.get(NOW))
        headers = [(name.lower(), value) for name, value in response.headers.multi_items()]
        return Reply(status=response.status_code, headers=headers, body=body)

    def _hear(self, time: str | None) -> None:
        """Put a service's clock right, if this comes from whose clock it follows."""
        try:
            self._clock.hear(time)
        except UnreadableHeader as error:
            raise NoAnswer(str(error), happened=True, again=False) from error

    def _body(self, response: httpx.Response, deadline: float, into: IO[bytes] | None) -> bytes:
        """Read an answer whole, as it is; who trickles, or does not end, is left."""
        file = self._begun_file(response, into)
        pieces: list[bytes] = []
        size, most = 0, MAX_ANSWER if file is None else MAX_FILE
        for piece in response.iter_raw():
            size += len(piece)
            if size > most:
                reason = f"{self.placement.url} answered with more than {most} octets"
                raise NoAnswer(reason, happened=True, again=False)
            if self._elapsed() > deadline:
                reason = f"{self.placement.url} took too long with its answer"
                raise NoAnswer(reason, happened=True, again=False, passes=True, begun=True)
            if file is None:
                pieces.append(piece)
            else:
                file.write(piece)
        return b"".join(pieces)

    def _begun_file(self, response: httpx.Response, into: IO[bytes] | None) -> IO[bytes] | None:
        """Return what an answer is to be written into, with nothing in it; None for any other.

        Without its length nobody could tell whether it has come to its end.
        """
        if into is None or not response.is_success:
            return None
        if "Content-Length" not in response.headers:
            reason = f"{self.placement.url} sent a file and not how long it is"
            raise NoAnswer(reason, happened=True, again=False)
        into.seek(0)
        into.truncate()
        return into


def _as_octets(headers: Sequence[tuple[str, str]]) -> list[tuple[bytes, bytes]]:
    """Return headers as they came over another line, where each character stood for an octet."""
    return [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]


def _is_refused(reply: Reply) -> bool:
    """Whether the other side said nothing but that it does not know the token."""
    return reply.header(UNKNOWN_TOKEN.lower()) is not None


def _pause_after(number: int) -> float:
    """Return the seconds until the next attempt: longer each time, and not in step with others."""
    longest = min(_FIRST_PAUSE * 2 ** (number - 1), _LONGEST_PAUSE)
    return random.uniform(longest / 2, longest)  # noqa: S311 (nobody gains by foreseeing it)


def _said(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__
