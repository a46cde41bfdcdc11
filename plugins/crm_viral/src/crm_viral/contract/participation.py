"""Participation: who shares links, and what happens to these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

#: Links that one participant may have in a programme.
MAX_LINKS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A user of this workspace who takes part in a programme, and what they have got for it."""

    id: UUID
    programme_id: UUID
    user_id: UUID
    earned: int
    joined_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class ParticipantPage:
    """Participants in the order in which they came."""

    items: tuple[Participant, ...]
    next_after: UUID | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """An address that somebody shares; `code` is what people type instead.

    Nobody can change one, so its version stays.
    """

    id: UUID
    programme_id: UUID
    participant_id: UUID
    user_id: UUID
    code: str
    url: str
    label: str | None
    created_at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkPage:
    """Links in order of creation."""

    items: tuple[Link, ...]
    next_after: UUID | None
    total: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkImage:
    """A link as a code to scan."""

    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Where a link leads, and for how many seconds the browser remembers that."""

    referral: str
    seconds: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """Somebody has followed a link; who that was, nobody can tell."""

    id: UUID
    programme_id: UUID
    link_id: UUID
    channel: str | None
    placement: str | None
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TouchPage:
    """Touches in order of time."""

    items: tuple[Touch, ...]
    next_after: UUID | None
    total: int | None
