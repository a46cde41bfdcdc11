"""Pages of the viral engine: those of the console, and where links lead to."""

from crm_viral.pages.cards import link_of_maker
from crm_viral.pages.growth import growth_page, join_programme, link_code, new_programme
from crm_viral.pages.panel import growth_panel
from crm_viral.pages.public import public_pages_of_links
from meishi.sdk.plugin import NavigationEntry, Page, Panel

_FORM, _POST = ("GET", "POST"), ("POST",)

PAGES = (
    Page(name="growth", rule="", view=growth_page, title="Growth", permission="read"),
    Page(
        name="new", rule="/new", view=new_programme, title="New programme", permission="write",
        methods=_FORM,
    ),
    Page(
        name="join", rule="/<uuid:programme_id>/join", view=join_programme, title="Growth",
        permission="take_part", methods=_POST,
    ),
    Page(
        name="link_code", rule="/links/<uuid:link_id>/code.svg", view=link_code, title="Code",
        permission="read",
    ),
)  # fmt: skip

NAVIGATION = (NavigationEntry(page="growth", title="Growth", icon="trending-up", order=40),)

PANELS = (
    Panel(
        page="analytics.overview", name="growth", title="Growth", render=growth_panel,
        permission="read",
    ),
)  # fmt: skip

__all__ = ["NAVIGATION", "PAGES", "PANELS", "link_of_maker", "public_pages_of_links"]
