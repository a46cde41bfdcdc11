"""Photos of contacts: brought, shown, followed through merges, in cards, and erased."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from io import BytesIO
from uuid import UUID

import pytest
from flask.testing import FlaskClient
from werkzeug.datastructures import FileStorage
from werkzeug.test import TestResponse, encode_multipart

from crm_contacts.contract import PhotoChanged
from meishi.testing.browsing import Browser, token_on
from meishi.testing.events import PublishedEvents
from meishi.testing.fixtures import WorkspaceUnderTest

from .albums import Album
from .conftest import ContactsClient
from .pictures import BLUE, picture, pixels, png_of_size

UNKNOWN = "01939d2c-5f6e-7a1b-8c3d-4e5f60718293"
HTML = b"<!doctype html><script>alert(1)</script>"


@pytest.fixture
def album(contacts: ContactsClient) -> Album:
    """The photos of the workspace."""
    return Album(contacts)


def in_card(card: bytes) -> bytes:
    """Return the photo in a vCard of version 3.0."""
    text = card.decode().replace("\r\n ", "")
    (line,) = re.findall(r"^PHOTO[^:]*:(.*)\r$", text, re.MULTILINE)
    return b64decode(line)


def test_a_photo_is_brought_shown_replaced_and_taken_away(
    contacts: ContactsClient, album: Album, published_events: PublishedEvents
) -> None:
    """It is a small JPEG, whatever was brought; who has it already is told so."""
    anna = album.person()
    assert album.send("GET", f"/{anna}/photo").status_code == 404
    known = album.put(anna, picture("PNG"))
    assert (known["contact_id"], known["media_type"], known["width"], known["height"]) == (
        anna, "image/jpeg", 512, 384,
    )  # fmt: skip
    answer = album.send("GET", f"/{anna}/photo")
    assert (answer.content_type, len(answer.data)) == ("image/jpeg", known["size"])
    assert answer.headers["Cache-Control"] == "private, max-age=0"
    again = {"If-None-Match": answer.headers["ETag"]}
    assert album.send("GET", f"/{anna}/photo", headers=again).status_code == 304
    small = album.send("GET", f"/{anna}/photo?size=thumbnail", headers=again)
    assert (small.status_code, pixels(small.data).size) == (200, (96, 72))
    assert album.send("GET", f"/{anna}/photo?size=huge").status_code == 400
    other = album.put(anna, picture(colour=BLUE))
    assert other["digest"] != known["digest"]
    assert album.send("GET", f"/{anna}/photo", headers=again).status_code == 200
    assert album.colour(anna) == "blue"
    assert album.send("DELETE", f"/{anna}/photo").status_code == 204
    assert album.send("DELETE", f"/{anna}/photo").status_code == 404
    assert album.colour(anna) == "none"
    told = [event for event in published_events() if isinstance(event, PhotoChanged)]
    assert [str(event.contact_id) for event in told] == [anna] * 3
    assert contacts.get(anna)["version"] == 1


@pytest.mark.parametrize(
    ("file", "code"),
    [
        (b"", "not-a-photo"),
        (HTML, "not-a-photo"),
        (b"<svg/>", "not-a-photo"),
        (picture()[:2000], "broken"),
        (png_of_size(20_000, 20_000), "too-many-pixels"),
    ],
    ids=["empty", "html", "svg", "cut", "bomb"],
)
def test_what_is_no_photo_changes_nothing(album: Album, file: bytes, code: str) -> None:
    """Whatever it is called; the problem says what is wrong, and the photo stays as it was."""
    anna = album.person(photo=picture())
    for media_type in ("image/png", "application/octet-stream"):
        answer = album.bring(anna, file, media_type)
        problem = answer.json or {}
        assert (answer.status_code, problem["type"]) == (422, "urn:meishi:problem:invalid-photo")
        assert [error["code"] for error in problem["errors"]] == [code]
    assert album.colour(anna) == "red"
    assert album.bring(anna, picture(), "text/html").status_code == 415


def test_a_photo_has_so_many_octets(album: Album, signed_in: Browser) -> None:
    """As many as the operator has set, over HTTP and in the form; what is larger is refused."""
    file = picture().ljust(5 * 1024 * 1024, b"\0")
    anna = album.person(photo=file)
    answer = album.bring(anna, picture(colour=BLUE).ljust(len(file) + 1, b"\0"))
    assert (answer.status_code, (answer.json or {})["type"]) == (
        413, "urn:meishi:problem:photo-too-large",
    )  # fmt: skip
    path = f"/contacts/{anna}"
    boundary, body = encode_multipart(
        {
            "csrf_token": token_on(signed_in.get(path)),
            "photo": FileStorage(BytesIO(file + b"\0"), "me.jpg"),
        }
    )
    signed_in.client.post(
        f"{path}/photo", data=body, content_type=f"multipart/form-data; boundary={boundary}"
    )
    assert "octets at most" in signed_in.get(path).text
    assert album.colour(anna) == "red"


def test_photos_are_of_contacts_that_are_there(
    album: Album, contacts: ContactsClient, other_workspace: WorkspaceUnderTest, client: FlaskClient
) -> None:
    """Those of deleted contacts are back with them; those of others are not there at all."""
    anna = album.person(photo=picture())
    others = Album(contacts.of(other_workspace, client))
    for method in ("GET", "DELETE"):
        assert others.send(method, f"/{anna}/photo").status_code == 404
    assert others.bring(anna, picture()).status_code == 404
    assert album.bring(UNKNOWN, picture()).status_code == 404
    album.send("DELETE", f"/{anna}", headers={"If-Match": "*"})
    assert album.colour(anna) == "none"
    assert album.bring(anna, picture(colour=BLUE)).status_code == 404
    assert album.send("DELETE", f"/{anna}/photo").status_code == 404
    album.send("POST", f"/{anna}/restore")
    assert album.colour(anna) == "red"


def test_a_photo_follows_a_merge_and_comes_back(album: Album) -> None:
    """The contact that stays keeps its own; else it takes one, and gives it back."""
    own, none = album.person("A", picture()), album.person("B")
    blue, red = album.person("C", picture(colour=BLUE)), album.person("D", picture())

    def unmerge(source: str) -> None:
        assert album.send("POST", f"/{source}/unmerge").status_code == 200

    def previewed(target: str, *sources: str) -> str | None:
        """Whose photo a merge would leave."""
        answer = album.send("POST", f"/{target}/merge/preview", json={"merged_ids": sources})
        found: str | None = answer.json["photo_of"]  # type: ignore[index]
        return found

    assert previewed(own, blue) == own
    assert previewed(none, blue, red) == blue
    assert previewed(none, album.person("E"), red) == red
    assert previewed(none, album.person("F")) is None
    album.send("POST", f"/{own}/merge", json={"merged_ids": [blue]})
    assert album.colour(own) == "red"
    unmerge(blue)
    assert (album.colour(own), album.colour(blue)) == ("red", "blue")
    album.send("POST", f"/{none}/merge", json={"merged_ids": [blue]})
    album.send("POST", f"/{none}/merge", json={"merged_ids": [red]})
    assert (album.colour(none), album.colour(blue)) == ("blue", "none")
    unmerge(blue)
    assert (album.colour(none), album.colour(blue)) == ("red", "blue")
    unmerge(red)
    assert (album.colour(none), album.colour(red)) == ("none", "red")
    album.send("POST", f"/{none}/merge", json={"merged_ids": [blue]})
    album.put(none, picture())
    unmerge(blue)
    assert (album.colour(none), album.colour(blue)) == ("red", "blue")


def test_cards_carry_the_photo_in_the_place_of_what_a_card_brought(album: Album) -> None:
    """In all forms and in files of them; a contact without one keeps what its card had."""
    brought = {
        "name": "PHOTO", "value": b64encode(b"old").decode(),
        "parameters": {"TYPE": ["JPEG"], "ENCODING": ["b"]},
    }  # fmt: skip
    anna = album.person("Anna", picture(), raw=[brought])
    bo = album.person("Bo", raw=[brought])
    photo = album.send("GET", f"/{anna}/photo").data
    uri = f"data:image/jpeg;base64,{b64encode(photo).decode()}"
    with album.send("GET", f"/{anna}/vcard") as answer:
        assert in_card(answer.data) == photo
    with album.send("GET", f"/{bo}/vcard") as answer:
        assert in_card(answer.data) == b"old"

    def card(media_type: str) -> TestResponse:
        return album.send("GET", f"/{anna}", headers={"Accept": media_type})

    unfolded = card("text/vcard;version=4.0").text.replace("\r\n ", "")
    assert re.findall(r"^PHOTO[^:]*:(.*)\r$", unfolded, re.MULTILINE) == [uri]
    jcard = json.loads(card("application/vcard+json").text)
    assert [item[3] for item in jcard[1] if item[0] == "photo"] == [uri]
    (media,) = json.loads(card("application/jscontact+json").text)["media"].values()
    assert (media["kind"], media["uri"]) == ("photo", uri)
    path = "/api/v1/exports/contacts-vcard3?filter[name][eq]=Anna"
    with album.contacts.client.get(path, headers=album.contacts.headers) as answer:
        assert in_card(answer.data) == photo
    path = "/api/v1/exports/contacts-ndjson?filter[name][eq]=Anna"
    with album.contacts.client.get(path, headers=album.contacts.headers) as answer:
        assert json.loads(answer.data)["raw"][0]["value"] == brought["value"]


@pytest.mark.parametrize("name", ["vcard", "vcard3", "jcard", "jscontact"])
def test_an_export_with_photos_comes_in_again_without_a_change(
    album: Album, contacts: ContactsClient, other_workspace: WorkspaceUnderTest, name: str
) -> None:
    """What is there is known again; elsewhere it comes in with the photo, once."""
    anna = album.person("Anna Lindqvist", picture(), emails=[{"address": "anna@example.com"}])
    path = f"/api/v1/exports/contacts-{name}"
    with contacts.client.get(path, headers=contacts.headers) as answer:
        file, media_type = answer.data, str(answer.mimetype)
    before = contacts.get(anna)
    assert contacts.upload(file, media_type)["counts"]["unchanged"] == 1
    assert len(contacts.all()) == 1
    assert (contacts.get(anna), album.colour(anna)) == (before, "red")
    others = contacts.of(other_workspace)
    assert others.upload(file, media_type)["counts"]["created"] == 1
    assert others.upload(file, media_type)["counts"]["unchanged"] == 1
    (found,) = others.all()
    assert [item["name"] for item in found["raw"]].count("PHOTO") == 1
    assert Album(others).colour(found["id"]) == "red"


@pytest.mark.inside
def test_a_person_sees_their_photo_until_they_are_erased(
    album: Album, workspace: WorkspaceUnderTest
) -> None:
    """And so does who asks for it: nothing is left."""
    from crm_contacts.service import people
    from meishi.sdk.database import execute
    from meishi.sdk.plugin import DataSubject

    anna = album.person(photo=picture())
    photo = album.send("GET", f"/{anna}/photo").data
    subject = DataSubject(contact_ids=(UUID(anna),), emails=(), phones=())
    with workspace.acting_as("crm_contacts"):
        (told,) = [item for item in people.export(subject) if item.kind == "photo"]
        assert b64decode(json.loads(told.body)["content"]) == photo
    with workspace.acting_as("crm_contacts"):
        people.erase(subject)
    with workspace.acting_as("crm_contacts"):
        assert execute("SELECT count(*) FROM crm_contacts.contact_photo")[0][0] == 0


@pytest.mark.inside
def test_nobody_looks_like_somebody_who_was_erased(
    album: Album, workspace: WorkspaceUnderTest, published_events: PublishedEvents
) -> None:
    """Not even who took their photo by a merge, nor who took that one; their own stays."""
    from crm_contacts.service import people
    from meishi.sdk.plugin import DataSubject

    bo, cy, own = album.person("Bo"), album.person("Cy"), album.person("Dan", picture())
    anna = album.person(photo=picture(colour=BLUE))
    album.send("POST", f"/{bo}/merge", json={"merged_ids": [anna]})
    album.send("POST", f"/{cy}/merge", json={"merged_ids": [bo]})
    album.send("POST", f"/{own}/merge", json={"merged_ids": [cy]})
    album.send("POST", f"/{cy}/unmerge")
    assert (album.colour(cy), album.colour(own)) == ("blue", "red")
    with workspace.acting_as("crm_contacts"):
        people.erase(DataSubject(contact_ids=(UUID(anna),), emails=(), phones=()))
    assert (album.colour(cy), album.colour(own)) == ("none", "red")
    told = [event for event in published_events() if isinstance(event, PhotoChanged)]
    assert {str(event.contact_id) for event in told[-2:]} == {bo, cy}
    album.send("POST", f"/{bo}/unmerge")
    assert album.colour(bo) == "none"


def test_pages_show_and_take_photos(signed_in: Browser, album: Album) -> None:
    """The page of a contact the whole one, lists a small one."""
    anna = album.person()
    path = f"/contacts/{anna}"

    def upload(file: bytes, name: str = "me.png") -> str:
        signed_in.send(f"{path}/photo", {"photo": (BytesIO(file), name)}, page=path)
        return signed_in.get(path).text

    assert f"{path}/photo.jpg" not in signed_in.get(path).text
    assert "thumbnail.jpg" not in signed_in.get("/contacts").text
    assert "Choose a picture" in upload(HTML)
    assert "Choose a file first" in upload(b"", "")
    assert album.colour(anna) == "none"
    shown = re.search(rf"{path}/photo\.jpg\?v=[0-9a-f]+", upload(picture("PNG")))
    assert shown is not None
    assert pixels(signed_in.get(shown[0]).data).size == (512, 384)
    listed = re.search(rf"{path}/thumbnail\.jpg\?v=[0-9a-f]+", signed_in.get("/contacts").text)
    assert listed is not None
    assert pixels(signed_in.get(listed[0]).data).size == (96, 72)
    with signed_in.get(f"{path}/contact.vcf") as answer:
        assert in_card(answer.data) == signed_in.get(shown[0]).data
    signed_in.send(f"{path}/photo/delete", page=path)
    assert album.colour(anna) == "none"
    assert signed_in.get(listed[0]).status_code == 404
