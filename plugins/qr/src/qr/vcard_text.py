"""The text of a static code: a compact vCard 3.0 (RFC 2426) of one contact."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum
from typing import TypeVar

from crm_contacts.contract import Address, ContactDraft, ContactKind, Email, Link, Phone
from qr.contract import CodeTooLarge

_SEPARATOR = re.compile(r"[\\,;]")
_LINE_BREAK = re.compile("\r\n|[\n\r\v\f\x85\u2028\u2029]")
# What remains of the controls after line breaks are escaped, and halves of surrogate pairs.
_UNPRINTABLE = re.compile(r"[\x00-\x08\x0a-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_IN_URI = re.compile(r"[\s\\\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_TYPE = re.compile(r"[A-Za-z0-9-]+")

_Item = TypeVar("_Item", Address, Email, Link, Phone)


class _Keep(IntEnum):
    """How long a line stays in a card that is too large: the lowest leave first."""

    ADDRESS = 1
    LINK = 2
    FURTHER_PHONE = 3
    FURTHER_EMAIL = 4
    TITLE = 5
    ORGANISATION = 6
    EMAIL = 7
    PHONE = 8
    ALWAYS = 9


@dataclass(frozen=True, slots=True)
class _Line:
    text: str
    keep: _Keep = _Keep.ALWAYS

    @property
    def size(self) -> int:
        return len(self.text.encode()) + len("\r\n")


def vcard_text(contact: ContactDraft) -> str:
    """Return all of a contact that belongs into a code, as vCard 3.0 with CRLF line ends.

    Left out for size and privacy: further addresses, photo, note, birthday, nicknames, role,
    UID and raw properties. Lines are not folded: a code has no line length to keep.
    """
    return _joined(_lines(contact))


def fitting_vcard_text(contact: ContactDraft, capacity_bytes: int) -> str:
    """Return `vcard_text` without the parts that do not fit into `capacity_bytes` of UTF-8.

    Parts leave in this order until the rest fits: the address, links, phones behind the first,
    emails behind the first, title, organisation, the email, the phone; of several links, phones
    or emails the last leaves first. A primary phone or email counts as the first.

    Raises CodeTooLarge when even the name does not fit.
    """
    lines = list(_lines(contact))
    size = sum(line.size for line in lines)
    from_last = reversed(lines)
    for line in sorted(from_last, key=lambda line: line.keep):
        if size <= capacity_bytes or line.keep is _Keep.ALWAYS:
            break
        lines.remove(line)
        size -= line.size
    if size > capacity_bytes:
        raise CodeTooLarge(
            f"The name alone takes {size} bytes; a code of this kind holds {capacity_bytes}."
        )
    return _joined(lines)


def _joined(lines: Iterable[_Line]) -> str:
    return "".join(f"{line.text}\r\n" for line in lines)


def _lines(contact: ContactDraft) -> Iterator[_Line]:
    yield _Line("BEGIN:VCARD")
    yield _Line("VERSION:3.0")
    yield _Line(f"N:{_structured(_name_parts(contact))}")
    yield _Line(f"FN:{_text(contact.name.full)}")
    yield from _work_lines(contact)
    yield from _reach_lines(contact)
    yield _Line("END:VCARD")


def _work_lines(contact: ContactDraft) -> Iterator[_Line]:
    organisation = contact.organisation
    if contact.kind is ContactKind.ORG:
        organisation = organisation or contact.name.full
    employer = (organisation, *contact.units)
    if any(map(_is_filled, employer)):
        yield _Line(f"ORG:{_structured(employer)}", _Keep.ORGANISATION)
    if _is_filled(contact.title):
        yield _Line(f"TITLE:{_text(contact.title)}", _Keep.TITLE)


def _reach_lines(contact: ContactDraft) -> Iterator[_Line]:
    phones = [phone for phone in _primary_first(contact.phones) if _is_filled(phone.number)]
    for position, phone in enumerate(phones):
        keep = _Keep.FURTHER_PHONE if position else _Keep.PHONE
        yield _Line(f"TEL{_parameters(phone)}:{_text(phone.number)}", keep)
    emails = [email for email in _primary_first(contact.emails) if _is_filled(email.address)]
    for position, email in enumerate(emails):
        keep = _Keep.FURTHER_EMAIL if position else _Keep.EMAIL
        yield _Line(f"EMAIL{_parameters(email)}:{_text(email.address)}", keep)
    for link in _primary_first(contact.links):
        if url := _uri(link.url):
            yield _Line(f"URL:{url}", _Keep.LINK)
    for address in _primary_first(contact.addresses)[:1]:
        if any(map(_is_filled, address.parts)):
            value = _structured(address.parts)
            yield _Line(f"ADR{_parameters(address)}:{value}", _Keep.ADDRESS)


def _primary_first(items: Iterable[_Item]) -> list[_Item]:
    return sorted(items, key=lambda item: not item.primary)


def _name_parts(contact: ContactDraft) -> tuple[str | None, ...]:
    # Readers that show N rather than FN must show something; of an organisation they show ORG
    # when N is empty.
    name = contact.name
    parts = (name.family, name.given, name.additional, name.prefix, name.suffix)
    if contact.kind is ContactKind.ORG or any(parts):
        return parts
    return (name.full, None, None, None, None)


def _structured(parts: Iterable[str | None]) -> str:
    return ";".join(_text(part) for part in parts)


def _is_filled(value: str | None) -> bool:
    """Whether anything of a value can be seen: controls and line breaks alone cannot."""
    return bool(_UNPRINTABLE.sub("", value or "").strip())


def _text(value: str | None) -> str:
    """Return a value that stays inside its line: separators and line breaks are escaped."""
    escaped = _SEPARATOR.sub(r"\\\g<0>", value or "")
    return _UNPRINTABLE.sub("", _LINE_BREAK.sub(r"\\n", escaped))


def _uri(value: str) -> str:
    """Return a URI without blanks and controls; the format has no escapes for this type."""
    return _NOT_IN_URI.sub(
        lambda found: "".join(f"%{byte:02X}" for byte in found[0].encode(errors="replace")),
        value.strip(),
    )


def _parameters(item: Address | Email | Phone) -> str:
    types = [name.upper() for name in item.types if _TYPE.fullmatch(name)]
    if item.primary:
        types.append("PREF")
    return f";TYPE={','.join(dict.fromkeys(types))}" if types else ""
