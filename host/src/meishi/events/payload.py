"""Payloads: an event as JSON, refused unless what is read again would be the very same event."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import msgspec

from meishi.events.log import MAX_PAYLOAD
from meishi.sdk.contract import Event, holds_nul

#: The longest subject in characters. It is the key of delivery, and as such a part of index
#: entries, for which PostgreSQL has 2704 bytes.
MAX_SUBJECT = 512

Read = Callable[[bytes | str], Event]


class UnfitPayload(ValueError):
    """An event that the log cannot keep as it is; the message names the field."""


def payload_of(event: Event, read: Read) -> bytes:
    """Return an event as JSON; raise `UnfitPayload` if `read` does not make the same of it.

    Dataclasses take any value for any field, and JSON forgets what some of them were (bytes, a
    UUID and a list look like a text, a text and a tuple): the types decide here.
    """
    try:
        data = msgspec.json.encode(event)
        same = read(data) == event
    except (TypeError, ValueError, AttributeError, RecursionError) as error:
        raise UnfitPayload(_unfit(event, error)) from error
    if not same:
        raise UnfitPayload(_changed(event, read(data)))
    if holds_nul(data):
        field = _first(event, lambda value: holds_nul(msgspec.json.encode(value)))
        raise UnfitPayload(f"the character U+0000 cannot be stored - at `$.{field}`")
    if len(data) > MAX_PAYLOAD:
        size, field = max((len(msgspec.json.encode(value)), name) for name, value in _values(event))
        raise UnfitPayload(
            f"the payload is {len(data)} bytes, more than {MAX_PAYLOAD}; "
            f"the largest field has {size} - at `$.{field}`"
        )
    return data


def subject_of(event: Event) -> str:
    """Return what an event is about, as text; raise `UnfitPayload` if that is nothing."""
    value = getattr(event, event.subject, None)
    subject = "" if value is None else str(value)
    if not subject:
        raise UnfitPayload(f"the subject is missing - at `$.{event.subject}`")
    if len(subject) > MAX_SUBJECT:
        raise UnfitPayload(
            f"the subject has {len(subject)} characters, more than {MAX_SUBJECT} "
            f"- at `$.{event.subject}`"
        )
    return subject


def _unfit(event: Event, error: Exception) -> str:
    """Say why an event is no JSON of its types; msgspec names a field of what it reads only."""
    if isinstance(error, msgspec.ValidationError):
        return str(error)
    field = _first(event, _cannot_be_encoded)
    return f"{error} - at `$.{field}`" if field else str(error)


def _cannot_be_encoded(value: object) -> bool:
    try:
        msgspec.json.encode(value)
    except Exception:  # noqa: BLE001 (what it is has been told already; here it counts where)
        return True
    return False


def _changed(event: Event, again: Event) -> str:
    """Say which field would come back from the log as something else."""
    kept = dict(_values(again))
    for name, value in _values(event):
        if kept.get(name) != value:
            return f"{value!r:.100} would be read as {kept.get(name)!r:.100} - at `$.{name}`"
    return "it would not be equal to what is read; its class must compare by its fields"


def _first(event: Event, holds: Callable[[object], bool]) -> str:
    return next((name for name, value in _values(event) if holds(value)), "")


def _values(event: Event) -> list[tuple[str, object]]:
    """Return the fields of an event with their values; one that was never set has none."""
    names = (field.name for field in dataclasses.fields(event))  # type: ignore[arg-type]
    return [(name, getattr(event, name, None)) for name in names]
