"""What a plugin finds for the search box that is on every page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchQuery:
    """What somebody looks for: their `text`; `limit` is how many hits are wanted at most."""

    text: str
    limit: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchHit:
    """One find.

    `id` is that of the resource, `title` and `subtitle` are shown of it, `path` is that of the page
    that shows it whole. `score` is between 0 and 1, and compares the hits of one provider.
    """

    id: UUID
    title: str
    subtitle: str
    path: str
    score: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchProvider:
    """A kind of things that can be found.

    `name` is unique over all plugins; `title` heads the hits (`Contacts`). `search` is called as
    the plugin's code in the current workspace, and returns the best hits first. One that takes
    longer than `limit_seconds` is left out of the answer. `permission` is one of the plugin's own,
    without its prefix.
    """

    name: str
    title: str
    search: Callable[[SearchQuery], Sequence[SearchHit]]
    permission: str
    limit_seconds: float = 1.0
