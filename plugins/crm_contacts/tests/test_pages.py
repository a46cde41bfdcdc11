"""Contacts as people see and change them in a browser."""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient

from meishi.testing.browsing import Browser, token_on
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.jobs import JobRuns

from .conftest import ContactsClient

NASTY = "<script>alert('x')</script>\"&"


def fields_of(page: str) -> dict[str, list[str]]:
    """Return the values of a form's inputs that a browser sends, by their names."""
    found: dict[str, list[str]] = {}
    for tag in re.findall(r"<input [^>]*>", page):
        attributes = dict(re.findall(r'(\w+)="([^"]*)"', tag))
        left_out = attributes.get("type") in {"radio", "checkbox"} and " checked" not in tag
        if "name" in attributes and not left_out:
            found.setdefault(attributes["name"], []).append(attributes.get("value", ""))
    return found


def names_on(page: str) -> list[str]:
    """Return the names in a list, in its order."""
    return re.findall(r'href="/contacts/[0-9a-f-]{36}">([^<]*)<', page)


def test_an_empty_list_says_how_to_begin(signed_in: Browser) -> None:
    """Where nobody is, a page leads on."""
    page = signed_in.get("/contacts")
    assert page.status_code == 200
    assert "No contacts yet" in page.text
    assert 'href="/contacts/import"' in page.text


