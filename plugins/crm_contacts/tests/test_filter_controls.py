"""Controls for filters on the page of contacts, and segments that are changed there."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from meishi.testing.browsing import Browser

from .conftest import ContactsClient
from .test_kept_filters import FRAGMENT, chips_on
from .test_lists_and_segments import Groups, person
from .test_pages import NASTY, names_on

GROUPS = "/contacts/groups"


@pytest.fixture
def groups(contacts: ContactsClient) -> Groups:
    """The lists and segments of the workspace."""
    return Groups(contacts)


def form_on(page: str) -> tuple[dict[str, str], dict[str, str]]:
    """Return what the form of more filters keeps, and its controls with their values."""
    block = page.partition('id="more-filters"')[2].partition("</details>")[0]
    hidden = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', block)
    shown: dict[str, str] = {}
    for name, value in re.findall(
        r'<input class="form-control" id="[^"]*" name="([^"]*)"[^>]* value="([^"]*)"', block
    ):
        shown[name] = unescape(value)
    for name, options in re.findall(
        r'<select [^>]*name="([^"]*)">(.*?)</select>', block, re.DOTALL
    ):
        chosen = re.findall(r'value="([^"]*)" selected', options)
        shown[name] = unescape(chosen[0]) if chosen else ""
    labelled = set(re.findall(r'<label [^>]*for="([^"]*)"', block))
    ids = re.findall(r'<(?:select|input class)[^>]* id="([^"]*)"', block)
    assert labelled == set(ids)
    assert len(ids) == len(labelled)
    return {unescape(name): unescape(value) for name, value in hidden}, shown


def test_what_the_form_sends_is_what_it_shows(
    signed_in: Browser, contacts: ContactsClient, groups: Groups
) -> None:
    """Whom its controls choose the list shows; each stands in it as it was chosen, in words too."""
    groups.make("/custom-fields", key="score", title="Score", type="number")
    groups.make("/custom-fields", key="vip", title="VIP", type="boolean")
    groups.make("/custom-fields", key="size", title="Size", type="choice", choices=["S", "L"])
    groups.make("/custom-fields", key="hobby", title="Hobby", type="text")
    near = groups.make("/segments", name="Near", filter={"locality": {"prefix": "mal"}})
    guests = groups.make("/lists", name="Guests")
    anna = person(
        contacts, "Anna", organisation="Lind", birthday="1990-04-04",
        addresses=[{"locality": "Malmö", "country": "Sweden"}],
        emails=[{"address": "anna@example.com"}],
        custom={"score": 7, "vip": True, "size": "L", "hobby": "Chess"},
    )  # fmt: skip
    person(contacts, "Bo", addresses=[{"locality": "Malmö"}])
    groups.add(guests, anna)
    asked = {
        "filter[kind][eq]": ("individual", "Kind: a person"),
        "filter[organisation][prefix]": ("li", "Organisation begins with li"),
        "filter[locality][prefix]": ("malm", "Town begins with malm"),
        "filter[country][prefix]": ("SWE", "Country begins with SWE"),
        "filter[birthday][prefix]": ("--04", "Birthday: April"),
        "filter[list][in]": (guests["id"], "List: Guests"),
        "filter[segment][eq]": (near["id"], "Segment: Near"),
        "filter[email][empty]": ("false", "Email is there"),
        "filter[note][empty]": ("true", "Note is missing"),
        "filter[created_at][gte]": ("2020-01-31", "Added since Jan 31, 2020"),
        "filter[consent_sms][eq]": ("unknown", "Consent to SMS: not known"),
        "filter[visibility][eq]": ("workspace", "Who sees it: everybody in the workspace"),
        "filter[custom.score][gte]": ("6.5", "Score ≥ 6.5"),
        "filter[custom.vip][eq]": ("true", "VIP: Yes"),
        "filter[custom.size][eq]": ("L", "Size: L"),
        "filter[custom.hobby][prefix]": ("che", "Hobby begins with che"),
    }
    kept, empty = form_on(signed_in.get("/contacts?sort=-created_at&filter[name][prefix]=a").text)
    assert kept == {"sort": "-created_at", "filter[name][prefix]": "a"}
    assert asked.keys() <= empty.keys()
    assert not any(empty.values())
    sent = {**kept, **empty, **{name: value for name, (value, _) in asked.items()}}
    page = signed_in.get(f"/contacts?{urlencode(sent)}")
    assert page.status_code == 200
    assert names_on(page.text) == ["Anna"]
    assert form_on(page.text) == (
        kept, {**empty, **{name: value for name, (value, _) in asked.items()}}
    )  # fmt: skip
    chips = chips_on(page.text)
    for _, words in asked.values():
        assert any(chip.startswith(words) for chip in chips), (words, list(chips))
    assert re.search(r'id="more-filters"[^>]* open>', page.text)


def test_the_form_can_be_sent_however_many_fields_there_are(
    signed_in: Browser, groups: Groups
) -> None:
    """Its controls fit into an address, empty as they are; what has none is kept beside them."""
    for number in range(36):
        groups.make("/custom-fields", key=f"f{number:02}", title=f"F {number}", type="number")
    last = {"filter[custom.f35][lte]": "3"}
    kept, shown = form_on(signed_in.get(f"/contacts?{urlencode(last)}").text)
    assert kept == last
    assert "filter[custom.f00][gte]" in shown
    assert signed_in.get(f"/contacts?{urlencode(kept | shown)}").status_code == 200


def test_what_is_searched_goes_with_the_form(signed_in: Browser, contacts: ContactsClient) -> None:
    """Also what was typed since the page came, and what no control offers stays as it was."""
    person(contacts, "Anna")
    query = {"q": "anna", "filter[name][eq]": NASTY, "filter[list][in]": "a,b"}
    page = signed_in.get(f"/contacts?{urlencode(query)}").text
    kept, shown = form_on(page)
    assert kept == query
    assert not any(shown.values())
    assert "<script>alert" not in page
    piece = signed_in.get("/contacts?q=ann", headers=FRAGMENT).text
    assert re.search(r'id="contacts-beside" hx-swap-oob="true">\s*<input[^>]*value="ann"', piece)
    moment = {"filter[created_at][gte]": "2026-01-02T03:04:00Z"}
    page = signed_in.get(f"/contacts?{urlencode(moment)}").text
    assert form_on(page)[1]["filter[created_at][gte]"] == moment["filter[created_at][gte]"]


def test_segments_are_changed_on_pages(
    signed_in: Browser, contacts: ContactsClient, groups: Groups
) -> None:
    """Another name; its filters in the list, where they are changed and saved to it again."""
    person(contacts, "Anna", addresses=[{"locality": "Malmö"}])
    person(contacts, "Bo", addresses=[{"locality": "Oslo"}])
    near = groups.make("/segments", name="Near", filter={"locality": {"prefix": "mal"}})
    other = groups.make("/segments", name="Other", filter={"kind": {"eq": "org"}})
    path = f"/contacts/segments/{near['id']}"
    page = signed_in.get("/contacts/groups").text
    assert signed_in.send(path, {"name": "Close by"}, page=GROUPS).status_code == 303
    taken = signed_in.send(path, {"name": other["name"]}, page=GROUPS)
    assert taken.status_code == 409
    assert "This name is taken already." in taken.text
    addresses = [unescape(found) for found in re.findall(r'href="(/contacts\?[^"]*)"', page)]
    queries = [dict(parse_qsl(urlsplit(found).query)) for found in addresses]
    assert {"filter[locality][prefix]": "mal"} in queries
    changed = {"filter[locality][prefix]": "os", "filter[email][empty]": "true"}
    listed = signed_in.get(f"/contacts?{urlencode(changed)}").text
    assert f'<option value="{near["id"]}">Close by</option>' in listed
    save = f"/contacts/segments?{urlencode(changed)}"
    saved = signed_in.send(save, {"segment_id": near["id"]}, page=GROUPS)
    assert saved.status_code == 303
    assert groups.found("segment][eq", "close by") == ["Bo"]
    wrong = signed_in.send(
        f"/contacts/segments?{urlencode(changed)}", {"segment_id": "x"}, page=GROUPS
    )
    assert wrong.status_code == 400
