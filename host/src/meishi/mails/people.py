"""Mails that wait for a person."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from meishi.context import current_scope
from meishi.declarations import DataSubject, ErasureReport, PersonalRecord

_TO_THEM = "lower(recipient) = ANY(%(emails)s::text[])"


def export(subject: DataSubject) -> Iterator[PersonalRecord]:
    """Yield the mails to a person that were not sent yet."""
    scope = current_scope()
    if scope.workspace_id is not None:
        return
    found = scope.work.execute(
        "SELECT id, kind, recipient, name, subject, body, asked_at FROM meishi_mails.mail"  # noqa: S608 (constant)
        f" WHERE {_TO_THEM} ORDER BY id",
        {"emails": list(subject.emails)},
    )
    names = ("kind", "to", "name", "subject", "text", "asked_at")
    for mail_id, *values in found:
        body = msgspec.json.encode(dict(zip(names, values, strict=True)))
        yield PersonalRecord(kind="mail", id=mail_id, body=body)


def erase(subject: DataSubject) -> ErasureReport:
    """Delete the mails to a person that were not sent yet; their jobs find nothing to send."""
    scope = current_scope()
    if scope.workspace_id is not None:
        return ErasureReport()
    gone = scope.work.execute(
        f"DELETE FROM meishi_mails.mail WHERE {_TO_THEM} RETURNING id",  # noqa: S608 (constant)
        {"emails": list(subject.emails)},
    )
    return ErasureReport(erased=len(gone))
