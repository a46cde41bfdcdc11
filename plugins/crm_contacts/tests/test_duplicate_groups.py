"""Groups of duplicates and the scan of all contacts: over HTTP, and on pages with forms alone."""

from __future__ import annotations

import re

import pytest

from meishi.testing.browsing import Browser
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host

from .conftest import CONTACTS, ContactsClient
from .test_duplicates import ANNA, DuplicatesClient

GROUPS = "/contacts/duplicates/groups"


@pytest.fixture
def duplicates(
    contacts: ContactsClient, workspace: WorkspaceUnderTest, plugin_host: Host
) -> DuplicatesClient:
    """The duplicates of the workspace."""
    return DuplicatesClient(contacts, workspace, plugin_host)


def three(contacts: ContactsClient) -> list[str]:
    """Create a contact three times over, with other titles; return the ids."""
    return [contacts.create({**ANNA, "title": title})["id"] for title in ("<b>", "Boss", "Head")]


def told(contacts: ContactsClient) -> list[list[str]]:
    """Return the ids of the groups that the web API tells."""
    answer = contacts.client.get(f"{CONTACTS}/duplicates/groups", headers=contacts.headers)
    assert answer.status_code == 200, answer.text
    items = (answer.json or {})["items"]
    assert all(one["name"] == ANNA["name"]["full"] for item in items for one in item["contacts"])
    return [[one["id"] for one in item["contacts"]] for item in items]


def test_groups_are_told_and_merged_after_a_look(
    signed_in: Browser, contacts: ContactsClient, duplicates: DuplicatesClient
) -> None:
    """All into the eldest, with whose word was chosen; and then there is no group any more."""
    assert told(contacts) == []
    assert "No groups here" in signed_in.get(GROUPS).text
    ids = three(contacts)
    other = contacts.create({"name": {"full": "Bo Ek"}})["id"]
    assert len(duplicates.pairs()) == 3
    assert told(contacts) == [ids]
    path = f"/contacts/{ids[0]}/merge-group"
    link = f"{path}?with={ids[1]}&amp;with={ids[2]}"
    assert link in signed_in.get(GROUPS).text
    page = signed_in.get(link.replace("&amp;", "&"))
    assert page.status_code == 200
    assert "2 contacts are merged into" in page.text
    radios = re.findall(r'type="radio" name="field_title" value="([^"]+)"( checked)?', page.text)
    assert [found for found, _ in radios] == ids
    assert [found for found, checked in radios if checked] == ids[:1]
    assert "&lt;b&gt;" in page.text
    assert len(contacts.all()) == 4
    form = {"with": ids[1:], "field_title": ids[1]}
    sent = signed_in.send(path, form, page=link.replace("&amp;", "&"))
    assert sent.location == GROUPS
    left = {item["id"]: item for item in contacts.all()}
    assert left.keys() == {ids[0], other}
    assert left[ids[0]]["title"] == "Boss"
    assert told(contacts) == []


@pytest.mark.inside
def test_of_a_large_group_so_many_are_merged_at_once(
    signed_in: Browser,
    contacts: ContactsClient,
    duplicates: DuplicatesClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """As an address can name; the rest of it is a group again."""
    from crm_contacts.pages import duplicate_groups

    monkeypatch.setattr(duplicate_groups, "_MOST", 1)
    ids = three(contacts)
    assert len(duplicates.pairs()) == 3
    page = signed_in.get(GROUPS).text
    assert f'/merge-group?with={ids[1]}"' in page
    assert ids[2] not in page


def test_a_group_of_which_one_is_gone_is_not_merged(
    signed_in: Browser, contacts: ContactsClient, duplicates: DuplicatesClient
) -> None:
    """Nobody merges others than those that were shown; what is no id is not there either."""
    ids = three(contacts)
    assert len(duplicates.pairs()) == 3
    path = f"/contacts/{ids[0]}/merge-group"
    contacts.client.delete(f"{CONTACTS}/{ids[2]}", headers=contacts.headers | {"If-Match": "*"})
    assert told(contacts) == [ids[:2]]
    for named in (ids[1:], ["x"], [], [ids[0]]):
        sent = signed_in.send(path, {"with": named}, page="/contacts/new")
        assert sent.status_code == 404, named
    assert len(contacts.all()) == 2


def test_pairs_that_are_apart_are_in_no_group(
    contacts: ContactsClient, duplicates: DuplicatesClient
) -> None:
    """What somebody has dismissed keeps two apart."""
    ids = three(contacts)
    pairs = duplicates.pairs()
    apart = next(pair for pair in pairs if {one["id"] for one in pair["contacts"]} == set(ids[:2]))
    contacts.client.post(
        f"{CONTACTS}/duplicates/{apart['id']}/dismiss", headers=contacts.headers | {"If-Match": "*"}
    )
    [group] = told(contacts)
    assert not set(ids[:2]) <= set(group)


def test_who_may_only_read_sees_groups_and_merges_none(
    signed_in: Browser,
    contacts: ContactsClient,
    duplicates: DuplicatesClient,
    workspace: WorkspaceUnderTest,
) -> None:
    """The way to it is not shown, and refused."""
    from sqlalchemy import text

    from meishi.sdk.database import current_connection

    ids = three(contacts)
    assert len(duplicates.pairs()) == 3
    with workspace.acting_as("identity"):
        current_connection().execute(text("UPDATE identity.membership SET role = 'viewer'"))
    page = signed_in.get(GROUPS)
    assert (page.status_code, ids[0] in page.text, "merge-group" in page.text) == (
        200, True, False,
    )  # fmt: skip
    assert signed_in.get(f"/contacts/{ids[0]}/merge-group?with={ids[1]}").status_code == 403


def test_a_scan_is_followed_on_the_page(signed_in: Browser, contacts: ContactsClient) -> None:
    """As long as it runs the page asks again; then it says what was found, and when."""
    page = "/contacts/duplicates"
    assert "every 1s" not in signed_in.get(page).text
    three(contacts)
    contacts.register()
    signed_in.send(f"{page}/scan", page=page)
    shown = signed_in.get(page).text
    assert ("every 1s" in shown, f"{page}/scan/stop" in shown, f'"{page}/scan"' in shown) == (
        True, True, False,
    )  # fmt: skip
    headers = {"HX-Request": "true", "HX-Target": "scan-state"}
    piece = signed_in.get(page, headers=headers).text
    assert ('id="scan-state"' in piece, "<html" in piece) == (True, False)
    contacts.run_jobs()
    done = signed_in.get(page, headers=headers).text
    assert ("every 1s" in done, "3 contacts" in done, "3 pairs found" in done) == (
        False, True, True,
    )  # fmt: skip


def test_a_scan_is_stopped_on_the_page(signed_in: Browser, contacts: ContactsClient) -> None:
    """And the next one goes on."""
    page = "/contacts/duplicates"
    three(contacts)
    contacts.register()
    signed_in.send(f"{page}/scan", page=page)
    assert signed_in.send(f"{page}/scan/stop", page=page).location == page
    shown = signed_in.get(page).text
    assert ("did not come to its end" in shown, "every 1s" in shown) == (True, False)
    signed_in.send(f"{page}/scan", page=page)
    contacts.run_jobs()
    assert "3 pairs found" in signed_in.get(page).text
