"""The region of phone numbers that have no country code, as the workspace sets it."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from crm_contacts.contract import Phone
from crm_contacts.normal_forms import phone_parts
from meishi.sdk.context import current_settings


def default_region() -> str | None:
    """Return the region that holds in the current workspace, None for none."""
    region: str | None = current_settings()["default_region"]
    return region


def region_for(numbers: Collection[object]) -> str | None:
    """Return the region if there are numbers to apply it to; otherwise nobody has to read it."""
    return default_region() if numbers else None


def region_of_phones(phones: Iterable[Phone]) -> str | None:
    """Return the region if a number says no country by itself; otherwise nobody has to read it."""
    return region_for([phone for phone in phones if not phone_parts(phone)[0].startswith("+")])
