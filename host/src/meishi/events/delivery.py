"""Delivery of some events to one subscription: effects and position in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol

from psycopg import Error, OperationalError
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from meishi.calls.failures import CallFailed
from meishi.context import Actor, Scope, enter_scope, substitute_scope
from meishi.events.calls import HandlerCall, handler_calls
from meishi.events.cursor import LOST, Attempt, Cursor, LeaseLost, advance_statement
from meishi.events.envelope import handling
from meishi.events.environment import Environment
from meishi.events.lanes import Lane
from meishi.events.latency import Latency
from meishi.events.leases import UNHURRIED
from meishi.events.log import DB_SCHEMA
from meishi.events.parking import forget_retried, hold_lease, park_followers
from meishi.events.positions import Position
from meishi.events.signals import EventHandlerFailed, Receiver
from meishi.events.spans import StoredEvent
from meishi.events.subscriptions import Subscriber
from meishi.logs import logged
from meishi.remote.line import NoAnswer
from meishi.sdk.contract import Event

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork

#: What passes when it is tried again: serialisation failure, deadlock, lock not available.
PASSING = frozenset({"40001", "40P01", "55P03"})
TRIES = 3
_LOCKED = "55P03"


class CallWatch(Protocol):
    """Ends the process when a call takes too long."""

    def calling(self, label: str, limit_seconds: float) -> AbstractContextManager[None]:
        """Watch over a block that must end within the limit."""
        ...


class Unavailable(Exception):
    """The database cannot be reached; nobody is to blame for what was undone.

    `calling` says that the connection was lost while a handler was running.
    """

    def __init__(self, reason: str, *, calling: bool = False) -> None:
        super().__init__(reason)
        self.calling = calling


class NeighbourAway(Unavailable):
    """A service elsewhere that a handler needs does not answer; nobody is to blame for that."""


class DeliveryFailed(Exception):
    """A handler failed, or what it did could not be kept: all is undone.

    `suspects` are the events that it was given.
    """

    def __init__(self, suspects: Sequence[StoredEvent], cause: BaseException) -> None:
        super().__init__(str(cause))
        self.suspects = tuple(suspects)
        self.cause = cause


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Events to deliver in one transaction, and what is true when they are delivered.

    `parked` is the position of the one event that was parked before, if it is that.
    """

    lane: Lane
    events: tuple[StoredEvent, ...]
    end: Position
    following: Attempt | None = None
    parked: int | None = None


class Delivery:
    """Calls the handlers of one subscription."""

    def __init__(self, host: Environment, subscriber: Subscriber, watch: CallWatch) -> None:
        self._host = host
        self._subscriber = subscriber
        self._watch = watch
        self._receivers: dict[str, Sequence[Receiver]] = {}

    def deliver(self, cursor: Cursor, batch: Batch) -> None:
        """Hand events to their handlers, and keep the effects together with the new position.

        :raises DeliveryFailed: if a handler failed, or a commit did
        :raises LeaseLost: if somebody else has the cursor
        :raises Unavailable: if the database is away
        """
        for number in range(TRIES):
            try:
                self._attempt(cursor, batch)
            except DeliveryFailed as failure:
                if number == TRIES - 1 or sqlstate(failure.cause) not in PASSING:
                    raise
            else:
                return

    def _attempt(self, cursor: Cursor, batch: Batch) -> None:
        scope = Scope(
            host=self._host,
            work=self._host.unit_of_work(),
            actor=Actor(),
            workspace_id=None,
            correlation=self._host.new_id(),
            silent=self._is_silent(cursor, batch),
        )
        latency = Latency(cursor.latency.counts, cursor.latency.total_seconds)
        with _blaming(batch.events), enter_scope(scope):
            fresh, held = self._apart(cursor, batch)
            for call in self._calls(fresh):
                with _blaming(call.stored, calling=True):
                    self._call(scope, cursor, call, batch)
            self._note(scope.work, cursor, batch, held, latency)
        cursor.seq += 1
        cursor.delivered += len(fresh)
        cursor.latency = latency
        cursor.attempt = batch.following
        batch.lane.moved(batch.end)
        cursor.stored = cursor.position

    def _is_silent(self, cursor: Cursor, batch: Batch) -> bool:
        """Whether what handlers publish is dropped: they are building up again what they had."""
        return self._subscriber.rebuilds and cursor.replay.covers(batch.events[0])

    @staticmethod
    def _apart(cursor: Cursor, batch: Batch) -> tuple[list[StoredEvent], list[StoredEvent]]:
        """Return the events that are to be delivered, and those that wait behind parked ones."""
        if batch.parked is not None or not cursor.held:
            return list(batch.events), []
        fresh: list[StoredEvent] = []
        held: list[StoredEvent] = []
        for event in batch.events:
            (held if event.thread in cursor.held else fresh).append(event)
        return fresh, held

    def _calls(self, stored: Sequence[StoredEvent]) -> list[HandlerCall]:
        pairs: list[tuple[StoredEvent, Event]] = []
        decode = self._host.catalogue.decode
        item = None
        try:
            for item in stored:
                pairs.append((item, decode(item.type, item.data)))
        except Exception as error:
            assert item is not None
            raise DeliveryFailed([item], error) from error
        return handler_calls(pairs, self._receivers_of, self._subscriber.declared.batch)

    def _receivers_of(self, event: Event) -> Sequence[Receiver]:
        found = self._receivers.get(event.event_type)
        if found is None:
            found = self._host.signals.receivers(event.event_type, self._subscriber.name)
            self._receivers[event.event_type] = found
        return found

    def _call(self, scope: Scope, cursor: Cursor, call: HandlerCall, batch: Batch) -> None:
        scope.work.move_to(call.workspace)
        label = cursor.label if batch.parked is None else f"{cursor.label}#{batch.parked}"
        pairs = list(zip(call.events, call.stored, strict=True))
        inner = handling(replace(scope, workspace_id=call.workspace), pairs)
        with (
            substitute_scope(inner),
            logged(subscription=cursor.subscription, **call.told()),
            self._watch.calling(label, self._subscriber.declared.limit_seconds),
        ):
            call.receiver(None, events=tuple(call.events))
            scope.work.keep()

    def _note(
        self,
        work: UnitOfWork,
        cursor: Cursor,
        batch: Batch,
        held: Sequence[StoredEvent],
        latency: Latency,
    ) -> None:
        """Have the new position written with the commit, and what must wait, parked.

        That is the last thing: it locks the cursor.
        """
        now = self._host.clock()
        waiting = {event.pos for event in held}
        for event in batch.events:
            if event.pos not in waiting and not cursor.replay.covers(event):
                latency.observe(max(0.0, (now - event.time).total_seconds()))
        work.move_to(None)
        if held or batch.parked is not None:
            with work.entered(DB_SCHEMA):
                hold_lease(work, cursor)
                if batch.parked is not None:
                    forget_retried(work, cursor, batch.events[0])
                else:
                    park_followers(work, cursor, held)
        position = batch.lane.cursor_position(batch.end)
        delivered = len(batch.events) - len(held)
        for statement in (
            UNHURRIED,
            *batch.lane.statements(batch.end),
            advance_statement(cursor, position, batch.following, delivered, latency),
        ):
            work.ending.at_commit(statement)


