"""What is told of changes of ties: those that a source found, and those that became strong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from uuid import UUID

from crm_graph.contract import TiesFound, TiesStrengthened
from crm_graph.repository.ties import TieChange
from crm_graph.strength import is_strong
from meishi.sdk.context import publish

#: Ids in one event, far below what the largest payload has room for.
_MOST = 500


class Telling:
    """Publishes what a change of the graph is worth telling, once for each contact and change."""

    def __init__(self, clock: Callable[[], datetime], new_id: Callable[[], UUID]) -> None:
        self._clock = clock
        self._new_id = new_id

    def found(self, changes: Iterable[TieChange], source: str) -> None:
        """Tell which ties are new, as a source knows, and which have become strong."""
        told = list(changes)
        new = [change for change in told if change.before is None]
        for contact_ids in _people(new):
            publish(TiesFound(change_id=self._new_id(), source=source, contact_ids=contact_ids))
        self.strengthened(told)

    def strengthened(self, changes: Iterable[TieChange]) -> None:
        """Tell which ties that were there before have become strong."""
        at = self._clock()
        for contact_ids in _people(change for change in changes if _has_become_strong(change, at)):
            publish(TiesStrengthened(change_id=self._new_id(), contact_ids=contact_ids))


def _has_become_strong(change: TieChange, at: datetime) -> bool:
    if change.before is None or change.after is None:
        return False
    return is_strong(*change.after, at) and not is_strong(*change.before, at)


def _people(changes: Iterable[TieChange]) -> Iterator[tuple[UUID, ...]]:
    """Yield who is tied by changes, as many as an event has room for."""
    found = sorted({contact_id for change in changes for contact_id in change.pair})
    for start in range(0, len(found), _MOST):
        yield tuple(found[start : start + _MOST])
