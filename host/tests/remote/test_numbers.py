"""What a plugin has counted, counts on when it runs elsewhere."""

from __future__ import annotations

from datetime import timedelta

from meishi.core.analytics.contract import Analytics, Period
from meishi.testing.events import EventDeliveries
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import Split


def test_what_happens_in_a_service_is_counted_here(
    split: Split, shared: WorkspaceUnderTest
) -> None:
    """By what the plugin supplies to the host's hook, from the events in the log here."""
    from bakery.contract import Shelf  # type: ignore[import-not-found]

    deliver = EventDeliveries(split.host, split.service_host)
    deliver.register()
    with split.service_host.scope(workspace=shared.id):
        for item in ("bread", "roll", "bread"):
            split.service_host.calls.get(Shelf).sell(item)
    deliver()
    today = split.host.clock().date()
    period = Period(since=today - timedelta(days=1), until=today + timedelta(days=2))
    with split.host.scope(workspace=shared.id):
        found = split.host.service(Analytics).series("bakery_sales", period, group="item")
    assert [(one.value, one.total) for one in found.series] == [("bread", 2), ("roll", 1)]
