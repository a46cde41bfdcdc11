"""Filters of contacts by what is not a name: places, dates, jobs, and what is missing."""

from __future__ import annotations

from datetime import date
from typing import Any

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.contract import Link
from crm_contacts.filter_keys import FILLED, date_keys, site_key
from crm_contacts.models import CONTACT_LOOK_UPS
from meishi.testing.types import Location

from .albums import Album
from .conftest import CONTACTS, ContactsClient, ContactsPart, vcard
from .pictures import picture

ANNA: dict[str, Any] = {
    "name": {"full": "Anna Lindqvist", "given": "Anna", "family": "Lindqvist"},
    "nicknames": ["Ann"],
    "organisation": "Lindqvist Arkitekter",
    "units": ["Façades"],
    "title": "Architect",
    "role": "Förman",
    "birthday": "1990-04-04",
    "note": "Met at the fair.",
    "emails": [{"address": "anna@example.com"}],
    "phones": [{"number": "+46701234507"}],
    "links": [{"url": "https://www.Example.com/Anna/"}],
    "addresses": [
        {
            "street": "Storgatan 1", "locality": "Malmö", "region": "Skåne",
            "postal_code": "211 34", "country": "Sweden",
        },
        {"locality": "København", "country": "Denmark"},
    ],
    "positions": [
        {"organisation": "Lindqvist Arkitekter", "title": "Architect", "current": True},
        {"organisation": "Ågren & Co", "title": "Trainee", "end_date": "2019"},
    ],
}  # fmt: skip
BO: dict[str, Any] = {
    "name": {"full": "Bo"},
    "birthday": "--0404",
    "links": [{"url": "http://example.com/bo"}],
    "addresses": [{"locality": "malmo", "country": "Denmark"}],
}
CY: dict[str, Any] = {"name": {"full": "Cy"}, "birthday": "19851224T00:00:00Z"}
DI: dict[str, Any] = {"name": {"full": "Di"}, "birthday": "in spring"}


def found(contacts: ContactsClient, *filters: tuple[str, str], **query: Any) -> str:
    """Return the initials of whom filters show; the count is the same, and so in other orders."""
    asked = {f"filter[{name}": value for name, value in filters}
    page = contacts.page(**asked, total=True, **query)
    names = sorted(item["name"]["full"][0] for item in page["items"])
    assert page["total"] == len(names)
    for sort in ("name", "-created_at", "organisation,name"):
        other = contacts.page(**asked, **query | {"sort": sort})
        assert sorted(item["name"]["full"][0] for item in other["items"]) == names, sort
    return "".join(names)


@pytest.fixture
def people(contacts: ContactsClient) -> dict[str, dict[str, Any]]:
    """Four people, of whom the first has everything, by their initials."""
    return {item["name"]["full"][0]: contacts.create(item) for item in (ANNA, BO, CY, DI)}


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("locality][eq]", "MALMÖ", "AB"),
        ("locality][prefix]", "mal", "AB"),
        ("locality][prefix]", "KØBEN", "A"),
        ("region][eq]", "skane", "A"),
        ("postal_code][prefix]", "211", "A"),
        ("country][eq]", "denmark", "AB"),
        ("street][prefix]", "storg", "A"),
        ("street][eq]", "storg", ""),
        ("link][eq]", "example.com/anna/", "A"),
        ("link][eq]", "HTTP://www.example.com/bo", "B"),
        ("link][prefix]", "https://example.com/", "AB"),
        ("role][eq]", "forman", "A"),
        ("role][prefix]", "F", "A"),
        ("past_organisation][eq]", "agren & co", "A"),
        ("past_organisation][prefix]", "lind", ""),
        ("past_title][prefix]", "train", "A"),
        ("birthday][eq]", "1990-04-04", "A"),
        ("birthday][eq]", "--04-04", "AB"),
        ("birthday][prefix]", "1990", "A"),
        ("birthday][prefix]", "--04", "AB"),
        ("birthday][prefix]", "--12", "C"),
        ("birthday][lt]", "1990-04-04", "C"),
        ("birthday][lte]", "1990", "AC"),
        ("birthday][gt]", "1985", "A"),
        ("birthday][gte]", "1985", "AC"),
        ("birthday][gt]", "--04-04", "C"),
        ("birthday][lte]", "--04", "AB"),
        ("visibility][eq]", "workspace", "ABCD"),
        ("visibility][eq]", "private", ""),
        ("photo][empty]", "false", ""),
        ("birthday][empty]", "true", ""),
        ("birthday][empty]", "false", "ABCD"),
        ("uid][empty]", "true", "ABCD"),
    ],
)
def test_contacts_are_filtered_by(
    contacts: ContactsClient, people: object, name: str, value: str, expected: str
) -> None:
    """Whatever the case and the accents, of one of several addresses, links and former jobs."""
    assert people
    assert found(contacts, (name, value)) == expected


