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


class BatchRelations:
    """The relationships that a batch brings, of which its contacts do not say a word any more.

    Whoever is neither there nor in the batch may come later, so of those the words stay.
    """

    def __init__(self, candidates: Sequence[Candidate]) -> None:
        said = {item.uid for found in candidates for item in related_of(found.draft)}
        uids = {found.draft.uid for found in candidates if found.draft.uid} if said else set()
        self._ids = ids_by_name(said)
        self._known = said & (uids | self._ids.keys())
        self._said: list[tuple[UUID, Related]] = []

    def without(self, item: Candidate) -> Candidate:
        """Return a candidate that does not say what this takes over from it."""
        known = self._known - {item.draft.uid}
        return replace(item, draft=without(item.draft, known)) if known else item

    def place(self, item: Candidate, contact_id: UUID) -> None:
        """Say which contact a candidate, as it came, has become."""
        self.name(item, contact_id)
        for found in related_of(item.draft) if self._known else ():
            if found.uid in self._known - {item.draft.uid}:
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
    ends = {end for item in found for end in (item.source_id, item.target_id)}
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
        if {item.source_id, item.target_id} <= there
        for kind in item.related.types
    ]
    publish_related(card_relations.add_many(new))


def _id_of(item: Reference, kind: RelationshipType, new_id: UUID, import_id: UUID | None) -> UUID:
    if import_id is None:
        return new_id
    return imported_id(new_id, import_id, item.source_id, item.target_id, kind)
