"""A letter, and the message (RFC 5322) that it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime, parseaddr


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """One mail to one person, checked.

    `message_id` stays the same however often the letter is tried: who has it already can tell.
    `name` is the recipient's, perhaps empty.
    """

    message_id: str
    to: str
    name: str
    subject: str
    text: str
    html: str | None
    at: datetime

    @property
    def international(self) -> bool:
        """Whether the address is one that only newer mail servers know (RFC 6531)."""
        return not self.to.isascii()


def address_of(sender: str) -> str:
    """Return the bare address of `Name <address>`."""
    return parseaddr(sender)[1]


def compose(letter: Letter, sender: str) -> bytes:
    """Return the message, its lines ended by CR LF; `sender` is `Name <address>`."""
    name, address = parseaddr(sender)
    message = EmailMessage(policy=SMTPUTF8 if letter.international else SMTP)
    message["From"] = _address(name, address)
    message["To"] = _address(letter.name, letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = letter.message_id
    # Nobody is to answer by a machine: holiday notes would come back to us (RFC 3834).
    message["Auto-Submitted"] = "auto-generated"
    # Plain ASCII on the way, as not every server on it passes on anything else.
    message.set_content(letter.text, charset="utf-8", cte="quoted-printable")
    if letter.html is not None:
        message.add_alternative(
            letter.html, subtype="html", charset="utf-8", cte="quoted-printable"
        )
    return message.as_bytes()


def _address(name: str, address: str) -> Address:
    local, _, domain = address.rpartition("@")
    return Address(display_name=name, username=local, domain=domain)