@contextmanager
def _blaming(events: Sequence[StoredEvent], *, calling: bool = False) -> Iterator[None]:
    """Say of whatever ends a block what it means, and which events are to blame."""
    try:
        with translated(calling=calling):
            yield
    except (LeaseLost, Unavailable, DeliveryFailed):
        raise
    except BaseException as error:
        if not calling and sqlstate(error) == _LOCKED:
            # An operator decides about the subscription: that is no fault of an event.
            raise Unavailable(str(error)) from error
        raise DeliveryFailed(events, error) from error


@contextmanager
def translated(*, calling: bool = False) -> Iterator[None]:
    """Raise `LeaseLost` and `Unavailable` for the errors that say so, of database or service."""
    try:
        yield
    except Exception as error:
        if sqlstate(error) == LOST:
            raise LeaseLost(str(error)) from error
        if is_away(error):
            raise Unavailable(str(error), calling=calling) from error
        if neighbour_is_away(error):
            raise NeighbourAway(str(error)) from error
        raise


def sqlstate(error: BaseException | None) -> str | None:
    """Return what the server says of an error, None if it is none of the server's."""
    found = _reason(error)
    original = getattr(found, "orig", found)
    return original.sqlstate if isinstance(original, Error) else None


def is_away(error: BaseException) -> bool:
    """Whether an error means that the database, or a connection to it, is not there."""
    found = _reason(error)
    if isinstance(found, PoolTimeout):
        return True
    gone = isinstance(found, DBAPIError) and found.connection_invalidated
    return gone or _is_untold(found) or sqlstate(found) in _AWAY


def neighbour_is_away(error: BaseException) -> bool:
    """Whether an error means that a service elsewhere is not there, and may be later."""
    found = _reason(error)
    return isinstance(found, NoAnswer) and found.passes


def _is_untold(error: BaseException | None) -> bool:
    """Whether an error came about without a word of the server: there was no connection."""
    original = getattr(error, "orig", error)
    return isinstance(original, OperationalError) and original.sqlstate is None


def _reason(error: BaseException | None) -> BaseException | None:
    """Return why a call of a service failed, or a listener inside; any other error as it is."""
    while isinstance(error, CallFailed | EventHandlerFailed) and error.__cause__ is not None:
        error = error.__cause__
    return error


#: The server shuts down, was crashed, or starts up; too many clients.
_AWAY = frozenset({"57P01", "57P02", "57P03", "53300", "08006", "08003", "08001"})
