"""Merges as they are asked for: previewed, done, and taken back."""

from __future__ import annotations

from uuid import UUID

from crm_contacts.contract import (
    ChangeAction,
    ChangeSource,
    Contact,
    ContactNotFound,
    ContactsUnmerged,
    ContactUidTaken,
    FieldChoice,
    KeptChange,
    MergedContact,
    MergedFurther,
    MergePreview,
    NotMerged,
    UnmergeReport,
)
from crm_contacts.importing import as_draft
from crm_contacts.repository import (
    duplicates,
    lists,
    merges,
    notes,
    reading,
    relationships_back,
    writing,
)
from crm_contacts.repository import relationships as relationship_rows
from crm_contacts.repository.access import check_writable
from crm_contacts.repository.locking import hold_off_erasing
from crm_contacts.repository.merges import MergeRecord
from crm_contacts.repository.recording import Change, Origin, Recorder
from crm_contacts.repository.relationship_events import publish_related
from crm_contacts.service import consents, photos, sharing
from crm_contacts.service.contacts import ContactService, check_draft
from crm_contacts.service.merges import Step, conflicts_of, merge, sources_of, steps_of
from crm_contacts.unmerging import REMOVED, TARGET_GONE, LaterMerge, as_if_never, without
from meishi.sdk.context import publish
from meishi.sdk.contract import VersionMismatch, check_version
from meishi.sdk.database import past_readers, savepoint
from meishi.sdk.plugin import PluginContext


class MergeService:
    """Implements `Merges`."""

    def __init__(self, context: PluginContext) -> None:
        self._contacts = ContactService(context)
        self._clock = context.clock
        self._new_id = context.new_id

    def preview(
        self,
        contact_id: UUID,
        merged_ids: tuple[UUID, ...],
        *,
        choices: tuple[FieldChoice, ...] = (),
    ) -> MergePreview:
        """Return what a merge would come to."""
        stored, steps = self._steps(contact_id, merged_ids, choices)
        after = steps[-1].after
        sources = [step.source for step in steps]
        moved, dropped = _moved(stored.id, [source.id for source in sources])
        values = {name: getattr(after, name) for name in after.__dataclass_fields__}
        kept = sharing.previewed(stored.id, [source.id for source in sources])
        return MergePreview(
            contact=Contact(
                **values,
                id=stored.id,
                version=stored.version,
                created_at=stored.created_at,
                updated_at=stored.updated_at,
                owner_id=kept.owner_id,
                visibility=kept.visibility,
            ),
            conflicts=conflicts_of(stored, sources, choices),
            relationships=moved,
            dropped=dropped,
            consents=consents.previewed(stored.id, [source.id for source in sources]),
            photo_of=photos.previewed(stored.id, [source.id for source in sources]),
        )

    def merge(
        self,
        contact_id: UUID,
        merged_ids: tuple[UUID, ...],
        *,
        choices: tuple[FieldChoice, ...] = (),
        versions: tuple[int, ...] | None = None,
    ) -> Contact:
        """Add to a contact what others say, and delete these."""
        hold_off_erasing()
        stored, steps = self._steps(contact_id, merged_ids, choices)
        check_version(stored.version, versions)
        return merge(stored, steps, self._contacts.write, self._new_id, self._clock())

    def unmerge(self, contact_id: UUID) -> UnmergeReport:
        """Bring a merged contact back, and take from the other one what it added."""
        hold_off_erasing()
        record = _record(contact_id)
        merges.hold_all([contact_id, record.target_id])
        check_writable([contact_id, record.target_id])
        if _record(contact_id) != record:
            raise VersionMismatch("Somebody else has just taken the merge back; read it again.")
        with savepoint(), past_readers():
            kept = self._taken_back(record)
            restored, given, removed = self._reopened(contact_id, record)
            photos.take_back(record.target_id, contact_id, self._clock())
            kept += consents.take_back(record.target_id, contact_id, self._clock())
            sharing.take_back(record.target_id, record.id, self._clock(), self._new_id)
        more = [KeptChange(field="relationships", value=None, reason=REMOVED)] if removed else []
        return UnmergeReport(
            contact=restored,
            target_id=record.target_id,
            kept=(*kept, *more),
            relationships=given,
        )

    def merged_into(self, contact_id: UUID) -> UUID | None:
        """Return the contact that one was merged into, if it is there."""
        return merges.merged_into(contact_id)

    def of_contact(self, contact_id: UUID) -> tuple[MergedContact, ...]:
        """Return what was merged into a contact, the latest first."""
        return tuple(merges.merged_contacts(contact_id))

    def _steps(
        self, contact_id: UUID, merged_ids: tuple[UUID, ...], choices: tuple[FieldChoice, ...]
    ) -> tuple[Contact, list[Step]]:
        stored = self._contacts.get(contact_id)
        steps = steps_of(stored, sources_of(stored, merged_ids), choices)
        check_draft(steps[-1].after)
        return stored, steps

    def _taken_back(self, record: MergeRecord) -> tuple[KeptChange, ...]:
        """Take from the target what the merge had added, as far as nobody has changed it."""
        target = reading.get(record.target_id)
        if target is None:
            return (KeptChange(field="contact", value=None, reason=TARGET_GONE),)
        before, after, kept = record.before, record.after, list[KeptChange]()
        for merge_id, old, merged, source in merges.later(record):
            later = LaterMerge(before=old, after=merged, said=as_draft(source))
            anew, changes = as_if_never(before, after, later)
            merges.record_anew(merge_id, anew.before, anew.after)
            before, after = anew.after, later.after
            kept += changes
        found = without(before, after, as_draft(target))
        try:
            self._contacts.write(target, found.draft, Origin(ChangeSource.UNMERGE, record.id))
        except writing.VersionGone as error:
            raise VersionMismatch(
                "One of the contacts has just been changed; try again."
            ) from error
        return (*kept, *found.kept)

    def _reopened(self, contact_id: UUID, record: MergeRecord) -> tuple[Contact, int, int]:
        """Bring the source back with what led to it, and its relationships; say how many."""
        at = self._clock()
        try:
            with writing.unique_uids():
                led = merges.reopen(contact_id, record, at)
        except writing.UidTaken as error:
            raise ContactUidTaken("Another contact has the UID of this one by now.") from error
        if led is None:
            raise VersionMismatch("Somebody else has just taken the merge back; read it again.")
        given = relationships_back.give_back(contact_id, record.target_id, record.relationships)
        notes.give_back(contact_id, record.target_id, record.notes)
        lists.take_back(contact_id, record.target_id, record.lists)
        duplicates.come_back([contact_id])
        duplicates.set_apart(contact_id, record.target_id, at)
        merges.forget(contact_id)
        publish(ContactsUnmerged(contact_id=record.target_id, merged_ids=(contact_id, *led)))
        back = Change(contact_id, ChangeAction.RESTORED)
        Recorder(self._new_id).record([back], at, Origin(ChangeSource.UNMERGE, record.id))
        publish_related(relationship_rows.get_many(given.ids))
        return self._contacts.get(contact_id), len(given.ids), given.removed


