"""Where the routes of the QR generator are gathered, and what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from meishi.sdk.contract import ListQuery
from meishi.sdk.http import Blueprint

blueprint = Blueprint("qr", description="Cards and the codes printed for them")


def conditions_of(wanted: ListQuery) -> Mapping[str, str]:
    """Return what each filtered field has to be."""
    return {condition.field: condition.value for condition in wanted.conditions}


def uuid_or_none(text: str | None) -> UUID | None:
    """Return the id in a checked text."""
    return None if text is None else UUID(text)


def after_of(wanted: ListQuery) -> UUID | None:
    """Return the id behind which a list goes on."""
    return None if wanted.after is None else UUID(wanted.after[0])
