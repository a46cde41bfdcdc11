"""Faults between the two sides of a split deployment, as networks and other machines have them."""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from hashlib import sha256
from io import BytesIO
from threading import Lock
from typing import TYPE_CHECKING, Any

from meishi.events.across.pages import PATH as EVENTS
from meishi.remote.wire import INTERNAL, NOW, READER, VISITOR

if TYPE_CHECKING:
    from meishi.settings import Settings

Wsgi = Callable[..., Iterable[bytes]]

#: What names the faults of a run, with commas between them.
VARIABLE = "MEISHI_FAULTS"
#: Answers that are lost one after another, fewer than those after which nobody asks any more.
_MOST_IN_A_ROW = 2
#: Requests at the same time of which some are lost. Who has sent more hears of them in any order,
#: and of many lost ones in a row.
_MOST_AT_ONCE = 4

#: What is asked for, beside the headers; the time that it is asked at is no part of it.
_ADDRESS = frozenset({"REQUEST_METHOD", "PATH_INFO", "QUERY_STRING"})
#: Seconds that an answer comes later, where answers are slow.
_LATER = 0.005
#: How far ahead the clock of a service is, where clocks differ.
_AHEAD = timedelta(minutes=7)


class Fault(StrEnum):
    """What goes wrong."""

    TWICE = "twice"
    """Whatever may be sent again is done twice by who is asked; the second answer is given."""

    LOST = "lost"
    """Its first answer is lost, once all was done."""

    SLOW = "slow"
    """Answers take their time."""

    CLOCKS = "clocks"
    """The service's clock is minutes ahead."""


class Faults:
    """Has faults happen; `happened` counts them.

    `pause` waits for so many seconds.
    """

    def __init__(
        self, kinds: Collection[Fault] = (), *, pause: Callable[[float], object] = time.sleep
    ) -> None:
        self.kinds = frozenset(kinds)
        self.happened: Counter[Fault] = Counter()
        self._pause = pause
        self._lost: set[bytes] = set()
        self._lost_in_a_row = 0
        self._inside = 0
        self._lock = Lock()

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> Faults:
        """Return those that a run names; raise `ValueError` for a name of none."""
        names = environment.get(VARIABLE, "").replace(",", " ").split()
        return cls({Fault(name) for name in names})

    def seams(self, settings: Settings) -> dict[str, Any]:
        """Return what an application is made with, besides its settings."""
        from meishi.clock import utc_now

        def ahead() -> datetime:
            return utc_now() + _AHEAD

        return {"clock": ahead} if Fault.CLOCKS in self.kinds and settings.only else {}

    def between(self, app: Wsgi) -> Wsgi:
        """Return an application as those see it who ask for it over a network."""
        if not self.kinds - {Fault.CLOCKS}:
            return app

        def answer(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            with self._entered():
                return disturbed(environ, start_response)

        def disturbed(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
            again = _may_be_sent_again(environ)
            if again and Fault.TWICE in self.kinds:
                _answered(app, environ, body)
                self._happened(Fault.TWICE)
            status, headers, content = _answered(app, environ, body)
            if Fault.SLOW in self.kinds:
                self._pause(_LATER)
                self._happened(Fault.SLOW)
            if again and Fault.LOST in self.kinds and self._is_lost(environ, body):
                environ["werkzeug.socket"].shutdown(socket.SHUT_RDWR)
            start_response(status, headers)
            return [content]

        return answer

    @contextmanager
    def _entered(self) -> Iterator[None]:
        """Count a request while it is answered."""
        with self._lock:
            self._inside += 1
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1

    def _happened(self, fault: Fault) -> None:
        with self._lock:
            self.happened[fault] += 1

    def _is_lost(self, environ: dict[str, Any], body: bytes) -> bool:
        """Whether this comes for the first time, or anew after it was answered.

        Never are many lost in a row: nobody would be asked for a while, whatever they have done.
        """
        asked = "\0".join(
            f"{name}={value}"
            for name, value in sorted(environ.items())
            if (name.startswith("HTTP_") and name != _named(NOW)) or name in _ADDRESS
        )
        known = sha256(asked.encode() + body).digest()
        with self._lock:
            enough = self._lost_in_a_row >= _MOST_IN_A_ROW or self._inside > _MOST_AT_ONCE
            if known in self._lost or enough:
                self._lost.discard(known)
                self._lost_in_a_row = 0
                return False
            self._lost.add(known)
            self._lost_in_a_row += 1
            self.happened[Fault.LOST] += 1
            return True


def _may_be_sent_again(environ: dict[str, Any]) -> bool:
    """Whether whoever asks this asks again when no answer comes."""
    path, method = str(environ["PATH_INFO"]), environ["REQUEST_METHOD"]
    if path.startswith(INTERNAL):
        return path == EVENTS or path.startswith((f"{INTERNAL}/calls/", f"{INTERNAL}/files/"))
    if _named(VISITOR) in environ and _named(READER) not in environ:
        return False
    return method in {"GET", "HEAD"} or (method == "POST" and "HTTP_IDEMPOTENCY_KEY" in environ)


def _named(header: str) -> str:
    return f"HTTP_{header.upper().replace('-', '_')}"


def _answered(
    app: Wsgi, environ: dict[str, Any], body: bytes
) -> tuple[str, list[tuple[str, str]], bytes]:
    """Have an application answer, and return all of it."""
    begun: list[tuple[str, list[tuple[str, str]]]] = []

    def start_response(status: str, headers: list[tuple[str, str]], *_: Any) -> None:
        begun.append((status, headers))

    answer = app(environ | {"wsgi.input": BytesIO(body)}, start_response)
    try:
        content = b"".join(answer)
    finally:
        close = getattr(answer, "close", None)
        if close is not None:
            close()
    status, headers = begun[-1]
    return status, headers, content
