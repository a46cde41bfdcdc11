"""One request to one address, and its answer: nothing is followed, unpacked or waited for."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from threading import Timer
from typing import TYPE_CHECKING, Any

from meishi.outgoing.errors import AnswerRefused, EndpointUnavailable
from meishi.outgoing.message import OutgoingAnswer, OutgoingRequest
from meishi.outgoing.target import Target

if TYPE_CHECKING:
    import httpx

_CONNECTED = frozenset({"connection.connect_tcp.complete", "connection.start_tls.complete"})
_OWN_HEADERS = frozenset({"host", "accept-encoding", "connection", "content-length"})


class _Deadline:
    """Ends a connection when its time is over, however many octets trickle in."""

    def __init__(self, seconds: float) -> None:
        self.passed = False
        self._socket: socket.socket | None = None
        self._timer = Timer(seconds, self._end)
        self._timer.daemon = True

    @contextmanager
    def running(self) -> Iterator[None]:
        """Count the seconds of a block."""
        self._timer.start()
        try:
            yield
        finally:
            self._timer.cancel()

    def watch(self, event: str, details: Mapping[str, Any]) -> None:
        """Take note of the connection once it is there."""
        if event in _CONNECTED:
            self._socket = details["return_value"].get_extra_info("socket")
            if self.passed:
                self._end()

    def _end(self) -> None:
        self.passed = True
        if self._socket is not None:
            # The plain socket's own method: that of a TLS socket takes away what a read needs.
            with suppress(OSError):
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def exchange(target: Target, address: str, request: OutgoingRequest) -> OutgoingAnswer:
    """Send a request to an address that was checked, and return the answer.

    The certificate must be that of the host of the URL.

    :raises AnswerRefused: if the answer is a redirect, too large or compressed
    :raises EndpointUnavailable: if there is none in time
    """
    import httpx

    deadline = _Deadline(request.seconds)
    try:
        with deadline.running(), _client(target, request.seconds) as client:
            message = client.build_request(
                request.method,
                target.at(address),
                headers=_headers(target, request),
                content=request.body,
                extensions={"sni_hostname": target.host, "trace": deadline.watch},
            )
            answer = client.send(message, stream=True)
            try:
                taken = _taken(answer, request.max_bytes)
            finally:
                answer.close()
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise _unavailable(target, request, deadline, error) from error
    if deadline.passed:
        raise _unavailable(target, request, deadline, None)
    return taken


def _client(target: Target, seconds: float) -> httpx.Client:
    """Return a client that takes neither proxies nor passwords from the environment."""
    import httpx

    verify = ssl.create_default_context() if target.scheme == "https" else True
    return httpx.Client(
        trust_env=False, follow_redirects=False, verify=verify, timeout=httpx.Timeout(seconds)
    )


def _headers(target: Target, request: OutgoingRequest) -> dict[str, str]:
    own = {
        "Host": target.netloc,
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": "Meishi",
    }
    given = {k: v for k, v in request.headers.items() if k.lower() not in _OWN_HEADERS}
    return own | given


def _taken(answer: httpx.Response, max_bytes: int) -> OutgoingAnswer:
    if answer.is_redirect:
        raise AnswerRefused(f"{answer.status_code} is a redirect, and redirects are not followed.")
    if answer.headers.get("content-encoding", "identity") != "identity":
        raise AnswerRefused("The server compressed its answer, though it was asked not to.")
    length = answer.headers.get("content-length", "")
    if length.isdecimal() and int(length) > max_bytes:
        raise _too_large(max_bytes)
    body = bytearray()
    for piece in answer.iter_raw():
        body += piece
        if len(body) > max_bytes:
            raise _too_large(max_bytes)
    return OutgoingAnswer(status=answer.status_code, headers=dict(answer.headers), body=bytes(body))


def _too_large(max_bytes: int) -> AnswerRefused:
    return AnswerRefused(f"The answer is larger than {max_bytes} octets.")


def _unavailable(
    target: Target, request: OutgoingRequest, deadline: _Deadline, error: Exception | None
) -> EndpointUnavailable:
    if deadline.passed or (error is not None and "Timeout" in type(error).__name__):
        return EndpointUnavailable(f"{target.origin} did not answer in {request.seconds:g} s.")
    return EndpointUnavailable(f"{target.origin} could not be asked: {type(error).__name__}.")
