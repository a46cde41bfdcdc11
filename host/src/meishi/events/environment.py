"""What delivery needs of the host around it."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Protocol
from uuid import UUID

from sqlalchemy import Engine

from meishi.context import Scope, Surroundings
from meishi.events.catalogue import EventCatalogue
from meishi.events.signals import EventSignals
from meishi.events.subscriptions import Subscriber
from meishi.settings import Settings

if TYPE_CHECKING:
    from meishi.database.unit_of_work import UnitOfWork


class Environment(Surroundings, Protocol):
    """The host, as far as delivery knows it."""

    settings: Settings
    catalogue: EventCatalogue
    signals: EventSignals

    @property
    def engine(self) -> Engine:
        """The runtime login's engine."""
        ...

    def unit_of_work(self, workspace: UUID | None = None) -> UnitOfWork:
        """Return a unit of work in a workspace, or in none yet."""
        ...

    def within(self, plugin: str) -> AbstractContextManager[Scope]:
        """Run a block as one unit of work of a part of the host, in no workspace."""
        ...

    def subscribers(self) -> Sequence[Subscriber]:
        """Return the durable subscriptions of the active plugins."""
        ...

    def workspace_ids(self) -> Sequence[UUID]:
        """Return the ids of all workspaces."""
        ...
