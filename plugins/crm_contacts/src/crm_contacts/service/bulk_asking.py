"""What is asked for of many contacts: whether it means something, and which contacts they are."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from crm_contacts.contact_changes import given_of, merged
from crm_contacts.contract import (
    ContactDraft,
    Edits,
    FieldEdits,
    InvalidBulkEdit,
    InvalidContact,
    InvalidContactQuery,
    Name,
)
from crm_contacts.repository import listing, lists, tags
from crm_contacts.repository.criteria import Listing
from crm_contacts.service.contacts import check_draft
from crm_contacts.service.custom_fields import with_checked_values
from crm_contacts.service.memberships import expanded
from crm_contacts.service.queries import listing_of
from crm_contacts.service.regions import region_for
from meishi.core.identity.contract import MemberNotFound, Members
from meishi.sdk.context import service
from meishi.sdk.contract import Condition, FieldError, ListQuery, Operator

#: Contacts and tags that are named.
_MAX_IDS = 10_000
_MAX_TAGS = 50
#: So many matches has a search at most, which tells no more than the best of them.
_SEARCHED = 1_000
_DELETED = Condition(field="deleted", operator=Operator.EQ, value="true")


def listed(conditions: tuple[Condition, ...], after: tuple[str, ...] | None = None) -> Listing:
    """Return the contacts that conditions show, behind a place, in the order of their ids."""
    numbers = [item.value for item in conditions if item.field == "phone"]
    return listing_of(ListQuery(conditions=conditions, after=after), region_for(numbers))


def check_edits(edits: Edits) -> None:
    """Raise `InvalidBulkEdit` unless something can be done to contacts, and nothing contrary."""
    added = (*edits.add_tags, *edits.add_to_lists)
    removed = (*edits.remove_tags, *edits.remove_from_lists)
    named = len(added) + len(removed)
    given = given_of(edits.changes) if edits.changes is not None else {}
    others = bool(named or edits.owner_id or edits.visibility or given)
    if named > _MAX_TAGS:
        raise InvalidBulkEdit(f"Name at most {_MAX_TAGS} tags and lists.")
    if edits.deleted is not None and others:
        raise InvalidBulkEdit("Contacts are deleted or restored, and nothing else with that.")
    if edits.deleted is None and not others:
        raise InvalidBulkEdit(
            "Say what is to be done: tags, lists, changes, an owner, or `deleted`."
        )
    if set(added) & set(removed):
        raise InvalidBulkEdit("A contact gets a tag or loses it, not both; so with lists.")
    if edits.owner_id is not None:
        _check_member(edits.owner_id)
    if edits.changes is not None:
        _check_fields(edits.changes)
    _check_known(edits)


def conditions_for(
    edits: Edits,
    contact_ids: tuple[UUID, ...] | None,
    conditions: tuple[Condition, ...] | None,
    text: str | None,
) -> tuple[Condition, ...]:
    """Return what shows the contacts that are to be edited; raise `InvalidBulkEdit`.

    As they are now: what becomes of a segment meanwhile is no matter of the edit.
    """
    if (contact_ids is None) == (conditions is None and text is None):
        raise InvalidBulkEdit("Name contacts by `contact_ids`, or by `filter` and `q`.")
    if contact_ids is not None and not 1 <= len(contact_ids) <= _MAX_IDS:
        raise InvalidBulkEdit(f"Name 1 to {_MAX_IDS} contacts.")
    asked = conditions or ()
    restoring = edits.deleted is False
    said = {item.value for item in asked if item.field == "deleted"}
    if said and said != {"true" if restoring else "false"}:
        raise InvalidBulkEdit(
            "Contacts that are not deleted cannot be restored."
            if restoring
            else "Contacts that are deleted are not edited."
        )
    try:
        found = expanded(asked)
        listed(found)
    except InvalidContactQuery as error:
        raise InvalidBulkEdit(error.detail) from error
    return (*found, _DELETED) if restoring and not said and contact_ids is None else found


def searched(text: str, conditions: tuple[Condition, ...]) -> list[UUID]:
    """Return whom a search finds among the contacts that conditions show, by their ids.

    Raises `InvalidBulkEdit` if there may be more than it tells.
    """
    numbers = [item.value for item in conditions if item.field == "phone"]
    region = region_for([*numbers, text])
    alone = tuple(item for item in conditions if item.field == "deleted")
    try:
        every = listing_of(ListQuery(text=text, conditions=alone), region)
        if len(listing.ids(every, _SEARCHED)) == _SEARCHED:
            raise InvalidBulkEdit(
                f"The search finds {_SEARCHED} contacts or more, of which only the best are told:"
                " add a word."
            )
        narrowed = listing_of(ListQuery(text=text, conditions=conditions), region)
        return sorted(listing.ids(narrowed, _SEARCHED))
    except InvalidContactQuery as error:
        raise InvalidBulkEdit(error.detail) from error


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


def _check_fields(wanted: FieldEdits) -> None:
    """Refuse values that no contact could have."""
    given = given_of(wanted)
    draft = merged(ContactDraft(name=Name(full="")), given)
    try:
        check_draft(draft, given)
        with_checked_values(draft)
    except InvalidContact as error:
        errors = [replace(item, pointer=f"/changes{item.pointer}") for item in error.errors]
        raise InvalidBulkEdit(error.detail, errors=errors) from error
