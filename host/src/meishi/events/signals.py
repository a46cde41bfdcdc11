"""Signals: blinker, wrapped so that one listener cannot harm another, nor the publisher.

Each event type has one signal. Its senders are the ways of delivery: everything that listens
inside the transaction, and each durable subscription.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from blinker import Signal

from meishi.context import current_scope
from meishi.declarations import EventHandler
from meishi.sdk.contract import DomainError, Event, EventVetoed

#: What sends to those that listen inside the transaction; no subscription has such a name.
INSIDE = "in_transaction"


class EventHandlerFailed(Exception):
    """A listener inside the transaction raised something that is no declared error."""

    def __init__(self, plugin: str, event_type: str) -> None:
        super().__init__(f"{plugin} failed while it handled {event_type}")
        self.plugin = plugin
        self.event_type = event_type


class WrongReturn(TypeError):
    """A handler returned something, as one does that was never run to its end."""


class Receiver:
    """One listener: the code of a plugin that is given events."""

    def __init__(self, position: int, plugin: str, declared: EventHandler) -> None:
        self.position = position
        self.plugin = plugin
        self.event_type = declared.event.event_type
        self._handler = declared.handler

    def __call__(self, _sender: object, *, events: Sequence[Event]) -> None:
        """Hand events over, as the plugin's code."""
        with current_scope().work.entered(self.plugin):
            result: object = self._handler(events)
            if result is not None:
                raise _wrong_return(result)


class _InsideReceiver(Receiver):
    """A listener inside the transaction, in a savepoint of its own."""

    def __call__(self, _sender: object, *, events: Sequence[Event]) -> None:
        work = current_scope().work
        try:
            with work.entered(self.plugin), work.savepoint():
                self._handler(events)
        except DomainError as veto:
            raise EventVetoed(f"{self.plugin}: {veto.detail}", errors=veto.errors) from veto
        except EventHandlerFailed:
            raise
        except (Exception, SystemExit) as error:
            raise EventHandlerFailed(self.plugin, self.event_type) from error


class EventSignals:
    """A blinker signal per event type. Receivers run in the order in which plugins depend."""

    def __init__(self) -> None:
        self._signals: dict[str, Signal] = {}
        self._next_position = 0

    def connect(self, plugin: str, declared: EventHandler) -> None:
        """Add a listener; connect plugins in the order in which they should hear."""
        signal = self._signals.setdefault(declared.event.event_type, Signal())
        subscription = declared.subscription
        sender = INSIDE if subscription is None else f"{plugin}.{subscription.name}"
        kind = _InsideReceiver if subscription is None else Receiver
        signal.connect(kind(self._next_position, plugin, declared), sender=sender, weak=False)
        self._next_position += 1

    def has_receivers(self, event_type: str) -> bool:
        """Whether anybody listens inside the transaction."""
        signal = self._signals.get(event_type)
        return signal is not None and next(iter(signal.receivers_for(INSIDE)), None) is not None

    def receivers(self, event_type: str, sender: str) -> list[Receiver]:
        """Return who hears a type from a sender, in order."""
        signal = self._signals.get(event_type)
        if signal is None:
            return []
        found: list[Callable[..., Any]] = list(signal.receivers_for(sender))
        return sorted(
            (item for item in found if isinstance(item, Receiver)), key=lambda item: item.position
        )

    def send(self, event_type: str, events: Sequence[Event]) -> None:
        """Call every receiver inside the transaction in turn; the first that raises ends the turn.

        blinker's own `send` is not used: it calls receivers in an order of its own.
        """
        scope = current_scope()
        for receiver in self.receivers(event_type, INSIDE):
            if scope.host.is_on(receiver.plugin, scope.workspace_id):
                receiver(None, events=events)


def _wrong_return(result: object) -> WrongReturn:
    if isinstance(result, Coroutine):
        # Nobody will await it: closed, it says nothing of that beside the reason.
        result.close()
    return WrongReturn(f"a handler must return nothing, not a {type(result).__qualname__}")
