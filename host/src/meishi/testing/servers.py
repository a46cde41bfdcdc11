"""A server of a test's own, which answers, trickles, hangs or breaks off as the test says."""

from __future__ import annotations

import math
import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event, Thread
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from meishi.host import Host
    from meishi.outgoing.target import Resolver

#: Takes a connection whose request was read, and an event that is set when the server ends.
Reply = Callable[[socket.socket, Event], None]


@dataclass(slots=True)
class ScriptedServer:
    """What the connections to a server get, one after the other, and what they had asked.

    The last of the `replies` is for all that come later. `asked` holds requests, octet for octet.
    """

    port: int
    replies: Sequence[Reply]
    asked: list[bytes] = field(default_factory=list)

    @property
    def url(self) -> str:
        """Where the server is, on this machine."""
        return f"http://127.0.0.1:{self.port}"


def answering(
    status: str = "200 OK", body: bytes = b"{}", *headers: str, length: int | None = None
) -> Reply:
    """Return a reply that is an answer of HTTP; `length` is what it claims to have."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body) if length is None else length}"]
    head = "\r\n".join([*lines, *headers, "", ""]).encode()
    return sending(head + body)


def sending(content: bytes) -> Reply:
    """Return a reply that sends octets, whatever they are, and closes."""

    def reply(connection: socket.socket, _: Event) -> None:
        connection.sendall(content)

    return reply


def trickling(head: bytes = b"HTTP/1.1 200 OK\r\n\r\n") -> Reply:
    """Return a reply that sends a head, and then octet after octet without an end."""

    def reply(connection: socket.socket, ended: Event) -> None:
        connection.sendall(head)
        while not ended.wait(0.02):
            connection.sendall(b" ")

    return reply


def hanging(connection: socket.socket, ended: Event) -> None:
    """Reply nothing, until the server ends or whoever asked goes away."""
    while not ended.is_set():
        with suppress(TimeoutError):
            connection.settimeout(0.02)
            if not connection.recv(1):
                return


@contextmanager
def scripted_server(*replies: Reply, certificate: Path | None = None) -> Iterator[ScriptedServer]:
    """Run a server on this machine until the block ends; with a certificate it speaks TLS."""
    ended = Event()
    with socket.create_server(("127.0.0.1", 0)) as listening:
        server = ScriptedServer(listening.getsockname()[1], replies)
        listening.settimeout(0.05)
        thread = Thread(target=_serve, args=(listening, server, ended, certificate))
        thread.start()
        try:
            yield server
        finally:
            ended.set()
            thread.join()


def _serve(
    listening: socket.socket, server: ScriptedServer, ended: Event, certificate: Path | None
) -> None:
    while not ended.is_set():
        with suppress(TimeoutError, OSError):
            connection, _ = listening.accept()
            connection.settimeout(5)
            with _spoken(connection, certificate) as talk:
                request = _request(talk)
                # Whoever only looks whether somebody is at the port has asked for nothing.
                if not request:
                    continue
                number = len(server.asked)
                server.asked.append(request)
                server.replies[min(number, len(server.replies) - 1)](talk, ended)


def _spoken(connection: socket.socket, certificate: Path | None) -> socket.socket:
    if certificate is None:
        return connection
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context.wrap_socket(connection, server_side=True)


def _request(connection: socket.socket) -> bytes:
    """Read a request with as much of a body as it announces; nothing where none comes."""
    content = b""
    while b"\r\n\r\n" not in content and (piece := connection.recv(65536)):
        content += piece
    if not content:
        return b""
    head, _, body = content.partition(b"\r\n\r\n")
    lengths = [
        int(line.partition(b":")[2])
        for line in head.split(b"\r\n")
        if line.lower().startswith(b"content-length:")
    ]
    while lengths and len(body) < lengths[0] and (piece := connection.recv(65536)):
        body += piece
    return head + b"\r\n\r\n" + body


def ask_at_once(host: Host, *, resolve: Resolver | None = None, seconds: float = math.inf) -> None:
    """Let a host's plugins ask servers outside again without a pause, and with closed circuits.

    With `resolve`, names lead where it says instead of where this machine finds them. No answer is
    waited for longer than for so many `seconds`, whatever a plugin says.
    """
    from meishi.outgoing.message import OutgoingAnswer, OutgoingRequest
    from meishi.outgoing.plugins import PluginSender
    from meishi.outgoing.sender import Sender
    from meishi.outgoing.target import system_addresses

    class Impatient(Sender):
        def send(
            self, plugin: str, request: OutgoingRequest, *, written_by_operator: str | None = None
        ) -> OutgoingAnswer:
            hurried = replace(request, seconds=min(request.seconds, seconds))
            return super().send(plugin, hurried, written_by_operator=written_by_operator)

    hosts = host.settings.outgoing_hosts
    sender = Impatient(hosts, resolve=resolve or system_addresses, pause=lambda _: None)
    host.sender = PluginSender(host.plugins.contributions, sender)
