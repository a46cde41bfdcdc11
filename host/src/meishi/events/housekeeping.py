"""Housekeeping: partitions ahead, retention behind, by one worker at a time."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import DBAPIError

from meishi.events.across import places
from meishi.events.delivery import is_away
from meishi.events.environment import Environment
from meishi.events.log import DB_SCHEMA
from meishi.events.notices import Notices
from meishi.events.partitions import add_partition
from meishi.events.retention import drop_partition, thin_out
from meishi.remote import answers as remote_answers
from meishi.remote.models import DB_SCHEMA as REMOTE
from meishi.requests.answers import forget
from meishi.requests.models import DB_SCHEMA as REQUESTS

#: Seconds between two rounds.
EVERY = 60.0

#: Seconds between two attempts to make a partition that is wanted before.
SOON = 0.2

#: Key of the advisory lock of who keeps house.
HOUSEKEEPING = 0x6D6575

#: Who has to wait for a lock holds up every commit behind it: rather try again in a minute.
_ALONE = f"""
    SELECT pg_try_advisory_xact_lock({HOUSEKEEPING}), set_config('lock_timeout', '200ms', true)
"""


class Housekeeping:
    """Looks once a minute after the log, and after what is remembered of requests."""

    def __init__(self, host: Environment, notices: Notices, elapsed: Callable[[], float]) -> None:
        self._host = host
        self._notices = notices
        self._elapsed = elapsed
        self._next = 0.0
        self._next_add = 0.0
        self._wanted_from = 0

    def step(self, last_pos: int) -> None:
        """Keep house if it is time, or if the log has come to `last_pos` too soon.

        What cannot be done now is tried again in the next round.
        """
        now = self._elapsed()
        if now >= self._next:
            self._next = now + EVERY
            for task in (self.add, self.drop, self.thin, self.forget):
                self._try(task)
        elif last_pos >= self._wanted_from and now >= self._next_add:
            self._next_add = now + SOON
            self._try(self.add)

    def _try(self, task: Callable[[], None]) -> None:
        try:
            task()
        except DBAPIError as error:
            if is_away(error):
                raise
            reason = " ".join(str(error).split())
            self._notices.warn("housekeeping put off", task=task.__name__, error=reason)

    def add(self) -> None:
        """Make the next partition, if it is time."""
        with self._host.within(DB_SCHEMA) as scope:
            if not scope.work.execute(_ALONE)[0][0]:
                return
            name, self._wanted_from = add_partition(scope.work)
        if name is not None:
            self._notices.tell("partition added", partition=name)

    def drop(self) -> None:
        """Drop the oldest partition, if nobody needs it any more or its time is over."""
        settings = self._host.settings
        with self._host.within(DB_SCHEMA) as scope:
            if not scope.work.execute(_ALONE)[0][0]:
                return
            dropped = drop_partition(
                scope.work,
                days=settings.events_retention_days,
                cap_days=max(settings.events_retention_days, settings.events_retention_cap_days),
            )
        if dropped is not None:
            tell = self._notices.warn if dropped.missed else self._notices.tell
            tell("partition dropped", partition=dropped.name, missed_by=list(dropped.missed))

    def thin(self) -> None:
        """Delete old ticks, but for one now and then."""
        with self._host.within(DB_SCHEMA) as scope:
            if scope.work.execute(_ALONE)[0][0]:
                thin_out(scope.work)

    def forget(self) -> None:
        """Delete kept answers whose time is over."""
        with self._host.within(REQUESTS) as scope:
            if scope.work.execute(_ALONE)[0][0]:
                forget(scope.work)
        with self._host.within(REMOTE) as scope:
            if scope.work.execute(_ALONE)[0][0]:
                remote_answers.forget(scope.work)
                places.forget(scope.work)
