"""Pictures, sounds and keys: base64 in version 3.0, a `data:` URI in version 4.0."""

from __future__ import annotations

import re
from dataclasses import replace

from crm_contacts.vcard.card import Property

#: What the base64 of a property is marked with, behind its other parameters.
BASE64 = ("ENCODING", ("b",))

_FAMILIES = {"PHOTO": "image", "LOGO": "image", "SOUND": "audio", "KEY": "application"}
_UNKNOWN = "application/octet-stream"
_TOKEN = re.compile(r"(?:[a-z0-9]+/)?[a-z0-9.+-]+")
#: Some writers escape the comma, as if the value were text.
_DATA_URI = re.compile(r"data:([a-z]+/[a-z0-9.+-]+)\\?;base64\\?,([A-Za-z0-9+/=]*)", re.IGNORECASE)


def from_data_uri(found: Property) -> Property:
    """Return the form of version 3.0 of a `data:` URI, and every other property as it is.

    A media type that TYPE can say is in TYPE then; a URI that says more stays as it is.
    """
    family = _FAMILIES.get(found.name)
    if family is None or found.value[:5].lower() != "data:":
        return found
    match = _DATA_URI.fullmatch(found.value)
    if match is None or found.parameter("ENCODING") or found.parameter("VALUE"):
        return found
    media_type, parameters = match[1].lower(), found.parameters
    types = found.parameter("TYPE")
    if not types and media_type != _UNKNOWN:
        types = (media_type.partition("/")[2].upper(),)
        parameters = (*parameters, ("TYPE", types))
    if media_type != _media_type(family, types):
        return found
    return replace(found, value=match[2], parameters=(*parameters, BASE64))


def as_data_uri(found: Property) -> Property:
    """Return `found` with a `data:` URI if `from_data_uri` gives `found` back for it."""
    family = _FAMILIES.get(found.name)
    if family is None or BASE64 not in found.parameters:
        return found
    media_type = _media_type(family, found.parameter("TYPE"))
    value = f"data:{media_type};base64,{found.value}"
    unencoded = tuple(item for item in found.parameters if item != BASE64)
    untyped = tuple(item for item in unencoded if item[0] != "TYPE")
    for parameters in (untyped, unencoded):
        written = replace(found, value=value, parameters=parameters)
        if from_data_uri(written) == found:
            return written
    return found


def _media_type(family: str, types: tuple[str, ...]) -> str:
    word = types[0].lower() if types else ""
    if not _TOKEN.fullmatch(word):
        return _UNKNOWN
    return word if "/" in word else f"{family}/{word}"
