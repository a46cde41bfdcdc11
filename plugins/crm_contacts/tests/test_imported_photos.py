"""Photos that the cards of imports bring: taken behind the import, under the guard of uploads."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from flask.testing import FlaskClient

from crm_contacts.contract import Imports, PhotoChanged, PhotoIntakes
from meishi.sdk.context import service
from meishi.testing.browsing import Browser
from meishi.testing.events import PublishedEvents
from meishi.testing.fixtures import WorkspaceUnderTest
from meishi.testing.types import Host

from .albums import Album, photo_line, portrait
from .conftest import IMPORTS, OPERATIONS, ContactsClient, vcard
from .pictures import BLUE, jpeg_of_scans, picture, pixels, png_of_size, png_without_colours

SMALL = (40, 30)
RED_ONE, BLUE_ONE = picture(size=SMALL), picture(size=SMALL, colour=BLUE)
SIZES = ("full", "thumbnail")
#: More than a step takes.
MANY = 45


@pytest.fixture
def album(contacts: ContactsClient) -> Album:
    """The photos of the workspace."""
    return Album(contacts)


@pytest.fixture
def limits(plugin_host: Host, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Lets an operator set limits."""
    settings = plugin_host.plugins.contributions["crm_contacts"].settings

    def limit(**values: int) -> None:
        for name, value in values.items():
            monkeypatch.setitem(settings, name, value)

    return limit


def start(album: Album, import_id: str, status: int = 202) -> dict[str, Any]:
    """Ask for the photos of an import."""
    album.contacts.register()
    answer = album.send("POST", f"/imports/{import_id}/photos")
    assert answer.status_code == status, answer.text
    return dict(answer.json or {})


def test_faces_of_an_address_book_are_shown(
    contacts: ContactsClient, album: Album, published_events: PublishedEvents
) -> None:
    """Behind the import, by an operation of their own; the contacts do not change with it."""
    people = [portrait(f"P{n}", RED_ONE) for n in range(MANY)]
    found = contacts.upload("".join([*people, portrait("Nobody", None)]))
    known = album.intake(found["id"])
    assert album.counts(found["id"]) == {"found": MANY, "taken": MANY}
    operation = contacts.operation(known["operation_id"])
    assert (operation["kind"], operation["state"]) == ("crm_contacts.take_photos", "succeeded")
    assert operation["subject"] == f"{IMPORTS}/{found['id']}/photos"
    assert operation["progress"] == {"done": MANY, "total": MANY, "unit": "photos"}
    assert operation["result"]["taken"] == MANY
    colours = album.colours()
    assert (colours.pop("Nobody"), {*colours.values()}) == ("none", {"red"})
    told = [event for event in published_events() if isinstance(event, PhotoChanged)]
    assert len({event.contact_id for event in told}) == len(told) == MANY
    assert {item["version"] for item in contacts.all()} == {1}
    anna = album.ids()["P0"]
    photo = album.send("GET", f"/{anna}/photo").data
    assert (pixels(photo).size, pixels(photo).format) == (SMALL, "JPEG")


def test_an_import_without_photos_asks_for_nothing(contacts: ContactsClient, album: Album) -> None:
    """Nor does one whose photos stand at addresses: nobody is asked for them."""
    away = "PHOTO;VALUE=uri:http://127.0.0.1:9/anna.jpg"
    found = contacts.upload(vcard("FN:Anna", away) + vcard("FN:Bo", "PHOTO:https://x.example/b"))
    assert album.intake(found["id"])["operation_id"] is None
    assert album.counts(found["id"]) == {}
    assert {item["raw"][0]["value"] for item in contacts.all()} == {
        "http://127.0.0.1:9/anna.jpg", "https://x.example/b",
    }  # fmt: skip


def test_what_is_no_photo_is_counted_and_stops_no_other(
    contacts: ContactsClient, album: Album, limits: Callable[..., None]
) -> None:
    """The guard is that of uploads; what it refuses stays in the card, octet for octet."""
    bad = {
        "Text": b"no picture at all",
        "Cut": picture()[:2000],
        "Bomb": png_of_size(20_000, 20_000),
        "Colours": png_without_colours(),
        "Scans": jpeg_of_scans(60, size=SMALL),
        "Large": RED_ONE.ljust(3000, b"\0"),
    }
    broken = vcard("FN:Broken", "UID:Broken", "PHOTO;ENCODING=b;TYPE=JPEG:AAA=AA=A")
    cards = [portrait(name, photo) for name, photo in bad.items()]
    book = portrait("First", RED_ONE) + "".join(cards) + broken + portrait("Last", BLUE_ONE)
    limits(max_photo_bytes=2500)
    found = contacts.upload(book)
    assert album.counts(found["id"]) == {"found": 9, "taken": 2, "unfit": 7}
    assert album.colours() == {
        "First": "red", **dict.fromkeys(bad, "none"), "Broken": "none", "Last": "blue",
    }  # fmt: skip
    kept = {item["name"]["full"]: item["raw"][0]["value"] for item in contacts.all()}
    assert {name: b64decode(kept[name]) for name in bad} == bad


