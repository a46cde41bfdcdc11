"""The list of contacts: searched as one types, sorted, page by page."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode
from uuid import UUID

import msgspec
from flask import Response, request

from crm_contacts.contract import ContactDocuments, Purges, Tag, Tags
from crm_contacts.pages.custom_fields import all_fields
from crm_contacts.pages.filter_controls import controlled, filter_form
from crm_contacts.pages.groups import all_lists, all_segments
from crm_contacts.pages.kept_filters import filter_name, kept_filters, named_words
from crm_contacts.pages.many_edits import offers
from crm_contacts.pages.photos import photo_digests
from crm_contacts.pages.sharing import member_names
from crm_contacts.pages.tags import all_tags
from crm_contacts.schemas.contact_queries import ContactQuerySchema
from crm_contacts.tag_names import tag_key
from meishi.sdk.context import service
from meishi.sdk.contract import ListQuery
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
TAG_FILTER = "filter[tag][in]"
OWNER_FILTER = "filter[owner][eq]"
SEGMENT_FILTER = "filter[segment][eq]"
_DELETED_FILTER = "filter[deleted][eq]"
#: What the form has controls for, besides tags where there are some.
_CONTROLLED = frozenset({OWNER_FILTER, _DELETED_FILTER})
#: What the address says of the place in the list, which an export has no use for.
_OF_PAGES = frozenset({"after", "limit", "total"})


def contact_list() -> Response:
    """Show contacts; to htmx, the rows alone."""
    searched = bool(request.args.get("q"))
    defaults = {"limit": _PAGE} if searched else {"limit": _PAGE, "sort": "name"}
    wanted = page_query(ContactQuerySchema, **defaults)
    page = service(ContactDocuments).list(wanted)
    contacts = [msgspec.json.decode(item) for item in page.items]
    shown = tuple(UUID(contact["id"]) for contact in contacts if contact["tags"])
    values: dict[str, Any] = {
        "contacts": contacts,
        "colours": {tag.name: tag.colour for tag in service(Tags).on(shown)} if shown else {},
        "photos": photo_digests(UUID(contact["id"]) for contact in contacts),
        "next_url": next_page_url(page, wanted),
        "further": "after" in request.args,
        "filtered": searched or bool(wanted.conditions),
        "export_url": _export_url(),
        "deleted": any(
            item.field == "deleted" and item.value == "true" for item in wanted.conditions
        ),
        "members": {str(user): name for user, name in member_names().items()},
    }
    if values["deleted"]:
        ids = tuple(UUID(contact["id"]) for contact in contacts)
        values["purgeable"] = {str(found) for found in service(Purges).among(ids)}
    if not (is_fragment() and values["further"]):
        # What is done with a list is about what it shows now, so it goes with the rows.
        values["tags"] = tags = all_tags()
        in_search = _CONTROLLED | ({TAG_FILTER} if tags else set())
        values["kept"] = list(kept_filters(wanted.conditions, _kept(), controlled=in_search))
        values["lists"] = all_lists()
        values["segments"] = all_segments()
        form = filter_form(all_fields(), values["lists"], values["segments"], values["kept"])
        values["filter_form"] = form
        values["beside"] = [pair for pair in _kept() if pair[0] not in controlled(form)]
        values["segment_url"] = _segment_url(wanted)
        values["many_url"] = f"/contacts/many?{urlencode(_kept())}"
        values["offers"] = offers(deleted=values["deleted"]) if contacts else []
    if is_fragment():
        return render("crm_contacts/rows.html", piece=True, **values)
    names = ("q", "sort", TAG_FILTER, OWNER_FILTER)
    chosen = {name: request.args.get(name, "") for name in names}
    values["tag_chosen"], values["tag_unlisted"] = _chosen_tag(wanted, values["tags"])
    values["segment"] = request.args.get(SEGMENT_FILTER, "")
    return render("crm_contacts/list.html", piece=False, sorts=SORTS, chosen=chosen, **values)


def _chosen_tag(wanted: ListQuery, tags: list[Tag]) -> tuple[str, str]:
    """Return the chosen value of the control for tags, and its words if it is none of the `tags`.

    The address may name a tag, which the form chooses by its id, or several.
    """
    asked = [item for item in wanted.conditions if filter_name(item) == TAG_FILTER]
    if not asked:
        return "", ""
    written = asked[0].value.strip()
    for tag in tags:
        if written.lower() == str(tag.id) or tag_key(written) == tag_key(tag.name):
            return str(tag.id), ""
    return written, named_words(asked[0])


def _export_url() -> str:
    """Return where what the list shows is exported."""
    return f"/exports?{urlencode([('resource', 'crm_contacts.Contact'), *_kept()])}"


def _segment_url(wanted: ListQuery) -> str | None:
    """Return where the filters of the list are saved; None if there are none to save."""
    fields = {item.field for item in wanted.conditions}
    if not fields or fields & {"id", "segment", "deleted"}:
        return None
    kept = [pair for pair in _kept() if pair[0].startswith("filter[")]
    return f"/contacts/segments?{urlencode(kept)}"


def _kept() -> list[tuple[str, str]]:
    return [pair for pair in request.args.items(multi=True) if pair[0] not in _OF_PAGES and pair[1]]
