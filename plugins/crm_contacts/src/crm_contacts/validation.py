"""What a contact must keep to beyond its shape: sizes, and characters that can be stored."""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from crm_contacts.contract import ContactDraft
from crm_contacts.positions import position_errors
from crm_contacts.tag_names import MAX_TAGS, is_tag_name, tag_error
from meishi.sdk.contract import FieldError, holds_nul

MAX_TEXT = 10_000
MAX_VALUES = 200
#: Characters of a note on a contact.
MAX_NOTE = 20_000
#: Characters of how a consent was given.
MAX_HOW = 500
MAX_RAW_VALUES = 2_000
#: Characters of the raw bag as a whole; a column of JSON ends at 256 MiB.
MAX_RAW_TEXT = 32 * 1024 * 1024

#: Limits of single fields; a UID must fit into an index entry.
_LIMITS = {"/note": 200_000, "/uid": 500}
_LISTS = ("nicknames", "units", "emails", "phones", "addresses", "links", "positions")
#: What must say something, by the list that it is in.
_VALUES = {"emails": "address", "phones": "number", "links": "url"}
#: Names in a card that every reader takes (RFC 6350, section 3.3).
_NAME = re.compile(r"[A-Za-z0-9-]+")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_LINE_BREAK = re.compile(r"[\r\n]")


def draft_errors(draft: ContactDraft) -> Iterator[FieldError]:
    """Yield what is wrong with a draft, by JSON pointer; nothing for a good one."""
    if not draft.name.full.strip():
        yield FieldError("/name/full", "required", "A contact needs a name.")
    for name in _LISTS:
        if len(getattr(draft, name)) > MAX_VALUES:
            yield FieldError(f"/{name}", "too-many", f"At most {MAX_VALUES} values.")
    if len(draft.raw) > MAX_RAW_VALUES:
        yield FieldError("/raw", "too-many", f"At most {MAX_RAW_VALUES} properties.")
    if sum(len(item.value) for item in draft.raw) > MAX_RAW_TEXT:
        yield FieldError("/raw", "too-long", f"At most {MAX_RAW_TEXT} characters in all.")
    yield from tag_errors(draft.tags)
    encoded = _encoded(draft)
    yield from _long_texts(draft, encoded)
    yield from _value_errors(draft)
    if encoded is None:
        yield FieldError("", "not-text", "Half of a surrogate pair is no text.")
    elif holds_nul(encoded):
        yield FieldError("", "not-text", "The character U+0000 cannot be stored.")


def note_errors(note: str | None) -> Iterator[FieldError]:
    """Yield what is wrong with the note of a relationship; nothing for a good one."""
    if note is None:
        return
    if not note.strip():
        yield FieldError("/note", "required", "A note says something, or is null.")
    if len(note) > MAX_TEXT:
        yield FieldError("/note", "too-long", f"At most {MAX_TEXT} characters.")
    try:
        encoded = note.encode()
    except UnicodeEncodeError:
        yield FieldError("/note", "not-text", "Half of a surrogate pair is no text.")
    else:
        if b"\0" in encoded:
            yield FieldError("/note", "not-text", "The character U+0000 cannot be stored.")


def written_note_errors(text: str) -> Iterator[FieldError]:
    """Yield what is wrong with the text of a note on a contact; nothing for a good one."""
    if not text.strip():
        yield FieldError("/text", "required", "A note says something.")
    if len(text) > MAX_NOTE:
        yield FieldError("/text", "too-long", f"At most {MAX_NOTE} characters.")
    if _NO_TEXT.search(text):
        yield FieldError("/text", "not-text", "There are characters in it that no text has.")


def consent_errors(how: str | None) -> Iterator[FieldError]:
    """Yield what is wrong with how a consent was given; nothing for a good one."""
    if how is None:
        return
    if not how.strip():
        yield FieldError("/how", "required", "It says how, or is null.")
    if len(how) > MAX_HOW:
        yield FieldError("/how", "too-long", f"At most {MAX_HOW} characters.")
    if _NO_TEXT.search(how):
        yield FieldError("/how", "not-text", "There are characters in it that no text has.")


