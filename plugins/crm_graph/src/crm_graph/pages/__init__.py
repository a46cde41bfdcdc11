"""Pages of the social graph, and what stands on those of contacts."""

from crm_graph.pages.panel import connections
from crm_graph.pages.picture import graph_page, layout_file
from meishi.sdk.plugin import NavigationEntry, Page, Panel

PAGES = (
    Page(name="picture", rule="", view=graph_page, title="Graph", permission="read"),
    Page(
        name="layout", rule="/layout.json", view=layout_file, title="Graph", permission="read",
    ),
)  # fmt: skip

NAVIGATION = (NavigationEntry(page="picture", title="Graph", icon="affiliate", order=30),)

PANELS = (
    Panel(
        page="crm_contacts.contact", name="connections", title="Connections", render=connections,
        permission="read",
    ),
)  # fmt: skip

__all__ = ["NAVIGATION", "PAGES", "PANELS"]
