"""Sending mails to people."""

from __future__ import annotations

from uuid import UUID

from meishi.context import current_scope
from meishi.letters.errors import InvalidMail
from meishi.mails import sending

__all__ = ["InvalidMail", "mail_folder", "send"]


def send(
    *, kind: str, to: str, subject: str, text: str, html: str | None = None, name: str = ""
) -> UUID:
    """Have a mail sent to one person, and return its id.

    It is sent after the commit of the current transaction, or not at all, and tried again until
    the mail server takes it. `kind` says what it is for (`password-reset`), and nothing about the
    person; `name` is the person's. `html` says the same as `text`.

    :raises InvalidMail: if the address is none, or a part holds what cannot be sent
    """
    return sending.send(
        current_scope(), kind=kind, to=to, name=name, subject=subject, text=text, html=html
    )


def mail_folder() -> str | None:
    """Return the folder that mails are written into, where that helps whoever reads the page.

    None where a mail server sends them, and on a server that strangers reach.
    """
    return current_scope().host.mailer.local_folder
