"""Duplicates as people go through them in a browser, with forms alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host

from .albums import Album
from .conftest import CONTACTS, ContactsClient
from .pictures import picture
from .test_duplicates import ANNA, COPY, DuplicatesClient

NASTY = "<script>alert('x')</script>"


@pytest.fixture
def duplicates(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, plugin_host: Host
) -> DuplicatesClient:
    """The duplicates of the workspace."""
    return DuplicatesClient(contacts, workspace, plugin_host)


def radios(page: str) -> dict[str, list[tuple[str, bool]]]:
    """Return the choices of a form: values, and whether each is chosen."""
    found: dict[str, list[tuple[str, bool]]] = {}
    for tag in re.findall(r'<input [^>]*type="radio"[^>]*>', page):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        found.setdefault(attributes["name"], []).append((attributes["value"], " checked" in tag))
    return found


def test_pairs_are_gone_through(
    signed_in: Browser, contacts: ContactsClient, duplicates: DuplicatesClient
) -> None:
    """A list leads to both side by side; what is not the same is asked about no more."""
    assert "No pairs here" in signed_in.get("/contacts/duplicates").text
    first, copy = contacts.create(ANNA), contacts.create(COPY)
    (pair,) = duplicates.pairs()
    page = signed_in.get("/contacts/duplicates")
    assert page.status_code == 200
    low, high = (item["id"] for item in pair["contacts"])
    assert f'href="/contacts/{low}/merge?with={high}"' in page.text
    sent = signed_in.send(
        f"/contacts/duplicates/{pair['id']}/decide",
        {"decision": "dismiss"},
        page="/contacts/duplicates",
    )
    assert sent.status_code == 303
    assert "No pairs here" in signed_in.get("/contacts/duplicates").text
    dismissed = "/contacts/duplicates?filter%5Bstate%5D%5Beq%5D=dismissed"
    assert first["name"]["full"] in signed_in.get(dismissed).text
    signed_in.send(
        f"/contacts/duplicates/{pair['id']}/decide", {"decision": "reopen"}, page=dismissed
    )
    assert copy["name"]["full"] in signed_in.get("/contacts/duplicates").text


def test_faces_are_seen_beside_names(
    signed_in: Browser, contacts: ContactsClient, duplicates: DuplicatesClient
) -> None:
    """Wherever two are compared, and before a merge which photo stays."""
    kept, other = (contacts.create(item)["id"] for item in (ANNA, COPY))
    assert len(duplicates.pairs()) == 1
    paths = (
        "/contacts/duplicates", f"/contacts/{kept}", f"/contacts/{kept}/merge?with={other}",
    )  # fmt: skip
    assert not any("thumbnail" in signed_in.get(path).text for path in paths)
    assert 'scope="row">Photo' not in signed_in.get(paths[-1]).text
    photos = Album(contacts)
    known = photos.put(other, picture())
    shown = f'src="/contacts/{other}/thumbnail.jpg?v={known["digest"]}"'
    assert [signed_in.get(path).text.count(shown) for path in paths] == [1, 1, 1]
    assert 'alt="Photo of' in signed_in.get(paths[-1]).text
    assert stays(signed_in.get(paths[-1]).text) == [False, True]
    photos.put(kept, picture())
    assert stays(signed_in.get(paths[-1]).text) == [True, False]


def stays(page: str) -> list[bool]:
    """Whether the photos of two contacts, side by side, stay."""
    (row,) = re.findall(r'<tr><th scope="row">Photo</th>(.*?)</tr>', page, re.DOTALL)
    return ["stays" in cell for cell in re.findall(r"<td>(.*?)</td>", row, re.DOTALL)]


def test_contacts_are_merged_as_chosen_and_taken_apart(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """Fields are chosen side by side with the reasons; the contact's page leads there and back."""
    kept = contacts.create(ANNA | {"title": "Architect", "note": NASTY})
    other = contacts.create(COPY | {"title": "Chef", "phones": [{"number": "+46701234567"}]})
    shown = signed_in.get(f"/contacts/{kept['id']}").text
    assert "Possibly the same" in shown
    path = f"/contacts/{kept['id']}/merge?with={other['id']}"
    assert f'href="{path}"' in shown
    page = signed_in.get(path).text
    assert "<script>alert" not in page
    assert "What speaks for and against it" in page
    choices = radios(page)
    assert choices.keys() == {"field_name", "field_title"}
    assert choices["field_title"] == [(kept["id"], True), (other["id"], False)]
    form: dict[str, Any] = {"with": other["id"], "field_title": other["id"]}
    merged = signed_in.send(f"/contacts/{kept['id']}/merge", form, page=path)
    assert (merged.status_code, merged.location) == (303, f"/contacts/{kept['id']}")
    assert contacts.get(kept["id"])["title"] == "Chef"
    assert contacts.get(kept["id"])["name"]["full"] == "Anna Lindqvist"
    led = signed_in.get(f"/contacts/{other['id']}")
    assert (led.status_code, led.location) == (303, f"/contacts/{kept['id']}")
    contacts.patch(kept, {"phones": []})
    action = f"/contacts/{kept['id']}/merged/{other['id']}/unmerge"
    assert action in signed_in.get(f"/contacts/{kept['id']}").text
    report = signed_in.send(action, page=f"/contacts/{kept['id']}")
    assert report.status_code == 200
    assert "+46701234567" in report.text
    assert "It was changed or removed after the merge." in report.text
    assert contacts.get(kept["id"])["title"] == "Architect"
    assert contacts.get(other["id"])["title"] == "Chef"


