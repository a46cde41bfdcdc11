"""What the feed shows of the log: which types to whom, and each event in its newest version."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from uuid import UUID

import msgspec
import pytest

from meishi.events.catalogue import EventCatalogue
from meishi.events.feed.cloud_events import cloud_event
from meishi.events.feed.errors import HiddenEventType, UnknownEventType
from meishi.events.feed.sight import EventSight
from meishi.events.spans import StoredEvent

from .conftest import ThingMade, ThingSeen
from .test_versions import ThingNamed, ThingNamedV1, ThingNamedV2

NAMED = ["thing.named.v1", "thing.named.v2", "thing.named.v3"]
ID = UUID(int=7)


@pytest.fixture
def catalogue() -> EventCatalogue:
    """A plugin with three versions of a type, and one that has another type."""
    found = EventCatalogue()
    for event in (ThingNamedV1, ThingNamedV2, ThingNamed):
        found.add("things", event)
    found.add("eyes", ThingSeen)
    return found


@pytest.fixture
def sight(catalogue: EventCatalogue) -> EventSight:
    """What is seen of them, by the prefixes of their owners."""
    return EventSight(catalogue, {"things": "stuff", "eyes": "eyes"})


def stored(event_type: str, data: str) -> StoredEvent:
    """Return an event as the log holds it."""
    return StoredEvent(
        pos=1, id_text=str(ID), source="things", type=event_type, version=1, workspace=str(ID),
        subject="t", key="t", slot=0, xid=1, chain=str(ID), data=data,
        time=datetime(2026, 1, 31, 9, tzinfo=timezone(timedelta(hours=1))),
        trace_text=f'{{"actor": null, "correlation": "{ID}", "causation": null}}',
    )  # fmt: skip


def test_types_are_seen_by_who_may_read_what_their_owner_keeps(sight: EventSight) -> None:
    """`read` behind the owner's prefix decides, no other permission, and nothing by default."""
    assert sight.types({"stuff.read", "eyes.write"}, None) == NAMED
    assert sight.types({"stuff.read", "eyes.read"}, None) == [*NAMED, "thing.seen.v1"]
    assert sight.types({"things.read", "stuff.write", "events.read"}, None) == []


@pytest.mark.parametrize("asked", NAMED)
def test_a_version_that_is_asked_for_means_all_that_are_read_alike(
    sight: EventSight, asked: str
) -> None:
    """Who asked for a type before it was replaced goes on getting what replaced it."""
    assert sight.types({"stuff.read"}, [asked]) == NAMED


def test_a_type_that_may_not_be_seen_is_refused_and_an_unknown_one_too(sight: EventSight) -> None:
    """Nobody waits for events that would never come."""
    with pytest.raises(HiddenEventType, match=r"eyes\.read"):
        sight.types({"stuff.read"}, ["thing.named.v3", "thing.seen.v1"])
    with pytest.raises(UnknownEventType) as caught:
        sight.types({"stuff.read"}, ["thing.name.v3", "thing.named.v3", "x"])
    first, second = caught.value.errors
    assert "`thing.named.v" in first.message
    assert second.message == "Unknown event type."


def test_what_nobody_publishes_any_more_is_shown_as_what_replaced_it(
    catalogue: EventCatalogue,
) -> None:
    """Type, schema and data are of the newest version; times are in UTC, absent is what is not."""
    event = msgspec.json.decode(
        cloud_event(stored("thing.named.v1", '{"thing": "t", "name": "n"}'), catalogue)
    )
    assert event == {
        "specversion": "1.0",
        "id": str(ID),
        "source": "things",
        "type": "thing.named.v3",
        "subject": "t",
        "time": "2026-01-31T08:00:00Z",
        "datacontenttype": "application/json",
        "dataschema": "urn:meishi:event:thing.named.v3",
        "workspace": str(ID),
        "correlation": str(ID),
        "traceparent": f"00-{ID.hex}-{ID.hex[16:]}-01",
        "data": {"thing_id": "t", "names": ["n"]},
    }


def test_what_cannot_become_the_newest_version_is_shown_as_it_was_stored(
    catalogue: EventCatalogue,
) -> None:
    """A reader misses nothing for an upcast that fails, and is told which schema it has."""
    data = '{"thing": "t", "name": ""}'
    event = msgspec.json.decode(cloud_event(stored("thing.named.v1", data), catalogue))
    assert (event["type"], event["data"]) == ("thing.named.v1", {"thing": "t", "name": ""})
    assert event["dataschema"] == "urn:meishi:event:thing.named.v1"


def test_a_plugin_that_is_not_active_shows_nothing(catalogue: EventCatalogue) -> None:
    """Without a prefix there is no permission that could be had."""
    catalogue.add("gone", ThingMade)
    sight = EventSight(catalogue, {"things": "stuff"})
    assert sight.types({"stuff.read", "gone.read", "None.read"}, None) == NAMED
