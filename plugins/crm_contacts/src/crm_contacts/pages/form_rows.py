"""Rows of the form of a contact: its emails, phones, links and addresses, one in each.

Each row carries its place in the contact, and what the form does not show stays with it. A row
without values is nothing, so it is taken away by emptying it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Protocol, TypeVar

from crm_contacts.contract import Address, Email, Link, Phone
from meishi.sdk.texts import noted

_TYPES = (noted("work"), noted("home"), noted("cell"), noted("fax"))

Q = TypeVar("Q", Email, Phone, Link, Address)


class SentForm(Protocol):
    """What a browser sends: names that may have several values."""

    def get(self, name: str, otherwise: str) -> str:
        """Return the first value of a name."""
        ...

    def getlist(self, name: str) -> list[str]:
        """Return all values of a name."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FormRow:
    """A row of a list: its values by field, its place in the contact, and what it says of them."""

    values: Mapping[str, str]
    place: str = ""
    type: str = ""
    types: tuple[str, ...] = ("", *_TYPES)
    label: str = ""
    primary: bool = False
    verified: bool = False


def rows_of(
    items: Sequence[Email | Phone | Link | Address],
    names: Sequence[str],
    places: Sequence[str] | None = None,
    *,
    spare: int,
) -> list[FormRow]:
    """Return the rows of a list, and some empty ones; `places` are those of typed items."""
    found = [
        FormRow(
            values={name: getattr(item, name) or "" for name in names},
            place=str(place) if places is None else places[place],
            type=",".join(item.types),
            types=_choices(",".join(item.types)),
            label=item.label or "",
            primary=item.primary,
            verified=item.verified is not False,  # None leaves it to the value, see `items_of`
        )
        for place, item in enumerate(items)
    ]
    return [*found, *[FormRow(values=dict.fromkeys(names, ""))] * spare]


def places_of(form: SentForm, prefix: str, names: Sequence[str]) -> list[str]:
    """Return the places of the rows that say something, as `items_of` yields their items."""
    return [place for _, _, place, _ in _said(form, prefix, names)]


def items_of(
    form: SentForm,
    prefix: str,
    names: Sequence[str],
    before: Sequence[Q],
    make: Callable[..., Q],
) -> Iterator[Q]:
    """Yield the rows that say something, each upon what stood in its place.

    Rows are counted from 1: `PREFIX_primary` is the number of one, and `PREFIX_verified` are those
    of some. What was verified already, and is so in the form, is so as long as the value stays.
    """
    labels = form.getlist(f"{prefix}_label")
    primary = form.getlist(f"{prefix}_primary")
    verified = form.getlist(f"{prefix}_verified")
    for number, kind, place, texts in _said(form, prefix, names):
        label = labels[number - 1] if number <= len(labels) else None
        known = place.isdecimal() and int(place) < len(before)
        item = before[int(place)] if known else None
        said: dict[str, Any] = {}
        if item is None or kind != ",".join(item.types):
            said["types"] = tuple(found for found in kind.split(",") if found)
        if label is not None:
            said["label"] = kept(label, item.label if item else None)
        if primary:
            said["primary"] = primary[0] == str(number)
        said["verified"] = str(number) in verified
        if item is None:
            yield make(**said, **texts)
            continue
        if said["verified"] and item.verified:
            said["verified"] = None
        yield replace(item, **said, **_kept(texts, item))


def _said(
    form: SentForm, prefix: str, names: Sequence[str]
) -> Iterator[tuple[int, str, str, dict[str, Any]]]:
    """Yield number, type, place and texts of the rows that say something."""
    columns = [form.getlist(f"{prefix}_{name}") for name in (*names, "type", "place")]
    for number, (*values, kind, place) in enumerate(zip(*columns, strict=False), start=1):
        texts = {name: value.strip() or None for name, value in zip(names, values, strict=True)}
        if any(texts.values()):
            yield number, kind, place, texts


def kept(text: str, before: str | None) -> str | None:
    """Return a text as it was before if a form shows that no other way, else without its ends."""
    found = _shown(text)
    return before if found == _shown(before or "") else found or None


def _kept(texts: Mapping[str, str | None], item: Email | Phone | Link | Address) -> dict[str, Any]:
    return {name: kept(text or "", getattr(item, name)) for name, text in texts.items()}


def _shown(text: str) -> str:
    return text.replace("\r\n", "\n").strip()


def _choices(current: str) -> tuple[str, ...]:
    return ("", *_TYPES) if current in {"", *_TYPES} else ("", *_TYPES, current)
