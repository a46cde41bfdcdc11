"""What addresses and names look like, however they were written."""

from __future__ import annotations

import unicodedata

from email_validator import EmailNotValidError, validate_email

from meishi.core.identity.contract import InvalidAccount

_MAX_NAME = 200


def normalised_email(address: str) -> str:
    """Return an address in the form in which it is stored; raise `InvalidAccount`."""
    try:
        found = validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise InvalidAccount(f"{address!r} is not an email address: {error}") from error
    return found.normalized.lower()


def checked_name(name: str) -> str:
    """Return a name without blanks around it; raise `InvalidAccount` for what is none."""
    stripped = name.strip()
    if not 0 < len(stripped) <= _MAX_NAME:
        raise InvalidAccount(f"A name must have 1 to {_MAX_NAME} characters.")
    if any(unicodedata.category(character) == "Cc" for character in stripped):
        raise InvalidAccount("A name must not contain control characters.")
    return stripped
