"""What metrics of plugins are called where they are scraped, beside one of the host's own."""

from __future__ import annotations

from meishi.declarations import Metric

#: The host's own count of what could not be read.
FAILURES = "meishi_collector_failures_total"


def full_name(plugin: str, metric: Metric) -> str:
    """Return the name of a plugin's metric as it is scraped."""
    return f"meishi_{plugin}_{metric.name}"


def family_of(name: str) -> str:
    """Return what must be unique: a counter and a level of one name are the same family."""
    return name.removesuffix("_total")
