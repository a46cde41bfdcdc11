"""The operations of a deployment with services: those that are here, and those that are there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from meishi.calls.registry import placed_service
from meishi.context import current_scope, enter_scope
from meishi.core.operations.contract import (
    Operation,
    OperationNotFound,
    OperationPage,
    Operations,
    OperationState,
)
from meishi.lifecycle.contribution import Contribution
from meishi.logs import logger
from meishi.placement import Placement
from meishi.remote.errors import RemoteCallError
from meishi.remote.way import Way, Ways

#: The part of the host that keeps operations, of which each service has its own.
OPERATIONS = "meishi_operations"
#: Seconds at most that a list waits for a service.
_FOR_LISTS = 2.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceOperations:
    """The operations of one service: of which plugins, and what stands for them here.

    `listed` are the same, for who does not wait as long.
    """

    plugins: tuple[str, ...]
    operations: Operations
    listed: Operations


def service_operations(
    elsewhere: Sequence[Contribution], ways: Ways
) -> tuple[ServiceOperations, ...]:
    """Return the operations of each service once, however many plugins it has."""
    places: dict[Placement, list[str]] = {}
    for item in elsewhere:
        if item.placement is not None:
            places.setdefault(item.placement, []).append(item.plugin)
    return tuple(
        ServiceOperations(
            plugins=tuple(names),
            operations=_at(ways, placement, placement.seconds),
            listed=_at(ways, placement, min(_FOR_LISTS, placement.seconds)),
        )
        for placement, names in places.items()
    )


def _at(ways: Ways, placement: Placement, seconds: float) -> Operations:
    return placed_service(Operations, OPERATIONS, Way(ways.line(placement), seconds=seconds))


class OperationsEverywhere:
    """Implements `Operations` before those that are here: for who looks, services are asked, too.

    Who does the work does it where it is: all else is done here. Nothing is held of the database
    while a service is waited for, if the caller holds nothing.
    """

    def __init__(self, here: Operations, services: Sequence[ServiceOperations]) -> None:
        self._here = here
        self._services = services

    def __getattr__(self, name: str) -> Any:
        """Return what is done here alone."""
        return getattr(self._here, name)

    def find(self, operation_id: UUID) -> Operation:
        """Return one operation, from wherever its work is done."""
        return self._anywhere(lambda one: one.find(operation_id))

    def cancel(self, operation_id: UUID) -> Operation:
        """Ask that the work stops, wherever it is done."""
        try:
            with enter_scope(current_scope().aside()):
                self._here.find(operation_id)
        except OperationNotFound:
            return self._there(lambda one: one.cancel(operation_id))
        return self._here.cancel(operation_id)

    def list(
        self,
        *,
        kind: str | None = None,
        state: OperationState | None = None,
        after: UUID | None = None,
        limit: int = 50,
        with_total: bool = False,
    ) -> OperationPage:
        """Return operations of all places in one order, and whose service did not answer."""
        pages: list[OperationPage] = []
        missing: list[str] = []

        def page(of: Operations) -> OperationPage:
            return of.list(kind=kind, state=state, after=after, limit=limit, with_total=with_total)

        for service in self._services:
            try:
                pages.append(page(service.listed))
            except RemoteCallError as error:
                missing += service.plugins
                logger("warning").warning("operations_missing", error=str(error))
        pages.append(page(self._here))
        return merged(pages, limit=limit, missing=missing)

    def _anywhere(self, asked: Callable[[Operations], Operation]) -> Operation:
        try:
            with enter_scope(current_scope().aside()):
                return asked(self._here)
        except OperationNotFound:
            return self._there(asked)

    def _there(self, asked: Callable[[Operations], Operation]) -> Operation:
        """Ask the services one after the other; that one is away is told if no other knows it."""
        unknown: OperationNotFound | None = None
        away: RemoteCallError | None = None
        for service in self._services:
            try:
                return asked(service.operations)
            except OperationNotFound as error:
                unknown = error
            except RemoteCallError as error:
                away = RemoteCallError(
                    ", ".join(service.plugins),
                    error.method,
                    error.reason,
                    may_have_happened=error.may_have_happened,
                )
        failure = away or unknown
        assert failure is not None, "there is a service, or nothing stands before the operations"
        raise failure


def merged(pages: Sequence[OperationPage], *, limit: int, missing: Sequence[str]) -> OperationPage:
    """Return pages of one list, each from its own place, as one page of all of them.

    Behind the last item of a page that is not the last one nothing is known of its place, so the
    new page ends there, too: its cursor leads on in all of them.
    """
    known = max((page.next_after for page in pages if page.next_after is not None), default=None)
    found = {item.id: item for item in _items(pages) if known is None or item.id >= known}
    items = sorted(found.values(), key=lambda item: item.id, reverse=True)
    more = known is not None or len(items) > limit
    totals = [page.total for page in pages if page.total is not None]
    return OperationPage(
        items=tuple(items[:limit]),
        next_after=items[:limit][-1].id if more else None,
        total=sum(totals) if totals and not missing else None,
        missing=tuple(sorted(missing)),
    )


def _items(pages: Sequence[OperationPage]) -> Iterator[Operation]:
    """Yield all items; of one that is at two places that of the last page comes last."""
    for page in pages:
        yield from page.items
