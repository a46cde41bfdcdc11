"""Pages of the enrichment service in the console."""

from crm_enrichment.pages.deciding import (
    apply_proposal,
    decide_many,
    reject_proposal,
    revert_proposal,
)
from crm_enrichment.pages.listing import proposal_list
from crm_enrichment.pages.panel import contact_proposals
from meishi.sdk.plugin import NavigationEntry, Page, Panel

PAGES = (
    Page(name="list", rule="", view=proposal_list, title="Proposals", permission="read"),
    Page(
        name="decide", rule="/decide", view=decide_many, title="Decide on proposals",
        permission="write", methods=("POST",),
    ),
    Page(
        name="apply", rule="/<uuid:proposal_id>/apply", view=apply_proposal, title="Take over",
        permission="write", methods=("POST",),
    ),
    Page(
        name="reject", rule="/<uuid:proposal_id>/reject", view=reject_proposal, title="Turn down",
        permission="write", methods=("POST",),
    ),
    Page(
        name="revert", rule="/<uuid:proposal_id>/revert", view=revert_proposal, title="Take back",
        permission="write", methods=("POST",),
    ),
)  # fmt: skip

NAVIGATION = (NavigationEntry(page="list", title="Proposals", icon="sparkles", order=30),)

PANELS = (
    Panel(
        page="crm_contacts.contact", name="proposals", title="What else is known",
        render=contact_proposals, permission="read",
    ),
)  # fmt: skip

__all__ = ["NAVIGATION", "PAGES", "PANELS"]
