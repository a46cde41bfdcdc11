"""What the other services have made of the sample by themselves, asked over the web API."""

from __future__ import annotations

import time
from collections import Counter
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Protocol

from meishi.errors import OperatorError
from meishi.events.log import DB_SCHEMA as EVENTS
from meishi.events.operations.status import SubscriptionStatuses
from meishi.host import Host

#: Seconds that the worker has to do everything that follows from the import.
_PATIENCE = 120.0
_PAUSE = 0.1
#: How far apart two people may be who are introduced to each other for show.
_FARTHEST = 4


class Api(Protocol):
    """The web API, with a token."""

    def get(self, path: str, **query: str) -> dict[str, Any]:
        """Return what is at a path; expects success."""
        ...

    def finish(self, path: str) -> None:
        """Begin work that takes long, and wait for its end."""
        ...

    def pages(self, path: str, **query: str) -> list[dict[str, Any]]:
        """Return all items of a list."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNumbers:
    """What the services have found: proposals by provider, ties, communities, rewards, growth.

    `introduction` are the names on a path between two people who do not know each other; `k` is
    how many people each participant brings, with an interval.
    """

    proposals: dict[str, int] = field(default_factory=dict)
    ties: int = 0
    communities: int = 0
    modularity: float | None = None
    introduction: tuple[str, ...] = ()
    conversions: int = 0
    rewards: int = 0
    k: dict[str, float | None] = field(default_factory=dict)
    funnel: dict[str, int] = field(default_factory=dict)

    def document(self) -> dict[str, Any]:
        """Return the numbers as a document."""
        return asdict(self)


def wait_for_services(host: Host) -> None:
    """Return as soon as every service has heard of everything."""
    deadline = time.monotonic() + _PATIENCE
    while _behind(host):
        if time.monotonic() > deadline:
            raise OperatorError(
                f"These are behind: {', '.join(_behind(host))}.",
                hint="`meishi events status` says what they wait for.",
            )
        time.sleep(_PAUSE)


def service_numbers(api: Api, now: datetime) -> ServiceNumbers:
    """Return what the services have found; communities are computed first."""
    api.finish("/api/v1/graph/communities/run")
    communities = api.get("/api/v1/graph/communities")
    layout = api.get("/api/v1/graph/layout")
    proposals = Counter(item["provider"] for item in api.pages("/api/v1/enrichment/proposals"))
    funnel = api.get("/api/v1/analytics/funnel")
    return ServiceNumbers(
        proposals=dict(sorted(proposals.items())),
        ties=len(layout["sources"]),
        communities=len(communities["items"]),
        modularity=communities["modularity"],
        introduction=_introduction(api, layout),
        conversions=len(api.pages("/api/v1/viral/conversions")),
        rewards=len(api.pages("/api/v1/viral/rewards")),
        k=_growth(api, now),
        funnel={step["metric"]: step["count"] for step in funnel["steps"]},
    )


def _behind(host: Host) -> list[str]:
    with host.within(EVENTS):
        found = SubscriptionStatuses(host.statuses()).all()
    return [item.name for item in found if item.active and item.lag_events]


def _introduction(api: Api, layout: dict[str, Any]) -> tuple[str, ...]:
    """Return the names from the best-connected person to somebody as far away as can be."""
    if not layout["ids"]:
        return ()
    ties: dict[int, set[int]] = {}
    for one, other in zip(layout["sources"], layout["targets"], strict=True):
        ties.setdefault(one, set()).add(other)
        ties.setdefault(other, set()).add(one)
    start = max(ties, key=lambda node: (len(ties[node]), -node))
    reached, edge = {start}, {start}
    for _ in range(_FARTHEST):
        further = {near for node in edge for near in ties[node]} - reached
        if not further:
            break
        reached |= further
        edge = further
    source, target = layout["ids"][start], layout["ids"][min(edge)]
    paths = api.get("/api/v1/graph/paths", **{"from": source, "to": target})["items"]
    return tuple(person["name"] for person in paths[0]["people"]) if paths else ()


def _growth(api: Api, now: datetime) -> dict[str, float | None]:
    programmes = api.get("/api/v1/viral/programmes")["items"]
    if not programmes:
        return {}
    found = api.get(
        "/api/v1/viral/metrics",
        programme_id=programmes[0]["id"],
        since=programmes[0]["starts_at"],
        until=now.isoformat(),
    )
    return {"value": found["k"], "low": found["k_low"], "high": found["k_high"]}
