"""Contacts as the web API shows them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any
from uuid import UUID

from crm_contacts.contract import MAX_PAGE, ContactNotFound
from crm_contacts.repository import listing, reading
from crm_contacts.repository.criteria import Listing
from crm_contacts.service.memberships import expanded
from crm_contacts.service.photos import with_theirs
from crm_contacts.service.queries import absent_orders, in_order, listing_of, position_of
from crm_contacts.service.regions import region_for
from meishi.sdk.contract import ChangePage, ChangeQuery, Document, DocumentPage, ListQuery
from meishi.sdk.plugin import PluginContext


class ContactDocumentService:
    """Implements `ContactDocuments`."""

    def __init__(self, _: PluginContext) -> None:
        """Whatever holds here is asked for where it is needed."""

    def get(self, contact_id: UUID, *, with_photo: bool = False) -> Document:
        """Return the document of one contact."""
        found = reading.document(contact_id)
        if found is None:
            raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
        return replace(found, body=with_theirs([found.body])[0]) if with_photo else found

    def list(self, wanted: ListQuery, *, with_photos: bool = False) -> DocumentPage:
        """Return documents of contacts: filtered, searched and sorted."""
        wanted = in_order(replace(wanted, conditions=expanded(wanted.conditions)))
        numbers = [item.value for item in wanted.conditions if item.field == "phone"]
        texts = [] if wanted.text is None else [wanted.text]
        asked = listing_of(wanted, region_for([*numbers, *texts]))
        size = max(1, min(wanted.limit, MAX_PAGE))
        rows = _rows(asked, size + 1)
        shown = rows[:size]
        bodies = reading.documents([row[0] for row in shown])
        # Who was purged in between is not there any more.
        items = [bodies[row[0]] for row in shown if row[0] in bodies]
        return DocumentPage(
            items=tuple(with_theirs(items) if with_photos else items),
            position=position_of(shown[-1][1:]) if len(rows) > len(shown) else None,
            total=listing.count(replace(asked, by_field=None)) if wanted.with_total else None,
        )

    def changes(self, wanted: ChangeQuery) -> ChangePage:
        """Return what has changed since a mark."""
        return reading.changes(wanted)


def _rows(asked: Listing, limit: int) -> list[tuple[Any, ...]]:
    """Return the rows of a page; by a custom field, contacts without a value come last."""
    if asked.by_field is None:
        return listing.page(asked, limit)
    rows: list[tuple[Any, ...]] = []
    rest = asked
    if not asked.by_field.absent:
        rows = listing.page(asked, limit)
        absent = replace(asked.by_field, absent=True)
        rest = replace(asked, by_field=absent, orders=absent_orders(asked.orders), after=None)
    if len(rows) < limit:
        further = listing.page(rest, limit - len(rows))
        rows += [(row[0], "", *row[1:]) for row in further]
    return rows
