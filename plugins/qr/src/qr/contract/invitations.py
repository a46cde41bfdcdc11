"""What others supply for visitors who want a card of their own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class CardInvitation:
    """Where "Make your own card" leads from a card.

    `address` is given the id of the card, inside its workspace, and returns the path of a page of
    this site (`/sign-up?…`), or None to leave it to others.
    """

    address: Callable[[UUID], str | None]
