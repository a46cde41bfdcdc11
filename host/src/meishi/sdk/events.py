"""What a plugin's `subscribers.py` needs: the envelope of an event, and naming it as a cause."""

from __future__ import annotations

from dataclasses import replace

from meishi.context import current_scope, substitute_scope
from meishi.envelope import Envelope
from meishi.sdk.contract import Event

__all__ = ["Envelope", "caused_by", "envelope"]


def envelope(event: Event) -> Envelope:
    """Return the envelope of an event that the running handler was given.

    Raises `LookupError` for any other: it is the very object that counts, no copy of it.
    """
    known = current_scope().envelopes.get(id(event))
    if known is None or known[0] is not event:
        raise LookupError(
            f"this {type(event).__qualname__} is none of the events that the running handler "
            "was given; ask for the envelope of one of these, inside of the handler"
        )
    return known[1].envelope()


def caused_by(event: Event) -> substitute_scope:
    """Run a block in which everything that is published is caused by an event of the handler.

    A handler that is given one event needs no such block.
    """
    cause = envelope(event)
    return substitute_scope(
        replace(current_scope(), correlation=cause.correlation, causation=cause.id)
    )
