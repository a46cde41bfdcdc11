"""Contacts as a table with the very columns of Outlook, for its import."""

from __future__ import annotations

import re
from collections.abc import Iterable

from crm_contacts.career import current_position
from crm_contacts.contract import Address, Contact, Phone
from crm_contacts.csv_cells import MARK, lines
from crm_contacts.csv_google import name_parts
from crm_contacts.csv_writing import label_of
from crm_contacts.positions import position_text

_PLACES = ("Business", "Home", "Other")
_ADDRESS = (
    "Street", "Street 2", "Street 3", "City", "State", "Postal Code", "Country/Region",
)  # fmt: skip
_PHONES = (
    "Assistant's Phone", "Business Fax", "Business Phone", "Business Phone 2", "Callback",
    "Car Phone", "Company Main Phone", "Home Fax", "Home Phone", "Home Phone 2", "ISDN",
    "Mobile Phone", "Other Fax", "Other Phone", "Pager", "Primary Phone", "Radio Phone",
    "TTY/TDD Phone", "Telex",
)  # fmt: skip
_EMAILS = ("E-mail Address", "E-mail 2 Address", "E-mail 3 Address")
_COLUMNS = (
    *("Title", "First Name", "Middle Name", "Last Name", "Suffix", "Company", "Department"),
    "Job Title",
    *(f"{place} {part}" for place in _PLACES for part in _ADDRESS),
    *_PHONES,
    *("Birthday", "Business Address PO Box", "Categories", *_EMAILS, "Home Address PO Box"),
    *("Notes", "Other Address PO Box", "Profession", "Web Page"),
)
#: Columns for a number, by what one of its types is; the first free one takes it.
_FAXES = (
    ("work", ("Business Fax",)),
    ("home", ("Home Fax",)),
    ("", ("Other Fax",)),
)
_NUMBERS = (
    ("cell", ("Mobile Phone",)),
    ("pager", ("Pager",)),
    ("car", ("Car Phone",)),
    ("isdn", ("ISDN",)),
    ("textphone", ("TTY/TDD Phone",)),
    ("work", ("Business Phone", "Business Phone 2")),
    ("home", ("Home Phone", "Home Phone 2")),
    ("", ("Other Phone",)),
)
_DATE = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)", re.ASCII)


def header() -> bytes:
    """Return the first line."""
    return MARK + lines([_COLUMNS])


def rows(contacts: Iterable[Contact]) -> bytes:
    """Return a line for each contact; what no column is for stands below its notes."""
    return lines(_Row(contact).cells() for contact in contacts)


class _Row:
    """The cells of one contact, by their columns, and what is left over."""

    def __init__(self, contact: Contact) -> None:
        self._contact = contact
        self._cells: dict[str, str] = {}
        self._left: list[str] = []

    def cells(self) -> list[str]:
        """Return all cells, in order."""
        contact, name = self._contact, self._contact.name
        given, family = name_parts(contact)
        self._cells |= {
            "Title": name.prefix or "",
            "First Name": given or "",
            "Middle Name": name.additional or "",
            "Last Name": family or "",
            "Suffix": name.suffix or "",
            "Company": contact.organisation or "",
            "Department": "; ".join(contact.units),
            "Job Title": contact.title or "",
            "Profession": contact.role or "",
            "Categories": ";".join(contact.tags),
        }
        self._put_birthday()
        for address in contact.addresses:
            if any(address.parts):
                self._put_address(address)
        for phone in sorted(contact.phones, key=lambda item: not item.primary):
            self._put_phone(phone)
        for email in sorted(contact.emails, key=lambda item: not item.primary):
            if not self._put(_EMAILS, email.address):
                self._leave("E-mail", email.address, label_of(email))
        for link in sorted(contact.links, key=lambda item: not item.primary):
            if not self._put(("Web Page",), link.url):
                self._leave("Web Page", link.url, label_of(link))
        for nickname in contact.nicknames:
            self._leave("Nickname", nickname, "")
        self._leave_positions()
        self._cells["Notes"] = "\n".join(filter(None, (contact.note, *self._left)))
        return [self._cells.get(column, "") for column in _COLUMNS]

    def _leave_positions(self) -> None:
        current = current_position(self._contact)
        for position in self._contact.positions:
            if position is not current:
                self._leave("Job", position_text(position), "")

    def _put_birthday(self) -> None:
        birthday = self._contact.birthday
        match = _DATE.fullmatch(birthday or "")
        if match:
            self._cells["Birthday"] = f"{int(match[2])}/{int(match[3])}/{match[1]}"
        elif birthday:
            self._leave("Birthday", birthday, "")

    def _put_address(self, address: Address) -> None:
        wanted = {"work": "Business", "home": "Home"}
        place = next((wanted[kind] for kind in address.types if kind in wanted), "Other")
        streets = list(filter(None, (address.extended, *(address.street or "").splitlines())))
        texts = (
            *(streets[:2] + [""] * 2)[:2], " ".join(streets[2:]), address.locality,
            address.region, address.postal_code, address.country,
        )  # fmt: skip
        columns = [f"{place} {part}" for part in _ADDRESS] + [f"{place} Address PO Box"]
        if any(column in self._cells for column in columns):
            said = ", ".join(" ".join(part.split()) for part in address.parts if part)
            self._leave("Address", said, label_of(address))
            return
        for column, text in zip(columns, (*texts, address.po_box), strict=True):
            self._cells[column] = text or ""

    def _put_phone(self, phone: Phone) -> None:
        table = _FAXES if "fax" in phone.types else _NUMBERS
        columns = next(names for kind, names in table if not kind or kind in phone.types)
        if not self._put(columns, phone.number):
            self._leave("Phone", phone.number, label_of(phone))

    def _put(self, columns: Iterable[str], text: str) -> bool:
        free = next((column for column in columns if column not in self._cells), None)
        if free is not None:
            self._cells[free] = text
        return free is not None

    def _leave(self, name: str, text: str, label: str) -> None:
        self._left.append(f"{name}{f' ({label})' if label else ''}: {text}")
