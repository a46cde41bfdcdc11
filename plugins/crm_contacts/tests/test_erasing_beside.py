"""Erasures beside what is kept about contacts: nothing of whom is erased is left there."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from uuid import UUID

import pytest

from crm_contacts.contract import (
    ConsentChannel,
    Consents,
    ConsentState,
    ContactChanges,
    ContactLists,
    Contacts,
    CustomFields,
    CustomFieldType,
    Duplicates,
    ImportNotFound,
    Imports,
    Merges,
    NoteNotFound,
    Notes,
    Relationships,
    RelationshipType,
    Tags,
)
from meishi.sdk.context import service
from meishi.sdk.contract import VersionMismatch
from meishi.testing.fixtures import WorkspaceUnderTest

from .beside import begun
from .conftest import ContactsClient
from .test_duplicates import ANNA, BO, COPY

TABLES = (
    "consent", "contact_merge", "contact_note", "contact_tag", "custom_value", "duplicate_key",
    "duplicate_pair", "list_member",
)  # fmt: skip
ZELDA = {"address": "zelda@quux.example"}


@pytest.mark.inside
@pytest.mark.parametrize(
    "work", ["merge", "follow", "scan", "list", "tag", "custom", "note", "consent"]
)
def test_what_is_written_meanwhile_is_erased_too(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, work: str
) -> None:
    """A person is erased while something with them or about them is about to be committed."""
    from crm_contacts.service import people
    from meishi.sdk.database import execute
    from meishi.sdk.plugin import DataSubject

    # The same of both: of such a merge the contact that stays has nothing to change.
    one, other = (UUID(contacts.create(item)["id"]) for item in (ANNA, ANNA))
    contacts.create(COPY)
    with workspace.acting_as("crm_contacts"):
        service(CustomFields).create("size", title="Size", type=CustomFieldType.TEXT)
    works: dict[str, Callable[[], object]] = {
        "merge": lambda: service(Contacts).merge(one, (other,)),
        "follow": lambda: service(Duplicates).follow((one,)),
        "scan": lambda: service(Duplicates).run_scan(service(Duplicates).start_scan().id),
        "tag": lambda: service(Contacts).update(one, ContactChanges(tags=("Chef",))),
        "custom": lambda: service(Contacts).update(one, ContactChanges(custom=(("size", "M"),))),
        "note": lambda: service(Notes).create(one, "Met in Bonn"),
        "consent": lambda: service(Consents).record(
            one, ConsentChannel.SMS, ConsentState.GRANTED, how="Met in Bonn"
        ),
        "list": lambda: service(ContactLists).add(
            service(ContactLists).create("Friends").id, (one, other)
        ),
    }
    subject = DataSubject(contact_ids=(one,), emails=("anna@lindqvist.example",), phones=())

    def erase() -> None:
        with workspace.acting_as("crm_contacts"):
            people.erase(subject)

    with workspace.acting_as("crm_contacts"):
        works[work]()
        erasing = begun(erase)
    erasing.result()
    with workspace.acting_as("crm_contacts"):
        left = {name: execute(f"SELECT count(*) FROM crm_contacts.{name}")[0][0] for name in TABLES}
    assert left == dict.fromkeys(TABLES, 0)


@pytest.mark.inside
@pytest.mark.parametrize("work", ["field", "tag", "note"])
def test_what_is_changed_while_somebody_is_erased_brings_nothing_back(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, work: str
) -> None:
    """Fields and tags of whom was deleted already, and notes, change behind the erasure."""
    from crm_contacts.service import people
    from meishi.sdk.database import execute
    from meishi.sdk.plugin import DataSubject

    with workspace.acting_as("crm_contacts"):
        field = service(CustomFields).create("size", title="Size", type=CustomFieldType.NUMBER)
    anna = contacts.create({**ANNA, "tags": ["Chef"], "custom": {"size": 44}})
    path = f"/api/v1/contacts/{anna['id']}"
    one = UUID(anna["id"])
    with workspace.acting_as("crm_contacts"):
        tag = service(Tags).list().items[0]
        note = service(Notes).create(one, "Met in Bonn")
    if work != "note":
        contacts.client.delete(path, headers=contacts.headers | {"If-Match": "*"})
    works: dict[str, Callable[[], object]] = {
        "field": lambda: service(CustomFields).update(field.id, type=CustomFieldType.TEXT),
        "tag": lambda: service(Tags).update(tag.id, name="Cook"),
        "note": lambda: service(Notes).edit(note.id, "Met in Ulm"),
    }

    def change() -> None:
        with (
            suppress(NoteNotFound, VersionMismatch),
            workspace.acting_as("crm_contacts"),
        ):
            works[work]()

    with workspace.acting_as("crm_contacts"):
        people.erase(DataSubject(contact_ids=(one,), emails=(), phones=()))
        changing = begun(change)
    changing.result()
    with workspace.acting_as("crm_contacts"):
        left = {
            name: execute(f"SELECT count(*) FROM crm_contacts.{name}")[0][0]
            for name in (*TABLES, "contact_word", "word")
        }
    assert left == dict.fromkeys(left, 0)


@pytest.mark.inside
def test_a_merge_of_others_tells_nothing_of_whom_was_erased(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Neither what they were to whom, nor a relationship with them when it is taken back."""
    from crm_contacts.service import people
    from meishi.sdk.database import execute
    from meishi.sdk.plugin import DataSubject

    target, source = (UUID(contacts.create(BO)["id"]) for _ in range(2))
    gone = UUID(contacts.create(ANNA)["id"])
    with workspace.acting_as("crm_contacts"):
        for end in (target, source):
            service(Relationships).create(end, gone, RelationshipType.FRIEND, note="At school")
        service(Contacts).merge(target, (source,))
    with workspace.acting_as("crm_contacts"):
        people.erase(DataSubject(contact_ids=(gone,), emails=(), phones=()))
    with workspace.acting_as("crm_contacts"):
        ((kept,),) = execute("SELECT relationships::text FROM crm_contacts.contact_merge")
        assert kept == "[]"
        assert service(Merges).unmerge(source).relationships == 0
        assert execute("SELECT count(*) FROM crm_contacts.relationship")[0][0] == 0


@pytest.mark.inside
def test_short_number_takes_no_files_of_others(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Whatever a file holds, there is a `1` in it; an address or a whole number is told apart."""
    from crm_contacts.service import people
    from meishi.sdk.plugin import DataSubject

    document = {"name": {"full": "Zelda"}, "emails": [ZELDA], "phones": [{"number": "1"}]}
    zelda = UUID(contacts.create(document)["id"])
    kept, gone = (
        contacts.send(f"Name,Email\r\nPerson 1,{address}\r\n", "text/csv")["id"]
        for address in ("one@x.example", ZELDA["address"])
    )
    rejected = contacts.upload(
        "Name,Email\r\n,\r\n" + f"{'1' * 20_000},a@x.example\r\n", "text/csv"
    )
    with workspace.acting_as("crm_contacts"):
        people.erase(DataSubject(contact_ids=(zelda,), emails=(ZELDA["address"],), phones=("1",)))
    with workspace.acting_as("crm_contacts"):
        assert service(Imports).get(UUID(kept)).name is None
        with pytest.raises(ImportNotFound):
            service(Imports).get(UUID(gone))
    assert contacts.rejects(rejected["id"]).endswith(b",a@x.example\r\n")
