"""Which properties of vCard are objects of JSContact, in which collection, and as what."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

#: Types of emails, phones and so on that are contexts, and those of phones that are features.
CONTEXTS = {"work": "work", "home": "private"}
_FEATURES = {"cell": "mobile"} | {
    name: name for name in ("voice", "fax", "pager", "text", "textphone", "video", "main-number")
}
_OF_ADDRESSES = {"billing": "billing", "delivery": "delivery"}

#: Parameters that are members of their object.
_RESOURCE = {"MEDIATYPE": "mediaType"}
_SERVICE = {"SERVICE-TYPE": "service", "USERNAME": "user"}
_ADDRESS = {"LABEL": "full", "CC": "countryCode", "GEO": "coordinates", "TZ": "timeZone"}


@dataclass(frozen=True, slots=True)
class Kind:
    """A property of vCard and the objects that it becomes (RFC 9555, section 2).

    `main` is the member that holds the value, `fixed` those that tell the kind from others of
    the same `collection`; those that are `implied` may be left out. `contexts` and `features`
    are types that stand in members of that name, `members` parameters that are members of
    their own. Identifiers begin with `letter`.
    """

    name: str
    collection: str
    letter: str
    main: str
    fixed: Mapping[str, Any] = field(default_factory=dict)
    contexts: Mapping[str, str] = field(default_factory=lambda: CONTEXTS)
    features: Mapping[str, str] = field(default_factory=dict)
    implied: Mapping[str, Any] = field(default_factory=dict)
    members: Mapping[str, str] = field(default_factory=dict)


KINDS = (
    Kind("EMAIL", "emails", "e", "address"),
    Kind("TEL", "phones", "p", "number", features=_FEATURES),
    Kind(
        "ADR", "addresses", "a", "components", contexts=CONTEXTS | _OF_ADDRESSES, members=_ADDRESS
    ),
    Kind("CONTACT-URI", "links", "l", "uri", {"kind": "contact"}, members=_RESOURCE),
    Kind("URL", "links", "l", "uri", members=_RESOURCE),
    Kind("NICKNAME", "nicknames", "k", "name"),
    Kind("ORG", "organizations", "o", "name"),
    Kind("ROLE", "titles", "t", "name", {"kind": "role"}),
    Kind("TITLE", "titles", "t", "name", implied={"kind": "title"}),
    Kind("NOTE", "notes", "n", "note"),
    Kind("BDAY", "anniversaries", "y", "date", {"kind": "birth"}),
    Kind("DEATHDATE", "anniversaries", "y", "date", {"kind": "death"}),
    Kind("ANNIVERSARY", "anniversaries", "y", "date", {"kind": "wedding"}),
    Kind("IMPP", "onlineServices", "s", "uri", {"vCardName": "impp"}, members=_SERVICE),
    Kind(
        "SOCIALPROFILE",
        "onlineServices",
        "s",
        "uri",
        implied={"vCardName": "socialprofile"},
        members=_SERVICE,
    ),
    Kind("PHOTO", "media", "m", "uri", {"kind": "photo"}, members=_RESOURCE),
    Kind("LOGO", "media", "m", "uri", {"kind": "logo"}, members=_RESOURCE),
    Kind("SOUND", "media", "m", "uri", {"kind": "sound"}, members=_RESOURCE),
    Kind("KEY", "cryptoKeys", "c", "uri", members=_RESOURCE),
    Kind("CALURI", "calendars", "d", "uri", {"kind": "calendar"}, members=_RESOURCE),
    Kind("FBURL", "calendars", "d", "uri", {"kind": "freeBusy"}, members=_RESOURCE),
    Kind("CALADRURI", "schedulingAddresses", "u", "uri"),
    Kind("SOURCE", "directories", "r", "uri", {"kind": "entry"}, members=_RESOURCE),
    Kind("ORG-DIRECTORY", "directories", "r", "uri", {"kind": "directory"}, members=_RESOURCE),
    Kind("EXPERTISE", "personalInfo", "i", "value", {"kind": "expertise"}),
    Kind("HOBBY", "personalInfo", "i", "value", {"kind": "hobby"}),
    Kind("INTEREST", "personalInfo", "i", "value", {"kind": "interest"}),
    Kind("LANG", "preferredLanguages", "g", "language"),
)
BY_NAME = {kind.name: kind for kind in KINDS}
COLLECTIONS = frozenset(kind.collection for kind in KINDS)


def kind_of(collection: str, found: Mapping[str, Any]) -> Kind | None:
    """Return what an object of a collection is; None if none of its kinds fits."""
    for kind in KINDS:
        if kind.collection == collection:
            fits = all(found.get(name) == value for name, value in kind.fixed.items())
            if fits:
                return kind
    return None
