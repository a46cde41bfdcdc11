"""Whom the contacts of a batch are related to: those that are there, or come in with them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from uuid import UUID

from crm_contacts.candidates import Candidate
from crm_contacts.card_relations import Related, related_of, without
from crm_contacts.contract import Relationship, RelationshipType
from crm_contacts.relationship_origins import imported_id
from crm_contacts.repository import card_relations, fingerprints, relationships
from crm_contacts.repository.access import read_only
from crm_contacts.repository.relationship_events import publish_related

#: What is said of a row whose contact is related to somebody who is not there.
WAITING = "Whom it is related to is not here: that is kept as a raw property."


@dataclass(frozen=True, slots=True)
class Reference:
    """What the card of a contact says of its relationship to another one."""

    source_id: UUID
    target_id: UUID
    related: Related

    @property
    def ends(self) -> tuple[UUID, UUID]:
        """Both contacts."""
        return self.source_id, self.target_id


class BatchRelations:
    """The relationships that a batch brings, of which its contacts do not say a word any more.

    Whoever is neither there nor in the batch may come later, so of those the words stay; and so
    they do where who acts may not write one of both. What is related already needs none.
    `matched` tells which stored contact a candidate is a copy of; `kept` are those of them that
    may be read alone.
    """

    def __init__(
        self,
        candidates: Sequence[Candidate],
        matched: Callable[[Candidate], UUID | None] = lambda _: None,
        kept: Collection[UUID] = (),
    ) -> None:
        said = {item.uid for found in candidates for item in related_of(found.draft)}
        self._kept = frozenset(kept)
        self._matched = {item.source.index: matched(item) for item in candidates} if said else {}
        uids = {item.draft.uid for item in candidates if item.draft.uid and not self._is_kept(item)}
        self._ids = ids_by_name(said)
        self._known = said & (uids | self._ids.keys())
        stored = [found for found in self._matched.values() if found is not None]
        self._there = {
            contact_id: {(uid, kind) for uid, kind, _ in told}
            for contact_id, told in (card_relations.told(stored) if stored else {}).items()
        }
        self._said: list[tuple[UUID, Related]] = []

    def without(self, item: Candidate) -> Candidate:
        """Return a candidate that does not say what this takes over from it, or what is so."""
        taken = self._taken(item) | self._settled(item)
        return replace(item, draft=without(item.draft, taken)) if taken else item

    def place(self, item: Candidate, contact_id: UUID) -> None:
        """Say which contact a candidate, as it came, has become."""
        self.name(item, contact_id)
        taken = self._taken(item)
        for found in related_of(item.draft) if taken else ():
            if found.uid in taken:
                self._said.append((contact_id, found))

    def name(self, item: Candidate, contact_id: UUID) -> None:
        """Say which contact it is that others call by the UID of a candidate."""
        if self._known and item.draft.uid:
            self._ids.setdefault(item.draft.uid, contact_id)

    def references(self) -> Iterator[Reference]:
        """Yield what was said of contacts that there are, once all are placed."""
        for source_id, found in self._said:
            target_id = self._ids.get(found.uid)
            if target_id is not None and target_id != source_id:
                yield Reference(source_id, target_id, found)

    def _is_kept(self, item: Candidate) -> bool:
        return self._matched.get(item.source.index) in self._kept

    def _taken(self, item: Candidate) -> set[str]:
        """Return the UIDs of those whom a candidate is to be related to."""
        if not self._known or self._is_kept(item):
            return set()
        said = {found.uid for found in related_of(item.draft)}
        return said & self._known - {item.draft.uid}

    def _settled(self, item: Candidate) -> set[str]:
        """Return the UIDs of those to whom it is related by all that its card says."""
        contact_id = self._matched.get(item.source.index)
        there = self._there.get(contact_id) if contact_id else None
        if not there:
            return set()
        said: dict[str, set[tuple[str, RelationshipType]]] = {}
        for found in related_of(item.draft):
            said.setdefault(found.uid, set()).update((found.uid, kind) for kind in found.types)
        return {uid for uid, ties in said.items() if ties <= there}


def ids_by_name(uids: Collection[str]) -> dict[str, UUID]:
    """Return which contacts that who acts may write are called how in cards."""
    if not uids:
        return {}
    found = fingerprints.ids_by_own_uid(uids) | fingerprints.ids_by_uid(uids)
    kept = read_only(list(found.values()))
    return {uid: contact_id for uid, contact_id in found.items() if contact_id not in kept}


def notice(item: Candidate) -> str | None:
    """Return what is said of a row that came in but not as all that it says."""
    waits = next(related_of(item.draft), None) is not None
    said = (item.source.notice, WAITING if waits else None)
    return " ".join(filter(None, said)) or None


def store(
    references: Iterable[Reference],
    at: datetime,
    new_id: Callable[[], UUID],
    import_id: UUID | None,
) -> None:
    """Make the relationships that there are not; their ends are stored by now."""
    found = list(references)
    if not found:
        return
    ends = {end for item in found for end in item.ends}
    there = relationships.lock_contacts(sorted(ends))
    new = [
        Relationship(
            id=_id_of(item, kind, new_id(), import_id),
            source_id=item.source_id,
            target_id=item.target_id,
            type=kind,
            note=item.related.note,
            version=1,
            created_at=at,
        )
        for item in found
        if {*item.ends} <= there
        for kind in item.related.types
    ]
    publish_related(card_relations.add_many(new))


def _id_of(item: Reference, kind: RelationshipType, new_id: UUID, import_id: UUID | None) -> UUID:
    if import_id is None:
        return new_id
    return imported_id(new_id, import_id, item.source_id, item.target_id, kind)
