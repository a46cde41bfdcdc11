"""The threads of a worker, and the turns that they take."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable
from contextvars import copy_context
from dataclasses import dataclass

from meishi.events.cursor import LeaseLost
from meishi.events.delivery import NeighbourAway, Unavailable
from meishi.events.notices import Notices
from meishi.events.parking import report
from meishi.events.turn import Turn
from meishi.events.turns import Turns

Place = tuple[str, int]

#: Seconds between two memories of a position that moved without any effect.
_SETTLED_EVERY = 1.0


@dataclass(slots=True)
class _Seat:
    """A turn in the pool: whether it waits or runs, and whether it is wanted once more."""

    turn: Turn
    busy: bool = False
    again: bool = False
    settled_at: float = 0.0


class TurnPool:
    """Runs turns in threads, each cursor in one at a time.

    `lost` is called with the place of a cursor that must be leased anew, and whether it is the
    database that is away; `put_off` with that of one which waits for a service elsewhere.
    """

    def __init__(
        self,
        turns: Turns,
        notices: Notices,
        *,
        elapsed: Callable[[], float],
        lost: Callable[[Place, bool], None],
        put_off: Callable[[Place], None],
    ) -> None:
        self._turns = turns
        self._notices = notices
        self._elapsed = elapsed
        self._lost = lost
        self._put_off = put_off
        self._seats: dict[Place, _Seat] = {}
        self._lock = threading.Lock()
        self._queue: queue.SimpleQueue[_Seat | None] = queue.SimpleQueue()
        self._threads: list[threading.Thread] = []
        self._stopping = False
        self.newest = 0

    def start(self, threads: int) -> None:
        """Start so many threads; what they log carries the fields of who starts them."""
        for number in range(threads):
            thread = threading.Thread(
                target=copy_context().run,
                args=[self._work],
                name=f"delivery-{number}",
                daemon=True,
            )
            thread.start()
            self._threads.append(thread)

    def stop(self, patience: float) -> None:
        """Let each thread finish the transaction that it is in, for at most so many seconds."""
        self._stopping = True
        for _ in self._threads:
            self._queue.put(None)
        end = self._elapsed() + patience
        for thread in self._threads:
            thread.join(max(0.0, end - self._elapsed()))

    def places(self) -> set[Place]:
        """Return which cursors are in the pool."""
        with self._lock:
            return set(self._seats)

    def fences(self) -> dict[Place, int]:
        """Return the fences of the cursors in the pool."""
        with self._lock:
            return {place: seat.turn.cursor.fence for place, seat in self._seats.items()}

    def add(self, turn: Turn) -> None:
        """Take a cursor in, and see at once what there is to do for it."""
        seat = _Seat(turn, busy=True, settled_at=self._elapsed())
        with self._lock:
            self._seats[turn.cursor.place] = seat
        self._queue.put(seat)

    def drop(self, places: Iterable[Place]) -> None:
        """Forget cursors; what is in flight for them will find its fence raised."""
        with self._lock:
            for place in places:
                self._seats.pop(place, None)

    def wake(self, due: Iterable[str] = ()) -> None:
        """Have every cursor looked at; those of the labels `due`, for parked events too."""
        labels = frozenset(due)
        with self._lock:
            for seat in self._seats.values():
                if seat.turn.cursor.label in labels:
                    seat.turn.due = True
                self._want(seat)

    def surplus(self, share: int) -> list[Turn]:
        """Take cursors out of the pool that are at rest, until no more than a share is left."""
        found: list[Turn] = []
        with self._lock:
            for place, seat in list(self._seats.items()):
                if len(self._seats) <= share:
                    break
                if not seat.busy:
                    found.append(self._seats.pop(place).turn)
        return found

    def take_out(self, place: Place) -> Turn | None:
        """Take a cursor out of the pool, unless it is busy or not there."""
        with self._lock:
            seat = self._seats.get(place)
            if seat is None or seat.busy:
                return None
            return self._seats.pop(place).turn

    def resting(self) -> list[Turn]:
        """Return the turns of all cursors; nothing runs any more."""
        with self._lock:
            return [seat.turn for seat in self._seats.values() if not seat.busy]

    def _want(self, seat: _Seat) -> None:
        if seat.busy:
            seat.again = True
        else:
            seat.busy = True
            self._queue.put(seat)

    def _work(self) -> None:
        while (seat := self._queue.get()) is not None:
            place = seat.turn.cursor.place
            try:
                more = self._run(seat)
            except LeaseLost:
                self._leave(place, seat, away=False)
            except NeighbourAway as error:
                label = seat.turn.cursor.label
                self._notices.warn("service unavailable", cursor=label, error=str(error))
                self._take_from(place, seat)
                self._put_off(place)
            except Unavailable as error:
                self._notices.warn("database unavailable", error=str(error))
                self._leave(place, seat, away=True)
            except Exception as error:  # noqa: BLE001 (one cursor must not stop the others)
                self._notices.warn(
                    "delivery interrupted", cursor=seat.turn.cursor.label, error=report(error)
                )
                self._leave(place, seat, away=True)
            else:
                self._rest(seat, more=more)

    def _run(self, seat: _Seat) -> bool:
        """Take a turn; return whether there may be more to do."""
        if self._stopping:
            return False
        seat.again = False
        more = self._turns.take(seat.turn, self.newest)
        late = self._elapsed() - seat.settled_at > _SETTLED_EVERY
        if not more and (late or seat.turn.cursor.at_barrier):
            self._turns.settle(seat.turn)
            seat.settled_at = self._elapsed()
        return more

    def _rest(self, seat: _Seat, *, more: bool) -> None:
        with self._lock:
            seat.busy = False
            current = self._seats.get(seat.turn.cursor.place) is seat
            if current and (more or seat.again) and not self._stopping:
                self._want(seat)

    def _take_from(self, place: Place, seat: _Seat) -> None:
        with self._lock:
            if self._seats.get(place) is seat:
                del self._seats[place]

    def _leave(self, place: Place, seat: _Seat, *, away: bool) -> None:
        self._take_from(place, seat)
        self._turns.reader.forget()
        self._lost(place, away)
