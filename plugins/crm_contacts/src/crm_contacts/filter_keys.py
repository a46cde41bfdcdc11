"""Under what contacts are filtered besides their names: dates, places, sites, and what is there."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from crm_contacts.contract import Address, ContactDraft, Email, Link, Phone, Position
from crm_contacts.normal_forms import link_form, name_key

#: Parts of an address by which contacts are filtered, in columns of their folded forms.
ADDRESS_KEYS = ("street", "locality", "region", "postal_code", "country")
#: Fields of which a contact has something or nothing, by the column that says so: a bit for each.
FILLED = {
    "filled_person": ("given_name", "family_name", "nickname", "birthday", "note"),
    "filled_work": ("organisation", "unit", "title", "role", "past_organisation", "past_title"),
    "filled_reach": ("uid", "email", "phone", "link", "address"),
    "filled_place": ("street", "locality", "region", "postal_code", "country"),
}
#: A day, a month or a year; a day or a month of any year (RFC 6350, 4.3.1). A time may follow.
_DATE = re.compile(
    r"(?:(\d{4})(?:-(\d\d)(?:-(\d\d))?|(\d\d)(\d\d))?|--(\d\d)(?:-?(\d\d))?)(?=\Z|[T ])"
)
_SCHEME = re.compile(r"[a-z0-9.+-]*://(?:www\.)?")


@dataclass(frozen=True, slots=True)
class DateKeys:
    """A date with its year, `1990-04-04`, and the day in any year, `--04-04`, as far as known."""

    date: str | None
    day: str | None


def date_keys(written: str | None) -> DateKeys:
    """Return the keys of a date; a text that says none has none."""
    match = _DATE.match((written or "").strip())
    if match is None:
        return DateKeys(None, None)
    year, month = match[1], match[2] or match[4] or match[6]
    day = match[3] or match[5] or match[7]
    date = None if year is None else "-".join(filter(None, (year, month, day)))
    known = month is not None and (day is not None or year is None)
    return DateKeys(date, "-".join(filter(None, ("-", month, day))) if known else None)


def site_key(link: Link) -> str:
    """Return a link in its folded form, without what browsers do not show: scheme and `www.`."""
    return name_key(_SCHEME.sub("", link_form(link), count=1))


def contact_keys(draft: ContactDraft) -> dict[str, object]:
    """Return the columns of a contact by which it is filtered besides its names."""
    birthday = date_keys(draft.birthday)
    return {
        "role_key": name_key(draft.role) or None,
        "birthday_key": birthday.date,
        "birth_day_key": birthday.day,
        **filled_columns(draft),
    }


def part_keys(item: Email | Phone | Link | Address | Position) -> dict[str, str | None]:
    """Return the columns of a part of a contact by which that is filtered."""
    if isinstance(item, Address):
        return {f"{name}_key": name_key(getattr(item, name)) or None for name in ADDRESS_KEYS}
    if isinstance(item, Link):
        return {"site_key": site_key(item) or None}
    if isinstance(item, Position):
        return {
            "past_organisation_key": _past(item, item.organisation),
            "past_title_key": _past(item, item.title),
        }
    return {}


def filled_columns(draft: ContactDraft) -> dict[str, int]:
    """Return in which fields a contact has something: the columns of `FILLED`, with their bits."""
    said = _said(draft)
    return {
        column: sum(1 << place for place, name in enumerate(names) if said[name])
        for column, names in FILLED.items()
    }


def _said(draft: ContactDraft) -> Mapping[str, object]:
    past = [item for item in draft.positions if not item.current]
    said: dict[str, object] = {
        "given_name": draft.name.given,
        "family_name": draft.name.family,
        "nickname": draft.nicknames,
        "birthday": draft.birthday,
        "note": draft.note,
        "organisation": draft.organisation,
        "unit": draft.units,
        "title": draft.title,
        "role": draft.role,
        "past_organisation": any(item.organisation for item in past),
        "past_title": any(item.title for item in past),
        "uid": draft.uid,
        "email": draft.emails,
        "phone": draft.phones,
        "link": draft.links,
        "address": draft.addresses,
    }
    for name in ADDRESS_KEYS:
        said[name] = any(getattr(item, name) for item in draft.addresses)
    return said


def _past(position: Position, text: str | None) -> str | None:
    return None if position.current else name_key(text) or None
