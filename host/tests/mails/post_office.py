"""A mail server in the test's own process, which takes mails, refuses, hangs or dies."""

from __future__ import annotations

import base64
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

#: What is answered where nothing else is said.
_ANSWERS = {
    "CONNECT": "220 ready",
    "MAIL": "250 ok",
    "RCPT": "250 ok",
    "DATA": "354 go on",
    ".": "250 taken",
    "AUTH": "235 welcome",
    "QUIT": "221 bye",
    "RSET": "250 ok",
}


@dataclass(frozen=True, slots=True)
class Taken:
    """A mail that was taken, as it came over the wire."""

    sender: str
    to: str
    message: bytes


@dataclass(slots=True)
class PostOffice:
    """What a mail server answers, by command, and what it was given.

    `acts` are called before a command is answered; `TAKEN` is when a mail was taken.
    `extensions` are those it claims to have.
    """

    port: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    acts: dict[str, Callable[[], object]] = field(default_factory=dict)
    extensions: list[str] = field(default_factory=list)
    certificate: Path | None = None
    implicit_tls: bool = False
    taken: list[Taken] = field(default_factory=list)
    said: list[str] = field(default_factory=list)

    def answer(self, command: str) -> str:
        """Return what is answered to a command, after its act."""
        self.acts.get(command, lambda: None)()
        return self.answers.get(command, _ANSWERS.get(command, "502 unknown"))

    def context(self) -> ssl.SSLContext:
        """Return what speaks TLS for this server."""
        assert self.certificate is not None
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate)
        return context


class _Counter(socketserver.StreamRequestHandler):
    """One conversation."""

    server: _Server

    def handle(self) -> None:
        """Answer what is said until either side hangs up."""
        office = self.server.office
        if office.implicit_tls:
            self._secure()
        self._say(office.answer("CONNECT"))
        sender = to = ""
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            office.said.append(line)
            command = line.split(" ")[0].upper()
            if command == "EHLO":
                self._greet()
            elif command == "STARTTLS":
                self._say("220 go on")
                self._secure()
            else:
                if command == "MAIL":
                    sender = line
                elif command == "RCPT":
                    to = line
                answer = office.answer(command)
                self._say(answer)
                if command == "DATA" and answer.startswith("354"):
                    self._take(sender, to)
                elif command == "QUIT":
                    return

    def finish(self) -> None:
        """Close what encryption has put in the place of the connection."""
        super().finish()
        self.request.close()

    def _take(self, sender: str, to: str) -> None:
        office = self.server.office
        lines = []
        while (line := self.rfile.readline()) not in (b".\r\n", b""):
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        answer = office.answers.get(".", _ANSWERS["."])
        if answer.startswith("250"):
            office.taken.append(Taken(_between(sender), _between(to), b"".join(lines)))
            office.acts.get("TAKEN", lambda: None)()
        self._say(office.answer("."))

    def _greet(self) -> None:
        words = ["here", *self.server.office.extensions]
        for word in words[:-1]:
            self._say(f"250-{word}")
        self._say(f"250 {words[-1]}")

    def _secure(self) -> None:
        self.request = self.server.office.context().wrap_socket(self.request, server_side=True)
        self.rfile = self.request.makefile("rb")
        self.wfile = self.request.makefile("wb", buffering=0)

    def _say(self, text: str) -> None:
        self.wfile.write(f"{text}\r\n".encode())


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    block_on_close = False

    def __init__(self, office: PostOffice) -> None:
        super().__init__(("127.0.0.1", 0), _Counter)
        self.office = office

    def handle_error(self, *_: Any) -> None:
        """Say nothing: clients of these tests hang up as they like."""


@contextmanager
def open_office(**how: Any) -> Iterator[PostOffice]:
    """Run a mail server until the block ends."""
    office = PostOffice(**how)
    with _Server(office) as server:
        office.port = server.server_address[1]
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        try:
            yield office
        finally:
            server.shutdown()


def write_certificate(folder: Path) -> Path:
    """Return a file with a key and a certificate of `localhost` that signs itself."""
    key, certificate, both = (folder / name for name in ("key.pem", "cert.pem", "both.pem"))
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", key, "-out", certificate],
        check=True, capture_output=True,
    )  # fmt: skip
    both.write_bytes(key.read_bytes() + certificate.read_bytes())
    return both


def login_of(line: str) -> tuple[str, str]:
    """Return the user and the password of an `AUTH PLAIN` line."""
    _, user, password = base64.b64decode(line.rsplit(" ", maxsplit=1)[-1]).decode().split("\0")
    return user, password


def _between(line: str) -> str:
    return line.partition("<")[2].partition(">")[0]
