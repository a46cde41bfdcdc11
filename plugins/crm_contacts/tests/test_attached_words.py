"""Search finds contacts by what is attached to them: tags, custom values and notes."""

from __future__ import annotations

import random
from collections.abc import Callable
from uuid import UUID

import pytest

from crm_contacts.contract import (
    BulkEdits,
    ContactChanges,
    ContactDraft,
    Contacts,
    CustomFields,
    CustomFieldType,
    Edits,
    Merges,
    Name,
    Notes,
    Tags,
)
from crm_contacts.words import CUSTOM, NOTES, TAG, attached_words, search_words
from meishi.sdk.context import service
from meishi.sdk.database import execute
from meishi.testing.fixtures import WorkspaceUnderTest

from .beside import begun
from .conftest import ContactsClient, vcard
from .test_custom_fields import FieldClient
from .test_notes import Notebook
from .test_tags import TagClient

ANNA, BO = {"name": {"full": "Anna Ek"}}, {"name": {"full": "Bo Dahl"}}


def found(contacts: ContactsClient, text: str) -> list[str]:
    """Return the names of those whom a search finds."""
    return [item["name"]["full"] for item in contacts.page(q=text)["items"]]


def test_tags_are_searched_as_they_are_called_now(contacts: ContactsClient) -> None:
    """A tag that is renamed, merged, deleted or taken off finds by what is left alone."""
    tags = TagClient(contacts)
    anna = contacts.create({**ANNA, "tags": ["Gold members", "Zanzibar tour"]})
    contacts.create({**BO, "tags": ["Silver members"]})
    assert found(contacts, "zanzibar") == ["Anna Ek"]
    assert found(contacts, "anna gold") == ["Anna Ek"]
    assert set(found(contacts, "members")) == {"Anna Ek", "Bo Dahl"}
    assert found(contacts, "zanzibra") == ["Anna Ek"]
    answer = tags.change(tags.by_name("Zanzibar tour"), {"name": "Madagascar tour"})
    assert answer.status_code == 200
    assert (found(contacts, "zanzibar"), found(contacts, "madagascar")) == ([], ["Anna Ek"])
    gold = tags.by_name("Gold members")["id"]
    merged = {"merged_ids": [gold]}
    answer = tags.send("POST", f"/{tags.by_name('Silver members')['id']}/merge", json=merged)
    assert answer.status_code == 200, answer.text
    assert (found(contacts, "gold"), set(found(contacts, "silver"))) == (
        [],
        {"Anna Ek", "Bo Dahl"},
    )
    contacts.patch(anna, {"tags": []})
    assert found(contacts, "silver") == ["Bo Dahl"]
    assert found(contacts, "madagascar") == []
    silver = tags.by_name("Silver members")["id"]
    assert tags.send("DELETE", f"/{silver}", headers={"If-Match": "*"}).status_code == 204
    assert found(contacts, "silver") == []


def test_restored_contacts_are_found_by_their_tags_as_they_are_called_now(
    contacts: ContactsClient,
) -> None:
    """What became of tags while somebody was deleted counts once they are back."""
    tags = TagClient(contacts)
    names = ["Gold members", "Zanzibar tour", "Silver", "Bronze"]
    anna = contacts.create({**ANNA, "tags": names})
    path = f"/api/v1/contacts/{anna['id']}"
    contacts.client.delete(path, headers=contacts.headers | {"If-Match": "*"})
    silver, bronze = (tags.by_name(name) for name in names[2:])
    answer = tags.change(tags.by_name("Gold members"), {"name": "Platinum members"})
    assert answer.status_code == 200
    answer = tags.send("POST", f"/{silver['id']}/merge", json={"merged_ids": [bronze["id"]]})
    assert answer.status_code == 200
    zanzibar = tags.by_name("Zanzibar tour")["id"]
    assert tags.send("DELETE", f"/{zanzibar}", headers={"If-Match": "*"}).status_code == 204
    assert contacts.client.post(f"{path}/restore", headers=contacts.headers).status_code == 200
    assert contacts.get(anna["id"])["tags"] == ["Platinum members", "Silver"]
    assert [found(contacts, word) for word in ("platinum", "silver")] == [["Anna Ek"]] * 2
    assert [found(contacts, word) for word in ("gold", "bronze", "zanzibar")] == [[]] * 3


def test_custom_texts_links_and_choices_are_searched(contacts: ContactsClient) -> None:
    """Numbers and dates are no words; what becomes of a field becomes of what is found by it."""
    fields = FieldClient(contacts)
    fields.make("hobby", "text")
    fields.make("level", "choice", "platinum", "basic")
    fields.make("size", "number")
    fields.make("since", "date")
    values = {"hobby": "Deep-sea diving", "level": "platinum", "size": 4711, "since": "2019-03-21"}
    anna = contacts.create({**ANNA, "custom": values})
    for text in ("diving", "anna deep", "platinum", "divign"):
        assert found(contacts, text) == ["Anna Ek"], text
    for text in ("4711", "2019-03-21"):
        assert found(contacts, text) == [], text
    contacts.patch(anna, {"custom": {"hobby": "Bowling"}})
    assert (found(contacts, "diving"), found(contacts, "bowling")) == ([], ["Anna Ek"])
    assert found(contacts, "platinum") == ["Anna Ek"]
    contacts.patch(anna, {"custom": {"level": None}})
    assert found(contacts, "platinum") == []


