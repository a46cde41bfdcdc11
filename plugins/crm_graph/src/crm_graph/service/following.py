"""Contacts as the graph follows them: who is there, and which organisations tie them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from uuid import UUID

from crm_contacts.contract import Contact, ContactKind
from crm_graph.organisations import organisation_key
from crm_graph.repository import evidence, nodes, people, states
from crm_graph.repository.evidence import Pair
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
    pairs = evidence.about([*gone, *come])
    settle(pairs | _colleagues(known, fresh), changed=True)


def forget(contact_ids: Sequence[UUID]) -> int:
    """Leave nothing of contacts, nor of those merged into them; return how much there was."""
    states.lock()
    concerned = [*contact_ids, *evidence.aliases(contact_ids)]
    known = nodes.find(concerned)
    pairs = evidence.forget(concerned)
    placed = people.unplace(concerned)
    nodes.remove(sorted(known))
    settle(pairs | _colleagues(known, {}), changed=bool(known))
    return len(pairs) + placed + len(known)


def _colleagues(known: dict[UUID, Node], fresh: dict[UUID, Node]) -> set[Pair]:
    """Tie the people of all organisations that somebody came to or went from."""
    keys: set[str] = set()
    for found in known.keys() | fresh.keys():
        before, after = (_key(side.get(found)) for side in (known, fresh))
        keys |= {key for key in (before, after) if key and before != after}
    return evidence.colleagues(sorted(keys)) if keys else set()


def _key(node: Node | None) -> str | None:
    return None if node is None else node.organisation_key


def _node(contact: Contact) -> Node:
    """Return what the graph knows of a contact; organisations themselves are tied by none."""
    belongs = contact.kind is ContactKind.INDIVIDUAL
    key = organisation_key(contact.organisation) if belongs else None
    return Node(contact.id, contact.name.full, contact.organisation, key)
