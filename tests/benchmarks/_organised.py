"""What people have made of many contacts: owners, lists, segments, consents, and deleted ones."""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from crm_contacts.contract import ConsentState, ContactDraft, ContactLists, Segments
from crm_contacts.repository import lists, writing
from meishi.host import Host
from meishi.sdk.context import current_workspace
from meishi.sdk.contract import Condition, Operator
from meishi.sdk.database import execute

#: Who brought contacts in, one import each in turn; the system's are nobody's.
OWNERS = (None, UUID(int=1), UUID(int=2))
LISTS = tuple(f"list {number}" for number in range(20))
#: Segments by their names: many are in the first, few in the second.
SEGMENTS = {
    "people": (Condition(field="kind", operator=Operator.EQ, value="individual"),),
    "granted mails": (
        Condition(field="consent_email", operator=Operator.EQ, value="granted"),
        Condition(field="title", operator=Operator.PREFIX, value="junior s"),
    ),
}
_CONSENTS = """
    INSERT INTO crm_contacts.consent
        (workspace_id, contact_id, reached_by, number, state, origin, recorded_at, counts)
    SELECT %(workspace)s, contact_id, 'email', 1, state, 'recorded', %(at)s, true
    FROM unnest(%(contacts)s::uuid[], %(states)s::text[]) AS s (contact_id, state)
"""


def is_deleted(number: int) -> bool:
    """Whether somebody has deleted the person: one of fifty."""
    return number % 50 == 17


def list_of(number: int, draft: ContactDraft) -> str | None:
    """Return the list that a person is on, of a fifth of all: the first is the longest."""
    chance = random.Random(number)
    return LISTS[int(20 * chance.random() ** 2)] if draft.custom or number % 10 == 0 else None


def consent_of(number: int) -> ConsentState:
    """Return what a person has said to emails; a third have been asked."""
    if number % 20 == 0:
        return ConsentState.DENIED
    return ConsentState.GRANTED if number % 3 == 0 else ConsentState.UNKNOWN


def found_lists(host: Host) -> None:
    """Make the lists and segments of the current workspace."""
    for name in LISTS:
        host.service(ContactLists).create(name)
    for name, conditions in SEGMENTS.items():
        host.service(Segments).create(name, conditions)


def organise(
    contacts: Mapping[int, UUID], drafts: Mapping[UUID, ContactDraft], at: datetime
) -> None:
    """Put contacts on lists, record what they said, and delete some; they are known by number."""
    members: dict[str, list[UUID]] = defaultdict(list)
    for number, contact_id in contacts.items():
        if name := list_of(number, drafts[contact_id]):
            members[name].append(contact_id)
    for name, ids in sorted(members.items()):
        found = lists.named(name)
        assert found is not None
        lists.put(found.id, ids, at)
    said = {contact_id: consent_of(number) for number, contact_id in contacts.items()}
    asked = {key: state for key, state in said.items() if state is not ConsentState.UNKNOWN}
    values = {"workspace": current_workspace(), "at": at, "contacts": list(asked)}
    execute(_CONSENTS, values | {"states": [state.value for state in asked.values()]})
    for number, contact_id in contacts.items():
        if is_deleted(number):
            writing.delete(contact_id, at, None)
