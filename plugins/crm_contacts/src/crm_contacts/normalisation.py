"""Normalised forms that are stored beside what was written, for exact look-ups."""

from __future__ import annotations

from dataclasses import replace

import phonenumbers

from crm_contacts.contract import ContactDraft, Phone
from crm_contacts.normal_forms import MAX_KEY, email_form, link_form, phone_parts


def normalised(draft: ContactDraft, region: str | None) -> ContactDraft:
    """Return the draft with the normalised forms of its emails, phones and links.

    Phones become E.164 where they are valid, without extension; `region` (ISO 3166)
    is assumed for numbers without a country code. Forms end after `MAX_KEY` characters.
    """
    return replace(
        draft,
        emails=tuple(replace(item, normalised=email_form(item)[:MAX_KEY]) for item in draft.emails),
        phones=tuple(
            replace(item, normalised=e164(item, region)[:MAX_KEY]) for item in draft.phones
        ),
        links=tuple(replace(item, normalised=link_form(item)[:MAX_KEY]) for item in draft.links),
    )


def e164(phone: Phone, region: str | None) -> str:
    """Return a number in E.164 if it is valid, else what is dialled of it."""
    form, _ = phone_parts(phone)
    if not form.startswith("+") and region is None:
        return form
    try:
        number = phonenumbers.parse(form, region)
    except phonenumbers.NumberParseException:
        return form
    if not phonenumbers.is_valid_number(number):
        return form
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
