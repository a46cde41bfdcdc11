"""What a card shows of a contact: the chosen fields and nothing else."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from typing import TypeVar

from crm_contacts.contract import Address, ContactDraft, Email, Link, Phone
from qr.contract import CardField

_Item = TypeVar("_Item", Address, Email, Link, Phone)


def shown_contact(contact: ContactDraft, fields: Collection[CardField]) -> ContactDraft:
    """Return a contact that holds its name and the chosen fields only.

    Everything else stays behind, and so do the parameters of what is shown, in which address
    books keep things of their own.
    """
    organisation = CardField.ORGANISATION in fields
    return ContactDraft(
        name=contact.name,
        kind=contact.kind,
        organisation=contact.organisation if organisation else None,
        units=contact.units if organisation else (),
        title=contact.title if CardField.TITLE in fields else None,
        phones=_plain(contact.phones) if CardField.PHONES in fields else (),
        emails=_plain(contact.emails) if CardField.EMAILS in fields else (),
        links=_plain(contact.links) if CardField.LINKS in fields else (),
        addresses=_plain(contact.addresses) if CardField.ADDRESSES in fields else (),
    )


def _plain(items: Iterable[_Item]) -> tuple[_Item, ...]:
    return tuple(replace(item, parameters=()) for item in items)
