"""When two values of a field are the same one."""

from __future__ import annotations

from crm_enrichment.contract import LIST_FIELDS, Field


def value_key(field: Field, value: str) -> str:
    """Return a value in the form in which others are compared with it."""
    plain = " ".join(value.split()).casefold()
    if field is Field.PHONE:
        digits = "".join(letter for letter in plain if letter.isdigit())
        return f"+{digits}" if plain.startswith("+") else digits
    if field is Field.LINK:
        return (
            plain.removeprefix("https://").removeprefix("http://").removeprefix("www.").rstrip("/")
        )
    return plain


def place_of(field: Field, key: str) -> str:
    """Return what tells values of one field apart, where a contact has several of them."""
    return key if field in LIST_FIELDS else ""