def test_tags_and_values_that_stay_are_shown(signed_in: Browser, contacts: ContactsClient) -> None:
    """With what they are; the contact is back all the same."""
    field = {"key": "size", "title": "Size", "type": "text"}
    made = contacts.client.post(f"{CONTACTS}/custom-fields", json=field, headers=contacts.headers)
    assert made.status_code == 201, made.text
    kept = contacts.create(ANNA)
    other = contacts.create(COPY | {"tags": ["Chef"], "custom": {"size": "M"}})
    merged = contacts.client.post(
        f"{CONTACTS}/{kept['id']}/merge",
        json={"merged_ids": [other["id"]]},
        headers=contacts.headers,
    )
    assert merged.status_code == 200, merged.text
    contacts.patch(kept, {"tags": [], "custom": {"size": "L"}})
    action = f"/contacts/{kept['id']}/merged/{other['id']}/unmerge"
    report = signed_in.send(action, page=f"/contacts/{kept['id']}")
    assert report.status_code == 200
    for said in ("Tags", "Chef", "Custom fields", "size: L"):
        assert said in report.text
    assert contacts.get(other["id"])["tags"] == ["Chef"]


def test_any_two_contacts_are_merged_by_choice(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """Who knows that two are one finds the other one by a search, whatever the engine says."""
    kept = contacts.create({"name": {"full": "Anna Lindqvist"}})
    other = contacts.create({"name": {"full": "A. Ek"}, "emails": [{"address": "ek@x.example"}]})
    contacts.create({"name": {"full": f"{NASTY} Bo"}})
    page = f"/contacts/{kept['id']}"
    choose = f"{page}/merge-with"
    assert f'href="{choose}"' in signed_in.get(page).text
    chosen = f"{page}/merge?with={other['id']}"
    shown = signed_in.get(choose).text
    assert (shown.count(f'href="{page}/merge?with='), chosen in shown) == (2, True)
    assert ("<script>alert" in shown, f"with={kept['id']}" in shown) == (False, False)
    found = signed_in.get(f"{choose}?q=ek%40x").text
    assert re.findall(r'href="([^"]*/merge\?[^"]*)"', found) == [chosen]
    assert "Nothing found" in signed_in.get(f"{choose}?q=zebra").text
    assert f'href="{page}">Cancel' in signed_in.get(chosen).text
    merged = signed_in.send(f"{page}/merge", {"with": other["id"]}, page=chosen)
    assert (merged.status_code, merged.location) == (303, page)
    assert contacts.get(kept["id"])["emails"][0]["address"] == "ek@x.example"
    signed_in.send(f"{page}/delete", page=page)
    assert choose not in signed_in.get(page).text


def test_what_cannot_be_merged_is_said(signed_in: Browser, contacts: ContactsClient) -> None:
    """A contact with itself, or with nobody; taking back what is back already."""
    kept = contacts.create(ANNA)
    itself = signed_in.get(f"/contacts/{kept['id']}/merge?with={kept['id']}")
    assert itself.status_code == 422
    assert "Name other contacts" in itself.text
    for other in ("", "x", "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"):
        assert signed_in.get(f"/contacts/{kept['id']}/merge?with={other}").status_code == 404
    action = f"/contacts/{kept['id']}/merged/{kept['id']}/unmerge"
    again = signed_in.send(action, page=f"/contacts/{kept['id']}/edit")
    assert again.status_code == 303
    assert "is not merged into another one" in signed_in.get(f"/contacts/{kept['id']}").text
