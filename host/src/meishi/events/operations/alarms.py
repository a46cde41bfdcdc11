"""What needs a person: conditions that do not go away by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from meishi.events.operations.log_size import log_size
from meishi.events.operations.status import SubscriptionStatus, SubscriptionStatuses
from meishi.events.operations.workers import SILENT_SECONDS, workers_alive
from meishi.lifecycle.states import PluginStatus

#: Seconds that a subscription may lag behind unless an operator says otherwise.
MAX_LAG_SECONDS = 300.0


class AlarmKind(StrEnum):
    """What is wrong."""

    DEAD = "dead"
    LAG = "lag"
    RETENTION = "retention"
    NO_WORKER = "no_worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One thing that needs a person; `subscription` is None where it concerns all."""

    kind: AlarmKind
    subscription: str | None
    message: str


def alarms(
    plugins: Mapping[str, PluginStatus],
    *,
    max_log_seconds: float,
    max_lag_seconds: float = MAX_LAG_SECONDS,
) -> list[Alarm]:
    """Return everything that needs a person now.

    `max_log_seconds` is the age up to which a cursor that stands still holds back retention.
    """
    statuses = SubscriptionStatuses(plugins).all()
    found = [alarm for status in statuses for alarm in _of(status, max_lag_seconds)]
    return [*found, *_of_all(statuses, max_log_seconds)]


def _of(status: SubscriptionStatus, max_lag_seconds: float) -> Iterator[Alarm]:
    """Yield what is wrong with a subscription; one that stands still on purpose may lag."""
    if status.parked.dead:
        yield Alarm(
            kind=AlarmKind.DEAD,
            subscription=status.name,
            message=f"{status.name}: {status.parked.dead} dead, "
            f"{status.parked.held} held behind heads; see `meishi events parked`",
        )
    if status.active and status.state == "live" and status.lag_seconds > max_lag_seconds:
        yield Alarm(
            kind=AlarmKind.LAG,
            subscription=status.name,
            message=f"{status.name}: {status.lag_seconds:.0f} s behind, "
            f"more than {max_lag_seconds:g} s",
        )


def _of_all(statuses: list[SubscriptionStatus], max_log_seconds: float) -> Iterator[Alarm]:
    oldest = log_size().oldest_seconds
    if oldest is not None and oldest > max_log_seconds:
        slowest = max(statuses, key=lambda item: item.lag_seconds, default=None)
        held = f"; {slowest.name} holds it back" if slowest and slowest.lag_seconds else ""
        yield Alarm(
            kind=AlarmKind.RETENTION,
            subscription=None,
            message=f"the oldest event is {oldest / 86400:.1f} days old, "
            f"the log is to keep {max_log_seconds / 86400:g}{held}",
        )
    if statuses and not workers_alive():
        yield Alarm(
            kind=AlarmKind.NO_WORKER,
            subscription=None,
            message=f"no worker has been heard of for {SILENT_SECONDS} s; `meishi worker` runs one",
        )