@pytest.mark.parametrize(
    "name",
    [
        *("given_name", "family_name", "nickname", "note", "organisation", "unit", "title"),
        *("role", "past_organisation", "past_title", "email", "phone", "street", "region"),
        "postal_code",
    ],
)
def test_what_is_missing_is_found(contacts: ContactsClient, people: object, name: str) -> None:
    """Of each field there are those who have something, and those who have nothing."""
    assert people
    assert found(contacts, (f"{name}][empty]", "false")) == "A"
    assert found(contacts, (f"{name}][empty]", "true")) == "BCD"
    assert found(contacts, (f"{name}][empty]", "true"), ("link][empty]", "false")) == "B"


def test_parts_of_an_address_are_those_of_one(contacts: ContactsClient, people: object) -> None:
    """Who lives in one town and works in another country is not found by both together."""
    assert people
    asked = (("locality][eq]", "malmö"), ("country][eq]", "Denmark"))
    assert found(contacts, *asked) == "B"
    assert found(contacts, *asked, ("address][empty]", "false")) == "B"
    within = (("birthday][gte]", "--04-01"), ("birthday][lte]", "--04-30"))
    assert found(contacts, *within) == "AB"


def test_filters_follow_what_contacts_become(
    contacts: ContactsClient, people: dict[str, dict[str, Any]]
) -> None:
    """A change, one taken back, a merge, a deletion and a restoration find what is there then."""
    anna, bo = people["A"], people["B"]
    moved = {"addresses": [{"locality": "Oslo"}], "role": None, "birthday": "2001", "note": None}
    contacts.patch(anna, moved | {"positions": [], "links": []})
    for name, value in (
        ("role][empty]", "false"),
        ("past_title][eq]", "trainee"),
        ("locality][eq]", "københavn"),
        ("birthday][eq]", "1990-04-04"),
        ("link][eq]", "example.com/anna"),
        ("note][empty]", "false"),
    ):
        assert found(contacts, (name, value)) == "", name
    assert found(contacts, ("locality][eq]", "oslo")) == "A"
    assert found(contacts, ("link][empty]", "false")) == "B"
    part = ContactsPart(contacts)
    merged = part.send(
        "POST", f"/{anna['id']}/merge", json={"merged_ids": [bo["id"]]}, headers={"If-Match": "*"}
    )
    assert merged.status_code == 200, merged.text
    assert found(contacts, ("locality][eq]", "malmö")) == "A"
    assert found(contacts, ("link][empty]", "false")) == "A"
    gone = part.send("DELETE", f"/{anna['id']}", headers={"If-Match": "*"})
    assert gone.status_code == 204
    assert found(contacts, ("locality][eq]", "oslo")) == ""
    assert found(contacts, ("locality][eq]", "oslo"), ("deleted][eq]", "true")) == "A"
    assert found(contacts, ("link][empty]", "false"), ("deleted][eq]", "true")) == "AB"
    restored = part.send("POST", f"/{anna['id']}/restore")
    assert restored.status_code == 200, restored.text
    assert found(contacts, ("country][empty]", "false")) == "A"


def test_private_contacts_are_found_as_such(
    contacts: ContactsClient, people: dict[str, dict[str, Any]]
) -> None:
    """By who sees them, beside whatever else is asked."""
    path = f"/{people['A']['id']}/sharing"
    kept = ContactsPart(contacts).send(
        "PUT",
        path,
        json={"visibility": "private", "owner_id": people["A"]["owner_id"]},
        headers={"If-Match": "*"},
    )
    assert kept.status_code == 200, kept.text
    assert found(contacts, ("visibility][eq]", "private")) == "A"
    assert found(contacts, ("visibility][eq]", "workspace")) == "BCD"
    assert found(contacts, ("visibility][eq]", "private"), ("locality][eq]", "malmö")) == "A"


def test_custom_fields_that_are_missing_are_found(contacts: ContactsClient) -> None:
    """Who has no value of a field, and who has any."""
    part = ContactsPart(contacts)
    document = {"key": "score", "title": "Score", "type": "number"}
    assert part.send("POST", "/custom-fields", json=document).status_code == 201
    contacts.create({"name": {"full": "Anna"}, "custom": {"score": 0}})
    contacts.create({"name": {"full": "Bo"}})
    assert found(contacts, ("custom.score][empty]", "false")) == "A"
    assert found(contacts, ("custom.score][empty]", "true")) == "B"
    assert found(contacts, ("custom.score][empty]", "true"), q="bo") == "B"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("birthday][eq]", "spring"),
        ("birthday][lt]", "04-04"),
        ("email][empty]", "perhaps"),
        ("custom.none][empty]", "true"),
        ("name][empty]", "true"),
        ("photo][empty]", "true"),
        ("visibility][eq]", "hidden"),
        ("nickname][eq]", "Ann"),
        ("created_at][gte]", "0001-01-01T00:00:00+14:00"),
        ("updated_at][lt]", "9999-12-31T23:59:59-14:00"),
    ],
)
def test_wrong_filters_are_told(contacts: ContactsClient, name: str, value: str) -> None:
    """What a field is not compared by, or no date, is a problem."""
    answer = contacts.client.get(
        CONTACTS, query_string={f"filter[{name}": value}, headers=contacts.headers
    )
    assert answer.status_code == 400, answer.text
    assert answer.content_type == "application/problem+json"


