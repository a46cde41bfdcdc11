"""Keys of commands that are sent elsewhere: what is sent again is done once."""

from __future__ import annotations

from collections import Counter
from uuid import UUID, uuid5

from meishi.calls.elsewhere import CallName
from meishi.context import Scope


class SentCommands:
    """How often the same command was sent in one unit of work."""

    def __init__(self) -> None:
        self._counts: Counter[UUID] = Counter()

    def count(self, key: UUID) -> int:
        """Return how often it was sent before, and count it."""
        self._counts[key] += 1
        return self._counts[key] - 1


def command_key(scope: Scope, name: CallName, document: bytes) -> UUID:
    """Return the key of a command.

    While one event is handled, the same command has the same key when the event is delivered
    again, so that it is done once although the first delivery was undone. Any other is new.
    """
    if scope.causation is None:
        return scope.host.new_id()
    asking = f"{scope.work.running} {scope.workspace_id} {name}"
    key = uuid5(uuid5(scope.causation, asking), document.hex())
    return uuid5(key, str(scope.work.services.get(SentCommands).count(key)))
