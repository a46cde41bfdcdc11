"""Whether people may be written to and called: their consent for each channel, and its history."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol
from uuid import UUID

from crm_contacts.contract.errors import ContactNotFound, ContactReadOnly
from meishi.sdk.contract import DomainError, VersionMismatch, command, query


class InvalidConsent(DomainError):
    """Nobody can have said that, or not in this way."""

    code = "invalid-consent"
    title = "Invalid consent"
    status = 422


class ConsentChannel(StrEnum):
    """The ways in which somebody can be reached."""

    EMAIL = "email"
    PHONE = "phone"
    SMS = "sms"
    POST = "post"


class ConsentState(StrEnum):
    """What somebody has said to being reached in one way; unknown until somebody asks."""

    GRANTED = "granted"
    DENIED = "denied"
    UNKNOWN = "unknown"


class ConsentOrigin(StrEnum):
    """Why there is a record: somebody made it, a merge brought it, or a merge was taken back."""

    RECORDED = "recorded"
    MERGE = "merge"
    UNMERGE = "unmerge"


@dataclass(frozen=True, slots=True, kw_only=True)
class Consent:
    """A record of what somebody has said to a channel; the one with the highest version counts.

    `given_at` and `how` are when and in which way they said it (a form, a card exchange),
    `recorder_id` is the user who recorded that, None for a service. Where a merge brought it, or
    taking one back, `other_id` is the other contact, and when, how and who are those of the record
    that counts. A contact of which nothing was ever recorded has version 0.
    """

    contact_id: UUID
    channel: ConsentChannel
    state: ConsentState = ConsentState.UNKNOWN
    given_at: datetime | None = None
    how: str | None = None
    origin: ConsentOrigin = ConsentOrigin.RECORDED
    other_id: UUID | None = None
    recorder_id: UUID | None = None
    recorded_at: datetime | None = None
    version: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentPage:
    """Records about one channel, newest first; `next_after` is None on the last page."""

    items: tuple[Consent, ...]
    next_after: int | None
    total: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsentStatement:
    """What a contact has said to a channel somewhere else, when and how."""

    contact_id: UUID
    channel: ConsentChannel
    state: ConsentState
    given_at: datetime
    how: str | None = None


class Consents(Protocol):
    """What contacts of the current workspace have said to being reached.

    Records are added, and never changed. Those of a deleted contact are not there until it is
    restored. Where contacts are merged, the strictest state wins: denied, then unknown, then
    granted; taking the merge back brings back what was.
    """

    @query(errors=(ContactNotFound,))
    def of(self, contact_id: UUID) -> tuple[Consent, ...]:
        """Return what counts, one for each channel, in the order of the channels."""
        ...

    @query(errors=(ContactNotFound,))
    def history(
        self,
        contact_id: UUID,
        channel: ConsentChannel,
        *,
        after: int | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> ConsentPage:
        """Return all records about a channel, newest first, from behind the version `after`."""
        ...

    @command(errors=(ContactNotFound, ContactReadOnly, InvalidConsent, VersionMismatch))
    def record(
        self,
        contact_id: UUID,
        channel: ConsentChannel,
        state: ConsentState,
        *,
        given_at: datetime | None = None,
        how: str | None = None,
        versions: tuple[int, ...] | None = None,
    ) -> Consent:
        """Record what a contact has said, by who acts now; emits `consent.recorded.v1`.

        Without `given_at` they said it now. Where what counts was recorded and says the same, with
        the same time and way, nothing happens. None of `versions` stands for any.

        :raises InvalidConsent: if it was given later than now or before 1900, or `how` is
            blank, long or no text
        """
        ...

    @command(errors=(InvalidConsent,))
    def receive(self, statements: tuple[ConsentStatement, ...]) -> int:
        """Record what contacts have said elsewhere; return how many records that makes.

        May be repeated: what is no newer than what counts adds nothing, nor do statements of
        contacts that are gone. Of a clock that is far ahead, no time later than a quarter of an
        hour from now is taken. Emits `consent.recorded.v1` for each record.
        """
        ...
