"""Where the routes of the QR generator are gathered, and what they have in common."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from meishi.sdk.contract import DomainError, ListQuery
from meishi.sdk.http import Blueprint

blueprint = Blueprint("qr", description="Cards and the codes printed for them")


class InvalidQrQuery(DomainError):
    """A list is asked for in a way that it cannot be given."""

    code = "invalid-qr-query"
    title = "Invalid query"
    status = 400


def conditions_of(wanted: ListQuery) -> Mapping[str, str]:
    """Return what each filtered field has to be."""
    return {condition.field: condition.value for condition in wanted.conditions}


def uuid_or_none(text: str | None) -> UUID | None:
    """Return the id in a checked text."""
    return None if text is None else UUID(text)


def after_of(wanted: ListQuery) -> UUID | None:
    """Return the id behind which a list goes on; raise `InvalidQrQuery` if there is none."""
    if wanted.after is None:
        return None
    try:
        (position,) = wanted.after
        return UUID(position)
    except ValueError as error:
        raise InvalidQrQuery("The cursor belongs to another list.") from error
