"""Many contacts at once on pages: chosen, told before, done by a worker, followed to the end."""

from __future__ import annotations

import re
from typing import Any

import pytest
from werkzeug.test import TestResponse

from meishi.testing.browsing import Browser

from .conftest import CONTACTS, ContactsClient

UNKNOWN = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"
MANY, START = "/contacts/many", "/contacts/bulk-edit"


class ManyOnPages:
    """Somebody who works with the table of contacts."""

    def __init__(self, browser: Browser, contacts: ContactsClient) -> None:
        self.browser = browser
        self.contacts = contacts

    def choose(self, query: str = "", **form: Any) -> TestResponse:
        """Send the form below the table."""
        return self.browser.send(f"{MANY}{query}", form, page="/contacts/new")

    def start(self, query: str = "", **form: Any) -> TestResponse:
        """Send the form that says what is about to be done."""
        return self.browser.send(f"{START}{query}", form, page="/contacts/new")

    def done(self, query: str = "", **form: Any) -> str:
        """Have it done, and return the page that tells so."""
        self.contacts.register()
        sent = self.start(query, **form)
        assert sent.status_code == 303, sent.text
        at_work = self.browser.get(sent.location or "").text
        assert ("every 1s" in at_work, "/stop" in at_work) == (True, True)
        self.contacts.run_jobs()
        page = self.browser.get(sent.location or "").text
        assert "every 1s" not in page
        return page

    def add(self, full: str, **more: Any) -> str:
        """Create a contact; return its id."""
        return str(self.contacts.create({"name": {"full": full}, **more})["id"])

    def make(self, path: str, **document: Any) -> str:
        """Make a tag, a list or a custom field; return its id."""
        answer = self.contacts.client.post(
            f"{CONTACTS}{path}", json=document, headers=self.contacts.headers
        )
        assert answer.status_code == 201, answer.text
        return str((answer.json or {})["id"])

    def names(self, **query: Any) -> list[str]:
        """Return whom a list shows, by name."""
        items = self.contacts.page(sort="name", **query)["items"]
        return [item["name"]["full"] for item in items]


@pytest.fixture
def many(signed_in: Browser, contacts: ContactsClient) -> ManyOnPages:
    """Somebody who works with the table of contacts."""
    return ManyOnPages(signed_in, contacts)


def counts(page: str) -> list[str]:
    """Return the numbers that the page of an edit tells."""
    return re.findall(r'"datagrid-content">(\d+)<', page)


def test_rows_have_boxes_that_belong_to_the_form_below_them(many: ManyOnPages) -> None:
    """It goes with the rows of a search, too, and is not there where there is nothing to choose."""
    anna = many.add("Anna <b>")
    for headers in ({}, {"HX-Request": "true"}):
        page = many.browser.get("/contacts?q=anna", headers=headers).text
        assert f'form="many" name="contact_id" value="{anna}"' in page
        assert f'form="many" name="shown_id" value="{anna}"' in page
        assert 'action="/contacts/many?q=anna"' in page
        assert 'aria-label="Choose Anna &lt;b&gt;"' in page
    nobody = many.browser.get("/contacts?q=nobody").text
    assert 'id="many"' not in nobody


def test_who_may_only_read_has_no_boxes(many: ManyOnPages, workspace: Any) -> None:
    """Nor the form; what is sent all the same is refused."""
    from sqlalchemy import text

    from meishi.sdk.database import current_connection
    from meishi.testing.browsing import token_on

    anna = many.add("Anna")
    token = token_on(many.browser.get("/contacts/new"))
    with workspace.acting_as("identity"):
        current_connection().execute(text("UPDATE identity.membership SET role = 'viewer'"))
    page = many.browser.get("/contacts").text
    assert ('form="many"' in page, 'id="many"' in page) == (False, False)
    form = {"csrf_token": token, "whom": "ticked", "do": "delete", "contact_id": anna}
    for path in (MANY, START):
        assert many.browser.client.post(path, data=form).status_code == 403


