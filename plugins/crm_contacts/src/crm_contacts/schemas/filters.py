"""Filters in a document: the language of the list's query, as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from marshmallow import ValidationError

from crm_contacts.schemas.contact_queries import ContactQuerySchema
from meishi.sdk.contract import Condition, FieldError, ListQuery, Operator

Filters = Mapping[str, Mapping[str, str]]


class WrongFilters(ValueError):
    """Filters that the list of contacts does not know, or that their values do not fit."""

    def __init__(self, errors: list[FieldError]) -> None:
        super().__init__("The list of contacts has no such filter.")
        self.errors = errors


def conditions_of(filters: Filters, pointer: str = "/filter") -> tuple[Condition, ...]:
    """Return the conditions that filters say by field and operator; raise `WrongFilters`.

    What says nothing of a field is wrong, too, as it would show everybody: an empty form, perhaps.
    """
    unsaid = list(_unsaid(filters, pointer))
    if unsaid:
        raise WrongFilters(unsaid)
    query = {
        f"filter[{field}][{operator}]": value
        for field, compared in filters.items()
        for operator, value in compared.items()
    }
    try:
        wanted: ListQuery = ContactQuerySchema().load(query)
    except ValidationError as error:
        raise WrongFilters(list(_errors(filters, error, pointer))) from error
    return wanted.conditions


def filters_of(conditions: tuple[Condition, ...]) -> dict[str, dict[str, str]]:
    """Return conditions as filters, by field and operator."""
    found: dict[str, dict[str, str]] = {}
    for item in conditions:
        found.setdefault(item.field, {})[item.operator.value] = item.value
    return found


def _unsaid(filters: Filters, pointer: str) -> Iterator[FieldError]:
    for field, compared in filters.items():
        if not compared:
            said = "Say what it is compared with, by an operator."
            yield FieldError(f"{pointer}/{field}", "invalid", said)
        elif not compared.get(Operator.PREFIX, "x").strip():
            said = "Say what it begins with."
            yield FieldError(f"{pointer}/{field}/{Operator.PREFIX}", "invalid", said)


def _errors(filters: Filters, error: ValidationError, pointer: str) -> list[FieldError]:
    said = error.messages_dict
    return [
        FieldError(f"{pointer}/{field}/{operator}", "invalid", " ".join(map(str, messages)))
        for field, compared in filters.items()
        for operator in compared
        if (messages := said.get(f"filter[{field}][{operator}]"))
    ]
