"""Where the operator's mail server is, read from the setting `mail_url`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from urllib.parse import unquote, urlsplit

from meishi.errors import SettingsError


class Encryption(StrEnum):
    """How what is said to a mail server is kept from others, by the scheme of its URL."""

    STARTTLS = "smtp"
    TLS = "smtps"
    NONE = "smtp+plain"


_PORTS = {Encryption.STARTTLS: 587, Encryption.TLS: 465, Encryption.NONE: 25}


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """A mail server, and who we are there; an empty `user` does not log in."""

    host: str
    port: int
    encryption: Encryption
    user: str = ""
    password: str = field(default="", repr=False)

    @classmethod
    def parse(cls, url: str) -> MailServer:
        """Return the server of a URL that has the form of the setting.

        :raises SettingsError: if it names a port that does not exist
        """
        parts = urlsplit(url)
        encryption = Encryption(parts.scheme)
        try:
            port = parts.port or _PORTS[encryption]
        except ValueError:
            raise SettingsError("`mail_url` names a port beyond 65535.") from None
        return cls(
            host=parts.hostname or "",
            port=port,
            encryption=encryption,
            user=unquote(parts.username or ""),
            password=unquote(parts.password or ""),
        )

    def __str__(self) -> str:
        """Say where it is, and nothing that is secret."""
        return f"{self.host}:{self.port}"
