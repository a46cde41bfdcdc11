"""What a contact must keep to beyond its shape: sizes, and characters that can be stored."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from crm_contacts.contract import ContactDraft
from meishi.sdk.contract import FieldError

MAX_TEXT = 10_000
MAX_VALUES = 200
MAX_RAW_VALUES = 2_000
#: Characters of the raw bag as a whole; a column of JSON ends at 256 MiB.
MAX_RAW_TEXT = 32 * 1024 * 1024

#: Limits of single fields; a UID must fit into an index entry.
_LIMITS = {"/note": 200_000, "/uid": 500}
_LISTS = ("nicknames", "units", "emails", "phones", "addresses", "links")
_NUL = b"\\u0000"


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
    for pointer, value in _texts(draft):
        limit = _LIMITS.get(pointer, MAX_TEXT)
        if len(value) > limit:
            yield FieldError(pointer, "too-long", f"At most {limit} characters.")
    yield from _unstorable(draft)


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


def _unstorable(draft: ContactDraft) -> Iterator[FieldError]:
    try:
        encoded = msgspec.json.encode(draft)
    except UnicodeEncodeError:
        yield FieldError("", "not-text", "Half of a surrogate pair is no text.")
    else:
        if _NUL in encoded:
            yield FieldError("", "not-text", "The character U+0000 cannot be stored.")
