"""Following a neighbour: its events come into the log here, in their order and each once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import urlencode

from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from meishi.core.operations.contract import OperationCancelled, OperationFinished
from meishi.events.across import places
from meishi.events.across.pages import MOST, MOST_WAIT, PATH, SentPage, read
from meishi.events.environment import Environment
from meishi.events.feed.feed import Beginning
from meishi.events.notices import Notices
from meishi.lifecycle.contribution import Contribution
from meishi.placement import Placement
from meishi.remote.line import Line, Message, NoAnswer, Reply
from meishi.remote.models import DB_SCHEMA
from meishi.remote.way import Ways

#: Seconds until the next attempt after one that failed: at first, and at most.
_PATIENCE, _MOST_PATIENCE = 0.2, 5.0
#: Seconds for an answer beyond those that it may wait for news.
_MARGIN = 5

#: What a service tells of its operations, which people look for at the main deployment.
OF_OPERATIONS = frozenset({OperationCancelled.event_type, OperationFinished.event_type})

_OK, _STRANGE, _GONE = 200, 400, 410
_LATER = frozenset({429, 502, 503, 504})


class FollowingHost(Environment, Protocol):
    """The host, as far as following knows it."""

    ways: Ways

    def placed_elsewhere(self) -> Sequence[Contribution]:
        """Return what stands here for active plugins that run elsewhere."""
        ...


class CursorGone(Exception):
    """What came behind a cursor is not kept any more, so that it cannot be caught up with."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A neighbour: what it is called here, where it is, and which of its events are wanted."""

    place: str
    placement: Placement
    types: tuple[str, ...]
    start: Beginning


def followed(host: FollowingHost) -> list[Followed]:
    """Return whom a process follows: a service the main deployment, and that all its services.

    A service takes what its plugins listen to; the past they read by contract, so it begins with
    the present. The main deployment takes all that a service publishes, and what becomes of its
    operations, once where it has several plugins.
    """
    elsewhere = host.placed_elsewhere()
    if host.settings.only:
        owned = {event.event_type for item in elsewhere for event in item.event_types}
        heard = {name for item in host.subscribers() for name in item.types}
        types = tuple(sorted(owned & heard))
        placement = next((item.placement for item in elsewhere), None)
        if placement is None or not types:
            return []
        return [Followed(place=places.MAIN, placement=placement, types=types, start=Beginning.NOW)]
    found: dict[Placement, list[Followed]] = {}
    for item in elsewhere:
        if item.placement is None:
            continue
        same = found.setdefault(item.placement, [])
        wanted = {event.event_type for event in item.event_types}
        wanted |= set() if same else OF_OPERATIONS
        if wanted:
            same.append(
                Followed(
                    place=item.plugin,
                    placement=item.placement,
                    types=tuple(sorted(wanted)),
                    start=Beginning.OLDEST,
                )
            )
    return [whom for same in found.values() for whom in same]


class Follower:
    """Follows one neighbour, in steps: a page is asked for, then taken in one transaction.

    Any number of processes may do so at once: who comes second takes nothing.
    """

    def __init__(self, host: FollowingHost, whom: Followed) -> None:
        self._host = host
        self._line: Line = host.ways.line(whom.placement)
        self.whom = whom

    def has_begun(self) -> bool:
        """Whether there is a cursor, so that nothing can be missed from now on."""
        with self._host.within(DB_SCHEMA) as scope:
            return places.cursor_of(scope.work, self.whom.place) is not None

    def step(self, *, wait: int = 0) -> bool:
        """Take the next page; return whether there may be more at once.

        :raises NoAnswer: if the neighbour has none
        :raises CursorGone: if it does not have any more what would come next
        """
        with self._host.within(DB_SCHEMA) as scope:
            known = places.cursor_of(scope.work, self.whom.place)
        page = self.page(known, wait=wait)
        with self._host.within(DB_SCHEMA) as scope:
            taken = places.take(scope.work, self.whom.place, known, page)
        return page.more or not taken

    def note_fault(self, fault: str) -> bool:
        """Keep what an operator should know of it; return whether that is new."""
        with self._host.within(DB_SCHEMA) as scope:
            return places.note_fault(scope.work, self.whom.place, fault)

    def page(self, known: str | None, *, wait: int = 0) -> SentPage:
        """Return the page behind a cursor, or the first one.

        :raises NoAnswer: if the neighbour has none
        :raises CursorGone: if it does not have any more what would come next
        """
        beginning = {"from": self.whom.start.value} if known is None else {"after": known}
        query = {"types": ",".join(self.whom.types), "limit": MOST, "wait": wait, **beginning}
        message = Message(method="GET", path=f"{PATH}?{urlencode(query)}", headers=())
        return self._line.exchange(
            f"events of {self.whom.place}",
            message,
            self._judged,
            repeatable=False,
            seconds=wait + _MARGIN,
        )

    def _judged(self, reply: Reply) -> SentPage:
        url = self.whom.placement.url
        if reply.status == _GONE:
            raise CursorGone(f"{url} does not keep any more what came after our cursor")
        if reply.status == _STRANGE:
            raise CursorGone(f"{url} does not know our cursor; its database may be another one")
        if reply.status != _OK:
            again = reply.status in _LATER
            raise NoAnswer(f"{url} answered {reply.status}", happened=False, again=again)
        try:
            return read(reply.body)
        except ValueError as error:
            reason = f"{url} gave events that cannot be read: {error}"
            raise NoAnswer(reason, happened=False, again=False) from error


class Following:
    """Follows all neighbours of a process, each in a thread that ends with it."""

    def __init__(self, host: FollowingHost) -> None:
        self._followers = [Follower(host, whom) for whom in followed(host)]
        self._notices = Notices(host.settings.log_level)
        self._service = bool(host.settings.only)

    def begin(self, stop: threading.Event) -> None:
        """Take the first cursors of a service, before its plugins read what there is.

        What happens meanwhile comes behind them. It waits until the main deployment answers.
        """
        for follower in self._followers if self._service else ():
            self._until_done(follower, stop, lambda one: one.has_begun() or _begun(one))

    def start(self, stop: threading.Event) -> None:
        """Follow until `stop` is set."""
        for follower in self._followers:
            name = f"following {follower.whom.place}"
            threading.Thread(
                target=self._follow, args=(follower, stop), name=name, daemon=True
            ).start()

    def _follow(self, follower: Follower, stop: threading.Event) -> None:
        def go_on(one: Follower) -> bool:
            while not stop.is_set():
                one.step(wait=MOST_WAIT)
            return True

        self._until_done(follower, stop, go_on)

    def _until_done(
        self, follower: Follower, stop: threading.Event, work: Callable[[Follower], bool]
    ) -> None:
        """Do something again and again, more and more seldom, until it has been done."""
        patience, told = _PATIENCE, ""
        while not stop.is_set():
            try:
                if work(follower):
                    return
            except (NoAnswer, CursorGone, DBAPIError, PoolTimeout) as error:
                reason = " ".join(str(error).split())
                if reason != told:
                    told = reason
                    self._notices.warn("not followed", place=follower.whom.place, error=reason)
                if isinstance(error, CursorGone):
                    follower.note_fault(reason)
                stop.wait(patience)
                patience = min(_MOST_PATIENCE, patience * 2)


def _begun(follower: Follower) -> bool:
    follower.step()
    return True
