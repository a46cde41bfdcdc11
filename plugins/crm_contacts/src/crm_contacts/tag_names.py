"""What a tag may be called, and by what it is known again."""

from __future__ import annotations

import re

from crm_contacts.normal_forms import MAX_KEY, text_form
from meishi.sdk.contract import FieldError

#: Characters of a name, and tags of one contact.
MAX_TAG_NAME = 60
MAX_TAGS = 50

#: Control characters, and what is no text.
_NO_NAME = re.compile("[\0-\x1f\x7f\ud800-\udfff]")


def tag_key(name: str) -> str:
    """Return what two names have in common that are the same but for case and white space."""
    return text_form(name)[:MAX_KEY]


def is_tag_name(name: str) -> bool:
    """Whether a tag can be called that."""
    return len(name) <= MAX_TAG_NAME and _NO_NAME.search(name) is None and bool(tag_key(name))


def tag_error(pointer: str, name: str) -> FieldError:
    """Return what is wrong with a name that is none."""
    if len(name) > MAX_TAG_NAME:
        return FieldError(pointer, "too-long", f"At most {MAX_TAG_NAME} characters.")
    if not name.strip():
        return FieldError(pointer, "required", "A tag has a name.")
    return FieldError(pointer, "not-text", "A name is one line of text.")
