"""Normalised forms that are stored beside what was written, for exact look-ups."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace
from functools import cache
from typing import TypeVar

import phonenumbers
from phonenumbers import COUNTRY_CODE_TO_REGION_CODE, PhoneMetadata

from crm_contacts.address_forms import address_key
from crm_contacts.contract import Address, ContactDraft, Email, Link, Phone
from crm_contacts.normal_forms import MAX_KEY, email_form, link_form, phone_parts
from crm_contacts.tag_names import tag_key
from crm_contacts.verification import VerifiedValue, is_verified

#: A number with its country code, which has up to three digits and no zero in front.
_INTERNATIONAL = re.compile(r"\+[1-9][0-9]+")
_CODE_ENDS = (2, 3, 4)

_Channel = TypeVar("_Channel", Email, Phone, Link, Address)


def normalised(
    draft: ContactDraft, region: str | None, verified: Collection[VerifiedValue] = ()
) -> ContactDraft:
    """Return the draft in the normal forms that are stored: of all channels, and tags in order.

    Where nothing is said of it, what is among the `verified` values is verified, the rest is not.

    Phones become E.164 where they are valid, without extension; `region` (ISO 3166)
    is assumed for numbers without a country code. Forms end after `MAX_KEY` characters.
    """
    return replace(
        draft,
        emails=tuple(_with_form(item, email_form(item), verified) for item in draft.emails),
        phones=tuple(_with_form(item, e164(item, region), verified) for item in draft.phones),
        links=tuple(_with_form(item, link_form(item), verified) for item in draft.links),
        addresses=tuple(_with_form(item, address_key(item), verified) for item in draft.addresses),
        tags=ordered_tags(draft.tags) if draft.tags else (),
    )


def _with_form(item: _Channel, form: str, verified: Collection[VerifiedValue]) -> _Channel:
    form = form[:MAX_KEY]
    return replace(item, normalised=form, verified=is_verified(item, form, verified))


def ordered_tags(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the names of tags in their order, each once, whatever its case."""
    unique = {tag_key(name): " ".join(name.split()) for name in reversed(names)}
    return tuple(unique[key] for key in sorted(unique))


def e164(phone: Phone, region: str | None) -> str:
    """Return a number in E.164 if it is valid, else what is dialled of it."""
    form, _ = phone_parts(phone)
    if (not form.startswith("+") and region is None) or _is_plain(form):
        return form
    try:
        number = phonenumbers.parse(form, region)
    except phonenumbers.NumberParseException:
        return form
    if not phonenumbers.is_valid_number(number):
        return form
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _is_plain(form: str) -> bool:
    """Whether a number is in E.164 if it is valid at all, so that nothing has to be looked up.

    It is, with a country code that there is, unless what follows may be a prefix that is dialled
    within the country alone.
    """
    if not _INTERNATIONAL.fullmatch(form):
        return False
    for end in _CODE_ENDS:
        code = int(form[1:end])
        if code in COUNTRY_CODE_TO_REGION_CODE:
            prefix = _prefix_within(code)
            return prefix is not None and not prefix.match(form, end)
    return False


@cache
def _prefix_within(code: int) -> re.Pattern[str] | None:
    """Return what numbers of a country begin with where it is not called from abroad."""
    region = COUNTRY_CODE_TO_REGION_CODE[code][0]
    found = PhoneMetadata.metadata_for_region_or_calling_code(code, region)
    return None if found is None else re.compile(found.national_prefix_for_parsing or "(?!)")
