"""The feed of an application: who asks, from where on, how many, and for how long to wait."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from meishi.events.environment import Environment
from meishi.events.feed.places import FeedPlace
from meishi.events.feed.reading import FeedPage, newest_place, oldest_place, read_feed
from meishi.events.feed.waiting import News, WaitingRoom
from meishi.events.log import DB_SCHEMA
from meishi.events.spans import StoredEvent, Wanted
from meishi.sdk.contract import InvalidCursor
from meishi.signing import ForgedText


class Beginning(StrEnum):
    """Where who has no cursor yet begins."""

    OLDEST = "oldest"
    NOW = "now"


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRequest:
    """What is wanted of the feed of a workspace, or of all where it is None.

    That is events of stored types, behind a cursor or from a beginning; `wait` is for how many
    seconds it may wait for the first.
    """

    workspace: UUID | None
    types: Sequence[str]
    start: str | Beginning
    limit: int
    wait: float = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedAnswer:
    """Events, the cursor behind them, and whether there is more at once.

    `turned_away` says that too many others wait already.
    """

    events: tuple[StoredEvent, ...]
    cursor: str
    more: bool
    turned_away: bool


class EventFeed:
    """Reads the log for callers of one application object."""

    def __init__(self, host: Environment) -> None:
        self._host = host
        # The other half of the threads answers while these wait.
        self.room = WaitingRoom(host.settings.threads // 2)
        self.news = News(host, self.room)

    def answer(self, wanted: FeedRequest) -> FeedAnswer:
        """Return the next events, as soon as there are any; none, if there are none in time.

        It holds no connection while it waits.

        :raises InvalidCursor: for a cursor that was not given out in this workspace
        :raises CursorExpired: for one behind which something may be gone
        """
        until = time.monotonic() + wanted.wait
        self.news.look()
        page = self._read(self._start(wanted), wanted)
        turned_away = False
        if wanted.wait and not page.events and not page.more:
            with self.room.seat() as seated:
                turned_away = not seated
                while seated and not page.events and not page.more:
                    if not self.news.wait(page.newest, until):
                        break
                    page = self._read(page.place, wanted)
        return FeedAnswer(
            events=page.events,
            cursor=self._host.signer.sign(_purpose(wanted.workspace), page.place.encode()),
            more=page.more,
            turned_away=turned_away,
        )

    def _start(self, wanted: FeedRequest) -> FeedPlace:
        if not isinstance(wanted.start, Beginning):
            try:
                content = self._host.signer.read(_purpose(wanted.workspace), wanted.start)
            except ForgedText as error:
                raise InvalidCursor(
                    "`after` takes `next_after` of an answer in this workspace, as it was."
                ) from error
            return FeedPlace.decode(content)
        with self._host.within(DB_SCHEMA) as scope:
            if wanted.start is Beginning.NOW:
                return newest_place(scope.work)
            return oldest_place(scope.work)

    def _read(self, place: FeedPlace, wanted: FeedRequest) -> FeedPage:
        with self._host.within(DB_SCHEMA) as scope:
            events = Wanted(wanted.types, workspace=wanted.workspace, most=wanted.limit)
            return read_feed(scope.work, place, events)


def _purpose(workspace: UUID | None) -> str:
    return f"events:{workspace}"
