"""What a plan can grant of a plugin, and what of its use is counted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanFeature:
    """An entitlement: something that a plan turns on, or limits.

    The host puts the plugin's prefix before `name`: `qr.custom_domains`. People read `title` and
    `description`. `default` is what a plan grants that does not mention the feature: True or False
    for one that is on or off, for a limit a number of `unit`s (`codes`), or None for no limit. A
    limit has a `unit`, a switch has none.
    """

    name: str
    title: str
    default: bool | int | None
    unit: str = ""
    description: str = ""


class Aggregation(StrEnum):
    """How the values of a meter become the quantity of a billing period.

    `sum` adds what was used; `maximum` and `last` take the highest and the last level measured.
    """

    SUM = "sum"
    MAXIMUM = "maximum"
    LAST = "last"


@dataclass(frozen=True, slots=True, kw_only=True)
class Meter:
    """A metered quantity, in whole `unit`s (`scans`).

    The host puts the plugin's prefix before `name`: `qr.scans`; people read `title`. `aggregation`
    makes a quantity of the values. A `sum` is recorded by the plugin through the contract of
    billing. A level is read by the host: `measure` returns the present one of the current
    workspace, at least once a day.
    """

    name: str
    title: str
    unit: str
    aggregation: Aggregation = Aggregation.SUM
    measure: Callable[[], int] | None = None
