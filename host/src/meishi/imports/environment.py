"""What imports need of the host around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, cast
from uuid import UUID

from meishi.context import Surroundings, current_scope
from meishi.lifecycle.contribution import Contribution
from meishi.remote.way import Ways
from meishi.settings import Settings


class ImportEnvironment(Surroundings, Protocol):
    """The host, as far as imports know it."""

    settings: Settings
    ways: Ways

    def enabled(self, workspace: UUID | None) -> Iterator[Contribution]:
        """Yield what the plugins supply that are switched on there."""
        ...

    @property
    def plugins(self) -> Plugins:
        """What is loaded, on or off."""
        ...


class Plugins(Protocol):
    """The plugins of the host."""

    def active(self) -> Iterator[Contribution]:
        """Yield what the loaded plugins supply."""
        ...


def environment() -> ImportEnvironment:
    """Return the host of the current scope."""
    return cast("ImportEnvironment", current_scope().host)
