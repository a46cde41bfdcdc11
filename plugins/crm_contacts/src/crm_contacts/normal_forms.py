"""Forms of a contact's values that are equal where the values mean the same."""

from __future__ import annotations

import re
import unicodedata

from crm_contacts.contract import Address, Email, Link, Phone, RawProperty

_NOT_DIALLED = re.compile(r"[^\d+*#]")
_URL = re.compile(r"(?:([a-z][a-z0-9+.-]*)://)?([^/?#]*)(.*)", re.IGNORECASE | re.DOTALL)


def text_form(text: str | None) -> str:
    """Return `text` without differences of case, width and white space."""
    if not text:
        return ""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(unicodedata.normalize("NFKC", folded).split())


def date_form(date: str | None) -> str:
    """Return a date as written, but 1980-03-21 as 19800321; a leading `--` means no year."""
    form = text_form(date)
    return form if form.startswith("--") else form.replace("-", "")


def email_form(email: Email) -> str:
    """Return the address in lower case."""
    return text_form(email.address)


def phone_form(phone: Phone) -> str:
    """Return the digits with a leading plus; a number with letters keeps them."""
    text = text_form(phone.number)
    if any(character.isalpha() for character in text):
        return "".join(character for character in text if character.isalnum() or character in "+*#")
    digits = _NOT_DIALLED.sub("", text)
    return digits[:1] + digits[1:].replace("+", "") or text


def link_form(link: Link) -> str:
    """Return the URL with scheme and host in lower case and no lone slash at its end."""
    match = _URL.fullmatch(unicodedata.normalize("NFKC", link.url.strip()))
    assert match is not None  # every part of the pattern may be empty
    scheme, host, rest = match.groups()
    return f"{(scheme or '').lower()}://{host.lower()}{'' if rest == '/' else rest}"


def address_form(address: Address) -> tuple[str, ...]:
    """Return the seven parts, each in its text form."""
    parts = (
        address.po_box,
        address.extended,
        address.street,
        address.locality,
        address.region,
        address.postal_code,
        address.country,
    )
    return tuple(text_form(part) for part in parts)


def raw_form(found: RawProperty) -> tuple[str, str]:
    """Return name and value; parameters and group qualify a value without being one."""
    return found.name, text_form(found.value)
