"""Entries: what is written of one action, and what is read of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from meishi.sdk.contract import DomainError


class Outcome(StrEnum):
    """What became of an action."""

    DONE = "done"
    DENIED = "denied"


@dataclass(frozen=True, slots=True, kw_only=True)
class Resource:
    """What an action is about: the kind, as its address names it, and the id if there is one."""

    type: str
    id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What is written of an action, besides who acts, when and where; fields are an entry's."""

    name: str
    plugin: str
    permission: str | None = None
    status: int | None = None
    outcome: Outcome = Outcome.DONE
    resource: Resource | None = None
    changed: Sequence[str] = ()
    address: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One action of somebody, or of the system where there is no `user_id`.

    `action` is a method and the address of an operation (`PATCH /api/v1/contacts/{contact_id}`),
    or the name that a plugin gives it (`identity.token-issued`). `permission` is what it needs.
    `changed` has names of fields, never their values; `address` is a network, never a person's
    address. `correlation` is that of the request, and of the events that came of it.
    """

    id: UUID
    at: datetime
    outcome: Outcome
    action: str
    plugin: str
    permission: str | None
    status: int | None
    user_id: UUID | None
    token_id: UUID | None
    session_id: UUID | None
    resource_type: str | None
    resource_id: str | None
    changed: tuple[str, ...]
    address: str | None
    correlation: UUID


class EntryNotFound(DomainError):
    """There is no such entry in this workspace."""

    code = "audit-entry-not-found"
    title = "Audit entry not found"
    status = 404
