"""Whatever is published, fails, is retried and decided: the books are those of a simple model."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from meishi.declarations import RetryPolicy
from meishi.events.log import DB_SCHEMA
from meishi.events.parking import promote

from .conftest import Market
from .hands import NAME, Hand
from .traders import keeping, returned, sold, write

ATTEMPTS = 3

_HOUR = 3600.0

Thread = tuple[int, str]


class Hopeless(Exception):
    """What a subscription does not want to try again."""


RETRY = RetryPolicy(
    attempts=ATTEMPTS, first_wait_seconds=_HOUR, longest_wait_seconds=_HOUR, fatal=(Hopeless,)
)


@dataclass
class Waiting:
    """A parked event of the model."""

    number: int
    attempts: int = 0
    dead: bool = False


@dataclass
class Model:
    """What should stand in the books, and what should be parked, thread by thread."""

    broken: set[int] = field(default_factory=set)
    hopeless: set[int] = field(default_factory=set)
    published: list[tuple[Thread, int]] = field(default_factory=list)
    books: dict[Thread, list[int]] = field(default_factory=lambda: defaultdict(list))
    parked: dict[Thread, list[Waiting]] = field(default_factory=lambda: defaultdict(list))

    def deliver(self) -> None:
        """Hand over what was published since the last time."""
        for thread, number in self.published:
            if self.parked[thread]:
                self.parked[thread].append(Waiting(number))
            elif not self._try(thread, item := Waiting(number)):
                self.parked[thread].append(item)
        self.published.clear()

    def retry(self) -> None:
        """Try the head of every thread, and what follows it while all goes well."""
        for thread, items in self.parked.items():
            while items and not items[0].dead and self._try(thread, items[0]):
                del items[0]

    def skip(self, thread: Thread) -> None:
        """Let go of a thread's head."""
        del self.parked[thread][:1]

    def revive(self, thread: Thread) -> None:
        """Give a dead head all its attempts again."""
        for item in self.parked[thread][:1]:
            item.attempts, item.dead = 0, False

    def _try(self, thread: Thread, item: Waiting) -> bool:
        item.attempts += 1
        if item.number not in self.broken:
            self.books[thread].append(item.number)
            return True
        item.dead = item.number in self.hopeless or item.attempts >= ATTEMPTS
        return False

    def fates(self) -> list[tuple[int, str, int]]:
        """Return what should be parked, as number, state and attempts."""
        return sorted(
            (
                item.number,
                "held" if place else "dead" if item.dead else "retry",
                0 if place else item.attempts,
            )
            for items in self.parked.values()
            for place, item in enumerate(items)
        )


_THREAD = st.tuples(st.integers(0, 1), st.sampled_from("abc"))
_FATE = st.sampled_from(["well", "well", "well", "broken", "hopeless"])
_STEP = st.one_of(
    st.tuples(st.just("publish"), st.lists(st.tuples(_THREAD, _FATE), min_size=1, max_size=6)),
    st.tuples(st.just("publish"), st.lists(st.tuples(_THREAD, _FATE), min_size=1, max_size=6)),
    st.tuples(st.just("deliver"), st.none()),
    st.tuples(st.just("retry"), st.none()),
    st.tuples(st.just("mend"), st.integers(0, 5)),
    st.tuples(st.just("skip"), _THREAD),
    st.tuples(st.just("revive"), _THREAD),
)


