"""Values of custom fields: what each type takes, and the keys by which they are found and sorted.

A key is text in the order of code points, whatever the type: row security lets an index compare
nothing that is as plain. Two values of a field compare as their keys do.
"""

from __future__ import annotations

import math
import re
import struct
from datetime import date
from urllib.parse import urlsplit

from crm_contacts.contract import CustomField, CustomFieldType, CustomValue
from crm_contacts.normal_forms import MAX_KEY, folded

#: Fields of a workspace, characters of a key and of a title, choices, characters of a value.
MAX_FIELDS = 100
MAX_KEY_NAME = 40
MAX_TITLE = 80
MAX_CHOICES = 100
MAX_CHOICE = 80
MAX_VALUE = 2_000

KEY_NAME = re.compile(rf"[a-z][a-z0-9_]{{0,{MAX_KEY_NAME - 1}}}")
_NO_TEXT = re.compile("[\0\ud800-\udfff]")
_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?", re.ASCII)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_FLAGS = {"true": True, "false": False}
_SIGN = 1 << 63
_ALL = (1 << 64) - 1
_EXACT = 2**53


class UnfitValue(ValueError):
    """A value is none of the type; the message says what one is."""


def checked(field: CustomField, value: object) -> CustomValue:
    """Return a value as it is stored in a field; raise `UnfitValue` if it is none of its type."""
    match field.type:
        case CustomFieldType.BOOLEAN:
            if not isinstance(value, bool):
                raise UnfitValue("true or false.")
            return value
        case CustomFieldType.NUMBER:
            return _number(value)
        case _:
            return _worded(field, value)


def read(field: CustomField, written: str) -> CustomValue:
    """Return the value that a text says; raise `UnfitValue` if that is none of the type."""
    match field.type:
        case CustomFieldType.BOOLEAN:
            if written.strip().lower() not in _FLAGS:
                raise UnfitValue("true or false.")
            return _FLAGS[written.strip().lower()]
        case CustomFieldType.NUMBER:
            if not _NUMBER.fullmatch(written.strip()):
                raise UnfitValue("A number, with a point before its decimals.")
            return _number(float(written))
        case _:
            return checked(field, written)


def text_of(value: CustomValue) -> str:
    """Return a value as text, which `read` takes back."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


def key_of(value: CustomValue) -> str:
    """Return the key of a value: of all that a field holds, they sort as the values do."""
    if isinstance(value, bool):
        return text_of(value)
    if isinstance(value, str):
        # What folds to nothing is something all the same.
        return folded(value) or value[:MAX_KEY]
    (bits,) = struct.unpack(">Q", struct.pack(">d", float(value) + 0.0))
    return f"{bits ^ (_ALL if bits & _SIGN else _SIGN):016x}"


def converted(field: CustomField, value: CustomValue) -> CustomValue:
    """Return a value of another type as one of this; raise `UnfitValue` where that loses it."""
    return read(field, text_of(value))


def _number(value: object) -> int | float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise UnfitValue("A number.")
    try:
        number = float(value)
    except OverflowError as error:
        raise UnfitValue("A number that a double holds.") from error
    if not math.isfinite(number):
        raise UnfitValue("A number that a double holds.")
    if number.is_integer() and abs(number) <= _EXACT:
        return int(number)
    return number


def _worded(field: CustomField, value: object) -> str:
    if not isinstance(value, str):
        raise UnfitValue("A text.")
    if not value.strip() or len(value) > MAX_VALUE:
        raise UnfitValue(f"1 to {MAX_VALUE} characters; null takes a value away.")
    if _NO_TEXT.search(value):
        raise UnfitValue("There are characters in it that no text has.")
    match field.type:
        case CustomFieldType.DATE:
            return _date(value.strip())
        case CustomFieldType.CHOICE:
            return _choice(field, value)
        case CustomFieldType.URL:
            return _url(value.strip())
        case _:
            return value


def _date(written: str) -> str:
    try:
        if not _DATE.fullmatch(written):
            raise UnfitValue("A date: 2026-01-31.")
        return date.fromisoformat(written).isoformat()
    except ValueError as error:
        raise UnfitValue("A date: 2026-01-31.") from error


def _choice(field: CustomField, written: str) -> str:
    for choice in field.choices:
        if folded(choice) == folded(written):
            return choice
    raise UnfitValue(f"One of: {', '.join(field.choices)}.")


def _url(written: str) -> str:
    try:
        parts = urlsplit(written)
        fits = parts.scheme.lower() in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        fits = False
    if not fits or any(character.isspace() for character in written):
        raise UnfitValue("A web address that begins with https:// or http://.")
    return written
