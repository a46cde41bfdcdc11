"""Payloads: what is published is what is stored, and what is read again; all else is refused."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, ClassVar, Literal
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from meishi.events.log import MAX_PAYLOAD
from meishi.events.payload import MAX_SUBJECT
from meishi.events.publishing import PublishError
from meishi.sdk.contract import Event
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Bus

Log = Callable[[], list[Any]]


class Mood(StrEnum):
    """A choice."""

    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Place:
    """A record inside of an event."""

    name: str
    height: float | None = None


@dataclass(frozen=True)
class Spot(Place):
    """A place that knows more, and none that the event declares."""

    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingMoved(Event):
    """A field of every kind."""

    event_type: ClassVar[str] = "thing.moved.v1"
    subject: ClassVar[str] = "thing"

    thing: str | None = None
    other: UUID | None = None
    count: int = 0
    ratio: float = 0.0
    exact: Decimal = Decimal(0)
    flag: bool = False
    raw: bytes = b""
    at: datetime | None = None
    on: date | None = None
    clock: time | None = None
    length: timedelta | None = None
    mood: Mood | None = None
    way: Literal["in", "out"] = "in"
    place: Place | None = None
    places: tuple[Place, ...] = ()
    pair: tuple[int, str] = (0, "")
    tags: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ThingBent(Event):
    """An event that is equal to itself alone."""

    event_type: ClassVar[str] = "thing.bent.v1"
    subject: ClassVar[str] = "thing"

    thing: str


@pytest.fixture
def moving(bus: Bus) -> Bus:
    """A publisher that knows these events."""
    bus.catalogue.add("crm_contacts", ThingMoved)
    bus.catalogue.add("crm_contacts", ThingBent)
    return bus


def unset() -> ThingMoved:
    """Return an event of which no field was ever set."""
    return object.__new__(ThingMoved)


def moved(**values: Any) -> ThingMoved:
    """Return an event with these fields, right or wrong."""
    return ThingMoved(**({"thing": "a"} | values))


@pytest.mark.parametrize(
    ("event", "message"),
    [
        (moved(count="7"), "Expected `int`, got `str` - at `$.count`"),
        (moved(flag=1), "Expected `bool`, got `int` - at `$.flag`"),
        (moved(place=Place(name=7)), "got `int` - at `$.place.name`"),  # type: ignore[arg-type]
        (moved(places=(Place("a"), "b")), "- at `$.places[1]`"),
        (moved(places=(Place("a"), Place("b", "c"))), "- at `$.places[1].height`"),  # type: ignore[arg-type]
        (moved(pair=(1, "a", "b")), "of length 2 - at `$.pair`"),
        (moved(way="up"), "Invalid enum value 'up' - at `$.way`"),
        (moved(mood="sad"), "Invalid enum value 'sad' - at `$.mood`"),
        (moved(other=str(UUID(int=7))), "0007' would be read as UUID('0000"),
        (moved(thing=b"a"), "b'a' would be read as 'YQ==' - at `$.thing`"),
        (moved(tags={1}), "- at `$.tags[0]`"),
        (moved(pair=[1, "a"]), "[1, 'a'] would be read as (1, 'a') - at `$.pair`"),
        (moved(place=Spot("a")), "- at `$.place`"),
        (moved(place={"name": "a"}), "{'name': 'a'} would be read as Place("),
        (moved(ratio=float("nan")), "Expected `float`, got `null` - at `$.ratio`"),
        (moved(place=Place("a", float("inf"))), "would be read as Place("),
        (moved(places=(object(),)), "of type object is unsupported - at `$.places`"),
        (moved(raw="\ud800"), "surrogates not allowed - at `$.raw`"),
        (moved(tags=frozenset({"a\0"})), "U+0000 cannot be stored - at `$.tags`"),
        (moved(raw=b"x" * MAX_PAYLOAD), f"more than {MAX_PAYLOAD}; the largest field has 87386"),
        (moved(raw=b"x" * MAX_PAYLOAD), "- at `$.raw`"),
        (moved(thing=None), "the subject is missing - at `$.thing`"),
        (moved(thing=""), "the subject is missing - at `$.thing`"),
        (moved(thing="x" * (MAX_SUBJECT + 1)), "513 characters, more than 512 - at `$.thing`"),
        (unset(), "thing"),
    ],
)  # fmt: skip
def test_a_payload_that_would_not_come_back_is_refused_by_type_and_field(
    workspace: WorkspaceUnderTest, moving: Bus, log: Log, event: ThingMoved, message: str
) -> None:
    """The publisher is told which field, and nothing of its call is written."""
    with workspace.acting_as("crm_contacts"):
        with pytest.raises(PublishError) as caught:
            moving.publish(moved(), event)
        assert str(caught.value).startswith("thing.moved.v1: ")
        assert message in str(caught.value)
    assert log() == []


def test_an_event_that_compares_by_identity_is_refused(
    workspace: WorkspaceUnderTest, moving: Bus
) -> None:
    """Nobody could tell whether the log gives it back as it was."""
    with (
        workspace.acting_as("crm_contacts"),
        pytest.raises(PublishError, match=r"^thing\.bent\.v1: .* must compare by its fields$"),
    ):
        moving.publish(ThingBent(thing="a"))


def test_what_is_written_beside_the_fields_is_not_stored(
    workspace: WorkspaceUnderTest, moving: Bus, log: Log
) -> None:
    """An event has its fields and nothing else: with slots, there is no place for more."""
    event = moved()
    with pytest.raises((AttributeError, TypeError)):
        object.__setattr__(event, "name", "Ann")
    with workspace.acting_as("crm_contacts"):
        moving.publish(event)
    assert "name" not in log()[0].data


def test_a_subject_of_the_greatest_length_is_stored(
    workspace: WorkspaceUnderTest, moving: Bus, log: Log
) -> None:
    """The limit counts characters, however many bytes each has."""
    subject = "\U0001f40d" * MAX_SUBJECT
    with workspace.acting_as("crm_contacts"):
        moving.publish(moved(thing=subject))
    assert log()[0].key == subject


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
PLACES = st.builds(Place, name=TEXT, height=st.none() | FLOATS)
MOMENTS = st.datetimes(
    min_value=datetime(1, 1, 3), max_value=datetime(9999, 12, 29),  # noqa: DTZ001 (zones follow)
    timezones=st.just(UTC),
)  # fmt: skip
EVENTS = st.builds(
    ThingMoved,
    thing=TEXT.filter(bool),
    other=st.none() | st.uuids(),
    count=st.integers(-(2**63), 2**64 - 1),
    ratio=FLOATS,
    exact=st.decimals(allow_nan=False, allow_infinity=False),
    flag=st.booleans(),
    raw=st.binary(max_size=20),
    at=st.none() | MOMENTS,
    on=st.none() | st.dates(),
    clock=st.none() | st.times(),
    length=st.none() | st.timedeltas(timedelta(days=-9999), timedelta(days=9999)),
    mood=st.none() | st.sampled_from(Mood),
    way=st.sampled_from(["in", "out"]),
    place=st.none() | PLACES,
    places=st.lists(PLACES, max_size=3).map(tuple),
    pair=st.tuples(st.integers(-1000, 1000), TEXT),
    tags=st.frozensets(TEXT, max_size=3),
)


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(events=st.lists(EVENTS, min_size=1, max_size=60))
def test_an_event_that_was_published_is_read_again_as_it_was(
    workspace: WorkspaceUnderTest, moving: Bus, stored: Log, *, events: list[ThingMoved]
) -> None:
    """Through JSON, the log's jsonb and back, whatever its fields hold; few or many at a time."""
    known = len(stored())
    with workspace.acting_as("crm_contacts"):
        moving.publish(*events)
    assert [moving.catalogue.decode(*row) for row in stored()[known:]] == events
