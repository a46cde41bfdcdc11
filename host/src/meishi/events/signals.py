"""Signals inside the transaction: blinker, wrapped so that one listener cannot harm another."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from blinker import ANY, Signal

from meishi.context import current_scope
from meishi.declarations import EventHandler
from meishi.sdk.contract import DomainError, Event, EventVetoed


class EventHandlerFailed(Exception):
    """A listener inside the transaction raised something that is no declared error."""

    def __init__(self, plugin: str, event_type: str) -> None:
        super().__init__(f"{plugin} failed while it handled {event_type}")
        self.plugin = plugin
        self.event_type = event_type


class _Receiver:
    """One listener: runs under its plugin's role, in a savepoint of its own."""

    def __init__(self, position: int, plugin: str, declared: EventHandler) -> None:
        self.position = position
        self.plugin = plugin
        self._event_type = declared.event.event_type
        self._handler = declared.handler

    def __call__(self, _sender: object, *, events: Sequence[Event]) -> None:
        work = current_scope().work
        try:
            with work.entered(self.plugin), work.savepoint():
                self._handler(events)
        except DomainError as veto:
            raise EventVetoed(f"{self.plugin}: {veto.detail}", errors=veto.errors) from veto
        except EventHandlerFailed:
            raise
        except Exception as error:
            raise EventHandlerFailed(self.plugin, self._event_type) from error


class EventSignals:
    """A blinker signal per event type. Receivers run in the order in which plugins depend."""

    def __init__(self) -> None:
        self._signals: dict[str, Signal] = {}
        self._next_position = 0

    def connect(self, plugin: str, declared: EventHandler) -> None:
        """Add a listener; connect plugins in the order in which they should hear."""
        signal = self._signals.setdefault(declared.event.event_type, Signal())
        signal.connect(_Receiver(self._next_position, plugin, declared), weak=False)
        self._next_position += 1

    def has_receivers(self, event_type: str) -> bool:
        """Whether anybody listens inside the transaction."""
        signal = self._signals.get(event_type)
        return signal is not None and bool(signal.receivers)

    def send(self, event_type: str, events: Sequence[Event]) -> None:
        """Call every receiver in turn; the first that raises ends the turn.

        blinker's own `send` is not used: it calls receivers in an order of its own.
        """
        signal = self._signals.get(event_type)
        if signal is None:
            return
        receivers: list[Callable[..., Any]] = list(signal.receivers_for(ANY))
        for receiver in sorted(receivers, key=lambda item: getattr(item, "position", 0)):
            receiver(None, events=events)
