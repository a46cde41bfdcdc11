"""What the monitoring needs of the host around it."""

from __future__ import annotations

from typing import Protocol, cast

from meishi.context import Surroundings, current_scope
from meishi.monitoring.health import HealthChecks


class MonitoredHost(Surroundings, Protocol):
    """The host, as far as the monitoring knows it."""

    health: HealthChecks


def environment() -> MonitoredHost:
    """Return the host of the current scope."""
    return cast("MonitoredHost", current_scope().host)
