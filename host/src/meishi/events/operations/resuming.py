"""Resuming: going on with a neighbour's events where what comes next is not kept any more."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from meishi.database.unit_of_work import UnitOfWork
from meishi.events.across import places
from meishi.events.across.following import (
    OF_OPERATIONS,
    CursorGone,
    Followed,
    Follower,
    FollowingHost,
    followed,
)
from meishi.events.across.pages import SentEvent, SentPage
from meishi.events.across.places import Place
from meishi.events.feed.feed import Beginning
from meishi.events.log import DB_SCHEMA as EVENTS
from meishi.events.operations.errors import OperationRefused, WrongState, unknown_name
from meishi.events.operations.statements import lock_subscription, subscription_names
from meishi.events.subscriptions import Subscriber, renounce
from meishi.remote.models import DB_SCHEMA

_READ_AGAIN = """
    UPDATE meishi_events.backfill
    SET done = false, next = NULL, attempts = 0, next_at = NULL, error = NULL
    WHERE subscription = %(name)s
"""


class UnknownPlace(OperationRefused):
    """Nobody of that name is followed."""

    code = "unknown-place"
    title = "Nobody is followed there"
    status = 404


@dataclass(frozen=True, slots=True, kw_only=True)
class MissedEvents:
    """What does not come any more of a neighbour's events.

    They were followed until `since`; the oldest that is kept happened `until`, None if none is, by
    the clock over there. Of the subscriptions that heard of them, `read_again` read from the
    beginning what there is, and `without` have nothing that could tell them. Where `nothing` was
    missed, as the oldest was taken before, the other side was put back to an earlier state.
    """

    place: str
    since: datetime
    until: datetime | None
    nothing: bool
    read_again: tuple[str, ...]
    without: tuple[str, ...]


class Resuming:
    """Goes on with the events of one neighbour from the oldest that is kept.

    :raises UnknownPlace: if nobody is followed under this name
    """

    def __init__(self, host: FollowingHost, place: str) -> None:
        self._host = host
        self._whom = _followed(host, place)
        self._follower = Follower(host, self._whom)

    def missed(self) -> MissedEvents:
        """Return what was missed.

        :raises WrongState: if nothing was
        :raises NoAnswer: if the neighbour has none
        """
        return self._missed(self._lost(), self._follower.page(None))

    def resume(self) -> MissedEvents:
        """Take the oldest page in place of what comes next, and have the past read once more.

        What was taken before is known, and not taken twice. All of that is kept together.

        :raises WrongState: if nothing was missed, or somebody else was faster
        :raises NoAnswer: if the neighbour has none
        """
        known, page = self._lost(), self._follower.page(None)
        missed = self._missed(known, page)
        with self._host.within(DB_SCHEMA) as scope:
            if not places.forget_cursor(scope.work, self._whom.place, known.cursor):
                raise WrongState(f"Events of {self._whom.place} were resumed already.")
            places.take(scope.work, self._whom.place, None, page)
            with scope.work.entered(EVENTS):
                _read_again(scope.work, missed.read_again)
        return missed

    def _lost(self) -> Place:
        """Return how far events were followed; raise unless that leads nowhere any more."""
        name = self._whom.place
        with self._host.within(DB_SCHEMA) as scope:
            known = places.place_of(scope.work, name)
        if known is None:
            raise WrongState(f"Events of {name} were never followed; that begins by itself.")
        try:
            self._follower.page(known.cursor)
        except CursorGone:
            return known
        raise WrongState(f"Events of {name} are followed; nothing was missed.")

    def _missed(self, known: Place, page: SentPage) -> MissedEvents:
        types = set(self._whom.types) - OF_OPERATIONS
        heard = [one for one in self._host.subscribers() if one.types & types]
        oldest = page.events[0] if page.events else None
        nothing = oldest is not None and self._is_known(oldest)
        without = (one for one in heard if one.declared.backfill is None and not nothing)
        return MissedEvents(
            place=self._whom.place,
            since=known.at,
            until=None if oldest is None else oldest.time,
            nothing=nothing,
            read_again=_names(one for one in heard if one.declared.backfill is not None),
            without=_names(without),
        )

    def _is_known(self, event: SentEvent) -> bool:
        with self._host.within(DB_SCHEMA) as scope:
            return places.is_known(scope.work, event.id)


def _followed(host: FollowingHost, place: str) -> Followed:
    known = {whom.place: replace(whom, start=Beginning.OLDEST) for whom in followed(host)}
    if place not in known:
        listing = f"There are: {', '.join(sorted(known))}." if known else "Nobody is followed."
        raise UnknownPlace(
            f"No events of {place!r} are followed here.",
            hint=unknown_name(place, sorted(known), listing),
        )
    return known[place]


def _names(found: Iterable[Subscriber]) -> tuple[str, ...]:
    return tuple(sorted(one.name for one in found))


def _read_again(work: UnitOfWork, names: Sequence[str]) -> None:
    """Have the past read once more; until that is done, events of a workspace wait."""
    known = subscription_names()
    for name in names:
        if name in known:
            lock_subscription(name)
            work.execute(_READ_AGAIN, {"name": name})
            renounce(work, name)
