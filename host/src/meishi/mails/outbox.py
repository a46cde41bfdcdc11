"""The outbox: every statement about mails that wait."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from meishi.database.unit_of_work import UnitOfWork
from meishi.letters.letter import Letter

_ADD = """
    INSERT INTO meishi_mails.mail
        (id, kind, message_id, recipient, name, subject, body, html, asked_at)
    VALUES (%(id)s, %(kind)s, %(message_id)s, %(to)s, %(name)s, %(subject)s, %(text)s, %(html)s,
            %(at)s)
"""

_GET = """
    SELECT message_id, recipient, name, subject, body, html, asked_at
    FROM meishi_mails.mail WHERE id = %(id)s
"""

_LIST = """
    SELECT id, kind, recipient, asked_at FROM meishi_mails.mail ORDER BY asked_at, id
    LIMIT %(limit)s
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingMail:
    """A mail that is not sent yet, as operators see it."""

    id: UUID
    kind: str
    to: str
    asked_at: datetime


def add(work: UnitOfWork, mail_id: UUID, kind: str, letter: Letter) -> None:
    """Have a letter wait."""
    values = {
        "id": mail_id, "kind": kind, "message_id": letter.message_id, "to": letter.to,
        "name": letter.name, "subject": letter.subject, "text": letter.text, "html": letter.html,
        "at": letter.at,
    }  # fmt: skip
    work.execute(_ADD, values)


def get(work: UnitOfWork, mail_id: UUID) -> Letter | None:
    """Return a letter, None if it was sent or forgotten."""
    for message_id, to, name, subject, text, html, at in work.execute(_GET, {"id": mail_id}):
        return Letter(
            message_id=message_id, to=to, name=name, subject=subject, text=text, html=html, at=at
        )
    return None


def remove(work: UnitOfWork, mail_id: UUID) -> None:
    """Delete a mail that was sent."""
    work.execute("DELETE FROM meishi_mails.mail WHERE id = %(id)s", {"id": mail_id})


def waiting(work: UnitOfWork, limit: int) -> list[WaitingMail]:
    """Return mails that were not sent yet, the oldest first."""
    return [
        WaitingMail(id=mail_id, kind=kind, to=to, asked_at=at)
        for mail_id, kind, to, at in work.execute(_LIST, {"limit": limit})
    ]


def forget(work: UnitOfWork, days: int) -> None:
    """Delete mails that were not sent in so many days."""
    statement = """
        DELETE FROM meishi_mails.mail
        WHERE asked_at < clock_timestamp() - make_interval(days => %(days)s)
    """
    work.execute(statement, {"days": days})
