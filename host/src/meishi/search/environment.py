"""What the search needs of the host around it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, cast
from uuid import UUID

from meishi.context import Surroundings, current_scope
from meishi.lifecycle.contribution import Contribution


class SearchEnvironment(Surroundings, Protocol):
    """The host, as far as the search knows it."""

    def enabled(self, workspace: UUID | None) -> Iterator[Contribution]:
        """Yield what the plugins supply that are switched on there."""
        ...


def environment() -> SearchEnvironment:
    """Return the host of the current scope."""
    return cast("SearchEnvironment", current_scope().host)
