"""Why a mail is not sent."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class InvalidMail(DomainError):
    """An address, a name, a subject or a text is none that a mail can have."""

    code = "invalid-mail"
    title = "Invalid mail"


class MailRefused(Exception):
    """The mail server will never take this mail: trying again would not change that."""


class MailDelayed(Exception):
    """The mail server did not take this mail now; it may do so later."""
