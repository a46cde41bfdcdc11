"""What a workspace sets about contacts, and what follows from it."""

from __future__ import annotations

import pytest

from crm_contacts.service import regions

from .conftest import ContactsClient

_LOCAL = "070-123 45 67"


def _person(number: str = _LOCAL) -> dict[str, object]:
    return {"name": {"full": "Bo Ek"}, "phones": [{"number": number}]}


def _found(contacts: ContactsClient, number: str) -> int:
    return len(contacts.page(**{"filter[phone][eq]": number})["items"])


def test_numbers_are_stored_as_in_the_region_of_the_workspace(contacts: ContactsClient) -> None:
    """A number without a country code is one of the workspace's region from then on."""
    contacts.create(_person())
    assert _found(contacts, "+46701234567") == 0
    contacts.set_region("SE")
    contacts.create(_person())
    assert _found(contacts, "+46701234567") == 1


def test_a_region_given_back_is_that_of_the_deployment(contacts: ContactsClient) -> None:
    """Null takes the workspace's region away; the deployment under test has none."""
    contacts.set_region("SE")
    contacts.set_region(None)
    contacts.create(_person())
    assert _found(contacts, "+46701234567") == 0


def test_changed_numbers_are_read_in_the_region_too(contacts: ContactsClient) -> None:
    """A patch reads the numbers that it brings as a new contact's are read."""
    contacts.set_region("SE")
    created = contacts.create({"name": {"full": "Bo Ek"}})
    answer = contacts.client.patch(
        f"/api/v1/contacts/{created['id']}",
        json={"phones": [{"number": _LOCAL}]},
        headers=contacts.headers | {"If-Match": "*"},
        content_type="application/merge-patch+json",
    )
    assert answer.status_code == 200, answer.text
    assert _found(contacts, "+46701234567") == 1


def test_imported_numbers_are_read_in_the_region_too(contacts: ContactsClient) -> None:
    """The job that reads a file works with the settings of the file's workspace."""
    contacts.set_region("SE")
    card = f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Bo Ek\r\nTEL:{_LOCAL}\r\nEND:VCARD\r\n"
    contacts.run(contacts.send(card)["id"])
    assert _found(contacts, "+46701234567") == 1


def test_who_needs_no_region_asks_for_none(
    contacts: ContactsClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Numbers with a country code, and changes of other fields, cost no look at the settings."""
    asked: list[str] = []
    look = regions.default_region

    def noted() -> str | None:
        asked.append("region")
        return look()

    monkeypatch.setattr(regions, "default_region", noted)
    created = contacts.create(_person("+46 70 123 45 67"))
    contacts.create({"name": {"full": "Without a number"}})
    contacts.patch(created, {"title": "Boss"})
    assert asked == []
    contacts.create(_person())
    contacts.patch(created, {"phones": [{"number": _LOCAL}]})
    assert asked == ["region", "region"]
