"""Histories as people read them in a browser, and put fields back with forms alone."""

from __future__ import annotations

import re

import pytest

from meishi.testing.browsing import Browser

from .conftest import ContactsClient
from .test_contact_history import ANNA, Histories

NASTY = "<script>alert('x')</script>"


@pytest.fixture
def histories(contacts: ContactsClient) -> Histories:
    """The histories of the workspace."""
    return Histories(contacts)


def test_the_page_of_a_contact_leads_to_what_became_of_it(
    signed_in: Browser, contacts: ContactsClient, histories: Histories
) -> None:
    """What is gone and what came, by field; nothing that somebody wrote is code."""
    histories.send("POST", "/custom-fields", json={"key": "a", "title": "Size", "type": "text"})
    anna = contacts.create(ANNA)["id"]
    assert f'href="/contacts/{anna}/history"' in signed_in.get(f"/contacts/{anna}").text
    mails = [*ANNA["emails"], {"address": "anna@home.example", "types": ["home"]}]
    histories.change(anna, emails=mails, title=NASTY, custom={"a": "Large"})
    histories.change(anna, name={"full": "Anna Berg", "family": "Berg"})
    page = signed_in.get(f"/contacts/{anna}/history")
    assert page.status_code == 200
    text = page.text
    assert NASTY not in text
    assert "&lt;script&gt;" in text
    rows = [" ".join(re.sub("<[^>]+>", " ", row).split()) for row in re.findall(
        r"<tr>(.*?)</tr>", text, re.DOTALL
    )]  # fmt: skip
    assert "Name Anna Ek Ek Anna Berg Berg" in rows
    assert "Email nothing anna@home.example (home)" in rows
    assert "Size nothing Large" in rows
    assert text.index("Anna Berg") < text.index("anna@home.example")
    assert text.count("data-confirm") == 2  # not for what was created
    only = signed_in.get(f"/contacts/{anna}/history?filter%5Bfield%5D%5Beq%5D=title").text
    assert "Only changes of: Title." in only
    assert "Berg</div>" not in only


def test_a_change_is_put_back_by_a_button(
    signed_in: Browser, contacts: ContactsClient, histories: Histories
) -> None:
    """What was changed again since is asked about first, and can be put back nevertheless."""
    anna = contacts.create(ANNA)["id"]
    histories.change(anna, title="Boss", role="Lead")
    [changed, _] = histories.of(anna)
    path, page = f"/contacts/{anna}/history/{changed['id']}/revert", f"/contacts/{anna}/history"
    histories.change(anna, title="Owner")
    asked = signed_in.send(path, {}, page=page)
    assert asked.status_code == 409
    assert "changed again since: Title" in asked.text
    assert asked.text.count("Put back nevertheless</button>") == 1
    assert histories.said(anna)["title"] == "Owner"
    sent = signed_in.send(path, {"fields": "title"}, page=page)
    assert (sent.status_code, sent.headers["Location"]) == (303, page)
    assert "Put back to what it was" in signed_in.get(page).text
    assert histories.said(anna)["title"] == "Architect"


def test_a_button_of_an_old_page_puts_nothing_back(
    signed_in: Browser, contacts: ContactsClient, histories: Histories
) -> None:
    """The version that was seen is gone: a message says so, and nothing is changed."""
    anna = contacts.create(ANNA)["id"]
    histories.change(anna, title="Boss")
    [changed, _] = histories.of(anna)
    histories.change(anna, note="Meanwhile")
    path, page = f"/contacts/{anna}/history/{changed['id']}/revert", f"/contacts/{anna}/history"
    assert signed_in.send(path, {"version": "2"}, page=page).status_code == 303
    assert histories.said(anna)["title"] == "Boss"
    assert "The resource is at version 3 now" in signed_in.get(page).text


@pytest.mark.parametrize("version", ["9" * 5_000, "newest"])
def test_a_version_that_there_cannot_be_puts_nothing_back(
    signed_in: Browser, contacts: ContactsClient, histories: Histories, version: str
) -> None:
    """Nor is it taken for the latest one, or for more than a number can be."""
    anna = contacts.create(ANNA)["id"]
    histories.change(anna, title="Boss")
    [changed, _] = histories.of(anna)
    path, page = f"/contacts/{anna}/history/{changed['id']}/revert", f"/contacts/{anna}/history"
    assert signed_in.send(path, {"version": version}, page=page).status_code == 303
    assert histories.said(anna)["title"] == "Boss"


def test_the_history_of_a_merged_contact_is_read_beside_that_of_the_other(
    signed_in: Browser, contacts: ContactsClient, histories: Histories
) -> None:
    """Its own address leads to the one that took it, which leads to its history."""
    anna = contacts.create(ANNA)["id"]
    twin = contacts.create({**ANNA, "name": {"full": "Anna Twin"}})["id"]
    histories.change(twin, role="Twin's role")
    histories.merge(anna, twin)
    moved = signed_in.get(f"/contacts/{twin}/history")
    assert (moved.status_code, moved.headers["Location"]) == (303, f"/contacts/{anna}/history")
    link = f"/contacts/{anna}/history?filter%5Bmerged%5D%5Beq%5D={twin}"
    assert f'href="{link}"' in signed_in.get(f"/contacts/{anna}/history").text
    page = signed_in.get(link).text
    assert "Twin&#39;s role" in page
    assert "data-confirm" not in page
