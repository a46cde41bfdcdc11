"""What the exports need of the host around them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, cast
from uuid import UUID

from meishi.context import Surroundings, current_scope
from meishi.lifecycle.contribution import Contribution


class ExportEnvironment(Surroundings, Protocol):
    """The host, as far as the exports know it."""

    def enabled(self, workspace: UUID | None) -> Iterator[Contribution]:
        """Yield what the plugins supply that are switched on there."""
        ...


def environment() -> ExportEnvironment:
    """Return the host of the current scope."""
    return cast("ExportEnvironment", current_scope().host)