def test_what_is_about_to_be_done_is_told_with_how_many(many: ManyOnPages) -> None:
    """The ticked ones, those that are shown, or all that the list or a search finds."""
    ids = [many.add(name, organisation="Lind") for name in ("Anna", "Bo <i>", "Cleo")]
    many.add("Other")
    ticked = many.choose(whom="ticked", do="delete", contact_id=ids[:2], shown_id=ids).text
    assert "2 contacts" in ticked
    assert "Bo &lt;i&gt;" in ticked
    assert "Delete 2 contacts" in ticked
    assert "3 contacts" in many.choose(whom="shown", do="delete", shown_id=ids).text
    for query in ("?filter[organisation][eq]=lind&sort=name&limit=2", "?q=lind"):
        asked = many.choose(query, whom="all", do="delete").text
        assert "Delete 3 contacts" in asked, query
        assert "Other" not in asked
    assert many.names() == ["Anna", "Bo <i>", "Cleo", "Other"]


def test_nobody_chosen_or_nothing_known_to_do(many: ManyOnPages) -> None:
    """Is said; what no form sends is a bad request."""
    anna = many.add("Anna")
    sent = many.choose("?q=anna", whom="ticked", do="delete")
    assert (sent.status_code, sent.location) == (303, "/contacts?q=anna")
    assert "Choose contacts first" in many.browser.get("/contacts").text
    for form in (
        {"do": "x", "contact_id": anna},
        {"do": "set.x", "contact_id": anna},
        {"do": "delete", "contact_id": "x"},
    ):
        assert many.choose(whom="ticked", **form).status_code == 400, form
    for do in ("add-tag", "set.kind", "visibility", "x"):
        form = {"do": do, "value": "x", "contact_id": anna}
        assert many.start(whom="ticked", **form).status_code == 400, do
    gone = many.start(whom="ticked", do="add-tag", value=UNKNOWN, contact_id=anna)
    assert (gone.status_code, "There is no such tag." in gone.text) == (422, True)
    assert many.browser.get(f"/contacts/edits/{UNKNOWN}").status_code == 404


def test_tags_and_lists_and_who_owns_them(many: ManyOnPages, workspace: Any) -> None:
    """What is chosen on the page is done to those that were ticked, or to all."""
    anna, bo = many.add("Anna"), many.add("Bo")
    tag, guests = many.make("/tags", name="VIP <b>"), many.make("/lists", name="Guests")
    offered = many.choose(whom="ticked", do="add-tag", contact_id=anna).text
    assert f'<option value="{tag}">VIP &lt;b&gt;</option>' in offered
    page = many.done(whom="ticked", do="add-tag", value=tag, contact_id=[anna])
    assert counts(page) == ["1", "1"]
    assert many.names(**{"filter[tag][in]": tag}) == ["Anna"]
    many.done(whom="all", do="add-list", value=guests)
    assert many.names(**{"filter[list][in]": guests}) == ["Anna", "Bo"]
    many.done(f"?filter[tag][in]={tag}", whom="all", do="remove-list", value=guests)
    assert many.names(**{"filter[list][in]": guests}) == ["Bo"]
    many.done(whom="all", do="remove-tag", value=tag)
    assert many.names(**{"filter[tag][in]": tag}) == []
    owner = str(workspace.owner_id)
    many.done(whom="all", do="owner", value=owner)
    many.done(whom="ticked", do="visibility", value="private", contact_id=[bo])
    assert many.contacts.get(bo)["visibility"] == "private"


