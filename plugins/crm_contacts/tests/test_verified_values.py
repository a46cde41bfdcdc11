"""Values that somebody has made sure of: what says so, what keeps it, and what takes it away."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import psycopg
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from crm_contacts.contract import (
    ChangeSource,
    ContactChanges,
    ContactDraft,
    Contacts,
    Email,
    Name,
)
from meishi.sdk.context import service
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Location

from .conftest import CONTACTS, ContactsClient, vcard
from .test_contact_history import Histories

LISTS = {"emails": "address", "phones": "number", "addresses": "street", "links": "url"}
VALUES = {
    "emails": [{"address": "Ada@Example.org"}, {"address": "old@example.org"}],
    "phones": [{"number": "+46 70 123 45 67"}, {"number": "08 1"}],
    "addresses": [{"street": "Storgatan 1", "locality": "Uppsala"}, {"street": "Weg 2"}],
    "links": [{"url": "https://example.org/ada"}, {"url": "https://example.org/old"}],
}
#: The same values as somebody else writes them.
RESPELLED = {
    "emails": {"address": "ada@example.ORG"},
    "phones": {"number": "0046 70-1234567"},
    "addresses": {"street": " STORGATAN  1", "locality": "uppsala"},
    "links": {"url": "HTTPS://EXAMPLE.org/ada"},
}
OTHERS = {
    "emails": {"address": "ada2@example.org"},
    "phones": {"number": "+46 70 123 45 68"},
    "addresses": {"street": "Storgatan 2", "locality": "Uppsala"},
    "links": {"url": "https://example.org/ada2"},
}


@pytest.fixture
def histories(contacts: ContactsClient) -> Histories:
    """The histories of the workspace."""
    return Histories(contacts)


def ada(contacts: ContactsClient, **lists: Any) -> dict[str, Any]:
    """Create a contact of which the first value of each list is verified."""
    first = {name: [{**items[0], "verified": True}, items[1]] for name, items in VALUES.items()}
    return contacts.create({"name": {"full": "Ada"}, **(lists or first)})


def verified(contact: dict[str, Any], name: str) -> list[bool]:
    """Return which values of a list are verified."""
    return [item["verified"] for item in contact[name]]


@pytest.mark.parametrize("name", LISTS)
def test_it_is_said_of_a_value_and_stays_with_it(contacts: ContactsClient, name: str) -> None:
    """However it is spelled, labelled and ordered; what was not said is not so."""
    made = ada(contacts)
    assert verified(made, name) == [True, False]
    contacts.set_region("SE")
    moved = {**RESPELLED[name], "label": "Own", "types": ["home"], "primary": True}
    contacts.patch(made, {name: [VALUES[name][1], moved]})
    after = contacts.get(made["id"])
    assert verified(after, name) == [False, True]
    assert after[name][1]["label"] == "Own"


@pytest.mark.parametrize("name", LISTS)
def test_another_value_is_not_verified(contacts: ContactsClient, name: str) -> None:
    """It is lost with the value; who changes it back has to say it again."""
    made = ada(contacts)
    contacts.patch(made, {name: [OTHERS[name]]})
    assert verified(contacts.get(made["id"]), name) == [False]
    contacts.patch(made, {name: [VALUES[name][0]]})
    assert verified(contacts.get(made["id"]), name) == [False]
    contacts.patch(made, {name: [{**OTHERS[name], "verified": True}]})
    assert verified(contacts.get(made["id"]), name) == [True]


def test_it_can_be_taken_away_and_is_a_change(
    contacts: ContactsClient, histories: Histories
) -> None:
    """Also where nothing else changes: there is a new version, and the history tells it."""
    made = ada(contacts)
    contacts.patch(made, {"emails": [{"address": "Ada@Example.org", "verified": False}]})
    after = contacts.get(made["id"])
    assert (after["version"], verified(after, "emails")) == (2, [False])
    change = histories.of(made["id"])[0]
    (field,) = change["fields"]
    assert [item["verified"] for item in field["before"]] == [True, False]
    assert histories.revert(made["id"], change["id"]).status_code == 200
    assert verified(contacts.get(made["id"]), "emails") == [True, False]


def test_an_extension_makes_another_number(contacts: ContactsClient) -> None:
    """Though E.164 knows none."""
    phones = [{"number": "+44 20 7946 0018 ext. 12", "verified": True}]
    made = ada(contacts, phones=phones)
    contacts.patch(made, {"phones": [{"number": "+442079460018x12"}]})
    assert verified(contacts.get(made["id"]), "phones") == [True]
    contacts.patch(made, {"phones": [{"number": "+442079460018x13"}]})
    assert verified(contacts.get(made["id"]), "phones") == [False]


def test_upserts_keep_to_it_as_changes_do(contacts: ContactsClient) -> None:
    """What is sent again without a word of it stays."""
    made = ada(contacts)
    sent = {"name": {"full": "Ada L"}, "emails": [{"address": "ada@example.org"}]}
    answer = contacts.client.post(f"{CONTACTS}?match=email", json=sent, headers=contacts.headers)
    assert (answer.status_code, (answer.json or {})["id"]) == (200, made["id"])
    assert verified(contacts.get(made["id"]), "emails") == [True]


def test_other_plugins_say_it_by_the_contract(
    contacts: ContactsClient, workspace: WorkspaceUnderTest
) -> None:
    """A value that they only name stays what it is, another one is what they say."""
    made = ada(contacts)
    emails = (Email(address="ADA@example.org"), Email(address="new@example.org", verified=True))
    with workspace.acting_as("crm_contacts"):
        after = service(Contacts).update(
            UUID(made["id"]), ContactChanges(emails=emails), source=ChangeSource.ENRICHMENT
        )
    assert [item.verified for item in after.emails] == [True, True]
    assert verified(contacts.get(made["id"]), "emails") == [True, True]


@pytest.mark.parametrize("side", ["target", "source"])
def test_of_two_equal_values_the_verified_one_wins_in_a_merge(
    contacts: ContactsClient, histories: Histories, side: str
) -> None:
    """Whichever contact has it; taken back, each has what it had."""
    said = ada(contacts, emails=[{"address": "a@x.example", "verified": True}])
    plain = ada(contacts, emails=[{"address": "A@x.example"}])
    target, source = (said, plain) if side == "target" else (plain, said)
    histories.merge(target["id"], source["id"])
    assert verified(contacts.get(target["id"]), "emails") == [True]
    answer = histories.send("POST", f"/{source['id']}/unmerge")
    assert (answer.status_code, (answer.json or {})["kept"]) == (200, [])
    assert verified(contacts.get(said["id"]), "emails") == [True]
    assert verified(contacts.get(plain["id"]), "emails") == [False]


def test_what_was_verified_after_a_merge_stays(
    contacts: ContactsClient, histories: Histories
) -> None:
    """As everything that somebody has done since."""
    target, source = ada(contacts, emails=[]), ada(contacts, emails=[{"address": "a@x.example"}])
    histories.merge(target["id"], source["id"])
    contacts.patch(target, {"emails": [{"address": "a@x.example", "verified": True}]})
    answer = histories.send("POST", f"/{source['id']}/unmerge")
    assert [item["field"] for item in (answer.json or {})["kept"]] == ["emails"]
    assert verified(contacts.get(target["id"]), "emails") == [True]
    assert verified(contacts.get(source["id"]), "emails") == [False]


@pytest.mark.parametrize("many", [0, 60])
def test_cards_neither_bring_nor_take_it(contacts: ContactsClient, many: int) -> None:
    """A card is no proof; also where so many come in that they are written by COPY."""
    made = ada(contacts, emails=[{"address": "ada@example.org", "verified": True}])
    contacts.patch(made, {"uid": "urn:ada"})
    cards = [
        vcard("FN:Ada", "UID:urn:ada", "EMAIL;TYPE=work:ADA@example.org", "EMAIL:b@x.example"),
        *(vcard(f"FN:P {number}", f"EMAIL:p{number}@x.example") for number in range(many)),
    ]
    found = contacts.upload("".join(cards))
    assert found["counts"]["updated"] == 1
    assert verified(contacts.get(made["id"]), "emails") == [True, False]
    others = [item for item in contacts.all() if item["id"] != made["id"]]
    assert len(others) == many
    assert not any(any(verified(item, "emails")) for item in others)


@pytest.mark.parametrize("many", [0, 60])
def test_documents_of_contacts_bring_what_they_say(contacts: ContactsClient, many: int) -> None:
    """They are what the web API takes from the same people."""
    lines = [
        f'{{"name": {{"full": "P {number}"}}, "emails": [{{"address": "p{number}@x.example",'
        f' "verified": {"true" if number % 2 else "false"}}}]}}'
        for number in range(many + 2)
    ]
    contacts.upload("\n".join(lines), "application/x-ndjson")
    found = {item["name"]["full"]: verified(item, "emails") for item in contacts.all()}
    assert found == {f"P {number}": [bool(number % 2)] for number in range(many + 2)}


def test_changes_from_before_it_could_be_said_are_put_back(
    contacts: ContactsClient, histories: Histories, plugin_database: Location
) -> None:
    """Their values say nothing of it: it stays of equal values, and nothing else has changed."""
    made = ada(contacts, emails=[{"address": "ada@example.org"}])
    contacts.patch(made, {"emails": [{"address": "ada@example.org", "label": "Own"}]})
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url) as connection:
        connection.execute(
            "UPDATE crm_contacts.contact_change SET"
            " fields = replace(fields::text, '\"verified\":false,', '')::json"
        )
    change = histories.of(made["id"])[0]
    assert "verified" not in change["fields"][0]["before"][0]
    assert histories.revert(made["id"], change["id"]).status_code == 200
    (email,) = contacts.get(made["id"])["emails"]
    assert (email["label"], email["verified"]) == (None, False)
    contacts.patch(made, {"emails": [{"address": "ada@example.org", "verified": True}]})
    assert histories.revert(made["id"], change["id"], "emails").status_code == 200
    assert verified(contacts.get(made["id"]), "emails") == [True]


ADDRESSES = st.sampled_from(["a@x", "A@x", "b@x", "B@X"])
STEPS = st.lists(
    st.lists(st.tuples(ADDRESSES, st.sampled_from([None, True, False])), max_size=3),
    min_size=1,
    max_size=4,
)


@given(STEPS)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_value_is_verified_exactly_where_that_was_said_last(
    workspace: WorkspaceUnderTest, steps: list[list[tuple[str, bool | None]]]
) -> None:
    """Whatever is changed in between, as long as the value is there."""
    known: set[str] = set()
    with workspace.acting_as("crm_contacts"):
        made = service(Contacts).create(ContactDraft(name=Name(full="Ada")))
        for step in steps:
            emails = tuple(Email(address=text, verified=said) for text, said in step)
            made = service(Contacts).update(made.id, ContactChanges(emails=emails))
            expected = [text.lower() in known if said is None else said for text, said in step]
            assert [item.verified for item in made.emails] == expected
            assert service(Contacts).get(made.id).emails == made.emails
            known = {item.address.lower() for item in made.emails if item.verified}
