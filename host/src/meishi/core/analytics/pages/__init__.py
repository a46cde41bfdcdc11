"""The page of analytics, and what of it stands on the page where one begins."""

from meishi.core.analytics.pages.overview import overview
from meishi.core.analytics.pages.panel import last_month
from meishi.sdk.plugin import NavigationEntry, Page, Panel

PAGES = (
    Page(name="overview", rule="", view=overview, title="Analytics", permission="read"),
)  # fmt: skip

NAVIGATION = (NavigationEntry(page="overview", title="Analytics", icon="chart-bar", order=60),)

PANELS = (
    Panel(
        page="meishi_overview.page", name="month", title="The last 30 days", render=last_month,
        permission="read", order=10,
    ),
)  # fmt: skip

__all__ = ["NAVIGATION", "PAGES", "PANELS"]