def test_what_photos_one_import_brings_has_a_limit(
    contacts: ContactsClient, album: Album, limits: Callable[..., None]
) -> None:
    """What would be beyond it stays in the cards, and is not even looked at."""
    limits(max_import_photo_bytes=5000)
    found = contacts.upload("".join(portrait(f"P{n}", RED_ONE) for n in range(MANY)))
    counts = album.counts(found["id"])
    assert counts["found"] == MANY == counts["taken"] + counts["beyond"]
    sizes = [
        sum(len(album.send("GET", f"/{item}/photo?size={size}").data) for size in SIZES)
        for item in album.ids().values()
        if album.colour(item) == "red"
    ]
    assert len(sizes) == counts["taken"] > 0
    assert sum(sizes) <= 5000 < sum(sizes) + sizes[0]
    limits(max_import_photo_bytes=0)
    other = contacts.upload(portrait("Last", BLUE_ONE))
    assert album.counts(other["id"]) == {"found": 1, "beyond": 1}


def test_a_photo_that_somebody_brought_stays(contacts: ContactsClient, album: Album) -> None:
    """An import fills what is empty, and replaces what an import has brought."""
    own = album.person("Own", picture(), uid="Own")
    bare = album.person("Bare", uid="Bare")
    found = contacts.upload(portrait("Own", BLUE_ONE) + portrait("Bare", RED_ONE))
    assert album.counts(found["id"]) == {"found": 2, "taken": 1, "kept": 1}
    assert album.colours() == {"Own": "red", "Bare": "red"}
    assert album.put(own, picture())["import_id"] is None
    again = contacts.upload(portrait("Own", None) + portrait("Bare", BLUE_ONE))
    assert album.counts(again["id"]) == {"found": 1, "taken": 1}
    assert album.colour(bare) == "blue"
    album.put(bare, picture())
    contacts.upload(portrait("Bare", picture(size=(20, 20), colour=BLUE)))
    assert album.colour(bare) == "red"


def test_what_somebody_took_away_does_not_come_back_with_the_same_card(
    contacts: ContactsClient, album: Album
) -> None:
    """The same file changes nothing; with another photo, the card has another thing to say."""
    book = portrait("Anna", RED_ONE)
    contacts.upload(book)
    anna = album.ids()["Anna"]
    before = contacts.get(anna)
    same = contacts.upload(book)
    assert (same["counts"]["unchanged"], album.counts(same["id"])) == (1, {})
    assert contacts.get(anna) == before
    assert album.send("DELETE", f"/{anna}/photo").status_code == 204
    assert album.counts(contacts.upload(book)["id"]) == {}
    more = contacts.upload(portrait("Anna", RED_ONE, "TITLE:Chair"))
    assert (more["counts"]["updated"], album.counts(more["id"])) == (1, {})
    assert album.colour(anna) == "none"
    contacts.upload(portrait("Anna", BLUE_ONE))
    assert album.colour(anna) == "blue"


@pytest.mark.parametrize("name", ["vcard", "vcard3", "jcard", "jscontact"])
def test_an_export_has_the_photo_as_it_was_and_comes_in_again_without_a_change(
    contacts: ContactsClient, album: Album, other_workspace: WorkspaceUnderTest, name: str
) -> None:
    """Octet for octet; elsewhere it becomes the photo of the contact, too."""
    contacts.upload(
        portrait("Anna", RED_ONE)
        + vcard("FN:Bo", "UID:Bo", f"PHOTO;BASE64;JPEG:{b64encode(RED_ONE).decode()}")
        + vcard("FN:Cy", "UID:Cy", "PHOTO:data:image/jpeg;base64," + b64encode(RED_ONE).decode())
        + vcard("FN:Di", "UID:Di", "PHOTO;VALUE=uri:https://x.example/d", photo_line(RED_ONE))
    )
    before = contacts.all()
    with contacts.client.get(
        f"/api/v1/exports/contacts-{name}", headers=contacts.headers
    ) as answer:
        file, media_type = answer.data, str(answer.mimetype)
    written = re.sub(r"\r?\n[ \t]", "", file.decode())
    assert written.count(b64encode(RED_ONE).decode()) == 4
    again = contacts.upload(file, media_type)
    assert (again["counts"]["unchanged"], album.counts(again["id"])) == (4, {})
    assert contacts.all() == before
    others = contacts.of(other_workspace)
    there = others.upload(file, media_type)
    assert Album(others).counts(there["id"]) == {"found": 4, "taken": 4}
    assert {*Album(others).colours().values()} == {"red"}
    assert others.upload(file, media_type)["counts"]["unchanged"] == 4


def test_a_card_has_the_photo_that_is_shown_before_others(
    contacts: ContactsClient, album: Album
) -> None:
    """What came first stays behind it, and nothing is lost."""
    contacts.upload(portrait("Anna", RED_ONE))
    contacts.upload(portrait("Anna", BLUE_ONE))
    anna = album.ids()["Anna"]
    with album.send("GET", f"/{anna}/vcard") as answer:
        text = answer.data.decode().replace("\r\n ", "")
    lines = re.findall(r"^PHOTO[^:]*:(.*)\r$", text, re.MULTILINE)
    assert [b64decode(line) for line in lines] == [BLUE_ONE, RED_ONE]
    album.contacts.patch({"id": anna}, {"raw": []})
    with album.send("GET", f"/{anna}/vcard") as answer:
        assert b"X-MEISHI-PHOTO" in answer.data
    assert album.colour(anna) == "blue"


