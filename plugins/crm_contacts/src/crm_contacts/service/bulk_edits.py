"""Edits of many contacts at once: asked for by a request, done by a worker step by step."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

from crm_contacts.contract import BulkEditNotFound, BulkEditProgress, Edits
from crm_contacts.repository import bulk_edits, listing
from crm_contacts.repository.bulk_edits import BulkEdit
from crm_contacts.repository.locking import hold_off_erasing
from crm_contacts.service.bulk_asking import check_edits, conditions_for, listed, searched
from crm_contacts.service.bulk_changes import BulkChanges, Outcome
from meishi.sdk import jobs
from meishi.sdk.contract import Condition
from meishi.sdk.plugin import PluginContext

#: Contacts that a step edits; and where each is written by itself.
_STEP = 500
_STEP_OF_EACH = 100
#: How long is known what was cancelled, so that nothing of it stays for good.
_KEPT = timedelta(days=14)


class BulkEditService:
    """Implements `BulkEdits`."""

    def __init__(self, context: PluginContext) -> None:
        self._context = context
        self._clock = context.clock
        self._new_id = context.new_id

    def start(
        self,
        edits: Edits,
        *,
        contact_ids: tuple[UUID, ...] | None = None,
        conditions: tuple[Condition, ...] | None = None,
        text: str | None = None,
    ) -> UUID:
        """Ask for edits of contacts, and return the operation that does them."""
        check_edits(edits)
        asked = conditions_for(edits, contact_ids, conditions, text)
        ids = None if contact_ids is None else sorted(set(contact_ids))
        if text is not None:
            ids, asked = searched(text, asked), ()
        edit = BulkEdit(
            id=self._new_id(),
            edits=edits,
            contact_ids=ids,
            conditions=asked,
            total=listing.count(listed(asked)) if ids is None else len(ids),
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
        size = _STEP_OF_EACH if edit.edits.changes or edit.edits.visibility else _STEP
        ids = _next(edit, size)
        outcome = self._made(ids, edit)
        edit = replace(
            edit,
            done=edit.done + len(ids),
            changed=edit.changed + len(outcome.changed),
            passed_over=Counter(edit.passed_over) + outcome.passed_over,
        )
        finished = len(ids) < size
        if finished:
            bulk_edits.delete(edit_id)
        else:
            bulk_edits.advance(replace(edit, position=(str(ids[-1]),)))
        return BulkEditProgress(
            done=edit.done,
            changed=edit.changed,
            # Some may have come since that was counted.
            total=None if edit.total is None else max(edit.total, edit.done),
            finished=finished,
            passed_over=tuple(sorted(edit.passed_over.items())),
        )

    def _made(self, ids: list[UUID], edit: BulkEdit) -> Outcome:
        if not ids:
            return Outcome()
        return BulkChanges(self._context, edit.id, self._clock()).make(ids, edit.edits)


def _next(edit: BulkEdit, size: int) -> list[UUID]:
    """Return the contacts behind those that were edited, in the order of their ids."""
    after = edit.position[0] if edit.position else None
    if edit.contact_ids is not None:
        behind = [found for found in edit.contact_ids if after is None or str(found) > after]
        return behind[:size]
    place = None if after is None else (after,)
    return listing.ids(listed(edit.conditions, place), size)
