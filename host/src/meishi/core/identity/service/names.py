"""What addresses and names look like, however they were written."""

from __future__ import annotations

import re
import unicodedata

from email_validator import EmailNotValidError, validate_email

from meishi.core.identity.contract import InvalidAccount

_MAX_NAME = 200
_SLUG = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?")


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


def checked_slug(slug: str) -> str:
    """Return a slug; raise `InvalidAccount` for what is none."""
    if not _SLUG.fullmatch(slug):
        raise InvalidAccount(
            f"The slug {slug!r} must be 1 to 40 lower-case letters, digits and inner hyphens."
        )
    return slug