def test_of_several_photos_the_preferred_one_is_taken(
    contacts: ContactsClient, album: Album
) -> None:
    """By either version's word for it; else the first that stands in the card."""
    red, blue = (b64encode(photo).decode() for photo in (RED_ONE, BLUE_ONE))
    cards = {
        "First": [f"PHOTO;ENCODING=b:{blue}", f"PHOTO;ENCODING=b:{red}"],
        "Said": [f"PHOTO;ENCODING=b:{red}", f"PHOTO;PREF=1;ENCODING=b:{blue}"],
        "Typed": [f"PHOTO;ENCODING=b:{red}", f"PHOTO;TYPE=JPEG,pref;ENCODING=b:{blue}"],
        "Inside": ["PHOTO;PREF=1;VALUE=uri:https://x.example/a", f"PHOTO;ENCODING=B:{blue}"],
    }
    contacts.upload("".join(vcard(f"FN:{name}", *lines) for name, lines in cards.items()))
    assert album.colours() == dict.fromkeys(cards, "blue")


def test_json_brings_photos_too(contacts: ContactsClient, album: Album) -> None:
    """In jCard and JSContact the picture is a URI."""
    uri = "data:image/jpeg;base64," + b64encode(RED_ONE).decode()
    jcard = [["vcard", [["version", {}, "text", "4.0"], ["fn", {}, "text", "Anna"],
              ["photo", {}, "uri", uri]]]]  # fmt: skip
    contacts.upload(json.dumps(jcard), "application/vcard+json")
    card = {"@type": "Card", "version": "1.0", "uid": "b", "name": {"full": "Bo"},
            "media": {"m1": {"kind": "photo", "uri": uri, "mediaType": "image/jpeg"}}}  # fmt: skip
    contacts.upload(json.dumps(card), "application/jscontact+json")
    assert album.colours() == {"Anna": "red", "Bo": "red"}


def test_photos_of_a_stopped_import_are_taken_when_somebody_asks(
    contacts: ContactsClient, album: Album, workspace: WorkspaceUnderTest, signed_in: Browser
) -> None:
    """They wait by themselves, and so do those of an operation that was cancelled."""
    found = contacts.send("".join(portrait(f"P{n}", RED_ONE) for n in range(3)) * 2)["id"]
    with workspace.acting_as("crm_contacts"):
        service(Imports).run(UUID(found), seconds=0)
    assert album.counts(found) == {"found": 3, "waiting": 3}
    first = start(album, found)
    assert start(album, found)["id"] == first["id"]
    cancelled = contacts.client.post(f"{OPERATIONS}/{first['id']}/cancel", headers=contacts.headers)
    assert cancelled.status_code == 200
    contacts.run_jobs()
    assert album.counts(found) == {"found": 3, "waiting": 3}
    page = signed_in.get(f"/contacts/import/{found}").text
    assert "Photos in the cards that nobody sees yet: 3" in page
    signed_in.send(f"/contacts/import/{found}/photos", page=f"/contacts/import/{found}")
    assert "Photos of the cards become photos" in signed_in.get(f"/contacts/import/{found}").text
    contacts.run_jobs()
    assert album.counts(found) == {"found": 3, "taken": 3}
    assert "Photos taken" in signed_in.get(f"/contacts/import/{found}").text


def test_photos_of_an_import_that_is_forgotten_stay_where_they_are(
    contacts: ContactsClient, album: Album, workspace: WorkspaceUnderTest
) -> None:
    """Those that were taken are shown, those that wait are not looked at any more."""
    found = contacts.send(portrait("Anna", RED_ONE))["id"]
    with workspace.acting_as("crm_contacts"):
        service(Imports).run(UUID(found))
    operation = start(album, found)
    assert album.send("DELETE", f"/imports/{found}").status_code == 204
    assert contacts.operation(operation["id"])["state"] == "cancelled"
    contacts.run_jobs()
    assert album.colours() == {"Anna": "none"}
    start(album, found, 404)


def test_others_see_nothing_of_it(
    contacts: ContactsClient, album: Album, other_workspace: WorkspaceUnderTest, client: FlaskClient
) -> None:
    """Neither the photos, nor what became of them."""
    found = contacts.upload(portrait("Anna", RED_ONE))["id"]
    others = Album(contacts.of(other_workspace, client))
    for method in ("GET", "POST"):
        assert others.send(method, f"/imports/{found}/photos").status_code == 404
    assert others.send("GET", f"/{album.ids()['Anna']}/photo").status_code == 404
    with other_workspace.acting_as("crm_contacts"), pytest.raises(Exception, match="no import"):
        service(PhotoIntakes).step(UUID(found))
