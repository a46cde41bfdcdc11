"""People with accounts: what is held about them, and its end."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import UUID

import msgspec

from meishi.core.identity.contract import User
from meishi.core.identity.repository import members
from meishi.core.identity.repository import people as repository
from meishi.core.identity.service.names import normalised_email
from meishi.core.identity.service.ownerships import check_no_lone_ownership
from meishi.sdk.context import has_workspace
from meishi.sdk.plugin import DataSubject, ErasureReport, PersonalRecord, PluginContext


class PeopleService:
    """Implements `People`."""

    def __init__(self, context: PluginContext) -> None:
        """Take nothing of the context: all that counts is stored."""

    def find(self, email: str) -> User | None:
        """Return who has an email address."""
        row = repository.by_email(normalised_email(email))
        return None if row is None else User(id=row.id, email=row.email, name=row.name)

    def check_erasable(self, user_id: UUID) -> None:
        """Raise `LastOwner` if a workspace would be without an owner."""
        check_no_lone_ownership(user_id)


def export(subject: DataSubject) -> Iterator[PersonalRecord]:
    """Yield what is held about a person here: in a workspace, or in none."""
    for held in _held_here():
        for row_id, values in repository.rows(held, subject.user_id, subject.emails):
            yield PersonalRecord(kind=held.kind, id=row_id, body=msgspec.json.encode(values))


def erase(subject: DataSubject) -> ErasureReport:
    """Delete what is held about a person here; raise `LastOwner` before anything is."""
    if subject.user_id is not None:
        if has_workspace():
            # Of several who go at once, the last one sees that the others have gone.
            members.lock_owners()
        check_no_lone_ownership(subject.user_id)
    gone = sum(repository.remove(held, subject.user_id, subject.emails) for held in _held_here())
    return ErasureReport(erased=gone)


def _held_here() -> Iterator[repository.Held]:
    here = has_workspace()
    return (held for held in repository.HELD if held.of_workspace == here)
