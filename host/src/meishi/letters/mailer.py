"""The mailer: sends a letter in the way that the deployment has configured."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit
from uuid import UUID

from meishi.letters import folder, smtp
from meishi.letters.errors import MailDelayed
from meishi.letters.letter import Letter, address_of, compose
from meishi.letters.server import MailServer
from meishi.settings import LogLevel, Settings

_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})
#: Who writes where no server is configured; a server's operator names an address of their own.
_NOBODY = "Meishi <meishi@localhost>"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where a letter went: to a mail server, or into a file."""

    server: str | None = None
    file: Path | None = None


class Mailer:
    """Sends letters through the mail server of the settings, or writes them into a folder."""

    def __init__(self, settings: Settings) -> None:
        self._server = None if settings.mail_url is None else MailServer.parse(settings.mail_url)
        self._folder = settings.home / "mails"
        self._is_local = urlsplit(settings.reachable_url).hostname in _LOOPBACK
        self._sender = settings.mail_from or _NOBODY
        self.log_level: LogLevel = settings.log_level

    @property
    def local_folder(self) -> str | None:
        """The folder that mails are written into; None on a server that others can reach."""
        return str(self._folder) if self._server is None and self._is_local else None

    def message_id(self, mail_id: UUID) -> str:
        """Return the name under which a mail is known everywhere."""
        return f"<{mail_id}@{address_of(self._sender).rpartition('@')[2]}>"

    def deliver(self, letter: Letter) -> Delivery:
        """Send a letter.

        :raises MailRefused: if it can never be sent
        :raises MailDelayed: if it may be sent later
        """
        message = compose(letter, self._sender)
        if self._server is not None:
            smtp.send(self._server, message, sender=address_of(self._sender), to=letter.to)
            return Delivery(server=str(self._server))
        name = f"{letter.at:%Y%m%dT%H%M%S}-{letter.message_id.strip('<>').partition('@')[0]}"
        try:
            return Delivery(file=folder.write(self._folder, name, message))
        except OSError as error:
            raise MailDelayed(f"{self._folder} cannot be written to: {error.strerror}") from error