def test_notes_are_searched_with_their_contacts(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Notes that are changed, deleted or moved find those on whom they are now."""
    notes = Notebook(contacts)
    anna, bo = contacts.create(ANNA), contacts.create(BO)
    first = notes.write(anna["id"], "Talked about Zanzibar")
    notes.write(anna["id"], "Zanzibar again, and Madagascar")
    assert found(contacts, "zanzibar") == ["Anna Ek"]
    assert notes.edit(first, "Talked about Iceland").status_code == 200
    assert (found(contacts, "iceland"), found(contacts, "zanzibar")) == (["Anna Ek"], ["Anna Ek"])
    answer = notes.send("DELETE", f"/notes/{first['id']}", headers={"If-Match": "*"})
    assert answer.status_code == 204
    assert (found(contacts, "iceland"), found(contacts, "madagascar")) == ([], ["Anna Ek"])
    with workspace.acting_as("crm_contacts"):
        service(Contacts).merge(UUID(bo["id"]), (UUID(anna["id"]),))
    assert found(contacts, "madagascar") == ["Bo Dahl"]
    with workspace.acting_as("crm_contacts"):
        service(Merges).unmerge(UUID(anna["id"]))
    assert found(contacts, "madagascar") == ["Anna Ek"]


def test_what_a_contact_says_itself_counts_for_more(contacts: ContactsClient) -> None:
    """A name is before a tag, a tag before a custom value, that before a note."""
    FieldClient(contacts).make("hobby", "text")
    people = ("Note", "Custom", "Tag", "Sailing")
    ids = {
        "Note": contacts.create({"name": {"full": "Note"}})["id"],
        "Custom": contacts.create({"name": {"full": "Custom"}, "custom": {"hobby": "sailing"}}),
        "Tag": contacts.create({"name": {"full": "Tag"}, "tags": ["sailing"]}),
        "Sailing": contacts.create({"name": {"full": "Sailing"}}),
    }
    Notebook(contacts).write(str(ids["Note"]), "sailing")
    assert found(contacts, "sailing") == list(reversed(people))


def test_attached_words_stay_in_their_workspace(
    contacts: ContactsClient, other_workspace: WorkspaceUnderTest
) -> None:
    """Tags and notes of one workspace find nobody of another."""
    other = contacts.of(other_workspace)
    anna = other.create({**ANNA, "tags": ["Zanzibar"]})
    Notebook(other).write(anna["id"], "Madagascar")
    contacts.create(BO)
    for text in ("zanzibar", "madagascar"):
        assert (found(contacts, text), found(other, text)) == ([], ["Anna Ek"])


@pytest.mark.parametrize("others", [0, 60])
def test_imports_leave_what_is_attached(contacts: ContactsClient, others: int) -> None:
    """One card or many at once: tags and values come in, and notes stay with whom they are on."""
    anna = contacts.create({**ANNA, "uid": "urn:anna", "tags": ["Zanzibar"]})
    Notebook(contacts).write(anna["id"], "Madagascar")
    more = [vcard(f"FN:Somebody {place}", "CATEGORIES:Crowd") for place in range(others)]
    card = vcard("FN:Anna Ek", "UID:urn:anna", "TITLE:Captain", "CATEGORIES:Iceland")
    contacts.upload("".join([card, *more]))
    for text in ("zanzibar", "madagascar", "iceland", "captain"):
        assert found(contacts, text) == ["Anna Ek"], text
    assert contacts.page(q="crowd", total=True)["total"] == others


WORDS = "SELECT weight, word FROM crm_contacts.contact_word WHERE contact_id = %(id)s"


@pytest.mark.inside
def test_attached_words_are_erased(contacts: ContactsClient, workspace: WorkspaceUnderTest) -> None:
    """Nothing is left of what was attached to somebody who is erased, not among words either."""
    from crm_contacts.service import people
    from meishi.sdk.plugin import DataSubject

    anna = contacts.create({**ANNA, "tags": ["Zanzibar"]})
    Notebook(contacts).write(anna["id"], "Madagascar")
    with workspace.acting_as("crm_contacts"):
        people.erase(DataSubject(contact_ids=(UUID(anna["id"]),), emails=(), phones=()))
    with workspace.acting_as("crm_contacts"):
        assert execute("SELECT word FROM crm_contacts.contact_word") == []
        assert execute("SELECT word FROM crm_contacts.word") == []


@pytest.mark.inside
def test_notes_that_are_written_at_the_same_time_are_all_found(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """Who writes on a contact waits for the other: neither misses the words of the other."""
    anna = UUID(contacts.create(ANNA)["id"])

    def write() -> None:
        with workspace.acting_as("crm_contacts"):
            service(Notes).create(anna, "Madagascar")

    with workspace.acting_as("crm_contacts"):
        service(Notes).create(anna, "Zanzibar")
        writing = begun(write)
    writing.result()
    assert found(contacts, "zanzibar madagascar") == ["Anna Ek"]


TEXTS = ("Gold rush 2019", "Blue", "Éclair au chocolat", "b2b sales", "山田太郎")


@pytest.mark.inside
@pytest.mark.parametrize("seed", range(8))
def test_words_are_those_of_what_is_attached(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, seed: int
) -> None:
    """Whatever is done to tags, fields and notes, in whichever order: nothing else is in the index.

    The model reads what is attached as it is at the end, and makes words of it.
    """
    chance = random.Random(seed)
    with workspace.acting_as("crm_contacts"):
        people = [
            service(Contacts).create(ContactDraft(name=Name(full=f"Person {place}"))).id
            for place in range(4)
        ]
        service(CustomFields).create("first", title="First", type=CustomFieldType.TEXT)
        service(CustomFields).create("second", title="Second", type=CustomFieldType.TEXT)
    for _ in range(30):
        with workspace.acting_as("crm_contacts"):
            _do_something(chance, people)
    with workspace.acting_as("crm_contacts"):
        for contact_id in people:
            assert _stored(contact_id) == _wanted(contact_id)
        known = {word for (word,) in execute("SELECT word FROM crm_contacts.word")}
        used = {word for (word,) in execute("SELECT word FROM crm_contacts.contact_word")}
        assert used <= known


def _do_something(chance: random.Random, people: list[UUID]) -> None:
    one, text = chance.choice(people), chance.choice(TEXTS)
    tags = service(Tags).list(limit=50).items
    notes = service(Notes).list(one).items
    fields = [field.key for field in service(CustomFields).list().items]
    some = tuple(chance.sample(TEXTS, chance.randrange(3)))
    works: list[Callable[[], object]] = [
        lambda: service(Contacts).update(one, ContactChanges(tags=some)),
        lambda: service(Notes).create(one, text),
        lambda: service(Contacts).update(one, ContactChanges(note=text)),
    ]
    if fields:
        key = chance.choice(fields)
        value = chance.choice([None, *TEXTS])
        works.append(lambda: service(Contacts).update(one, ContactChanges(custom=((key, value),))))
    if notes:
        note = chance.choice(notes)
        works.append(lambda: service(Notes).edit(note.id, text))
        works.append(lambda: service(Notes).delete(note.id))
    if tags:
        tag = chance.choice(tags)
        free = set(TEXTS) - {item.name for item in tags}
        works.append(lambda: service(Tags).delete(tag.id))
        works.append(lambda: _edit_all(Edits(add_tags=(tag.id,)), people))
        works.append(lambda: _edit_all(Edits(remove_tags=(tag.id,)), people))
        if free:
            works.append(lambda: service(Tags).update(tag.id, name=min(free)))
        if len(tags) > 1:
            other = chance.choice([item for item in tags if item is not tag])
            works.append(lambda: service(Tags).merge(tag.id, (other.id,)))
    twin = chance.choice([found for found in people if found != one])
    works.append(lambda: _merge_and_back(one, twin, text))
    works.append(lambda: _delete_and_back(one, chance))
    chance.choice(works)()


def _merge_and_back(one: UUID, other: UUID, text: str) -> None:
    """Merge, write a note on what there is then, and take the merge back."""
    service(Contacts).merge(one, (other,))
    assert _stored(one) == _wanted(one)
    service(Notes).create(one, text)
    service(Merges).unmerge(other)


def _delete_and_back(one: UUID, chance: random.Random) -> None:
    """Delete, let another tag or field be of use meanwhile, and restore."""
    service(Contacts).delete(one)
    tags, fields = service(Tags).list(limit=50).items, service(CustomFields).list().items
    free = set(TEXTS) - {item.name for item in tags}
    if tags and free:
        service(Tags).update(chance.choice(tags).id, name=min(free))
    if len(fields) > 1 and not chance.randrange(4):
        service(CustomFields).delete(chance.choice(fields).id)
    service(Contacts).restore(one)


def _edit_all(edits: Edits, people: list[UUID]) -> None:
    service(BulkEdits).start(edits, contact_ids=tuple(people))
    ((edit_id,),) = execute("SELECT id FROM crm_contacts.bulk_edit")
    assert service(BulkEdits).step(edit_id).finished


def _stored(contact_id: UUID) -> set[tuple[int, str]]:
    return {(weight, word) for weight, word in execute(WORDS, {"id": contact_id})}


def _wanted(contact_id: UUID) -> set[tuple[int, str]]:
    contact = service(Contacts).get(contact_id)
    own = ContactDraft(name=contact.name, nicknames=contact.nicknames, note=contact.note)
    texts = {
        TAG: contact.tags,
        CUSTOM: [str(value) for _, value in contact.custom],
        NOTES: [note.text for note in service(Notes).list(contact_id, limit=200).items],
    }
    return {(weight, word) for word, weight in search_words(own).items()} | {
        (weight, word) for weight, written in texts.items() for word in attached_words(written)
    }
