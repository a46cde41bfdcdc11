"""What the social graph publishes: who was tied, and never what they are called."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar
from uuid import UUID

from meishi.sdk.contract import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TiesFound(Event):
    """A source has told of ties between contacts whom nothing tied before.

    Relationships and exchanges of cards tell of themselves, and are not told of again. `source` is
    `<plugin>.<name>`; of many contacts at once there are several events of one change.
    """

    event_type: ClassVar[str] = "tie.found.v1"
    subject: ClassVar[str] = "change_id"

    change_id: UUID
    source: str
    contact_ids: tuple[UUID, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TiesStrengthened(Event):
    """Ties that were there before have become strong, by an exchange of cards or as a source knows.

    What a relationship adds is not told of again. Of many contacts there are several events.
    """

    event_type: ClassVar[str] = "tie.strengthened.v1"
    subject: ClassVar[str] = "change_id"

    change_id: UUID
    contact_ids: tuple[UUID, ...]
