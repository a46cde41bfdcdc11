"""Versions of event types: what the log holds is read as the newest class, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import pytest

from meishi.calls.event_versions import version_faults
from meishi.events.catalogue import EventCatalogue, UndecodableEvent
from meishi.events.publishing import PublishError
from meishi.sdk.contract import Event
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Bus, ThingMade, ThingSeen

Log = Callable[[], list[Any]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingNamed(Event):
    """A thing got names."""

    event_type: ClassVar[str] = "thing.named.v3"
    subject: ClassVar[str] = "thing_id"

    thing_id: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingNamedV2(Event):
    """A thing got a name, as it was told before it could have several."""

    event_type: ClassVar[str] = "thing.named.v2"
    subject: ClassVar[str] = "thing_id"

    thing_id: str
    name: str

    def upcast(self) -> ThingNamed:
        """Return it with its only name."""
        return ThingNamed(thing_id=self.thing_id, names=(self.name,))


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingNamedV1(Event):
    """A thing got a name, as it was told at first."""

    event_type: ClassVar[str] = "thing.named.v1"
    subject: ClassVar[str] = "thing"

    thing: str
    name: str

    def upcast(self) -> ThingNamedV2:
        """Return it with what is now called an id; an empty name was never meant."""
        if not self.name:
            raise ValueError("a thing without a name")
        return ThingNamedV2(thing_id=self.thing, name=self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class ThingCalledV1(ThingNamedV1):
    """Says that it becomes one thing, and becomes another."""

    event_type: ClassVar[str] = "thing.called.v1"

    def upcast(self) -> ThingNamedV2:
        """Return something else."""
        return ThingNamed(thing_id=self.thing, names=())  # type: ignore[return-value]


@pytest.fixture
def catalogue() -> EventCatalogue:
    """All versions, in an order in which no class knows the next one yet."""
    found = EventCatalogue()
    for event in (ThingCalledV1, ThingNamedV1, ThingNamedV2, ThingNamed):
        found.add("crm_contacts", event)
    return found


@pytest.mark.parametrize(
    ("event_type", "data"),
    [
        ("thing.named.v1", '{"thing": "a", "name": "Ann"}'),
        ("thing.named.v2", b'{"thing_id": "a", "name": "Ann"}'),
        ("thing.named.v3", '{"thing_id": "a", "names": ["Ann"], "younger": true}'),
    ],
)
def test_every_version_is_read_as_the_newest(
    catalogue: EventCatalogue, event_type: str, data: bytes | str
) -> None:
    """An old event goes through all steps; what a class does not know is left out."""
    assert catalogue.decode(event_type, data) == ThingNamed(thing_id="a", names=("Ann",))


@pytest.mark.parametrize(
    ("event_type", "data", "reason"),
    [
        ("thing.named.v4", "{}", "no active plugin declares this type"),
        ("thing.named.v3", "{", "Input data was truncated"),
        ("thing.named.v3", '{"thing_id": "a"}', "Object missing required field `names`"),
        ("thing.named.v2", '{"thing_id": 7, "name": "x"}', "got `int` - at `$.thing_id`"),
        ("thing.named.v1", '{"thing": "a", "name": ""}', "a thing without a name"),
        (
            "thing.called.v1",
            '{"thing": "a", "name": "x"}',
            "ThingCalledV1.upcast returned ThingNamed, not ThingNamedV2",
        ),
    ],
)
def test_what_cannot_be_read_is_told_with_type_and_reason(
    catalogue: EventCatalogue, event_type: str, data: str, reason: str
) -> None:
    """Strictly by its types, and by an upcaster that does what it says."""
    with pytest.raises(UndecodableEvent) as caught:
        catalogue.decode(event_type, data)
    assert str(caught.value).startswith(f"{event_type}: ")
    assert reason in str(caught.value)
    assert caught.value.event_type == event_type


def test_a_listener_to_the_newest_hears_the_older_ones_too(catalogue: EventCatalogue) -> None:
    """Its own type comes first, then those that become it, through however many steps."""
    assert catalogue.types_read_as(ThingNamed) == (
        "thing.named.v3",
        "thing.named.v2",
        "thing.called.v1",
        "thing.named.v1",
    )
    assert catalogue.types_read_as(ThingMade) == ("thing.made.v2",)
    assert (catalogue.owner(ThingNamedV1), catalogue.owner(ThingMade)) == ("crm_contacts", None)


def test_a_retired_class_is_not_published(
    workspace: WorkspaceUnderTest, bus: Bus, log: Log
) -> None:
    """The publisher is told what to publish instead, and nothing is written."""
    for event in (ThingNamedV1, ThingNamedV2, ThingNamed):
        bus.catalogue.add("crm_contacts", event)
    with workspace.acting_as("crm_contacts"):
        with pytest.raises(PublishError) as caught:
            bus.publish(ThingNamed(thing_id="a", names=()), ThingNamedV1(thing="a", name="x"))
        assert str(caught.value) == (
            "crm_contacts must not publish ThingNamedV1: thing.named.v1 is retired; "
            "publish ThingNamed (thing.named.v3) instead"
        )
    assert log() == []


def test_an_event_that_nothing_has_replaced_is_its_own_newest_version() -> None:
    """There is nothing to declare for it."""
    event = ThingSeen(thing="a")
    assert event.upcast() is event
    assert list(version_faults(ThingSeen, [ThingSeen])) == []
