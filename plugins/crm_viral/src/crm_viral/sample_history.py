"""What might have happened in a programme: who joins, follows links and signs up, and when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

#: How many of a hundred participants bring none, one, two and three people.
_BROUGHT = (50, 30, 15, 5)
#: Days within which a participant brings them, and people sign up behind a touch.
_BRINGING_DAYS, _DECIDING_DAYS = 18.0, 3.0
#: How many of a hundred who signed up take part themselves.
_JOINING = 60
#: Touches of a participant's link that lead to nothing.
_IDLE_TOUCHES = (2, 6)
_CHANNELS = ("card", "email", "chat", "badge")
_GIVEN = (
    *("Ada", "Bram", "Carla", "Dario", "Elin", "Farid", "Greta", "Hugo", "Iris", "Jonas", "Kaja"),
    *("Leon", "Mina", "Nico", "Olga", "Pablo", "Rosa", "Sami", "Thea", "Uma", "Viktor", "Wilma"),
)
_FAMILY = ("Adler", "Borg", "Castel", "Dahl", "Ender", "Falk", "Garde", "Hald", "Ibsen", "Juhl")


@dataclass(frozen=True, slots=True, kw_only=True)
class Happening:
    """What one person does at a moment; `led_by` is whose link they have followed, if any.

    `channel` is set for a touch. A `person` who only looks has no number.
    """

    at: datetime
    person: int | None
    led_by: int | None
    joins: bool = False
    channel: str | None = None


def history(chance: Random, begins: datetime, now: datetime, *, founders: int) -> list[Happening]:
    """Return what happens in a programme from its begin to now, in order.

    Person 0 runs the programme; people are numbered in the order in which the chance made them.
    """
    found = list(_grown(chance, begins, now, founders))
    return sorted(found, key=lambda item: item.at)


def name_of(person: int) -> str:
    """Return the name of a person who does not exist."""
    return f"{_GIVEN[person % len(_GIVEN)]} {_FAMILY[person // len(_GIVEN) % len(_FAMILY)]}"


def _grown(chance: Random, begins: datetime, now: datetime, founders: int) -> Iterator[Happening]:
    people = founders
    open_ends = [(0, begins)]
    open_ends += [
        (number, begins + timedelta(days=chance.uniform(0, 12))) for number in range(1, founders)
    ]
    while open_ends:
        referrer, joined = open_ends.pop(0)
        yield Happening(at=joined, person=referrer, led_by=None, joins=True)
        for _ in range(chance.randint(*_IDLE_TOUCHES)):
            at = joined + timedelta(days=chance.uniform(0, _BRINGING_DAYS))
            if at < now:
                yield Happening(
                    at=at, person=None, led_by=referrer, channel=chance.choice(_CHANNELS)
                )
        for _ in range(chance.choices(range(len(_BROUGHT)), _BROUGHT)[0]):
            touched = joined + timedelta(days=chance.uniform(0.1, _BRINGING_DAYS))
            signed_up = touched + timedelta(days=chance.uniform(0.01, _DECIDING_DAYS))
            if signed_up >= now:
                continue
            yield Happening(
                at=touched, person=people, led_by=referrer, channel=chance.choice(_CHANNELS)
            )
            yield Happening(at=signed_up, person=people, led_by=referrer)
            joins = signed_up + timedelta(days=chance.uniform(0.1, 2))
            if chance.randrange(100) < _JOINING and joins < now:
                open_ends.append((people, joins))
            people += 1
