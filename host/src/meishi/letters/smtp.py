"""Handing a message to a mail server (RFC 5321), within time limits."""

from __future__ import annotations

import smtplib
import ssl
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from os import dup
from socket import SHUT_RDWR, socket

from meishi.letters.errors import MailDelayed, MailRefused
from meishi.letters.server import Encryption, MailServer

#: Seconds that the server has for an answer, and for all of them together.
STEP_SECONDS, WHOLE_SECONDS = 30.0, 90.0

#: Codes from here on are for good, by the standard.
_FOR_GOOD = 500
#: The server closes the connection, whatever was asked of it.
_CLOSING = 421

_LONGEST_REPLY = 200


def send(
    server: MailServer,
    message: bytes,
    *,
    sender: str,
    to: str,
    step_seconds: float = STEP_SECONDS,
    whole_seconds: float = WHOLE_SECONDS,
) -> None:
    """Have a server take a message for one recipient; `sender` and `to` are bare addresses.

    :raises MailRefused: if it will never do so
    :raises MailDelayed: if it does not do so now, or nobody knows whether it did
    """
    client = _client(server, step_seconds)
    try:
        with _limited(client, whole_seconds):
            _open(client, server)
            _hand_over(client, message, sender=sender, to=to)
    except smtplib.SMTPResponseException as error:
        # What goes wrong before the mail is spoken of says nothing about the mail.
        said = _reply(error.smtp_code, error.smtp_error, to)
        raise MailDelayed(f"{server} does not let us send: {said}") from None
    except (smtplib.SMTPException, OSError) as error:
        raise MailDelayed(f"{server} cannot be used: {error}") from None
    finally:
        client.close()


def _client(server: MailServer, step_seconds: float) -> smtplib.SMTP:
    if server.encryption is Encryption.TLS:
        return smtplib.SMTP_SSL(timeout=step_seconds, context=ssl.create_default_context())
    return smtplib.SMTP(timeout=step_seconds)


def _open(client: smtplib.SMTP, server: MailServer) -> None:
    # The name that certificates are checked against; `connect` does not note it.
    client._host = server.host  # type: ignore[attr-defined]
    code, reply = client.connect(server.host, server.port)
    if code != 220:  # noqa: PLR2004 (ready, by the standard)
        raise smtplib.SMTPConnectError(code, reply)
    client.ehlo_or_helo_if_needed()
    if server.encryption is Encryption.STARTTLS:
        client.starttls(context=ssl.create_default_context())
        client.ehlo_or_helo_if_needed()
    if server.user:
        client.login(server.user, server.password)


def _hand_over(client: smtplib.SMTP, message: bytes, *, sender: str, to: str) -> None:
    options: Sequence[str] = ()
    if not to.isascii():
        if not client.has_extn("smtputf8"):
            raise MailRefused("The mail server takes no international addresses (SMTPUTF8).")
        client.command_encoding = "utf-8"
        options = ("SMTPUTF8", "BODY=8BITMIME")
    _ask(to, lambda: client.mail(sender, options))
    _ask(to, lambda: client.rcpt(to))
    _ask(to, lambda: client.data(message))
    # It has the mail: how it says good-bye does not matter any more.
    with suppress(smtplib.SMTPException, OSError):
        client.quit()


def _ask(to: str, step: Callable[[], tuple[int, bytes]]) -> None:
    """Take a step, and raise what the server's answer means for the mail."""
    try:
        code, reply = step()
    except smtplib.SMTPDataError as error:
        code, reply = error.smtp_code, _bytes(error.smtp_error)
    if 200 <= code < 300:  # noqa: PLR2004 (done, by the standard)
        return
    said = _reply(code, reply, to)
    if code >= _FOR_GOOD:
        raise MailRefused(f"The mail server refuses the mail: {said}")
    raise MailDelayed(f"The mail server does not take the mail now: {said}")


def _reply(code: int, reply: bytes | str, to: str) -> str:
    """Return what a server said, in one line, without the name of who was to get the mail."""
    text = " ".join(_bytes(reply).decode(errors="replace").split())
    local = to.rpartition("@")[0]
    for secret in (to, local):
        text = text.replace(secret, "(recipient)")
    return f"{code} {text}"[:_LONGEST_REPLY]


def _bytes(reply: bytes | str) -> bytes:
    return reply.encode() if isinstance(reply, str) else reply


@contextmanager
def _limited(client: smtplib.SMTP, seconds: float) -> Iterator[None]:
    """Cut the connection if the block takes longer: who sends a byte a minute never times out."""
    done = threading.Event()

    def watch() -> None:
        wait = seconds
        while not done.wait(wait):
            _cut(client)
            wait = 0.2

    thread = threading.Thread(target=watch, name="mail-limit", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def _cut(client: smtplib.SMTP) -> None:
    """Shut a connection down under its reader; a copy, as TLS keeps its own account of it."""
    with (
        suppress(OSError, AttributeError),
        socket(fileno=dup(client.sock.fileno())) as copy,  # type: ignore[union-attr]
    ):
        copy.shutdown(SHUT_RDWR)
