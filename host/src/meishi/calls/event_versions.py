"""Versions of an event type: which class an old one becomes, step by step."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Sequence
from typing import get_type_hints

from meishi.sdk.contract import Event


def is_retired(event: type[Event]) -> bool:
    """Whether a newer version has replaced the class: it is read, and published no more."""
    return event.upcast is not Event.upcast


def version_of(event_type: str) -> int:
    """Return the version with which a type ends."""
    return int(event_type.rpartition(".v")[2])


def next_version(event: type[Event]) -> type[Event] | None:
    """Return the class that a retired one becomes in one step, None if it is the newest.

    Raises `TypeError` with a sentence if the class does not say so.
    """
    if not is_retired(event):
        return None
    method = f"{event.__qualname__}.upcast"
    if not _can_be_called(event):
        raise TypeError(f"{method} must be a method without arguments")
    try:
        becomes = get_type_hints(event.upcast).get("return")
    except Exception as error:
        raise TypeError(f"{method} has a return type that cannot be read: {error}") from error
    if not (isinstance(becomes, type) and issubclass(becomes, Event)) or becomes is Event:
        raise TypeError(f"{method} must name in its return type the event class that it returns")
    return becomes


def newest_version(event: type[Event]) -> type[Event]:
    """Return the class that an event is read as; for classes that the boot has accepted."""
    while (newer := next_version(event)) is not None:
        event = newer
    return event


def version_faults(event: type[Event], own: Sequence[type[Event]]) -> Iterator[str]:
    """Yield what is wrong with what a class becomes, among the event classes of its plugin."""
    try:
        newer = next_version(event)
    except TypeError as error:
        yield str(error)
        return
    if newer is None:
        return
    says = f"{event.__qualname__}.upcast makes {event.event_type} become"
    if newer not in own:
        package = newer.__module__.partition(".")[0]
        foreign = package != event.__module__.partition(".")[0]
        why = f"an event of {package}" if foreign else "which `event_types` does not return"
        yield f"{says} {newer.__qualname__}, {why}"
        return
    circle = _circle(event, newer)
    base, version = event.event_type.rpartition(".v")[0], version_of(event.event_type)
    if circle:
        yield f"{says} itself again: {' → '.join(circle)}"
    elif newer.event_type.rpartition(".v")[0] != base:
        yield f"{says} {newer.event_type}; it must become a newer version of {base}"
    elif version_of(newer.event_type) <= version:
        yield f"{says} {newer.event_type}, which is not newer"


def _can_be_called(event: type[Event]) -> bool:
    """Whether `upcast` is a plain method that wants nothing but its event."""
    method = vars(event).get("upcast", getattr(event, "upcast", None))
    if not inspect.isfunction(method):
        return False
    if inspect.iscoroutinefunction(method) or inspect.isgeneratorfunction(method):
        return False
    try:
        inspect.signature(method).bind(None)
    except TypeError:
        return False
    return True


def _circle(event: type[Event], newer: type[Event]) -> list[str]:
    """Return the types through which a class becomes itself again; nothing if it does not."""
    passed = [event.event_type]
    seen = {event}
    following: type[Event] | None = newer
    while following is not None and following not in seen:
        seen.add(following)
        passed.append(following.event_type)
        try:
            following = next_version(following)
        except TypeError:
            return []
    return [*passed, event.event_type] if following is event else []
