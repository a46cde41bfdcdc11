"""Contacts as the graph follows them: who is there, and to which organisations they belong."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from crm_contacts.contract import Contact, ContactKind, Visibility
from crm_graph.organisations import organisation_key
from crm_graph.repository import evidence, nodes, people, states
from crm_graph.repository.nodes import Node
from crm_graph.service.changing import settle


def follow(contact_ids: Sequence[UUID], found: Iterable[Contact]) -> None:
    """Know these contacts as they were found, and those no more that were not."""
    known = nodes.find(contact_ids)
    fresh = {contact.id: _node(contact) for contact in found}
    changed = [node for node in fresh.values() if known.get(node.id) != node]
    gone = sorted(known.keys() - fresh.keys())
    if not changed and not gone:
        return
    nodes.put(changed)
    nodes.remove(gone)
    come = sorted(fresh.keys() - known.keys())
    evidence.stand_for_themselves(come)
    settle(evidence.about([*gone, *come]), changed=True)


def forget(contact_ids: Sequence[UUID]) -> int:
    """Leave nothing of contacts, nor of those merged into them; return how much there was."""
    states.lock()
    concerned = [*contact_ids, *evidence.aliases(contact_ids)]
    known = nodes.find(concerned)
    pairs = evidence.forget(concerned)
    placed = people.unplace(concerned)
    nodes.remove(sorted(known))
    settle(pairs, changed=bool(known))
    return len(pairs) + placed + len(known)


def _node(contact: Contact) -> Node:
    """Return what the graph knows of a contact; organisations themselves are tied by none.

    Everybody sees the graph: of one that is kept from some, it tells neither name nor organisation.
    """
    if contact.visibility is Visibility.PRIVATE:
        return Node(contact.id, "", None, None)
    belongs = contact.kind is ContactKind.INDIVIDUAL
    key = organisation_key(contact.organisation) if belongs else None
    return Node(contact.id, contact.name.full, contact.organisation, key)
