"""Whether what a log holds is what the classes of its events declare."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import msgspec
import psycopg

from meishi.database.location import Location
from meishi.lifecycle.loading import PluginSet
from meishi.sdk.contract import Event
from meishi.testing.conformance.event_reading import upcast_faults
from meishi.testing.conformance.event_types import UPCAST_REMEDY
from meishi.testing.conformance.findings import Fault, Finding

_EVENTS = """
    SELECT id, source, type, version, subject, key, data::text AS data
    FROM meishi_events.event ORDER BY pos
"""
_REMEDY = "Publish events by `publish` alone, and give a changed class a new version."


@dataclass(frozen=True, slots=True)
class _Declared:
    owner: str
    event: type[Event]


def event_log_findings(location: Location, plugins: PluginSet) -> Iterator[Finding]:
    """Yield what is wrong with the events in a database, after the tests of a plugin.

    Every event must be read strictly by the class of its type, say nothing besides, and have the
    owner of the class as its source and the value of the field that the class names as subject.
    One of an old version must become a sound one of the newest.
    """
    declared = {
        event.event_type: _Declared(contribution.plugin, event)
        for contribution in plugins.active()
        for event in contribution.event_types
    }
    with psycopg.connect(
        location.administrator_url(), row_factory=psycopg.rows.dict_row
    ) as administrator:
        for row in administrator.execute(_EVENTS):
            for fault in _faults_of(row, declared.get(row["type"])):
                yield Finding(
                    plugin=row["source"],
                    check="event-log",
                    message=f"{row['type']} {row['id']}: {fault.message}",
                    remedy=fault.remedy,
                )


def _faults_of(row: Mapping[str, Any], declared: _Declared | None) -> Iterator[Fault]:
    if declared is None:
        yield Fault("nobody declares this type.", "Return its class from `event_types`.")
        return
    if row["source"] != declared.owner:
        yield Fault(f"its source is {row['source']}, its owner {declared.owner}.", _REMEDY)
    if row["version"] != int(row["type"].rpartition(".v")[2]):
        yield Fault(f"its version is {row['version']}, unlike that of its type.", _REMEDY)
    try:
        event = msgspec.json.decode(row["data"], type=declared.event, strict=True)
    except msgspec.ValidationError as error:
        yield Fault(f"its payload is not of {declared.event.__qualname__}: {error}.", _REMEDY)
        return
    for fault in upcast_faults(event):
        yield Fault(f"{fault}.", UPCAST_REMEDY)
    known, stored = (
        msgspec.json.decode(text) for text in (msgspec.json.encode(event), row["data"])
    )
    # A field with a default may be younger than the event.
    if known | stored != known:
        yield Fault(f"its payload says more than {declared.event.__qualname__}.", _REMEDY)
    subject = str(getattr(event, event.subject))
    if row["subject"] != subject or row["key"] != subject:
        yield Fault(
            f"its subject is {row['subject']} and its key {row['key']}, "
            f"but its field {event.subject} is {subject}.",
            _REMEDY,
        )
