"""Importing a batch of contacts: matched against each other and against what is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, replace
from datetime import datetime
from uuid import UUID

from crm_contacts.candidates import (
    SUPPRESSED,
    Candidate,
    Unfit,
    candidate,
    check_fit,
    keys_of,
    rejected,
)
from crm_contacts.card_photos import brought_by_each, without_ours
from crm_contacts.card_relations import own_uid
from crm_contacts.contract import (
    CardOutcome,
    CardStatus,
    ChangeSource,
    Contact,
    ContactDraft,
    CustomValue,
)
from crm_contacts.importing import relations
from crm_contacts.lookups import Lookups, lookups_of
from crm_contacts.matching import content_key, merge_drafts
from crm_contacts.repository import (
    bulk,
    custom_fields,
    dry_runs,
    fingerprints,
    merges,
    photo_intakes,
    reading,
    tags,
    writing,
)
from crm_contacts.repository.access import read_only
from crm_contacts.repository.locking import lock_imports
from crm_contacts.repository.recording import Origin, Recorder, creation, update
from crm_contacts.sources import ReadSource
from meishi.core.identity.contract import Suppressions
from meishi.sdk.context import current_actor, service
from meishi.sdk.database import savepoint

#: Contacts from which on they are written by COPY, which takes a while to begin.
_MANY = 50

#: What is said of a row that would change a contact which others share for reading.
READ_ONLY = "it would change one that is shared with you for reading."

_DRAFT_FIELDS = tuple(item.name for item in fields(ContactDraft))


class ContactBatch:
    """Contacts that come in together: made ready at once, then matched with what is stored."""

    def __init__(
        self,
        sources: Sequence[ReadSource],
        region: str | None,
        new_id: Callable[[], UUID],
        import_id: UUID | None = None,
    ) -> None:
        self._candidates = [candidate(source, region) for source in sources]
        self._new_id = new_id
        self._origin = Origin(ChangeSource.IMPORT, import_id)
        self._rows: dict[UUID, int] = {}
        self._new: dict[UUID, ContactDraft] = {}
        self._changed: dict[UUID, ContactDraft] = {}
        self._stored: dict[UUID, Contact] = {}
        self._by_uid: dict[str, UUID] = {}
        self._others: set[str] = set()
        self._read_only: set[UUID] = set()
        self._by_key: dict[bytes, UUID] = {}
        self._made: dict[int, Lookups] = {}
        self._lookups: dict[UUID, Lookups] = {}
        self._relations = relations.BatchRelations(())

    def make_ready(self) -> None:
        """Make beforehand what new contacts are looked up by, while others wait for a database."""
        self._made = {
            item.source.index: lookups_of(item.draft)
            for item in self._candidates
            if isinstance(item, Candidate)
        }

    def bring_in(
        self, at: datetime, on_decided: Callable[[], None] = lambda: None
    ) -> tuple[CardOutcome, ...]:
        """Store all that is new and publish it, one batch at a time in each workspace.

        What somebody else creates or changes meanwhile is found the second time. `on_decided` is
        called when from now on there is more to do for the database than for this process.
        """
        lock_imports()
        self._suppress()
        try:
            return self._stored_once(at, on_decided)
        except (writing.UidTaken, writing.VersionGone):
            return self._stored_once(at, on_decided)

    def try_out(self, import_id: UUID, at: datetime) -> tuple[CardOutcome, ...]:
        """Decide what would become of each in a dry run of an import, and store no contact.

        What would have been stored before is known by the import.
        """
        self._suppress()
        outcomes = self._match(import_id, at)
        dry_runs.put(import_id, {**self._new, **self._changed}, self._by_key)
        return outcomes

    def _suppress(self) -> None:
        """Reject who was erased; of them no word is kept."""
        drafts = [item.draft for item in self._candidates if isinstance(item, Candidate)]
        found = suppressed(drafts)
        if found:
            self._candidates = [
                rejected(item.source, SUPPRESSED, suppressed=True)
                if isinstance(item, Candidate) and found & reached_by(item.draft)
                else item
                for item in self._candidates
            ]

    def _stored_once(self, at: datetime, on_decided: Callable[[], None]) -> tuple[CardOutcome, ...]:
        with savepoint():
            outcomes = self._match()
            on_decided()
            self._store(at)
        return outcomes

    def _match(
        self, tried: UUID | None = None, at: datetime | None = None
    ) -> tuple[CardOutcome, ...]:
        """Decide what becomes of each, by what is stored now, and by what was `tried` before."""
        self._new, self._changed, self._rows, self._lookups = {}, {}, {}, {}
        candidates = [item for item in self._candidates if isinstance(item, Candidate)]
        self._look_up(candidates)
        self._relations = relations.BatchRelations(candidates, self._stored_as, self._read_only)
        if tried is not None and at is not None:
            self._look_up_tried(candidates, tried, at)
        return tuple(
            self._place(item) if isinstance(item, Candidate) else item for item in self._candidates
        )

    def _store(self, at: datetime) -> None:
        new, changed = self._new, self._changed
        references = list(self._relations.references())
        held = {*changed, *(end for item in references for end in item.ends)}
        if held:
            # As all who change many: the order of the cards is another one.
            merges.hold_all(sorted(held))
        if len(new) + len(changed) >= _MANY:
            before = {key: (self._stored[key], changed[key]) for key in changed}
            bulk.store(new, before, at, self._lookups)
        else:
            writing.add(new, at)
            for contact_id, draft in changed.items():
                stored = self._stored[contact_id]
                writing.change(contact_id, stored.version, as_draft(stored), draft, at)
        tags.put({key: draft.tags for key, draft in {**new, **changed}.items()}, at, self._new_id)
        custom_fields.add_values(list(self._new_values()))
        fingerprints.add(self._by_key)
        self._record(at)
        relations.store(references, at, self._new_id, self._origin.id)
        if self._origin.id is not None:
            changed = {**self._new, **self._changed}
            photo_intakes.add(self._origin.id, brought_by_each(changed, self._stored))

    def _new_values(self) -> Iterator[tuple[UUID, str, CustomValue]]:
        """Yield the custom values that the stored contacts have not."""
        for contact_id, draft in {**self._new, **self._changed}.items():
            stored = self._stored.get(contact_id)
            known = () if stored is None else stored.custom
            yield from ((contact_id, *item) for item in draft.custom if item not in known)

    def _look_up(self, candidates: Sequence[Candidate]) -> None:
        """Load every stored contact that one of the candidates may be a copy of."""
        uids = {item.draft.uid for item in candidates if item.draft.uid}
        by_uid = fingerprints.ids_by_own_uid(uids) | fingerprints.ids_by_uid(uids)
        self._others = fingerprints.uids_of_others(uids)
        by_key = fingerprints.ids_by_key(keys_of(candidates))
        matched = {*by_uid.values(), *by_key.values()}
        self._stored = {found.id: found for found in reading.get_many(list(matched))}
        self._read_only = read_only(list(self._stored))
        # Not among them is what is deleted, be it between these statements.
        self._by_uid = {uid: found for uid, found in by_uid.items() if found in self._stored}
        self._by_key = {key: found for key, found in by_key.items() if found in self._stored}

    def _look_up_tried(self, candidates: Sequence[Candidate], tried: UUID, at: datetime) -> None:
        """Add what contacts would be by now, and those that there would be."""
        by_key = dry_runs.ids_by_key(tried, keys_of(candidates)) | self._by_key
        drafts = dry_runs.drafts(tried, {*by_key.values(), *self._by_uid.values()})
        self._stored |= {key: as_contact(draft, key, at) for key, draft in drafts.items()}
        self._by_key = {key: found for key, found in by_key.items() if found in self._stored}

    def _place(self, came: Candidate) -> CardOutcome:
        item = self._relations.without(came)
        same_uid = self._of_uid(item)
        match = self._stored_as(item)
        status = CardStatus.CREATED
        contact_id = match or self._new_id()
        if match is None:
            # The UID of a contact that they do not see is not said to be taken: it is left away.
            taken = item.draft.uid in self._others
            self._new[contact_id] = replace(item.draft, uid=None) if taken else item.draft
            if item.source.index in self._made and not taken:
                self._lookups[contact_id] = self._made[item.source.index]
            self._rows[contact_id] = item.source.index
        else:
            try:
                status = self._merge(contact_id, item)
            except Unfit as error:
                self._relations.name(came, contact_id)
                same = "UID" if same_uid else "content"
                return rejected(item.source, f"merged with the contact of the same {same}, {error}")
        self._by_key.setdefault(item.content, contact_id)
        if item.uid:
            self._by_key.setdefault(item.uid, contact_id)
        self._relations.place(came, contact_id)
        return CardOutcome(
            index=item.source.index,
            line=item.source.line,
            status=status,
            name=item.draft.name.full,
            contact_id=contact_id,
            reason=relations.notice(item),
        )

    def _of_uid(self, item: Candidate) -> UUID | None:
        """Return which contact has the UID of a candidate."""
        return self._by_uid.get(item.draft.uid or "") or self._by_key.get(item.uid or b"")

    def _stored_as(self, item: Candidate) -> UUID | None:
        """Return which contact a candidate is a copy of."""
        return self._of_uid(item) or self._by_key.get(item.content)

    def _merge(self, contact_id: UUID, item: Candidate) -> CardStatus:
        """Add what a copy says; raise `Unfit` if the contact cannot hold it, or may not."""
        waiting = self._new if contact_id in self._new else self._changed
        before = waiting.get(contact_id) or as_draft(self._stored[contact_id])
        incoming = without_ours(item.draft)
        if incoming.uid == own_uid(contact_id):
            incoming = replace(incoming, uid=None)
        after = merge_drafts(before, incoming)
        if after == before:
            return CardStatus.UNCHANGED
        if contact_id in self._read_only:
            raise Unfit(READ_ONLY)
        check_fit(after)
        waiting[contact_id] = after
        self._lookups.pop(contact_id, None)
        self._rows.setdefault(contact_id, item.source.index)
        self._by_key.setdefault(content_key(after), contact_id)
        return CardStatus.UPDATED

    def _record(self, at: datetime) -> None:
        rows = self._rows
        new = [creation(key, draft, rows[key]) for key, draft in self._new.items()]
        changed = [
            update(key, as_draft(self._stored[key]), draft, rows[key])
            for key, draft in self._changed.items()
        ]
        Recorder(self._new_id).record([*new, *changed], at, self._origin)


def suppressed(drafts: Iterable[ContactDraft]) -> frozenset[str]:
    """Return which addresses and numbers of normalised drafts are those of erased people."""
    keys = frozenset[str]().union(*map(reached_by, drafts))
    return service(Suppressions).are_suppressed(keys) if keys else keys


def reached_by(draft: ContactDraft) -> frozenset[str]:
    """Return the addresses and numbers of a normalised draft."""
    emails = frozenset(item.normalised for item in draft.emails if item.normalised)
    return emails.union(item.normalised for item in draft.phones if item.normalised)


def as_draft(contact: Contact) -> ContactDraft:
    """Return what a stored contact says, without its id and times."""
    return ContactDraft(**{name: getattr(contact, name) for name in _DRAFT_FIELDS})


def as_contact(draft: ContactDraft, contact_id: UUID, at: datetime) -> Contact:
    """Return a draft as the contact of who acts that it is from now on."""
    values = {name: getattr(draft, name) for name in _DRAFT_FIELDS}
    owner = current_actor().user_id
    return Contact(**values, id=contact_id, version=1, created_at=at, updated_at=at, owner_id=owner)