def _record(contact_id: UUID) -> MergeRecord:
    """Return what is known of a merge that can be taken back; raise if it cannot."""
    state = merges.state_of(contact_id)
    if state is None or state.erased:
        raise ContactNotFound(f"There is no contact {contact_id} in this workspace.")
    if not state.deleted or state.merged_into is None:
        raise NotMerged(f"The contact {contact_id} is not merged into another one.")
    found = merges.last(contact_id)
    if found is None:
        raise NotMerged(
            "Nobody knows any more what the merge had added; restore the contact instead."
        )
    if found.target_id != state.merged_into:
        raise MergedFurther(
            f"The contact {found.target_id}, which took it, was merged into {state.merged_into}"
            " since: take that back first."
        )
    return found


def _moved(target_id: UUID, source_ids: list[UUID]) -> tuple[int, int]:
    """Return how many relationships a merge moves, and how many it drops."""
    ends = {target_id, *source_ids}
    own = {_said(row, ends, target_id) for row in relationships_back.written(target_id)}
    moved = {row["id"]: row for found in source_ids for row in relationships_back.written(found)}
    kept: set[tuple[str, ...]] = set()
    for row in moved.values():
        said = _said(row, ends, target_id)
        if said[0] != said[1] and said not in own - {_plain(row)}:
            kept.add(said)
    return len(kept), len(moved) - len(kept)


def _said(row: dict[str, str], ends: set[UUID], target_id: UUID) -> tuple[str, ...]:
    """Return what a relationship says once all of some contacts are one."""
    sides = [
        target_id if UUID(row[end]) in ends else row[end] for end in ("source_id", "target_id")
    ]
    return (*map(str, sides), row["type"])


def _plain(row: dict[str, str]) -> tuple[str, ...]:
    return row["source_id"], row["target_id"], row["type"]
