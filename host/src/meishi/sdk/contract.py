"""What a plugin's `contract.py` is made of: events, errors, call rules, documents and lists.

This module imports the standard library only, so a contract can be read, and a call to it
encoded, where neither Flask nor SQLAlchemy is installed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import ClassVar, TypeVar
from uuid import UUID

_Method = TypeVar("_Method", bound=Callable[..., object])

# An even number of backslashes before it would make it text about U+0000.
_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")

#: Attribute under which a contract method carries its `CallRule`.
RULE_ATTRIBUTE = "__meishi_call_rule__"


class Event:
    """A fact in the past tense, declared by the plugin that owns it.

    Subclasses are frozen dataclasses. They carry ids and the names of what changed, never a
    person's values: those stay with their owner and are read through its contract.

    `event_type` ends in its version (`contact.created.v1`); `subject` names the field whose
    value says what the event is about. Events of one subject are delivered in commit order.
    """

    __slots__ = ()

    event_type: ClassVar[str]
    subject: ClassVar[str]

    def upcast(self) -> Event:
        """Return the event as the next version of its type; the newest one returns itself.

        A class that a newer one has replaced overrides this, and names in its return type what it
        becomes. It stays in the contract for what the log holds of it, and is published no more.
        That nothing is overridden is the only sign of the newest version: a mark beside the
        method could say otherwise than the method does.
        """
        return self


class Role(StrEnum):
    """The roles that a member of a workspace may have, each including those after it."""

    OWNER = "owner"
    ADMIN = "admin"
    MEMBER = "member"
    VIEWER = "viewer"


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one value: a JSON pointer, a stable code and a sentence."""

    pointer: str
    code: str
    message: str


class DomainError(Exception):
    """A declared error: it crosses a contract as itself, and HTTP as a problem (RFC 9457).

    `code` is stable and unique, `status` is the HTTP status, `title` is the same for every
    occurrence; `detail` says what happened this time.
    """

    code: ClassVar[str]
    title: ClassVar[str]
    status: ClassVar[int] = 422

    def __init__(self, detail: str, *, errors: Sequence[FieldError] = ()) -> None:
        super().__init__(detail)
        self.detail = detail
        self.errors = tuple(errors)


class EventVetoed(DomainError):
    """A plugin refused a change while it listened to the event inside the transaction.

    Any command may end with it; the detail names who refused, and why.
    """

    code = "event-vetoed"
    title = "Refused by another module"
    status = 409


class VersionMismatch(DomainError):
    """The resource has changed since the caller read the version that a change was meant for."""

    code = "version-mismatch"
    title = "Changed meanwhile"
    status = 412


class SyncTokenExpired(DomainError):
    """What has changed since a token cannot be told any more; the feed has to be read anew."""

    code = "sync-token-expired"
    title = "Synchronise anew"
    status = 410


class InvalidCursor(DomainError):
    """A cursor was not given out for this list, for another query of it, or not at all."""

    code = "invalid-cursor"
    title = "Invalid cursor"
    status = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A resource as the web API shows it: UTF-8 JSON, and the version that it has."""

    version: int
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentPage:
    """A part of a list, as the web API shows it.

    `items` are JSON documents in the order of the list. `position` is where the next page goes
    on, None on the last one: the last item's values of the sort fields, as text, then its id.
    """

    items: tuple[bytes, ...]
    position: tuple[str, ...] | None
    total: int | None = None


class Operator(StrEnum):
    """How a filter compares a field with its value.

    The value of `in`, `all` and `none` are several, separated by commas: the field has one of them,
    all, or none. That of `empty` is `true` where the field has no value, `false` where it has one.
    """

    EQ = "eq"
    PREFIX = "prefix"
    LT = "lt"
    LTE = "lte"
    GT = "gt"
    GTE = "gte"
    IN = "in"
    ALL = "all"
    NONE = "none"
    EMPTY = "empty"


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """One filter of a list; `value` is text, times are in RFC 3339, flags `true` or `false`."""

    field: str
    operator: Operator
    value: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SortKey:
    """A field by which a list is sorted."""

    field: str
    descending: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ListQuery:
    """What a caller wants of a list: which items, in which order, from where, how many.

    All conditions must hold. `text` is what to search for; without `sort` its best matches
    come first. `after` is the `position` of the page before, of the same query.
    """

    conditions: tuple[Condition, ...] = ()
    text: str | None = None
    sort: tuple[SortKey, ...] = ()
    after: tuple[str, ...] | None = None
    limit: int = 50
    with_total: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeMark:
    """What a database showed at one moment, in the numbers of its own transactions.

    Of the transactions before `next_transaction` all were over but the `open_transactions`.
    `cluster` says whose numbers these are, `at` when that was, in seconds since 1970.
    """

    cluster: str
    at: int
    next_transaction: int
    open_transactions: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeQuery:
    """What a caller wants of a changes feed.

    A round tells what `since` did not show and `until` did; without `since` it tells what there
    is. Its first page draws `until`; the others are asked for with that, and with the `position`
    of the page before as `after`.
    """

    since: ChangeMark | None = None
    until: ChangeMark | None = None
    after: tuple[str, ...] | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Tombstone:
    """A resource that is gone, and since when."""

    id: UUID
    deleted_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangePage:
    """A part of a round of a changes feed, as the web API shows it.

    `items` are JSON documents of what is there, `deleted` is what is gone. `position` is where
    the round goes on, None at its end: the next one tells what has changed since `until`.
    """

    items: tuple[bytes, ...] = ()
    deleted: tuple[Tombstone, ...] = ()
    until: ChangeMark
    position: tuple[str, ...] | None


def check_version(version: int, wanted: Sequence[int] | None) -> None:
    """Raise `VersionMismatch` unless a change is meant for this version, or for any (None)."""
    if wanted is not None and version not in wanted:
        raise VersionMismatch(f"The resource is at version {version} now; read it again.")


def holds_nul(document: bytes) -> bool:
    """Whether a JSON text holds the character U+0000, which PostgreSQL cannot store."""
    return b"\\u0000" in document and _NUL.search(document) is not None


class CallKind(StrEnum):
    """What a caller may expect of a method, and where the method may run."""

    QUERY = "query"
    COMMAND = "command"
    ATOMIC = "atomic"


@dataclass(frozen=True, slots=True)
class CallRule:
    """How one contract method behaves when called: its kind and the errors it declares."""

    kind: CallKind
    errors: tuple[type[DomainError], ...]


def query(*, errors: Sequence[type[DomainError]] = ()) -> Callable[[_Method], _Method]:
    """Mark a method that only reads: it may be repeated and may run elsewhere."""
    return _rule(CallKind.QUERY, errors)


def command(*, errors: Sequence[type[DomainError]] = ()) -> Callable[[_Method], _Method]:
    """Mark a method that changes its plugin's own data and may run elsewhere."""
    return _rule(CallKind.COMMAND, errors)


def atomic(*, errors: Sequence[type[DomainError]] = ()) -> Callable[[_Method], _Method]:
    """Mark a method that needs its caller's transaction; it pins its plugin to this process."""
    return _rule(CallKind.ATOMIC, errors)


def _rule(kind: CallKind, errors: Sequence[type[DomainError]]) -> Callable[[_Method], _Method]:
    rule = CallRule(kind, tuple(errors))

    def mark(method: _Method) -> _Method:
        setattr(method, RULE_ATTRIBUTE, rule)
        return method

    return mark
