"""The form of a contact: what it shows of one, and the contact that its fields make.

A contact has more than the form shows: types of a kind of their own, parameters, raw properties.
What the form does not show stays, and so does what a browser does not send.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from crm_contacts.contract import (
    Address,
    Contact,
    ContactDraft,
    ContactKind,
    Email,
    Link,
    Name,
    Phone,
)
from crm_contacts.pages.form_rows import FormRow, SentForm, items_of, kept, places_of, rows_of

_TEXTS = ("uid", "organisation", "title", "role", "birthday", "note")
#: Several texts, one in each line.
_LINES = ("nicknames", "units")
_NAMES = ("given", "family", "additional", "prefix", "suffix")
_PLACES = ("street", "extended", "po_box", "postal_code", "locality", "region", "country")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactForm:
    """All that the form shows."""

    texts: Mapping[str, str]
    kind: str
    emails: Sequence[FormRow]
    phones: Sequence[FormRow]
    links: Sequence[FormRow]
    addresses: Sequence[FormRow]
    version: int | None


def form_of(draft: ContactDraft, sent: SentForm | None = None) -> ContactForm:
    """Return the form of a contact, or of what somebody has typed of one and `sent`."""

    def rows(prefix: str, items: Sequence[Any], names: Sequence[str], spare: int) -> list[FormRow]:
        places = None if sent is None else places_of(sent, prefix, names)
        return rows_of(items, names, places, spare=spare)

    texts = {name: getattr(draft, name) or "" for name in _TEXTS}
    texts |= {name: "\n".join(getattr(draft, name)) for name in _LINES}
    texts |= {name: getattr(draft.name, name) or "" for name in ("full", *_NAMES)}
    return ContactForm(
        texts=texts,
        kind=draft.kind.value,
        emails=rows("email", draft.emails, ("address",), 2),
        phones=rows("phone", draft.phones, ("number",), 2),
        links=rows("link", draft.links, ("url",), 2),
        addresses=rows("address", draft.addresses, _PLACES, 1),
        version=draft.version if isinstance(draft, Contact) else None,
    )


def draft_of(form: SentForm, before: ContactDraft | None) -> ContactDraft:
    """Return the contact that a form makes of what was there before."""
    base = before or ContactDraft(name=Name(full=""))
    texts: dict[str, Any] = {name: _text(form, name, getattr(base, name)) for name in _TEXTS}
    texts |= {name: _lines(form, name, getattr(base, name)) for name in _LINES}
    parts = {name: _text(form, name, getattr(base.name, name)) for name in _NAMES}
    full = _text(form, "full", base.name.full) or " ".join(
        part for part in (parts["given"], parts["family"]) if part
    )
    kind = form.get("kind", "")
    return replace(
        base,
        name=Name(full=full, **parts),
        kind=ContactKind(kind) if kind in set(ContactKind) else base.kind,
        emails=tuple(items_of(form, "email", ("address",), base.emails, Email)),
        phones=tuple(items_of(form, "phone", ("number",), base.phones, Phone)),
        links=tuple(items_of(form, "link", ("url",), base.links, Link)),
        addresses=tuple(items_of(form, "address", _PLACES, base.addresses, Address)),
        **texts,
    )


def _text(form: SentForm, name: str, before: str | None) -> str | None:
    sent = form.getlist(name)
    return kept(sent[0], before) if sent else before


def _lines(form: SentForm, name: str, before: tuple[str, ...]) -> tuple[str, ...]:
    """Return the texts in the lines of a field; those that it shows as they are stay."""
    text = _text(form, name, "\n".join(before))
    if text == "\n".join(before):
        return before
    return tuple(line.strip() for line in (text or "").split("\n") if line.strip())
