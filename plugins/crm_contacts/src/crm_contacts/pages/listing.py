"""The list of contacts: searched as one types, sorted, page by page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import msgspec
from flask import Response, request

from crm_contacts.contract import ContactDocuments
from crm_contacts.schemas.contacts import ContactQuerySchema
from meishi.sdk.context import service
from meishi.sdk.pages import is_fragment, next_page_url, page_query, render
from meishi.sdk.texts import noted

#: What the list can be sorted by, as its address says it, and how people read it.
SORTS = (
    ("name", noted("Name")),
    ("organisation", noted("Organisation")),
    ("-created_at", noted("Newest first")),
    ("-updated_at", noted("Last changed first")),
)
_PAGE = "50"
#: What the address says of the place in the list, which an export has no use for.
_OF_PAGES = frozenset({"after", "limit", "total"})


def contact_list() -> Response:
    """Show contacts; to htmx, the rows alone."""
    searched = bool(request.args.get("q"))
    defaults = {"limit": _PAGE} if searched else {"limit": _PAGE, "sort": "name"}
    wanted = page_query(ContactQuerySchema, **defaults)
    page = service(ContactDocuments).list(wanted)
    values: dict[str, Any] = {
        "contacts": [msgspec.json.decode(item) for item in page.items],
        "next_url": next_page_url(page, wanted),
        "further": "after" in request.args,
        "filtered": searched or bool(wanted.conditions),
        "export_url": _export_url(),
        "deleted": request.args.get("filter[deleted][eq]") == "true",
    }
    if is_fragment():
        return render("crm_contacts/rows.html", piece=True, **values)
    chosen = {"q": request.args.get("q", ""), "sort": request.args.get("sort", "")}
    return render("crm_contacts/list.html", piece=False, sorts=SORTS, chosen=chosen, **values)


def _export_url() -> str:
    """Return where what the list shows is exported."""
    kept = [pair for pair in request.args.items(multi=True) if pair[0] not in _OF_PAGES and pair[1]]
    return f"/exports?{urlencode([('resource', 'crm_contacts.Contact'), *kept])}"
