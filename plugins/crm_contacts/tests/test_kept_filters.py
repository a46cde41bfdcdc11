"""Filters of the list of contacts that no control of its form has: they hold, and are seen."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest

from meishi.testing.browsing import Browser

from .conftest import ContactsClient
from .test_lists_and_segments import Groups, person
from .test_pages import NASTY, names_on

FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def groups(contacts: ContactsClient) -> Groups:
    """The lists and segments of the workspace."""
    return Groups(contacts)


def kept_on(page: str) -> dict[str, str]:
    """Return the hidden fields of the form of the list, by their names."""
    block = page.partition('id="contacts-kept"')[2].partition("</div>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', block)
    return {unescape(name): unescape(value) for name, value in found}


def chips_on(page: str) -> dict[str, dict[str, str]]:
    """Return the filters that a page names, each with the query of the list without it."""
    block = page.partition('id="contacts-kept"')[2].partition("</div>")[0]
    found: dict[str, dict[str, str]] = {}
    for address, words in re.findall(r'<a [^>]*href="([^"]*)"[^>]*>(.*?)</a>', block, re.DOTALL):
        said = re.sub(r"<span.*?</span>", "", words, flags=re.DOTALL)
        query = urlsplit(unescape(address)).query
        found[" ".join(unescape(said).split())] = dict(parse_qsl(query))
    return found


def selected_on(page: str, name: str) -> tuple[str, str]:
    """Return value and words of what a control has chosen."""
    options = page.partition(f'id="contacts-{name}"')[2].partition("</select>")[0]
    ((value, words),) = re.findall(r'<option value="([^"]*)" selected>([^<]*)</option>', options)
    return value, words


def test_a_list_of_contacts_stays_what_is_searched(
    signed_in: Browser, contacts: ContactsClient, groups: Groups
) -> None:
    """Another order, a tag or words narrow the list that one came to, not all contacts."""
    anna, alma = person(contacts, "Anna"), person(contacts, "Alma")
    person(contacts, "Ada")
    guests = groups.make("/lists", name="Guests <b>")
    groups.add(guests, anna, alma)
    asked = {"filter[list][in]": guests["id"]}
    page = signed_in.get(f"/contacts?{urlencode(asked)}").text
    assert kept_on(page) == asked
    assert chips_on(page) == {"List: Guests <b>": {}}
    assert "hx-swap-oob" not in page
    sent = urlencode({"q": "a", "sort": "-created_at", **kept_on(page)})
    for headers in ({}, FRAGMENT):
        searched = signed_in.get(f"/contacts?{sent}", headers=headers).text
        assert sorted(names_on(searched)) == ["Alma", "Anna"]
        assert kept_on(searched) == asked
        without = {"q": "a", "sort": "-created_at"}
        assert chips_on(searched) == {"List: Guests <b>": without}
    piece = signed_in.get(f"/contacts?{sent}", headers=FRAGMENT).text
    assert piece.count('id="contacts-kept"') == 1
    assert re.search(r'id="contacts-kept"[^>]* hx-swap-oob="true"', piece)


def test_rows_that_follow_bring_no_filters_along(
    signed_in: Browser, contacts: ContactsClient
) -> None:
    """They are put behind those that are there, in the page that has the filters already."""
    for number in range(3):
        person(contacts, f"Anna {number}")
    page = signed_in.get("/contacts?filter[name][prefix]=anna&limit=2").text
    (following,) = re.findall(r'hx-get="(/contacts\?[^"]*after=[^"]*)"', page)
    rest = signed_in.get(unescape(following), headers=FRAGMENT).text
    assert (names_on(rest), "contacts-kept" in rest) == (["Anna 2"], False)


def test_filters_are_said_in_words(
    signed_in: Browser, contacts: ContactsClient, groups: Groups
) -> None:
    """Whatever an address asks for can be read, and taken away by itself."""
    groups.make("/custom-fields", key="score", title="Score", type="number")
    groups.make("/custom-fields", key="vip", title="VIP", type="boolean")
    groups.make("/custom-fields", key="since", title="Customer", type="date")
    one, two = (groups.make("/tags", name=name)["id"] for name in ("One", "Two"))
    near = groups.make("/segments", name="Near", filter={"organisation": {"prefix": "lind"}})
    gone = groups.make("/lists", name="Gone")["id"]
    groups.send("DELETE", f"/lists/{gone}", headers={"If-Match": "*"})
    asked = {
        "filter[kind][eq]": ("org", "Kind: an organisation"),
        "filter[organisation][prefix]": (NASTY, f"Organisation begins with {NASTY}"),
        "filter[email][eq]": ("a@x.example", "Email: a@x.example"),
        "filter[created_at][gte]": ("2026-01-02T03:04:00Z", "Added since Jan 2, 2026, 3:04"),
        "filter[updated_at][lt]": ("2036-01-02T03:04:00Z", "Changed before Jan 2, 2036, 3:04"),
        "filter[tag][all]": (f"{one},two", "Tag: One and two"),
        "filter[tag][none]": (f"{one}, {two}", "Tag: not One or Two"),
        "filter[list][in]": (gone, "List: one that is gone"),
        "filter[segment][eq]": (near["id"], "Segment: Near"),
        "filter[consent_email][eq]": ("granted", "Consent to email: granted"),
        "filter[custom.score][gte]": ("7", "Score ≥ 7"),
        "filter[custom.vip][eq]": ("true", "VIP: Yes"),
        "filter[custom.since][lte]": ("2026-05-01", "Customer until 2026-05-01"),
    }
    query = {name: value for name, (value, _) in asked.items()}
    page = signed_in.get(f"/contacts?{urlencode({'sort': 'name', **query})}")
    assert page.status_code == 200
    assert kept_on(page.text) == query
    chips = chips_on(page.text)
    assert len(chips) == len(asked)
    for name, (_, words) in asked.items():
        (said,) = [chip for chip in chips if chip.replace("\u202f", " ").startswith(words)]
        rest = {"sort": "name", **query}
        del rest[name]
        assert chips[said] == rest
    assert "<script>alert" not in page.text


def test_what_a_control_shows_is_kept_by_it_alone(
    signed_in: Browser, contacts: ContactsClient, groups: Groups
) -> None:
    """Also a tag by its name, several of them, and an order that the form does not offer."""
    person(contacts, "Anna", tags=["VIP"])
    person(contacts, "Bo", tags=["Press"])
    ids = {item["name"]: item["id"] for item in (groups.send("GET", "/tags").json or {})["items"]}
    for written, value, words in (
        (ids["VIP"], ids["VIP"], "VIP"),
        ("vip", ids["VIP"], "VIP"),
        (f"{ids['VIP']},press", f"{ids['VIP']},press", "VIP or press"),
    ):
        query = {"filter[tag][in]": written, "filter[owner][eq]": "none", "sort": "-name"}
        page = signed_in.get(f"/contacts?{urlencode(query)}").text
        assert selected_on(page, "tag") == (value, words)
        assert selected_on(page, "sort") == ("-name", "Another order")
        assert (kept_on(page), chips_on(page)) == ({}, {})
    deleted = signed_in.get("/contacts?filter[deleted][eq]=1").text
    assert re.search(r'id="contacts-deleted"[^>]* checked>', deleted)
    assert kept_on(deleted) == {}


def test_a_filter_by_a_tag_holds_where_no_tag_can_be_chosen(signed_in: Browser) -> None:
    """Without any tag the form has no control for them."""
    page = signed_in.get("/contacts?filter[tag][in]=vip").text
    assert kept_on(page) == {"filter[tag][in]": "vip"}
    assert chips_on(page) == {"Tag: vip": {}}