def tag_errors(names: tuple[str, ...]) -> Iterator[FieldError]:
    """Yield what is wrong with the tags of a contact; nothing for good ones."""
    if len(names) > MAX_TAGS:
        yield FieldError("/tags", "too-many", f"At most {MAX_TAGS} tags.")
    for place, name in enumerate(names):
        if not is_tag_name(name):
            yield tag_error(f"/tags/{place}", name)


def property_errors(draft: ContactDraft) -> Iterator[FieldError]:
    """Yield what would inject properties into a card that the draft is written to.

    For drafts that somebody typed: what a card brought has its line breaks escaped, and its
    odd names are kept.
    """
    for place, raw in enumerate(draft.raw):
        pointer = f"/raw/{place}"
        if not _NAME.fullmatch(raw.name):
            yield _no_name(f"{pointer}/name")
        if raw.group is not None and not _NAME.fullmatch(raw.group):
            yield _no_name(f"{pointer}/group")
        if _LINE_BREAK.search(raw.value):
            yield FieldError(f"{pointer}/value", "line-break", "Write line breaks as \\n.")
    for name in ("emails", "phones", "addresses", "links", "raw"):
        for place, item in enumerate(getattr(draft, name)):
            for parameter, _ in item.parameters:
                if not _NAME.fullmatch(parameter):
                    yield _no_name(f"/{name}/{place}/parameters")


def _no_name(pointer: str) -> FieldError:
    return FieldError(pointer, "invalid", "Only letters, digits and hyphens make a name.")


def _value_errors(draft: ContactDraft) -> Iterator[FieldError]:
    if draft.uid is not None and not draft.uid.strip():
        yield FieldError("/uid", "required", "A UID must not be blank.")
    for name, field in _VALUES.items():
        for place, item in enumerate(getattr(draft, name)):
            if not getattr(item, field).strip():
                yield FieldError(f"/{name}/{place}/{field}", "required", "Must not be blank.")
    for place, position in enumerate(draft.positions):
        yield from position_errors(f"/positions/{place}", position)
        if len(position.units) > MAX_VALUES:
            yield FieldError(f"/positions/{place}/units", "too-many", f"At most {MAX_VALUES}.")
    for name in (*_VALUES, "addresses"):
        if sum(item.primary for item in getattr(draft, name)) > 1:
            yield FieldError(f"/{name}", "too-many", "At most one value is the primary one.")


def _texts(draft: ContactDraft) -> Iterator[tuple[str, str]]:
    """Yield every text outside of the raw bag, whose size the size of its card bounds."""
    documents: list[tuple[str, object]] = [
        (f"/{name}", getattr(draft, name)) for name in draft.__dataclass_fields__ if name != "raw"
    ]
    while documents:
        pointer, value = documents.pop()
        if isinstance(value, str):
            yield pointer, value
        elif isinstance(value, tuple):
            documents += [(f"{pointer}/{place}", item) for place, item in enumerate(value)]
        elif hasattr(value, "__dataclass_fields__"):
            documents += [
                (f"{pointer}/{name}", getattr(value, name)) for name in value.__dataclass_fields__
            ]


def _encoded(draft: ContactDraft) -> bytes | None:
    try:
        return msgspec.json.encode(draft)
    except UnicodeEncodeError:
        return None


def _long_texts(draft: ContactDraft, encoded: bytes | None) -> Iterator[FieldError]:
    uid = draft.uid or ""
    if encoded is not None and len(encoded) <= MAX_TEXT and len(uid) <= _LIMITS["/uid"]:
        return  # no text has more characters than all of it has octets
    for pointer, value in _texts(draft):
        limit = _LIMITS.get(pointer, MAX_TEXT)
        if len(value) > limit:
            yield FieldError(pointer, "too-long", f"At most {limit} characters.")