def test_a_list_is_searched_sorted_and_goes_on(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """All contacts are reached page by page, in order; a search shows what fits, without reload."""
    for number in range(60):
        contacts.create({"name": {"full": f"Anna {number:02}"}, "organisation": f"Org {number}"})
    first = signed_in.get("/contacts").text
    (following,) = re.findall(r'hx-get="(/contacts\?[^"]*after=[^"]*)"', first)
    rest = signed_in.get(following.replace("&amp;", "&"), headers={"HX-Request": "true"}).text
    assert names_on(first) + names_on(rest) == [f"Anna {number:02}" for number in range(60)]
    assert "<html" not in rest
    assert "<table" not in rest
    searched = signed_in.get("/contacts?q=anna+07&sort=", headers={"HX-Request": "true"}).text
    assert names_on(searched)[0] == "Anna 07"
    newest = signed_in.get("/contacts?sort=-created_at").text
    assert names_on(newest)[0] == "Anna 59"
    assert "Nothing found" in signed_in.get("/contacts?q=zebra").text
    for wrong in ("sort=colour", "filter[deleted][eq]=maybe", "after=x", "page=2", "limit=0"):
        assert signed_in.get(f"/contacts?{wrong}").status_code == 400


def test_a_contact_is_made_shown_and_changed(signed_in: Browser, contacts: ContactsClient) -> None:
    """What is typed is stored and shown; what the form does not show stays."""
    made = signed_in.send(
        "/contacts/new",
        {
            "full": "Anna Lindqvist",
            "organisation": "Lindqvist",
            "email_address": ["anna@example.com", ""],
            "email_type": ["work", ""],
            "email_place": ["", ""],
            "note": "one\r\ntwo",
        },
    )
    assert made.status_code == 303
    page = signed_in.get(str(made.location)).text
    assert "Anna Lindqvist was added" in page
    assert 'href="mailto:anna%40example.com"' in page or "mailto:anna@example.com" in page
    contact_id = str(made.location).rpartition("/")[2]
    document = contacts.get(contact_id)
    assert document["note"] == "one\ntwo"
    emails = [{**document["emails"][0], "parameters": {"X-OWN": ["kept"]}}]
    emails[0].pop("normalised")
    contacts.patch(document, {"emails": emails})
    form = fields_of(signed_in.get(f"/contacts/{contact_id}/edit").text)
    sent: dict[str, Any] = {name: values for name, values in form.items() if name != "csrf_token"}
    sent |= {"full": "Anna Ek", "email_type": ["home", "", ""], "note": "one\r\ntwo"}
    changed = signed_in.send(f"/contacts/{contact_id}/edit", sent)
    assert changed.status_code == 303
    after = contacts.get(contact_id)
    assert after["name"]["full"] == "Anna Ek"
    assert after["note"] == "one\ntwo"
    (email,) = after["emails"]
    assert (email["types"], email["parameters"]) == (["home"], {"X-OWN": ["kept"]})


def test_saving_what_is_shown_changes_nothing(signed_in: Browser, contacts: ContactsClient) -> None:
    """A form that is sent as it came leaves the contact as it was, whatever it holds."""
    before = contacts.create(
        {
            "name": {"full": "Ünal & Söhne", "given": "Ü", "suffix": "KG"},
            "kind": "org",
            "nicknames": ["x"],
            "units": ["a", "b"],
            "emails": [{"address": "a@b.example", "types": ["work", "pref"], "label": "main"}],
            "phones": [{"number": "+49 30 901820", "types": ["cell"], "primary": True}],
            "links": [{"url": "https://example.com/?a=1&b=2"}],
            "addresses": [{"street": "Weg 1", "locality": "Bonn", "types": ["work"]}],
            "raw": [{"name": "X-SKYPE", "value": "u"}],
        }
    )
    page = signed_in.get(f"/contacts/{before['id']}/edit").text
    sent: dict[str, Any] = {
        name: [value.replace("&amp;", "&") for value in values]
        for name, values in fields_of(page).items()
        if name != "csrf_token"
    }
    for prefix in ("email", "phone", "link", "address"):
        selects = re.findall(rf'<select[^>]*name="{prefix}_type">(.*?)</select>', page, re.DOTALL)
        chosen = [re.search(r'value="([^"]*)" selected', item) for item in selects]
        sent[f"{prefix}_type"] = [found[1] if found else "" for found in chosen]
    sent["kind"] = "org"
    answer = signed_in.send(f"/contacts/{before['id']}/edit", sent)
    assert answer.status_code == 303
    assert contacts.get(before["id"]) == before


def test_what_is_refused_is_shown_with_all_that_was_typed(signed_in: Browser) -> None:
    """Nobody types a contact twice: the form comes back, and says what is wrong with it."""
    refused = signed_in.send("/contacts/new", {"full": " ", "organisation": NASTY})
    assert refused.status_code == 422
    assert "A contact needs a name." in refused.text
    assert "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&#34;&amp;" in refused.text
    assert "<script>alert" not in refused.text


def test_a_change_upon_a_change_is_not_lost(signed_in: Browser, contacts: ContactsClient) -> None:
    """Who has opened the form before somebody else saved is told, and may save again."""
    before = contacts.create({"name": {"full": "Anna"}})
    path = f"/contacts/{before['id']}/edit"
    old = {"full": "Mine", "version": str(before["version"])}
    contacts.patch(before, {"title": "Boss"})
    conflict = signed_in.send(path, old)
    assert conflict.status_code == 412
    assert "Changed meanwhile" in conflict.text
    form = fields_of(conflict.text)
    assert form["full"] == ["Mine"]
    assert contacts.get(before["id"])["name"]["full"] == "Anna"
    for version in ("", "x", "9" * 30, "-1"):
        assert signed_in.send(path, {**old, "version": version}).status_code == 412
    again = signed_in.send(path, {"full": "Mine", "version": form["version"][0]})
    assert again.status_code == 303
    assert contacts.get(before["id"])["name"]["full"] == "Mine"


def test_nothing_of_a_contact_is_markup(signed_in: Browser, contacts: ContactsClient) -> None:
    """Whatever a card has brought is text on every page."""
    document = contacts.create(
        {
            "name": {"full": NASTY, "given": NASTY},
            "organisation": NASTY,
            "note": NASTY,
            "emails": [{"address": f"a@b.example?{NASTY}", "label": NASTY, "types": [NASTY]}],
            "phones": [{"number": NASTY}],
            "links": [{"url": "javascript:alert(1)"}, {"url": f"https://e.example/{NASTY}"}],
            "addresses": [{"street": NASTY}],
        }
    )
    for path in ("", f"/{document['id']}", f"/{document['id']}/edit"):
        page = signed_in.get(f"/contacts{path}").text
        assert "<script>alert" not in page
        assert 'href="javascript' not in page
        assert not re.search(r"<[^>]*\son\w+=", page)


def test_deleting_and_bringing_back(signed_in: Browser, contacts: ContactsClient) -> None:
    """A deleted contact is on the list of deleted ones, and comes back from there."""
    document = contacts.create({"name": {"full": "Anna"}})
    path = f"/contacts/{document['id']}"
    token = token_on(signed_in.get(path))
    gone = signed_in.client.post(f"{path}/delete", data={"csrf_token": token})
    assert (gone.status_code, gone.location) == (303, "/contacts")
    assert names_on(signed_in.get("/contacts").text) == []
    deleted = signed_in.get("/contacts?filter[deleted][eq]=true").text
    assert names_on(deleted) == []
    assert '<span class="fw-medium">Anna</span>' in deleted
    assert f'action="{path}/restore"' in deleted
    back = signed_in.client.post(f"{path}/restore", data={"csrf_token": token})
    assert back.location == path
    assert names_on(signed_in.get("/contacts").text) == ["Anna"]
    for action in ("delete", "restore"):
        assert signed_in.client.post(f"{path}/{action}").status_code == 403
        assert signed_in.get(f"{path}/{action}").status_code == 405


def test_a_contact_is_sent_as_a_card(signed_in: Browser, contacts: ContactsClient) -> None:
    """Its file is a vCard, named like the contact."""
    document = contacts.create({"name": {"full": "Anna/../Ek"}})
    answer = signed_in.get(f"/contacts/{document['id']}/contact.vcf")
    assert answer.mimetype == "text/vcard"
    assert "Anna .. Ek.vcf" in answer.headers["Content-Disposition"]
    assert b"FN:Anna/../Ek" in answer.data


def test_a_file_is_imported(signed_in: Browser, run_jobs: JobRuns) -> None:
    """A file is taken, its progress shown, and its rejects told; what is no file is refused."""
    token = token_on(signed_in.get("/contacts/import"))
    cards = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Anna\r\nEND:VCARD\r\nBEGIN:VCARD\r\nEND:VCARD\r\n"
    sent = signed_in.client.post(
        "/contacts/import", data={"csrf_token": token, "file": (BytesIO(cards), "a <b>.vcf")}
    )
    assert sent.status_code == 303
    assert "Nothing is imported yet" in signed_in.get(str(sent.location)).text
    run = signed_in.send(f"{sent.location}/mapping", {"then": "run"}, page=str(sent.location))
    assert run.status_code == 303
    state = signed_in.get(str(sent.location), headers={"HX-Request": "true"}).text
    assert 'hx-trigger="every 1s"' in state
    run_jobs()
    page = signed_in.get(str(sent.location)).text
    assert "The import is complete" in page
    assert "hx-trigger" not in page.partition('id="import-state"')[2].partition(">")[0]
    assert "a &lt;b&gt;.vcf" in signed_in.get("/contacts/import").text
    assert names_on(signed_in.get("/contacts").text) == ["Anna"]
    for content in (b"", b"\0\0\0"):
        refused = signed_in.client.post(
            "/contacts/import", data={"csrf_token": token, "file": (BytesIO(content), "x.vcf")}
        )
        assert refused.status_code == 422
    assert signed_in.client.post("/contacts/import", data={"csrf_token": token}).status_code == 422


@pytest.mark.parametrize("path", ["", "/edit", "/contact.vcf"])
def test_contacts_of_others_are_not_there(
    signed_in: Browser,
    client: FlaskClient,
    contacts: ContactsClient,
    other_workspace: WorkspaceUnderTest,
    path: str,
) -> None:
    """Another workspace's contact is as good as none."""
    theirs = contacts.of(other_workspace, client.application.test_client())
    document = theirs.create({"name": {"full": "Theirs"}})
    answer = signed_in.get(f"/contacts/{document['id']}{path}")
    assert answer.status_code == 404
    assert "Theirs" not in answer.text


def test_the_list_leads_to_an_export_of_what_it_shows(signed_in: Browser) -> None:
    """The button goes with the search, also where htmx changes the rows alone."""
    whole = signed_in.get("/contacts?q=anna&limit=7")
    link = 'href="/exports?resource=crm_contacts.Contact&amp;q=anna"'
    assert link in whole.text
    assert "hx-swap-oob" not in whole.text
    piece = signed_in.get("/contacts?q=anna", headers={"HX-Request": "true"})
    assert f'{link} hx-swap-oob="true"' in piece.text
    assert (
        "/api/v1/exports/contacts-csv?q=anna"
        in signed_in.get("/exports?resource=crm_contacts.Contact&q=anna").text
    )