def test_segments_ask_for_what_is_missing(contacts: ContactsClient, people: object) -> None:
    """The filters are those of the list."""
    assert people
    document = {
        "name": "Northerners",
        "filter": {"email": {"empty": "true"}, "locality": {"prefix": "mal"}},
    }
    made = ContactsPart(contacts).send("POST", "/segments", json=document)
    assert made.status_code == 201, made.text
    assert found(contacts, ("segment][eq]", "northerners")) == "B"


def test_imported_contacts_are_found_like_created_ones(contacts: ContactsClient) -> None:
    """Also those that an import changes, and whom a merge is taken back from."""
    card = vcard(
        "FN:Anna", "N:;Anna;;;", "UID:anna", "ROLE:Förman", "BDAY:1990-04-04",
        "URL:https://www.example.com/anna", "ADR:;;Storgatan 1;Malmö;Skåne;211 34;Sweden",
        "EMAIL:anna@example.com",
    )  # fmt: skip
    asked = (
        ("role][eq]", "forman"),
        ("birthday][eq]", "--04-04"),
        ("link][prefix]", "example.com"),
        ("locality][eq]", "malmo"),
        ("email][empty]", "false"),
        ("postal_code][empty]", "false"),
    )
    contacts.upload(card)
    for item in asked:
        assert found(contacts, item) == "A", item
    contacts.upload(card.replace("BDAY", "NICKNAME:Ann\r\nBDAY"))
    assert found(contacts, ("nickname][empty]", "false")) == "A"
    (anna,) = contacts.all()
    bo = contacts.create({"name": {"full": "Bo"}, "phones": [{"number": "+46701234507"}]})
    part = ContactsPart(contacts)
    merged = part.send(
        "POST", f"/{anna['id']}/merge", json={"merged_ids": [bo["id"]]}, headers={"If-Match": "*"}
    )
    assert merged.status_code == 200, merged.text
    assert found(contacts, ("phone][empty]", "false")) == "A"
    back = part.send("POST", f"/{bo['id']}/unmerge")
    assert back.status_code == 200, back.text
    assert found(contacts, ("phone][empty]", "false")) == "B"
    assert found(contacts, ("phone][empty]", "true")) == "A"


def test_nothing_of_purged_contacts_is_filtered(
    contacts: ContactsClient, people: dict[str, dict[str, Any]], plugin_database: Location
) -> None:
    """What they were looked up by is gone with what they said."""
    anna = people["A"]["id"]
    part = ContactsPart(contacts)
    assert part.send("DELETE", f"/{anna}", headers={"If-Match": "*"}).status_code == 204
    assert part.send("POST", f"/{anna}/purge").status_code == 204
    columns = ", ".join(f"c.{name}" for name in (*CONTACT_LOOK_UPS, *FILLED))
    assert plugin_database.admin_url is not None
    with psycopg.connect(plugin_database.admin_url) as admin:
        statement = f"SELECT {columns} FROM crm_contacts.contact c WHERE id = %s"
        kept = admin.execute(statement.encode(), [anna]).fetchone()
    assert kept == (*(None for _ in CONTACT_LOOK_UPS), *(0 for _ in FILLED))


def test_photos_are_found(contacts: ContactsClient, people: dict[str, dict[str, Any]]) -> None:
    """Who has one is found, and not any more once it is taken away."""
    path = f"/{people['B']['id']}/photo"
    brought = Album(contacts).bring(people["B"]["id"], picture())
    assert brought.status_code == 200, brought.text
    assert found(contacts, ("photo][empty]", "false")) == "B"
    gone = ContactsPart(contacts).send("DELETE", path)
    assert gone.status_code == 204, gone.text
    assert found(contacts, ("photo][empty]", "false")) == ""


@given(st.dates(min_value=date(1000, 1, 1)), st.dates(min_value=date(1000, 1, 1)))
def test_dates_compare_as_their_keys_do(one: date, other: date) -> None:
    """Written either way they have one key, and those of days of any year sort as these do."""
    keys, others = date_keys(one.isoformat()), date_keys(f"{other:%Y%m%d}")
    assert others == date_keys(f"{other.isoformat()}T12:00:00")
    assert keys.date is not None
    assert others.date is not None
    assert (keys.date < others.date) == (one < other)
    assert keys.day == date_keys(f"{one:--%m%d}").day == date_keys(f"{one:--%m-%d}").day
    assert keys.day is not None
    assert others.day is not None
    assert (keys.day < others.day) == ((one.month, one.day) < (other.month, other.day))


@given(st.text(max_size=30))
def test_keys_of_any_text_are_made(written: str) -> None:
    """No text is refused; the scheme of a link makes no difference."""
    date_keys(written)
    host = f"example.com/{written.strip()}"
    assert site_key(Link(url=f"https://www.{host}")) == site_key(Link(url=f"http://{host}"))
