"""What was there before the graph: read page by page from those whose it is."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import Contacts, Relationships
from crm_graph.repository import evidence, states
from crm_graph.service import relationships
from crm_graph.service.changing import settle
from crm_graph.service.following import follow
from crm_graph.service.relationships import RELATIONSHIP
from crm_graph.service.sources import sources
from meishi.sdk.context import service

_PAGE = 200
_CONTACTS = "contacts"


def read_page(place: str | None) -> str | None:
    """Read one page; return the place of the next, None behind the last.

    A place is what is read, and from where on there: `contacts <id>`. Contacts come first, then
    their relationships, then each source in its turn. What is taken back while it is read comes in
    behind it, as nobody else changes the graph from before the reading on.
    """
    states.lock()
    what, _, after = (place or _CONTACTS).partition(" ")
    read = {_CONTACTS: _contacts, RELATIONSHIP: _relationships}.get(what, _source)
    further = read(what, after or None)
    return _following(what) if further is None else f"{what} {further}"


def _following(what: str) -> str | None:
    """Return what is read next; sources that have come or gone meanwhile do no harm."""
    if what == _CONTACTS:
        return RELATIONSHIP
    later = [name for name in sorted(sources()) if what == RELATIONSHIP or name > what]
    return later[0] if later else None


def _contacts(_: str, after: str | None) -> str | None:
    page = service(Contacts).list(after=None if after is None else UUID(after), limit=_PAGE)
    follow([contact.id for contact in page.items], page.items)
    return None if page.next_after is None else str(page.next_after)


def _relationships(_: str, after: str | None) -> str | None:
    page = service(Relationships).list(after=None if after is None else UUID(after), limit=_PAGE)
    settle(relationships.put([item.id for item in page.items], page.items))
    return None if page.next_after is None else str(page.next_after)


def _source(name: str, after: str | None) -> str | None:
    """Read a page of a source; one that is gone has none."""
    found = sources().get(name)
    if found is None:
        return None
    owner, source = found
    page = owner.call(source.read, after)
    settle(evidence.put(name, [(item, source.weight) for item in page.items]))
    return page.next_after
