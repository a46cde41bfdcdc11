"""Attribution: whom a sign-up is owed to, and why not to somebody else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crm_viral.contract import Verdict, WeighedTouch


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A touch of the visitor who has signed up: whose link it was, and when."""

    touch_id: UUID
    link_id: UUID
    referrer_id: UUID
    at: datetime


def last_click(
    touches: Sequence[Followed], *, referee_id: UUID, at: datetime, window: timedelta
) -> tuple[Followed | None, tuple[WeighedTouch, ...]]:
    """Return the last touch that counts for a sign-up, if any, and what was found of each.

    Of two at one moment the one with the greater id is the later; ids grow with time.
    """
    ordered = sorted(touches, key=lambda touch: (touch.at, touch.touch_id))
    verdicts: dict[UUID, Verdict] = {}
    winner: Followed | None = None
    for touch in reversed(ordered):
        verdict = _verdict(touch, referee_id, at, window)
        if verdict is None:
            verdict = Verdict.EARLIER if winner else Verdict.LAST
            winner = winner or touch
        verdicts[touch.touch_id] = verdict
    weighed = tuple(
        WeighedTouch(
            touch_id=touch.touch_id,
            link_id=touch.link_id,
            at=touch.at,
            verdict=verdicts[touch.touch_id],
        )
        for touch in ordered
    )
    return winner, weighed


def closes_ring(referrer_id: UUID, referee_id: UUID, referrer_of: Mapping[UUID, UUID]) -> bool:
    """Whether a referee is the referrer, or has led to them through whomever."""
    seen: set[UUID] = set()
    at: UUID | None = referrer_id
    while at is not None and at not in seen:
        if at == referee_id:
            return True
        seen.add(at)
        at = referrer_of.get(at)
    return False


def _verdict(touch: Followed, referee_id: UUID, at: datetime, window: timedelta) -> Verdict | None:
    """Return what excludes a touch; None for nothing."""
    if touch.at > at:
        return Verdict.AFTER_SIGN_UP
    if touch.at <= at - window:
        return Verdict.TOO_OLD
    return Verdict.OWN_LINK if touch.referrer_id == referee_id else None
