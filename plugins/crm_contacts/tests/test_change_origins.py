"""What came of an import, and what others have done to it since; and its end with a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from crm_contacts.contract import ChangeAction, ChangeSource
from meishi.sdk.context import service
from meishi.sdk.plugin import DataSubject, PluginContext
from meishi.testing.fixtures import WorkspaceUnderTest

from .conftest import ContactsClient, vcard
from .test_contact_history import ANNA, Histories

pytestmark = pytest.mark.inside


@pytest.fixture
def histories(contacts: ContactsClient) -> Histories:
    """The histories of the workspace."""
    return Histories(contacts)


def test_what_an_import_did_is_told_with_what_was_done_to_it_since(
    contacts: ContactsClient, histories: Histories, workspace: WorkspaceUnderTest
) -> None:
    """By contact, page by page; a second change by the import is one with the first."""
    from crm_contacts.repository import origins
    from crm_contacts.repository.recording import Origin

    known = contacts.upload(vcard("FN:Anna Ek", "UID:urn:anna", "TITLE:Architect"))
    anna = UUID(known["results"][0]["contact_id"])
    content = "".join(
        [
            vcard("FN:Anna Ek", "UID:urn:anna", "ROLE:Lead"),
            vcard("FN:Bo Ek", "UID:urn:bo"),
            vcard("FN:Cy Ek", "UID:urn:cy"),
        ]
    )
    found = contacts.upload(content)
    bo, cy = (UUID(row["contact_id"]) for row in found["results"][1:])
    histories.change(str(anna), note="Mine")
    histories.change(str(bo), title="Boss")
    histories.send("DELETE", f"/{cy}", headers={"If-Match": "*"})
    origin = Origin(ChangeSource.IMPORT, UUID(found["id"]))
    with workspace.acting_as("crm_contacts"):
        first = origins.changed_by(origin, None, 2)
        rest = origins.changed_by(origin, first[-1].contact_id, 2)
        assert origins.changed_by(Origin(ChangeSource.IMPORT, uuid4()), None, 2) == []
    touched = {item.contact_id: item for item in (*first, *rest)}
    assert (len(first), len(rest), list(touched)) == (2, 1, sorted([anna, bo, cy]))
    assert not touched[anna].created
    assert touched[anna].row == 0
    [role] = touched[anna].fields.values()
    assert (role.field, role.before, role.after) == ("role", "null", '"Lead"')
    assert touched[anna].since == {"note"}
    assert (touched[bo].created, touched[bo].row, touched[bo].since) == (
        True, 1, frozenset({"title"}),
    )  # fmt: skip
    assert touched[cy].actions == {ChangeAction.DELETED}
    assert not any(item.undone for item in touched.values())


def test_what_an_undo_puts_back_is_neither_of_the_import_nor_of_others(
    contacts: ContactsClient, histories: Histories, workspace: WorkspaceUnderTest
) -> None:
    """The contact is known to be undone, and says what it said before."""
    import msgspec

    from crm_contacts.contract import Contacts
    from crm_contacts.field_values import with_values
    from crm_contacts.importing import as_draft
    from crm_contacts.repository import origins
    from crm_contacts.repository.recording import Origin
    from crm_contacts.service import ContactService

    first = contacts.upload(vcard("FN:Anna Ek", "UID:urn:anna", "TITLE:Architect", "TEL:1"))
    found = contacts.upload(vcard("FN:Anna Ek", "UID:urn:anna", "ROLE:Lead", "TEL:2"))
    before = histories.said(first["results"][0]["contact_id"])
    import_id = UUID(found["id"])
    with workspace.acting_as("crm_contacts"):
        [item] = origins.changed_by(Origin(ChangeSource.IMPORT, import_id), None, 10)
        stored = service(Contacts).get(item.contact_id)
        values = {name: msgspec.json.decode(value.before) for name, value in item.fields.items()}
        wanted = with_values(as_draft(stored), values)
        context = PluginContext(
            plugin="crm_contacts",
            settings={},
            clock=workspace.host.clock,
            new_id=workspace.host.new_id,
            public_url="http://localhost",
        )
        ContactService(context).put(stored, wanted, Origin(ChangeSource.UNDO, import_id))
        [item] = origins.changed_by(Origin(ChangeSource.IMPORT, import_id), None, 10)
    assert (item.undone, item.since, item.actions) == (True, frozenset(), frozenset())
    said = histories.said(str(item.contact_id))
    assert (said["role"], len(said["phones"]), len(before["phones"])) == (None, 1, 2)
    assert histories.of(str(item.contact_id))[0]["source"] == "undo"


def erase(workspace: WorkspaceUnderTest, *emails: str, ids: tuple[str, ...] = ()) -> str:
    """Erase a person, and return all that is left in histories."""
    from crm_contacts.service import people
    from meishi.sdk.database import execute

    subject = DataSubject(contact_ids=tuple(map(UUID, ids)), emails=emails, phones=())
    with workspace.acting_as("crm_contacts"):
        people.erase(subject)
    with workspace.acting_as("crm_contacts"):
        rows = execute("SELECT h::text FROM crm_contacts.contact_change h")
    return "\n".join(text for (text,) in rows)


def test_nothing_of_a_person_stays_in_histories(
    contacts: ContactsClient, histories: Histories, workspace: WorkspaceUnderTest
) -> None:
    """Neither in their own, nor in those of others that name their address, in any case."""
    anna = contacts.create(ANNA)["id"]
    histories.change(anna, note="Allergic to nuts")
    bo = contacts.create({"name": {"full": "Bo"}, "title": "Chef"})["id"]
    histories.change(bo, note='Knows "Anna": ANNA@ek.example', title="Cook")
    histories.change(bo, note=None)
    left = erase(workspace, "anna@ek.example", ids=(anna,))
    assert "nuts" not in left
    assert "ek.example" not in left.lower()
    emptied, named, _ = histories.of(bo)
    assert named["fields"] == [
        {"field": "title", "before": "Chef", "after": "Cook", "erased": False},
        {"field": "note", "before": None, "after": None, "erased": True},
    ]
    assert [item["erased"] for item in emptied["fields"]] == [True]
    assert histories.revert(bo, emptied["id"]).status_code == 422
    assert histories.revert(bo, named["id"], "note").status_code == 422
    assert histories.revert(bo, named["id"]).status_code == 200
    assert histories.said(bo)["title"] == "Chef"


def test_a_number_that_names_nobody_takes_no_histories_with_it(
    contacts: ContactsClient, histories: Histories, workspace: WorkspaceUnderTest
) -> None:
    """A letter, or a word of ours, that came into a field: only what is just that is erased."""
    numbers = [{"number": number} for number in ("e", "12", "field", "0228 / 99")]
    anna = contacts.create({**ANNA, "phones": numbers})["id"]
    bo = contacts.create({"name": {"full": "Bo"}, "title": "Chef"})["id"]
    histories.change(bo, title="Cook", note="Room 12, dial 0228 / 99")
    histories.change(bo, phones=[{"number": "12"}])
    erase(workspace, ids=(anna,))
    called, changed, _ = histories.of(bo)
    assert [(item["field"], item["erased"]) for item in changed["fields"]] == [
        ("title", False), ("note", True),
    ]  # fmt: skip
    assert changed["fields"][0]["before"] == "Chef"
    assert [item["erased"] for item in called["fields"]] == [True]


@pytest.mark.parametrize("unmerged", [False, True])
def test_whom_somebody_was_merged_into_tells_nothing_of_them_either(
    contacts: ContactsClient,
    histories: Histories,
    workspace: WorkspaceUnderTest,
    *,
    unmerged: bool,
) -> None:
    """What the one that stays had before the merge is its own."""
    anna = contacts.create(ANNA)["id"]
    bo = contacts.create({"name": {"full": "Bo"}})["id"]
    histories.change(bo, note="His own")
    histories.merge(bo, anna)
    histories.change(bo, emails=[], title="Cook")
    if unmerged:
        assert histories.send("POST", f"/{anna}/unmerge").status_code == 200
    left = erase(workspace, "anna@ek.example", ids=(anna,))
    for text in ("ek.example", "Architect", "Friends", "Anna"):
        assert text not in left
    assert "His own" in left


def test_who_took_a_contact_that_had_taken_another_tells_nothing_of_that_one(
    contacts: ContactsClient, histories: Histories, workspace: WorkspaceUnderTest
) -> None:
    """Nor does one that has it from there; what was merged beside it keeps what it says."""
    anna = contacts.create(ANNA)["id"]
    bo, cy, dan = (contacts.create({"name": {"full": name}})["id"] for name in ("Bo", "Cy", "Dan"))
    histories.change(cy, note="Her own")
    histories.change(dan, role="Driver")
    histories.merge(bo, anna, dan)
    histories.change(bo, emails=[])
    histories.merge(cy, bo)
    assert histories.send("POST", f"/{dan}/unmerge").status_code == 409
    histories.change(cy, title="Cook")
    left = erase(workspace, "anna@ek.example", ids=(anna,))
    for text in ("ek.example", "Architect", "Friends", "Anna"):
        assert text not in left
    for text in ("Her own", "Driver"):
        assert text in left


def test_a_person_is_told_what_their_history_says(
    contacts: ContactsClient, histories: Histories, workspace: WorkspaceUnderTest
) -> None:
    """All of it, with what it was before."""
    import msgspec

    from crm_contacts.service import people

    anna = contacts.create(ANNA)["id"]
    histories.change(anna, title="Boss")
    subject = DataSubject(contact_ids=(UUID(anna),), emails=(), phones=())
    with workspace.acting_as("crm_contacts"):
        found = [record for record in people.export(subject) if record.kind == "change"]
    documents: list[dict[str, Any]] = [msgspec.json.decode(record.body) for record in found]
    assert [item["version"] for item in documents] == [1, 2]
    assert documents[1]["fields"] == [{"field": "title", "before": "Architect", "after": "Boss"}]
