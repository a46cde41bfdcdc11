"""Edits of many contacts at once: asked for by a request, done by a worker step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from crm_contacts.contract import (
    BulkEditNotFound,
    BulkEditProgress,
    ChangeSource,
    Edits,
    InvalidBulkEdit,
    InvalidContactQuery,
)
from crm_contacts.repository import bulk_edits, listing, lists, tagged, tags
from crm_contacts.repository.bulk_edits import BulkEdit
from crm_contacts.repository.criteria import Listing
from crm_contacts.repository.locking import hold_off_erasing
from crm_contacts.repository.recording import Origin
from crm_contacts.service.memberships import expanded
from crm_contacts.service.queries import listing_of
from crm_contacts.service.regions import region_for
from crm_contacts.service.retagging import retagged
from crm_contacts.service.sharing import hand_over
from meishi.core.identity.contract import MemberNotFound, Members
from meishi.sdk import jobs
from meishi.sdk.context import service
from meishi.sdk.contract import Condition, FieldError, ListQuery
from meishi.sdk.plugin import PluginContext

#: Contacts that a step edits, that are named by their ids, and tags that are named.
_STEP = 500
_MAX_IDS = 10_000
_MAX_TAGS = 50
#: How long is known what was cancelled, so that nothing of it stays for good.
_KEPT = timedelta(days=14)


class BulkEditService:
    """Implements `BulkEdits`."""

    def __init__(self, context: PluginContext) -> None:
        self._clock = context.clock
        self._new_id = context.new_id

    def start(
        self,
        edits: Edits,
        *,
        contact_ids: tuple[UUID, ...] | None = None,
        conditions: tuple[Condition, ...] | None = None,
    ) -> UUID:
        """Ask for edits of contacts, and return the operation that does them."""
        _check(edits, contact_ids, conditions)
        edit = BulkEdit(
            id=self._new_id(),
            edits=edits,
            contact_ids=None if contact_ids is None else sorted(set(contact_ids)),
            # As they are now: what becomes of a segment meanwhile is no matter of this edit.
            conditions=expanded(conditions or ()),
        )
        bulk_edits.forget(self._clock() - _KEPT)
        bulk_edits.add(edit, self._clock())
        return jobs.request("edit_contacts", edit_id=edit.id)

    def step(self, edit_id: UUID) -> BulkEditProgress:
        """Edit the next contacts."""
        hold_off_erasing()
        edit = bulk_edits.get(edit_id)
        if edit is None:
            raise BulkEditNotFound(f"There is no edit {edit_id} under way.")
        ids = _next(edit)
        changed = self._edit(ids, edit)
        edit = replace(edit, done=edit.done + len(ids), changed=edit.changed + changed)
        finished = len(ids) < _STEP
        if finished:
            bulk_edits.delete(edit_id)
        else:
            bulk_edits.advance(replace(edit, position=(str(ids[-1]),)))
        total = None if edit.contact_ids is None else len(edit.contact_ids)
        return BulkEditProgress(
            done=edit.done, changed=edit.changed, total=total, finished=finished
        )

    def _edit(self, contact_ids: Sequence[UUID], edit: BulkEdit) -> int:
        if not contact_ids:
            return 0
        edits, now = edit.edits, self._clock()
        there = tagged.hold(contact_ids)
        with retagged(there, now, self._new_id, Origin(ChangeSource.BULK_EDIT, edit.id)) as changed:
            changed.extend(tagged.edit(there, edits.add_tags, edits.remove_tags, now))
        for list_id in edits.add_to_lists:
            if lists.hold(list_id):
                lists.put(list_id, there, self._clock())
        for list_id in edits.remove_from_lists:
            lists.take(list_id, there)
        if edits.owner_id is not None:
            origin = Origin(ChangeSource.BULK_EDIT, edit.id)
            changed += hand_over(there, edits.owner_id, now, self._new_id, origin)
        return len(set(changed))


def _next(edit: BulkEdit) -> list[UUID]:
    """Return the contacts behind those that were edited, in the order of their ids."""
    after = edit.position[0] if edit.position else None
    if edit.contact_ids is not None:
        behind = [found for found in edit.contact_ids if after is None or str(found) > after]
        return behind[:_STEP]
    place = None if after is None else (after,)
    return listing.ids(_listing(edit.conditions, place), _STEP)


def _listing(conditions: tuple[Condition, ...], after: tuple[str, ...] | None = None) -> Listing:
    numbers = [item.value for item in conditions if item.field == "phone"]
    return listing_of(ListQuery(conditions=conditions, after=after), region_for(numbers))


def _check(
    edits: Edits,
    contact_ids: tuple[UUID, ...] | None,
    conditions: tuple[Condition, ...] | None,
) -> None:
    added = (*edits.add_tags, *edits.add_to_lists)
    removed = (*edits.remove_tags, *edits.remove_from_lists)
    named = len(added) + len(removed)
    if named > _MAX_TAGS or (not named and edits.owner_id is None):
        raise InvalidBulkEdit(f"Name 1 to {_MAX_TAGS} tags and lists, or a new owner.")
    if edits.owner_id is not None:
        _check_member(edits.owner_id)
    if set(added) & set(removed):
        raise InvalidBulkEdit("A contact gets a tag or loses it, not both; so with lists.")
    if (contact_ids is None) == (conditions is None):
        raise InvalidBulkEdit("Name contacts by `contact_ids` or by `filter`.")
    if contact_ids is not None and not 1 <= len(contact_ids) <= _MAX_IDS:
        raise InvalidBulkEdit(f"Name 1 to {_MAX_IDS} contacts.")
    if any(item.field == "deleted" and item.value == "true" for item in conditions or ()):
        raise InvalidBulkEdit("Contacts that are deleted are not edited.")
    try:
        _listing(expanded(conditions or ()))
    except InvalidContactQuery as error:
        raise InvalidBulkEdit(error.detail) from error
    _check_known(edits)


def _check_known(edits: Edits) -> None:
    """Refuse tags and lists that there are not; one that goes later is passed over."""
    there = {tag.id for tag in tags.get_many(edits.add_tags)} if edits.add_tags else set()
    there |= {list_id for list_id in edits.add_to_lists if lists.get(list_id) is not None}
    named = (("tag", "add_tags", edits.add_tags), ("list", "add_to_lists", edits.add_to_lists))
    wrong = [
        FieldError(f"/{member}/{place}", f"no-{kind}", f"There is no such {kind}.")
        for kind, member, ids in named
        for place, known in enumerate(ids)
        if known not in there
    ]
    if wrong:
        raise InvalidBulkEdit("Some tags or lists are not there.", errors=wrong)


def _check_member(user_id: UUID) -> None:
    try:
        service(Members).get(user_id)
    except MemberNotFound as error:
        wrong = FieldError("/owner_id", "no-member", "They are no member here.")
        raise InvalidBulkEdit("The new owner is no member.", errors=[wrong]) from error