def test_fields_are_set_and_emptied(many: ManyOnPages) -> None:
    """A text, a kind, a custom field of each type; what does not fit is said where it was typed."""
    anna = many.add("Anna", title="Boss")
    many.make("/custom-fields", key="size", title="Size", type="number")
    many.make("/custom-fields", key="met", title="Met", type="boolean")
    many.make("/custom-fields", key="mood", title="Mood", type="choice", choices=["a", "<b>"])
    assert "Change a field: Size" in many.browser.get("/contacts").text
    wrong = many.start(whom="ticked", do="set.custom.size", value="big", contact_id=anna)
    assert (wrong.status_code, "A number" in wrong.text, 'value="big"' in wrong.text) == (
        422, True, True,
    )  # fmt: skip
    mood = many.choose(whom="ticked", do="set.custom.mood", contact_id=anna).text
    assert '<option value="&lt;b&gt;">' in mood
    for do, value in (
        ("set.organisation", " Ek AB "),
        ("set.title", ""),
        ("set.kind", "org"),
        ("set.custom.size", "4"),
        ("set.custom.met", "true"),
        ("set.custom.mood", "<b>"),
    ):
        page = many.done(whom="ticked", do=do, value=value, contact_id=[anna])
        assert counts(page) == ["1", "1"], do
    shown = many.contacts.get(anna)
    assert (shown["organisation"], shown["title"], shown["kind"]) == ("Ek AB", None, "org")
    assert shown["custom"] == {"met": True, "mood": "<b>", "size": 4}


def test_deleted_ones_are_restored_from_their_list(many: ManyOnPages) -> None:
    """Nothing else is offered there; and what was passed over is told with its reason."""
    ids = [many.add(name) for name in ("Anna", "Bo")]
    page = many.done("?q=anna", whom="all", do="delete")
    assert (counts(page), many.names()) == (["1", "1"], ["Bo"])
    told = many.done(whom="ticked", do="delete", contact_id=[ids[0], ids[1]])
    assert counts(told) == ["2", "1", "1"]
    assert "Not there any more" in told
    deleted = "?filter[deleted][eq]=true"
    listed = many.browser.get(f"/contacts{deleted}").text
    assert ('value="restore"' in listed, 'value="delete"' in listed) == (True, False)
    assert f'form="many" name="contact_id" value="{ids[0]}"' in listed
    many.done(deleted, whom="shown", do="restore", shown_id=ids[:1])
    assert many.names() == ["Anna"]
    assert "Restore 1 contact" in many.choose(deleted, whom="all", do="restore").text
    many.done(deleted, whom="all", do="restore")
    assert many.names() == ["Anna", "Bo"]


def test_an_edit_is_stopped_on_its_page(many: ManyOnPages) -> None:
    """Nothing is done that has not begun, and the page says so."""
    many.add("Anna")
    many.contacts.register()
    path = many.start(whom="all", do="delete").location or ""
    piece = many.browser.get(path, headers={"HX-Request": "true"}).text
    assert ('id="edit-state"' in piece, "<html" in piece) == (True, False)
    assert many.browser.send(f"{path}/stop", page=path).location == path
    assert "It was stopped" in many.browser.get(path).text
    many.contacts.run_jobs()
    assert many.names() == ["Anna"]
    assert many.browser.send(f"{path}/stop", page="/contacts/new").status_code == 303


def test_chosen_ones_are_exported(many: ManyOnPages) -> None:
    """By their ids, which lists and exports take as a filter; or all that the list shows."""
    ids = [many.add(name) for name in ("Anna", "Bo", "Cleo")]
    many.make("/tags", name="x")
    sent = many.choose("?q=x", whom="ticked", do="export", contact_id=ids[:2])
    assert (sent.location or "").startswith("/exports?resource=crm_contacts.Contact&filter")
    page = many.browser.get(sent.location or "").text
    link = next(found for found in re.findall(r'href="(/api/v1/exports/[^"]+)"', page))
    answer = many.browser.get(link.replace("&amp;", "&"))
    file = answer.text
    answer.close()
    assert ("Anna" in file, "Bo" in file, "Cleo" in file) == (True, True, False)
    assert many.names(**{"filter[id][in]": f"{ids[2]},{UNKNOWN}"}) == ["Cleo"]
    every = many.choose("?q=anna&sort=name", whom="all", do="export").location or ""
    assert every == "/exports?resource=crm_contacts.Contact&q=anna&sort=name"
    kept = many.browser.get(f"/contacts?filter[id][in]={ids[0]},{ids[1]}").text
    assert "Chosen contacts: 2" in kept
    answer = many.contacts.client.get(
        CONTACTS, query_string={"filter[id][in]": "x"}, headers=many.contacts.headers
    )
    assert answer.status_code == 400
