"""Sending: a letter is checked and waits, with the commit, for the job that delivers it."""

from __future__ import annotations

import re
from uuid import UUID

from meishi.context import Scope
from meishi.letters.checking import checked_letter
from meishi.letters.errors import InvalidMail
from meishi.mails import outbox
from meishi.mails.models import DB_SCHEMA

#: The job that delivers a mail.
DELIVER = "deliver"

_KIND = re.compile(r"[a-z][a-z0-9_-]{0,59}")


def send(
    scope: Scope, *, kind: str, to: str, name: str, subject: str, text: str, html: str | None
) -> UUID:
    """Have a mail sent once the current transaction is committed; return its id.

    :raises InvalidMail: if it is none that can be sent
    """
    if not _KIND.fullmatch(kind):
        raise InvalidMail(f"The kind of a mail must match {_KIND.pattern}: {kind!r}.")
    mail_id = scope.host.new_id()
    letter = checked_letter(
        message_id=scope.host.mailer.message_id(mail_id),
        to=to,
        name=name,
        subject=subject,
        text=text,
        html=html,
        at=scope.host.clock(),
    )
    asker = scope.work.plugin
    with scope.work.entered(DB_SCHEMA):
        outbox.add(scope.work, mail_id, f"{asker}.{kind}", letter)
        scope.host.request_job(DELIVER, {"mail_id": mail_id}, at=None, priority=None, subject=None)
    return mail_id
