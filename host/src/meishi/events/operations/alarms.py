"""What needs a person: conditions that do not go away by themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum

from meishi.events.operations.limits import MAX_LAG_SECONDS, SILENT_SECONDS
from meishi.events.operations.statements import rows
from meishi.events.operations.status import SubscriptionStatus, SubscriptionStatuses
from meishi.events.operations.workers import workers_alive
from meishi.lifecycle.states import PluginStatus

#: Seconds in a day.
_DAY = 86_400

#: Days for which it is told that events were dropped before they were delivered.
_TOLD_DAYS = 7

_EXPIRED = f"""
    SELECT DISTINCT ON (subscription) subscription, reason FROM meishi_events.decision
    WHERE action = 'expire' AND at > clock_timestamp() - interval '{_TOLD_DAYS} days'
    ORDER BY subscription, at DESC
"""  # noqa: S608 (a constant)


class AlarmKind(StrEnum):
    """What is wrong."""

    DEAD = "dead"
    LAG = "lag"
    RETENTION = "retention"
    EXPIRED = "expired"
    NO_WORKER = "no_worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One thing that needs a person; `subscription` is None where it concerns all."""

    kind: AlarmKind
    subscription: str | None
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """From where on something is an alarm.

    A subscription holds back the log from `retention_days` on; after `cap_days` it loses events.
    """

    retention_days: int
    cap_days: int
    max_lag_seconds: float = MAX_LAG_SECONDS


def alarms(plugins: Mapping[str, PluginStatus], limits: Limits) -> list[Alarm]:
    """Return everything that needs a person now; `plugins` are the states of those here."""
    statuses = SubscriptionStatuses(plugins).all()
    found = [alarm for status in statuses for alarm in _of(status, limits)]
    found += [
        Alarm(kind=AlarmKind.EXPIRED, subscription=name, message=f"{name}: {reason}")
        for name, reason in rows(_EXPIRED)
    ]
    if statuses and not workers_alive():
        message = f"no worker was heard of in the last {SILENT_SECONDS} s; `meishi worker` runs one"
        found.append(Alarm(kind=AlarmKind.NO_WORKER, subscription=None, message=message))
    return found


def _of(status: SubscriptionStatus, limits: Limits) -> Iterator[Alarm]:
    """Yield what is wrong with a subscription; one that stands still on purpose may lag."""
    if status.parked.dead:
        yield Alarm(
            kind=AlarmKind.DEAD,
            subscription=status.name,
            message=f"{status.name}: {status.parked.dead} dead, "
            f"{status.parked.held} held behind heads; see `meishi events parked`",
        )
    going_on = status.active and status.state == "live"
    if going_on and status.lag_seconds > limits.max_lag_seconds:
        yield Alarm(
            kind=AlarmKind.LAG,
            subscription=status.name,
            message=f"{status.name}: {status.lag_seconds:.0f} s behind, "
            f"more than {limits.max_lag_seconds:g} s",
        )
    if status.lag_seconds > limits.retention_days * _DAY:
        yield Alarm(
            kind=AlarmKind.RETENTION,
            subscription=status.name,
            message=f"{status.name}: {status.lag_seconds / _DAY:.0f} days behind, so the log "
            f"cannot be cut; what is older than {limits.cap_days} days will be dropped undelivered",
        )
