"""The form of a contact: what it shows of one, and what it makes of what is sent."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from werkzeug.datastructures import MultiDict

from crm_contacts.contract import ContactDraft, Email, Link, Name, Phone
from crm_contacts.pages.drafts import draft_of
from meishi.testing.browsing import Browser

from .conftest import ContactsClient
from .test_pages import fields_of

ANNA: dict[str, Any] = {
    "name": {"full": "Anna Ek"},
    "uid": "urn:anna",
    "nicknames": ["Ann, A", "Nan"],
    "units": ["R&D", "Lab"],
    "emails": [
        {"address": "a@x.example", "label": "Own", "primary": True, "verified": True},
        {"address": "b@x.example", "types": ["work"]},
    ],
    "phones": [{"number": "+46 70 123 45 67", "verified": True}],
    "links": [{"url": "https://x.example/", "label": "Site"}],
    "addresses": [{"street": "Storgatan 1", "label": "Mail", "primary": True}],
}


def form_of(signed_in: Browser, contact: dict[str, Any]) -> dict[str, Any]:
    """Return what a browser sends of the form of a contact that nobody has touched."""
    page = signed_in.get(f"/contacts/{contact['id']}/edit").text
    sent: dict[str, Any] = {
        name: [unescape(value) for value in values]
        for name, values in fields_of(page).items()
        if name != "csrf_token"
    }
    for name, text in re.findall(
        r'<textarea[^>]* name="(\w+)"[^>]*>\n(.*?)</textarea>', page, re.DOTALL
    ):
        sent[name] = unescape(text).replace("\n", "\r\n")
    for name, options in re.findall(r'<select[^>]* name="(\w+)">(.*?)</select>', page, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', options)
        sent.setdefault(name, []).append(unescape(chosen[1]) if chosen else "")
    return sent


def save(signed_in: Browser, contact: dict[str, Any], sent: dict[str, Any]) -> None:
    """Send the form."""
    answer = signed_in.send(f"/contacts/{contact['id']}/edit", sent)
    assert answer.status_code == 303, answer.text


def test_all_that_the_form_has_can_be_changed(signed_in: Browser, contacts: ContactsClient) -> None:
    """Several names in lines, labels, which one is primary, what is verified, and the UID."""
    made = contacts.create(ANNA)
    sent = form_of(signed_in, made)
    assert sent["nicknames"] == "Ann, A\r\nNan"
    assert (sent["email_primary"], sent["email_verified"]) == (["1"], ["1"])
    assert (sent["phone_primary"], sent["address_primary"]) == (["0"], ["1"])
    sent |= {
        "uid": " urn:ek ",
        "nicknames": " Annie \r\n\r\nNan",
        "units": "",
        "email_label": ["", "Office", "", ""],
        "email_primary": "2",
        "email_verified": ["2"],
        "address_label": ["Parcels", ""],
        "link_verified": "1",
    }
    save(signed_in, made, sent)
    after = contacts.get(made["id"])
    assert (after["uid"], after["nicknames"], after["units"]) == ("urn:ek", ["Annie", "Nan"], [])
    assert [
        (item["label"], item["primary"], item["verified"], item["types"])
        for item in after["emails"]
    ] == [(None, False, False, []), ("Office", True, True, ["work"])]
    assert (after["addresses"][0]["label"], after["addresses"][0]["primary"]) == ("Parcels", True)
    assert (after["links"][0]["label"], after["links"][0]["verified"]) == ("Site", True)
    assert after["phones"] == made["phones"]
    page = signed_in.get(f"/contacts/{made['id']}").text
    assert re.search(r"b@x\.example</a>.*?primary.*?verified.*?Office", page)
    assert re.search(r"Storgatan 1.*?primary.*?Parcels", page)


def test_a_form_that_nobody_touched_changes_nothing(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """Whatever the contact holds that a form shows in another way."""
    made = contacts.create(
        ANNA
        | {"uid": " urn:anna", "title": "Boss ", "nicknames": ["a\nb", " c"], "units": ["d", ""]}
        | {"emails": [{"address": " a@x.example ", "types": ["a,b", "c"], "label": " x"}]}
    )
    save(signed_in, made, form_of(signed_in, made))
    assert contacts.get(made["id"]) == made


def test_another_value_in_a_row_is_not_verified_any_more(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """Though its box was left as it was; another spelling stays, and a new row says it itself."""
    made = contacts.create(ANNA)
    sent = form_of(signed_in, made)
    sent["email_address"] = ["changed@x.example", "b@x.example", "new@x.example", ""]
    sent["email_verified"] = ["1", "3"]
    sent["phone_number"] = ["+46701234567", "", ""]
    save(signed_in, made, sent)
    after = contacts.get(made["id"])
    assert [item["verified"] for item in after["emails"]] == [False, False, True]
    assert [(item["number"], item["verified"]) for item in after["phones"]] == [
        ("+46701234567", True)
    ]
    sent = form_of(signed_in, after)
    sent["phone_verified"] = []
    save(signed_in, after, sent)
    assert [item["verified"] for item in contacts.get(made["id"])["phones"]] == [False]


def test_what_is_refused_keeps_what_was_chosen(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """The boxes and buttons too."""
    made = contacts.create(ANNA)
    contacts.create({"name": {"full": "Bo"}, "uid": "urn:bo"})
    sent = form_of(signed_in, made) | {"uid": "urn:bo", "email_primary": "2", "nicknames": "X"}
    refused = signed_in.send(f"/contacts/{made['id']}/edit", sent)
    assert refused.status_code == 422
    again = fields_of(refused.text)
    assert (again["uid"], again["email_primary"]) == (["urn:bo"], ["2"])
    assert (again["email_verified"], again["email_label"][0]) == (["1"], "Own")
    assert ">\nX</textarea>" in refused.text


def test_what_a_browser_does_not_send_stays() -> None:
    """As of a form that was opened before a version had a field."""
    before = ContactDraft(
        name=Name(full="Anna", given="A"),
        uid="urn:anna",
        nicknames=("N",),
        units=("U",),
        emails=(Email(address="a@x", label="Own", primary=True, verified=False),),
    )
    sent = {"email_address": ["b@x"], "email_type": ["work"], "email_place": ["0"]}
    email = Email(address="b@x", types=("work",), label="Own", primary=True, verified=False)
    assert draft_of(MultiDict(sent), before) == ContactDraft(
        name=before.name, uid="urn:anna", nicknames=("N",), units=("U",), emails=(email,)
    )


def test_rows_without_values_are_nothing() -> None:
    """Also where a label, a box or a button of theirs says something."""
    sent: dict[str, list[str]] = {"full": ["Anna"]}
    for prefix, name in (("email", "address"), ("phone", "number"), ("link", "url")):
        sent |= {f"{prefix}_{name}": [" ", "x"], f"{prefix}_label": ["Own", ""]}
        sent |= {f"{prefix}_type": ["", ""], f"{prefix}_place": ["", "9"]}
        sent |= {f"{prefix}_primary": ["1"], f"{prefix}_verified": ["1", "y"]}
    assert draft_of(MultiDict(sent), None) == ContactDraft(
        name=Name(full="Anna"),
        emails=(Email(address="x", verified=False),),
        phones=(Phone(number="x", verified=False),),
        links=(Link(url="x", verified=False),),
        addresses=(),
    )


def test_rows_stay_what_they_are_of_when_the_form_comes_back(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """Who has emptied a row and filled a new one before an error saves the same afterwards."""
    made = contacts.create(
        {
            "name": {"full": "Anna Ek"},
            "emails": [
                {"address": "a@x.example", "parameters": {"X-A": ["a"]}},
                {"address": "b@x.example", "parameters": {"X-B": ["b"]}, "verified": True},
            ],
        }
    )
    sent = form_of(signed_in, made)
    sent["email_address"] = ["", "b@x.example", "new@x.example", ""]
    sent["email_verified"] = ["2", "3"]
    sent["uid"] = "u" * 1000
    answer = signed_in.send(f"/contacts/{made['id']}/edit", sent)
    assert answer.status_code == 422
    page = fields_of(answer.text)
    assert (page["email_address"][:2], page["email_place"][:2], page["email_verified"]) == (
        ["b@x.example", "new@x.example"], ["1", ""], ["1", "2"],
    )  # fmt: skip
    again = {name: values for name, values in page.items() if name != "csrf_token"}
    save(signed_in, made, again | {"uid": "", "email_type": [""] * len(page["email_place"])})
    after = contacts.get(made["id"])["emails"]
    assert [(item["address"], item["parameters"], item["verified"]) for item in after] == [
        ("b@x.example", {"X-B": ["b"]}, True),
        ("new@x.example", {}, True),
    ]
