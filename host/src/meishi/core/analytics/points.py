"""The hook by which plugins say what they measure."""

from __future__ import annotations

from collections.abc import Sequence

from meishi.core.analytics.contract import Metric


def analytics_metrics() -> Sequence[Metric]:  # type: ignore[empty-body]
    """What the plugin measures: how often some of its events occur, and in which ways."""