class Play:
    """Does the same in the market and in the model."""

    def __init__(self, market: Market, hand: Hand) -> None:
        self._market = market
        self._hand = hand
        self._workspaces = [market.host.new_id(), market.host.new_id()]
        self._numbers: Iterator[int] = iter(range(1_000_000))
        self.model = Model()

    def keep(self, book: str, events: Sequence[Any]) -> None:
        """Write all, then fail if there is one among them that must."""
        write(book, events)
        for event in events:
            if event.number in self.model.broken:
                raise Hopeless if event.number in self.model.hopeless else ValueError(event.number)

    def do(self, action: str, value: Any) -> None:
        """Do one step of a program."""
        getattr(self, f"_{action}")(value)

    def _publish(self, events: list[tuple[Thread, str]]) -> None:
        for (workspace, key), fate in events:
            number = next(self._numbers)
            kind = sold if number % 3 else returned
            self._market.publish(kind(key, number), workspace=self._workspaces[workspace])
            self.model.published.append(((workspace, key), number))
            if fate != "well":
                self.model.broken.add(number)
            if fate == "hopeless":
                self.model.hopeless.add(number)

    def _deliver(self, _: None) -> None:
        self._hand.work()
        self.model.deliver()

    def _retry(self, _: None) -> None:
        self._deliver(None)
        self._market.rows(
            "UPDATE meishi_events.parked SET next_at = clock_timestamp() WHERE state = 'retry'"
            " RETURNING 1"
        )
        self._hand.work()
        self.model.retry()

    def _mend(self, place: int) -> None:
        for number in sorted(self.model.broken)[place : place + 1]:
            self.model.broken.remove(number)

    def _skip(self, thread: Thread) -> None:
        """Let go of a thread's head, as an operator does."""
        row = self._head(thread)
        with self._market.host.within(DB_SCHEMA) as scope:
            for pos, slot in row:
                scope.work.execute(
                    "SELECT FROM meishi_events.cursor WHERE slot = %(slot)s FOR UPDATE",
                    {"slot": slot},
                )
                scope.work.execute(
                    "DELETE FROM meishi_events.parked WHERE pos = %(pos)s", {"pos": pos}
                )
                promote(scope.work, NAME, thread[1], self._workspaces[thread[0]])
        self.model.skip(thread)
        if row:
            self._hand.work()
            self.model.deliver()
            self._retry_promoted(thread)

    def _retry_promoted(self, thread: Thread) -> None:
        items = self.model.parked[thread]
        while items and not items[0].attempts and self.model._try(thread, items[0]):
            del items[0]

    def _revive(self, thread: Thread) -> None:
        for pos, _ in self._head(thread):
            self._market.rows(
                "UPDATE meishi_events.parked SET state = 'retry', attempts = 0,"
                " next_at = clock_timestamp() + interval '1 hour' WHERE pos = %s RETURNING 1",
                [pos],
            )
        self.model.revive(thread)

    def _head(self, thread: Thread) -> list[tuple[Any, ...]]:
        return self._market.rows(
            "SELECT pos, slot FROM meishi_events.parked WHERE workspace = %s AND key = %s"
            " ORDER BY pos LIMIT 1",
            [self._workspaces[thread[0]], thread[1]],
        )

    def books(self) -> dict[Thread, list[int]]:
        """Return what stands in the books, thread by thread."""
        found: dict[Thread, list[int]] = defaultdict(list)
        for number, workspace in enumerate(self._workspaces):
            for key, entry in self._market.book(workspace=workspace):
                found[number, key].append(entry)
        return found

    def parked(self) -> list[tuple[int, str, int]]:
        """Return what is parked, as number, state and attempts."""
        return sorted(
            self._market.rows(
                "SELECT (event->'data'->>'number')::integer, state, attempts"
                " FROM meishi_events.parked"
            )
        )


@settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    steps=st.lists(_STEP, min_size=6, max_size=20),
    slots=st.sampled_from([1, 4]),
    batch=st.sampled_from([1, 500]),
)
@example(
    steps=[
        ("publish", [((0, "a"), "broken"), ((0, "a"), "well"), ((1, "a"), "well")]),
        ("deliver", None),
        ("publish", [((0, "a"), "hopeless"), ((0, "a"), "well"), ((0, "b"), "well")]),
        ("retry", None),
        ("skip", (0, "a")),
        ("retry", None),
        ("revive", (0, "a")),
        ("mend", 1),
        ("retry", None),
    ],
    slots=1,
    batch=500,
)
def test_books_and_parked_events_are_those_of_the_model(
    market: Market, steps: list[tuple[str, Any]], slots: int, batch: int
) -> None:
    """Each event once, in the order of its key; who follows a failed one waits, nobody else."""
    hand = Hand(market.host, retry=RETRY, slots=slots, batch=batch)
    market.rows("DELETE FROM meishi_events.subscription RETURNING 1")
    hand.register()
    play = Play(market, hand)
    with keeping(play.keep):
        for action, value in [*steps, ("deliver", None)]:
            play.do(action, value)
    kept = {thread: numbers for thread, numbers in play.model.books.items() if numbers}
    assert play.books() == kept
    assert play.parked() == play.model.fates()
