"""The photos of a workspace over HTTP, in the words of their tests."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

from werkzeug.test import TestResponse

from .conftest import ContactsPart, vcard
from .pictures import BLUE, RED, is_like, pixels


class Album(ContactsPart):
    """The photos of one workspace over HTTP."""

    def person(self, full: str = "Anna", photo: bytes | None = None, **fields: Any) -> str:
        """Create a contact, with a photo if one is given, and return its id."""
        made = str(self.contacts.create({"name": {"full": full}, **fields})["id"])
        if photo is not None:
            self.put(made, photo)
        return made

    def bring(self, contact_id: str, photo: bytes, media_type: str = "image/jpeg") -> TestResponse:
        """Try to give a contact a photo."""
        return self.send("PUT", f"/{contact_id}/photo", data=photo, content_type=media_type)

    def put(self, contact_id: str, photo: bytes) -> dict[str, Any]:
        """Give a contact a photo, and return what is known of it."""
        answer = self.bring(contact_id, photo)
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def colour(self, contact_id: str) -> str:
        """Return the colour of a contact's photo, as its name; `none` if there is no photo."""
        answer = self.send("GET", f"/{contact_id}/photo")
        if answer.status_code == 404:
            return "none"
        found = pixels(answer.data).getpixel((5, 5))
        return "red" if is_like(found, RED) else "blue" if is_like(found, BLUE) else repr(found)

    def intake(self, import_id: str) -> dict[str, Any]:
        """Return what became of the photos of an import."""
        answer = self.send("GET", f"/imports/{import_id}/photos")
        assert answer.status_code == 200, answer.text
        return dict(answer.json or {})

    def counts(self, import_id: str) -> dict[str, int]:
        """Return how many photos of an import became what, without those of which there is none."""
        found = self.intake(import_id)
        names = ("found", "waiting", "taken", "kept", "unfit", "beyond")
        return {name: found[name] for name in names if found[name]}

    def ids(self) -> dict[str, str]:
        """Return the ids of all contacts by their names."""
        return {item["name"]["full"]: item["id"] for item in self.contacts.all()}

    def colours(self) -> dict[str, str]:
        """Return the colours of the photos of all contacts by their names."""
        return {name: self.colour(found) for name, found in self.ids().items()}


def photo_line(photo: bytes) -> str:
    """Write a photo as a line of a card."""
    return f"PHOTO;ENCODING=b;TYPE=JPEG:{b64encode(photo).decode()}"


def portrait(full: str, photo: bytes | None, *lines: str) -> str:
    """Write the card of somebody with a UID, and with a photo if one is given."""
    photos = () if photo is None else (photo_line(photo),)
    return vcard(f"FN:{full}", f"UID:{full}", *lines, *photos)
