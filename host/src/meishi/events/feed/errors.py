"""Why the feed cannot be read as asked, and what to do instead."""

from __future__ import annotations

from meishi.sdk.contract import DomainError


class InvalidCursor(DomainError):
    """A cursor was not given out for this, or is not what was given out."""

    code = "invalid-cursor"
    title = "Invalid cursor"
    status = 400


class CursorExpired(DomainError):
    """The log no longer holds all that comes behind a cursor."""

    code = "cursor-expired"
    title = "Cursor expired"
    status = 410


class UnknownEventType(DomainError):
    """No active plugin declares an event type."""

    code = "unknown-event-type"
    title = "Unknown event type"
    status = 400


class HiddenEventType(DomainError):
    """Who asks for events of a type may not read what they are about."""

    code = "hidden-event-type"
    title = "Not allowed"
    status = 403
