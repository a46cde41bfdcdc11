"""What a plugin holds about a person, who may see all of it and may have it erased."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSubject:
    """The person whom a request is about, as far as they could be identified.

    `user_id` is their account, `contact_ids` are those of the current workspace that describe
    them. `emails` are in lower case, `phones` in E.164.
    """

    user_id: UUID | None = None
    contact_ids: tuple[UUID, ...] = ()
    emails: tuple[str, ...] = ()
    phones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalRecord:
    """One thing that is stored about a person.

    `kind` says what it is (`note`), `id` which one; `body` is itself, as UTF-8 JSON.
    """

    kind: str
    id: UUID
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class RetainedRecords:
    """What was not erased: `count` records of a `kind`, and the `reason`, in law or in fact."""

    kind: str
    count: int
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ErasureReport:
    """What became of a person's records: `erased`, or `anonymised`, so many; `retained` stay."""

    erased: int = 0
    anonymised: int = 0
    retained: tuple[RetainedRecords, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """How a plugin answers a person who asks for their data.

    Both are called as the plugin's code, once in every workspace that may know the person, and
    once in none for what belongs to the deployment. `export` yields all records about them.
    `erase` removes these, or what in them refers to a person; called again it finds nothing.
    `identify` yields the ids of the current workspace's contacts that describe the person: it is
    asked in every plugin before the others, and makes up their `contact_ids`.
    """

    export: Callable[[DataSubject], Iterable[PersonalRecord]]
    erase: Callable[[DataSubject], ErasureReport]
    identify: Callable[[DataSubject], Iterable[UUID]] | None = None
