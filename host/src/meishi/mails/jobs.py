"""Delivering mails, one at a time, and forgetting those that nobody took."""

from __future__ import annotations

from uuid import UUID

from meishi.context import current_scope, enter_scope
from meishi.letters.letter import Letter
from meishi.logs import logger
from meishi.mails import outbox
from meishi.mails.models import DB_SCHEMA

#: Days for which a mail that could not be sent is kept: as long an operator may try it again.
KEPT_DAYS = 14


def deliver(mail_id: UUID) -> None:
    """Send a mail, and delete it; one that is gone was sent by another attempt."""
    letter = _read(mail_id)
    if letter is None:
        return
    mailer = current_scope().host.mailer
    delivery = mailer.deliver(letter)
    outbox.remove(current_scope().work, mail_id)
    if delivery.file is not None:
        logger(mailer.log_level.value).info("mail written", file=str(delivery.file))


def forget_unsent() -> None:
    """Delete mails that could not be sent for so long that nobody waits for them."""
    outbox.forget(current_scope().work, KEPT_DAYS)


def _read(mail_id: UUID) -> Letter | None:
    """Return a letter in a transaction of its own: none may be open while a server is slow."""
    with enter_scope(current_scope().aside()) as scope, scope.work.entered(DB_SCHEMA):
        return outbox.get(scope.work, mail_id)
