"""Photos among raw properties: known again in whatever form they stand, and never lost."""

from __future__ import annotations

from base64 import b64encode

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_contacts.card_photos import brought, picture_in, source_of, with_brought
from crm_contacts.contract import RawProperty

_FILES = st.binary(max_size=64)
_BASE64 = (("ENCODING", ("b",)),)


def photo(file: bytes, *, uri: bool = False) -> RawProperty:
    """Return a property with a picture inside, in one of the forms of cards."""
    text = b64encode(file).decode()
    if uri:
        return RawProperty(name="photo", value=f"data:image/png;base64,{text}")
    return RawProperty(name="PHOTO", value=text, parameters=_BASE64)


@given(_FILES, st.booleans())
def test_a_picture_is_the_same_in_each_form(file: bytes, uri: bool) -> None:
    """What is known of it in one brings nothing in the other."""
    found, other = photo(file, uri=uri), photo(file, uri=not uri)
    assert picture_in(found.value) == picture_in(other.value) == file
    assert source_of(found.value) == source_of(other.value) == brought([found])
    assert brought([found], [other]) is None


@given(st.lists(st.tuples(_FILES, st.booleans()), max_size=5), _FILES)
def test_what_is_shown_stands_first_and_all_is_there(
    files: list[tuple[bytes, bool]], shown: bytes
) -> None:
    """A document without it has none to show."""
    raw = [photo(file, uri=uri) for file, uri in files]
    others = RawProperty(name="X-OTHER", value=b64encode(shown).decode())
    document = msgspec.json.encode({"id": "a", "raw": [others, *raw]})
    found = with_brought(document, source_of(others.value))
    if shown not in [file for file, _ in files]:
        assert found is None
        return
    assert found is not None
    written = msgspec.json.decode(found)["raw"]
    photos = [item for item in written if item["name"].upper() == "PHOTO"]
    assert source_of(photos[0]["value"]) == source_of(others.value)
    assert sorted(map(str, written)) == sorted(map(str, msgspec.json.decode(document)["raw"]))


@given(st.binary(min_size=1, max_size=64))
def test_writers_may_be_careless_with_base64(file: bytes) -> None:
    """With its lines, its end, and what a URI escapes."""
    text = b64encode(file).decode()
    escaped = text.replace("+", "%2B").replace("/", "%2F").replace("=", "%3D")
    for written in (text.rstrip("="), f"{text[:4]}\r\n {text[4:]}", escaped):
        assert picture_in(f"data:image/jpeg;base64,{written}") == file


@pytest.mark.parametrize(
    "value",
    ["https://x.example/a.jpg", "data:image/png,abc", "photo.jpg", "", "cid:part1@x.example"],
)
def test_an_address_brings_nothing(value: str) -> None:
    """Nor does anything of which the picture does not stand in the card."""
    assert brought([RawProperty(name="PHOTO", value=value)]) is None
    assert brought([RawProperty(name="LOGO", value="AAAA", parameters=_BASE64)]) is None
    assert picture_in("no base64!") is None
