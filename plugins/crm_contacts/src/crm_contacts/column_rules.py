"""What must hold of a mapping, so that rows of a table become contacts."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from crm_contacts.contract import ColumnTarget, ImportMapping, TargetField
from meishi.sdk.contract import FieldError

#: Characters of a label or separator, and types of one column.
MAX_LABEL = 100
MAX_SEPARATOR = 10
MAX_TYPES = 10

_NO_TEXT = re.compile("[\0\ud800-\udfff]")

#: One of these must be there: all that a contact can be called by.
NAMING = frozenset(
    {
        TargetField.NAME,
        TargetField.GIVEN_NAME,
        TargetField.FAMILY_NAME,
        TargetField.ADDITIONAL_NAME,
        TargetField.NICKNAMES,
        TargetField.ORGANISATION,
        TargetField.EMAIL,
        TargetField.PHONE,
        TargetField.LINK,
    }
)
#: Fields of which a cell may hold several values.
SEVERAL = frozenset(
    {
        TargetField.NICKNAMES,
        TargetField.UNITS,
        TargetField.EMAIL,
        TargetField.PHONE,
        TargetField.LINK,
        TargetField.TAGS,
    }
)


def mapping_errors(
    mapping: ImportMapping, columns: int, keys: Collection[str]
) -> Iterator[FieldError]:
    """Yield what is wrong with a mapping of so many columns; custom fields have these keys."""
    seen: set[int] = set()
    for place, column in enumerate(mapping.columns):
        pointer = f"/columns/{place}"
        if not 0 <= column.position < columns:
            message = f"The table has {columns} columns; the first one is at position 0."
            yield FieldError(f"{pointer}/position", "unknown", message)
        if column.position in seen:
            yield FieldError(f"{pointer}/position", "repeated", "This column is named twice.")
        seen.add(column.position)
        yield from _key_errors(pointer, column, keys)
        yield from _text_errors(pointer, column)
        yield from _qualifier_errors(pointer, column)
    if not any(column.field in NAMING for column in mapping.columns):
        names = ", ".join(field.value for field in TargetField if field in NAMING)
        yield FieldError("/columns", "required", f"One column must name the contact: {names}.")


def is_channel(field: TargetField) -> bool:
    """Whether a field is an email, phone, link or address, or a part of one."""
    return field.value.partition(".")[0] in {"email", "phone", "link", "address"}


def _key_errors(pointer: str, column: ColumnTarget, keys: Collection[str]) -> Iterator[FieldError]:
    if column.field is not TargetField.CUSTOM:
        if column.key is not None:
            yield FieldError(f"{pointer}/key", "invalid", "Only custom fields have a key.")
    elif column.key not in keys:
        message = f"There is no custom field with the key {column.key!r}."
        yield FieldError(f"{pointer}/key", "unknown", message)


def _text_errors(pointer: str, column: ColumnTarget) -> Iterator[FieldError]:
    named = {"label": column.label, "group": column.group, "separator": column.separator}
    for name, text in (*named.items(), *(("types", found) for found in column.types)):
        if text is None:
            continue
        most = MAX_SEPARATOR if name == "separator" else MAX_LABEL
        if not 1 <= len(text) <= most:
            yield FieldError(f"{pointer}/{name}", "too-long", f"1 to {most} characters.")
        elif _NO_TEXT.search(text):
            message = "There are characters in it that no text has."
            yield FieldError(f"{pointer}/{name}", "not-text", message)
    if len(column.types) > MAX_TYPES:
        yield FieldError(f"{pointer}/types", "too-many", f"At most {MAX_TYPES} types.")


def _qualifier_errors(pointer: str, column: ColumnTarget) -> Iterator[FieldError]:
    qualified = {"types": column.types, "label": column.label, "group": column.group}
    if not is_channel(column.field):
        for name, value in (*qualified.items(), ("primary", column.primary)):
            if value:
                message = "Only emails, phones, links and addresses have it."
                yield FieldError(f"{pointer}/{name}", "invalid", message)
    if column.separator is not None and column.field not in SEVERAL:
        names = ", ".join(field.value for field in TargetField if field in SEVERAL)
        yield FieldError(f"{pointer}/separator", "invalid", f"Only for {names}.")
