"""What an edit of many contacts does to some of them at once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from uuid import UUID

from crm_contacts.contact_changes import given_of
from crm_contacts.contract import (
    ChangeAction,
    ChangeSource,
    ContactChanges,
    ContactNotFound,
    ContactReadOnly,
    ContactUidTaken,
    Edits,
    FieldEdits,
    SharingRefused,
    Visibility,
)
from crm_contacts.repository import (
    deletions,
    duplicates,
    lists,
    reading,
    relationships,
    sharing,
    tagged,
)
from crm_contacts.repository.access import decides, read_only
from crm_contacts.repository.recording import Change, GatheringRecorder, Origin, Recorder
from crm_contacts.repository.relationship_events import publish_related, publish_unrelated
from crm_contacts.repository.writing import UidTaken
from crm_contacts.service.contacts import ContactService
from crm_contacts.service.retagging import retagged
from crm_contacts.service.sharing import SharingService, hand_over, held
from crm_contacts.sharing_rules import sharing_of
from meishi.sdk.contract import DomainError
from meishi.sdk.database import past_readers, savepoint
from meishi.sdk.plugin import PluginContext

#: Why something is passed over that is no error: the contact has as many tags as can be, or is
#: another one by now.
_TOO_MANY_TAGS, _MERGED = "too-many-tags", "contact-merged"


@dataclass(slots=True)
class Outcome:
    """Which contacts changed, and how many were passed over, by the reason."""

    changed: set[UUID] = field(default_factory=set)
    passed_over: Counter[str] = field(default_factory=Counter)


class BulkChanges:
    """Does the edits of one step, and notes what comes of them."""

    def __init__(self, context: PluginContext, edit_id: UUID, at: datetime) -> None:
        self._context = context
        self._new_id: Callable[[], UUID] = context.new_id
        self._origin = Origin(ChangeSource.BULK_EDIT, edit_id)
        self._at = at
        self._gathered = GatheringRecorder(context.new_id)
        self._outcome = Outcome()

    def make(self, contact_ids: Sequence[UUID], edits: Edits) -> Outcome:
        """Do to contacts what is asked for, as far as who acts may."""
        if edits.deleted is False:
            self._restore(contact_ids)
            return self._outcome
        there = tagged.hold(contact_ids)
        self._pass_over_absent(set(contact_ids) - set(there))
        if edits.deleted:
            self._delete(there)
            return self._outcome
        if edits.changes is not None:
            self._write_fields(there, edits.changes)
        self._tag(there, edits)
        self._put_on_lists(there, edits)
        # Last, as who gives a contact away may not see it afterwards.
        if edits.visibility is not None:
            self._share(there, edits.visibility, edits.owner_id)
        elif edits.owner_id is not None:
            self._hand_over(there, edits.owner_id)
        return self._outcome

    def _delete(self, there: Sequence[UUID]) -> None:
        done = deletions.delete(there, self._at)
        self._record(done, ChangeAction.DELETED)
        with past_readers():
            publish_unrelated(relationships.hide(done))

    def _restore(self, contact_ids: Sequence[UUID]) -> None:
        back, merged = deletions.hold(contact_ids)
        self._outcome.passed_over[_MERGED] += len(merged)
        already = {found.id for found in reading.get_many(contact_ids)}
        self._pass_over_absent(set(contact_ids) - {*back, *merged, *already})
        done = self._restored(back)
        self._record(done, ChangeAction.RESTORED)
        with past_readers():
            duplicates.come_back(done)
            publish_related(relationships.show(done))

    def _restored(self, back: Sequence[UUID]) -> list[UUID]:
        """Bring contacts back at once; one by one, if the UID of one is in use by now."""
        try:
            with savepoint():
                return deletions.restore(back, self._at)
        except UidTaken:
            if len(back) == 1:
                self._outcome.passed_over[ContactUidTaken.code] += 1
                return []
        half = len(back) // 2
        return [*self._restored(back[:half]), *self._restored(back[half:])]

    def _record(self, done: Sequence[UUID], action: ChangeAction) -> None:
        changes = [Change(found, action) for found in done]
        Recorder(self._new_id).record(changes, self._at, self._origin)
        self._outcome.changed.update(done)

    def _write_fields(self, there: Sequence[UUID], wanted: FieldEdits) -> None:
        contacts = ContactService(self._context, self._gathered)
        changes = ContactChanges(**given_of(wanted))
        for contact in reading.get_many(there):
            with self._passing_over():
                contacts.change(contact, changes, self._origin)
        self._outcome.changed.update(self._gathered.write(self._at, self._origin))

    def _share(self, there: Iterable[UUID], visibility: Visibility, owner_id: UUID | None) -> None:
        sharings = SharingService(self._context, self._gathered)
        for contact_id in there:
            with self._passing_over():
                before = held(contact_id)
                said = sharing_of(before)
                owner = owner_id or said.owner_id
                private = visibility is Visibility.PRIVATE
                shares = tuple(item for item in said.shared_with if item.user_id != owner)
                wanted = replace(
                    said, owner_id=owner, visibility=visibility,
                    shared_with=shares if private else (),
                )  # fmt: skip
                if wanted != said:
                    sharings.write(before, wanted, self._origin)
        with past_readers():
            self._outcome.changed.update(self._gathered.write(self._at, self._origin))

    def _hand_over(self, there: Sequence[UUID], to: UUID) -> None:
        kept = sharing.get_many(there).values()
        refused = [item for item in kept if item.owner_id != to and not decides(item)]
        self._outcome.passed_over[SharingRefused.code] += len(refused)
        done = hand_over(there, to, self._at, self._new_id, self._origin)
        self._outcome.changed.update(done)

    def _tag(self, there: Sequence[UUID], edits: Edits) -> None:
        if not (edits.add_tags or edits.remove_tags):
            return
        with retagged(there, self._at, self._new_id, self._origin) as changed:
            changed.extend(tagged.edit(there, edits.add_tags, edits.remove_tags, self._at))
        self._outcome.changed.update(changed)
        if edits.add_tags:
            full = tagged.lacking(there, edits.add_tags)
            self._outcome.passed_over[_TOO_MANY_TAGS] += len(full)

    def _put_on_lists(self, there: Sequence[UUID], edits: Edits) -> None:
        for list_id in edits.add_to_lists:
            if lists.hold(list_id):
                lists.put(list_id, there, self._at)
        for list_id in edits.remove_from_lists:
            lists.take(list_id, there)

    def _pass_over_absent(self, absent: set[UUID]) -> None:
        """Note who is not there to be written: shared for reading alone, or gone."""
        if absent:
            reading_alone = len(read_only(sorted(absent)))
            self._outcome.passed_over[ContactReadOnly.code] += reading_alone
            self._outcome.passed_over[ContactNotFound.code] += len(absent) - reading_alone

    @contextmanager
    def _passing_over(self) -> Iterator[None]:
        """Undo a block that is refused, and note why."""
        try:
            with savepoint():
                yield
        except DomainError as error:
            self._outcome.passed_over[error.code] += 1
