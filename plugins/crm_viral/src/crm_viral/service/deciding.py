"""Deciding: a batch of sign-ups in one workspace, while the rows of their programmes are locked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from crm_viral.attribution import Followed, closes_ring, last_click
from crm_viral.contract import (
    Arrival,
    AttributionMethod,
    DueReward,
    Link,
    Programme,
    WeighedReward,
    WeighedTouch,
)
from crm_viral.explaining import Explanation
from crm_viral.granting import Purse
from crm_viral.repository import conversions, programmes
from crm_viral.repository.conversions import NewConversion
from crm_viral.service.programmes import is_live, window


@dataclass(slots=True)
class Decided:
    """What comes of a batch: amounts are by programme, or by participant."""

    conversions: list[NewConversion] = field(default_factory=list)
    spent: defaultdict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    earned: defaultdict[UUID, int] = field(default_factory=lambda: defaultdict(int))
    due_here: list[DueReward] = field(default_factory=list)
    due_elsewhere: list[tuple[UUID, DueReward]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Owed:
    """Whom a sign-up is owed to, by which link, and why."""

    referrer_id: UUID
    link_id: UUID
    touch_id: UUID | None
    method: AttributionMethod
    touches: tuple[WeighedTouch, ...]


class Deciding:
    """Decides about arrivals in their order; each decision sees those before it."""

    def __init__(
        self,
        followed: Mapping[UUID, Link],
        homes: Mapping[UUID, UUID | None],
        new_id: Callable[[], UUID],
    ) -> None:
        self._followed = followed
        self._homes = homes
        self._new_id = new_id
        self._decided = Decided()
        self._programmes: dict[UUID, Programme] = {}
        self._purses: dict[UUID, Purse] = {}
        self._touches: dict[conversions.Journey, list[Followed]] = {}
        self._done: set[conversions.Pair] = set()
        self._ties: dict[UUID, dict[UUID, UUID]] = {}
        self._earned: dict[conversions.Pair, tuple[UUID, int]] = {}

    def decide(self, arrivals: Sequence[Arrival]) -> Decided:
        """Return what comes of these arrivals; who was decided about before is left out."""
        known = [it for it in arrivals if it.link_id in self._followed]
        self._programmes = programmes.locked(list({self._programme_of(it) for it in known}))
        self._purses = {key: Purse(it.rules, it.spent) for key, it in self._programmes.items()}
        self._touches = conversions.touches(
            (self._programme_of(it), bytes.fromhex(it.visitor)) for it in known if it.visitor
        )
        referrers = {touch.referrer_id for found in self._touches.values() for touch in found}
        referrers |= {self._followed[it.link_id].user_id for it in known}
        places = list(self._programmes)
        self._done = conversions.converted(places, [it.user_id for it in known])
        self._ties = conversions.ties(places, list(referrers))
        self._earned = conversions.earned(places, list(referrers))
        for arrival in known:
            self._decide(arrival, self._programmes[self._programme_of(arrival)])
        return self._decided

    def _programme_of(self, arrival: Arrival) -> UUID:
        return self._followed[arrival.link_id].programme_id

    def _decide(self, arrival: Arrival, programme: Programme) -> None:
        referee = arrival.user_id
        if (programme.id, referee) in self._done or not is_live(programme.rules, arrival.at):
            return
        owed = self._owed(arrival, programme)
        if owed is None or closes_ring(owed.referrer_id, referee, self._ties[programme.id]):
            return
        self._done.add((programme.id, referee))
        self._ties[programme.id][referee] = owed.referrer_id
        participant_id, earned = self._earned[programme.id, owed.referrer_id]
        earned += self._decided.earned[participant_id]
        rewards = self._purses[programme.id].grant(earned)
        self._note(arrival, programme, owed, participant_id, rewards)

    def _owed(self, arrival: Arrival, programme: Programme) -> _Owed | None:
        """Return whom a sign-up is owed to: a typed code beats the last click."""
        if arrival.visitor is None:
            link = self._followed[arrival.link_id]
            return _Owed(link.user_id, link.id, None, AttributionMethod.TYPED_CODE, ())
        touches: Sequence[Followed] = self._touches[programme.id, bytes.fromhex(arrival.visitor)]
        won, weighed = last_click(
            touches, referee_id=arrival.user_id, at=arrival.at, window=window(programme.rules)
        )
        if won is None:
            return None
        method = AttributionMethod.LAST_CLICK
        return _Owed(won.referrer_id, won.link_id, won.touch_id, method, weighed)

    def _note(
        self,
        arrival: Arrival,
        programme: Programme,
        owed: _Owed,
        participant_id: UUID,
        rewards: tuple[WeighedReward, WeighedReward],
    ) -> None:
        to_referrer, to_referee = rewards
        home = self._homes[arrival.user_id] if to_referee.amount else None
        new = NewConversion(
            id=self._new_id(),
            programme_id=programme.id,
            participant_id=participant_id,
            link_id=owed.link_id,
            touch_id=owed.touch_id,
            referrer_id=owed.referrer_id,
            referee_id=arrival.user_id,
            method=owed.method,
            rule_version=programme.rule_version,
            explanation=Explanation(owed.touches, rewards),
            referrer_amount=to_referrer.amount,
            referee_amount=to_referee.amount,
            referee_workspace_id=home,
            converted_at=arrival.at,
        )
        decided = self._decided
        decided.conversions.append(new)
        decided.spent[programme.id] += to_referrer.amount + to_referee.amount
        decided.earned[participant_id] += to_referrer.amount
        if to_referrer.amount:
            due = _due(new, owed.referrer_id, to_referrer.amount, programme)
            decided.due_here.append(due)
        if home is not None:
            due = _due(new, arrival.user_id, to_referee.amount, programme)
            decided.due_elsewhere.append((home, due))


def _due(new: NewConversion, beneficiary_id: UUID, amount: int, programme: Programme) -> DueReward:
    return DueReward(
        conversion_id=new.id,
        programme_id=programme.id,
        beneficiary_id=beneficiary_id,
        amount=amount,
        unit=programme.rules.unit,
        rule_version=programme.rule_version,
    )
