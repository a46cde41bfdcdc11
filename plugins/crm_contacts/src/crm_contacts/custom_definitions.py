"""What the definition of a custom field must keep to."""

from __future__ import annotations

import re
from collections.abc import Iterator

from crm_contacts.contract import CustomField, CustomFieldType
from crm_contacts.custom_values import (
    KEY_NAME,
    MAX_CHOICE,
    MAX_CHOICES,
    MAX_KEY_NAME,
    MAX_TITLE,
)
from crm_contacts.normal_forms import folded
from meishi.sdk.contract import FieldError

_NO_LINE = re.compile("[\0-\x1f\x7f\ud800-\udfff]")


def definition_errors(field: CustomField) -> Iterator[FieldError]:
    """Yield what is wrong with a field, by JSON pointer; nothing for a good one."""
    if not KEY_NAME.fullmatch(field.key):
        yield FieldError(
            "/key",
            "invalid",
            f"At most {MAX_KEY_NAME} small letters, digits and `_`, a letter first.",
        )
    if not _is_line(field.title, MAX_TITLE):
        yield FieldError("/title", "invalid", f"A line of 1 to {MAX_TITLE} characters.")
    yield from _choice_errors(field)


def _choice_errors(field: CustomField) -> Iterator[FieldError]:
    if field.type is not CustomFieldType.CHOICE:
        if field.choices:
            yield FieldError("/choices", "invalid", "Only a field of the type choice has some.")
        return
    if not 1 <= len(field.choices) <= MAX_CHOICES:
        yield FieldError("/choices", "invalid", f"1 to {MAX_CHOICES} values to choose from.")
    seen: set[str] = set()
    for place, choice in enumerate(field.choices):
        form = folded(choice)
        # A comma parts several in a filter.
        if not _is_line(choice, MAX_CHOICE) or "," in choice or not form:
            yield FieldError(
                f"/choices/{place}",
                "invalid",
                f"A line of 1 to {MAX_CHOICE} characters without a comma.",
            )
        elif form in seen:
            yield FieldError(f"/choices/{place}", "invalid", "There is one like this already.")
        seen.add(form)


def _is_line(text: str, most: int) -> bool:
    return bool(text.strip()) and len(text) <= most and _NO_LINE.search(text) is None
