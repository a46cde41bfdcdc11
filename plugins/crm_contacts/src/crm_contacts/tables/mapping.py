"""From the cells of a row to a contact: every value ends up in a field or in the raw bag."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from crm_contacts.card_custom import unfit
from crm_contacts.card_positions import read_position
from crm_contacts.contract import (
    ContactDraft,
    ContactKind,
    CustomField,
    CustomValue,
    Name,
    Position,
    RawProperty,
)
from crm_contacts.csv_cells import meant
from crm_contacts.custom_values import UnfitValue, read
from crm_contacts.tables.channels import Channels, Described
from crm_contacts.tables.dates import birthday, is_no_date
from crm_contacts.tables.targets import CHANNELS, Layout, Target, Thing
from crm_contacts.vcard import escape

COLUMN = "X-MEISHI-COLUMN"
#: What stands between several values in one cell of Google's.
_SEPARATOR = ":::"
_TAGS = "tags"
_NAME_PARTS = ("prefix", "given", "additional", "family", "suffix")
#: What stands between tags, unless somebody says otherwise.
_TAG_SEPARATORS = re.compile(r"[,;\n]|:::")
#: What people call kinds besides the names of vCard.
_KINDS = {
    "person": ContactKind.INDIVIDUAL,
    "company": ContactKind.ORG,
    "organisation": ContactKind.ORG,
    "organization": ContactKind.ORG,
}


class NoContact(ValueError):
    """A row cannot stand for a contact; the message says why."""


class RowMapping:
    """Makes contacts of the rows of one table."""

    def __init__(
        self, columns: Sequence[str], layout: Layout, fields: Mapping[str, CustomField]
    ) -> None:
        self._columns = columns
        self._layout = layout
        self._fields = fields

    def draft(self, cells: Sequence[str]) -> tuple[ContactDraft, str | None]:
        """Return the contact that a row describes, with what no field stands for in `raw`.

        The first of several texts for one field fills it, the others go to `raw`. A value that its
        custom field cannot have does so too, and the second item tells of it.

        :raises NoContact: if there is nothing to call the contact by, or its kind is none
        """
        row = _Row(self._layout, self._fields)
        targets = self._layout.targets
        problems: list[str] = []
        for place, written in enumerate(cells):
            cell = meant(written)
            if not cell or cell.isspace():
                continue
            target = targets[place] if place < len(targets) else None
            try:
                if target is None or not row.take(target, cell, place):
                    row.keep(self._column(place), cell)
            except UnfitValue as error:
                if target is None or target.thing is not Thing.CUSTOM:
                    raise NoContact(f"{self._column(place)}: {error}") from error
                problems.append(unfit(self._column(place), error))
                row.keep(self._column(place), cell)
        for place in row.finish():
            row.keep(self._column(place), meant(cells[place]))
        return row.draft(), " ".join(problems) or None

    def _column(self, place: int) -> str:
        return self._columns[place] if place < len(self._columns) else f"Column {place + 1}"


class _Row:
    """The fields of one contact as they fill up."""

    def __init__(self, layout: Layout, fields: Mapping[str, CustomField]) -> None:
        self._layout = layout
        self._fields = fields
        self._custom: dict[str, CustomValue] = {}
        self._single: dict[tuple[Thing, str], str] = {}
        self._lists: dict[str, dict[str, None]] = defaultdict(dict)
        self._described: dict[tuple[Thing, str], Described] = {}
        self._positions: list[Position] = []
        self._channels = Channels()
        self._raw: list[RawProperty] = []

    def take(self, target: Target, cell: str, place: int) -> bool:
        """Put the value of one cell into its field; False if the field holds another.

        Raises `UnfitValue` if it is none of the field's.
        """
        if target.thing is Thing.SKIP:
            return True
        if target.thing is Thing.CUSTOM:
            return self._take_custom(target.part, cell)
        if target.thing in CHANNELS:
            described = self._described.setdefault(
                (target.thing, target.place), Described(target.thing, target.kind)
            )
            described.parts[target.part] = (place, self._values(cell, target))
            return True
        if target.thing in {Thing.LIST, Thing.TAGS}:
            values = self._values(cell, target)
            self._lists[_list_name(target)].update((value, None) for value in values if value)
            return True
        return self._take_text(target, cell)

    def finish(self) -> list[int]:
        """Add emails, phones, addresses and links; return the cells that belong to none."""
        left = map(self._channels.add, self._described.values())
        return [place for place in left if place is not None]

    def keep(self, column: str, cell: str) -> None:
        """Put a value that no field holds into the raw bag."""
        if self._layout.dates and is_no_date(cell):
            return
        value = escape(one_line_breaks(cell))
        self._raw.append(RawProperty(name=COLUMN, value=value, parameters=(("NAME", (column,)),)))

    def draft(self) -> ContactDraft:
        """Return the contact; raise `NoContact` if nothing names it."""
        organisation = self._text("organisation")
        name = self._name(organisation)
        alike = organisation and name.full.casefold() == organisation.casefold()
        parts = any((Thing.NAME, part) in self._single for part in _NAME_PARTS)
        channels = self._channels
        return ContactDraft(
            name=name,
            kind=self._kind(alike=bool(alike and not parts)),
            uid=self._text("uid"),
            nicknames=tuple(self._lists["nicknames"]),
            organisation=organisation,
            units=tuple(self._lists["units"]),
            title=self._text("title"),
            role=self._text("role"),
            birthday=self._text("birthday"),
            note=self._text("note"),
            emails=tuple(channels.emails),
            phones=tuple(channels.phones),
            addresses=tuple(channels.addresses),
            links=tuple(channels.links),
            positions=tuple(self._positions),
            tags=tuple(self._lists[_TAGS]),
            custom=tuple(sorted(self._custom.items())),
            raw=tuple(self._raw),
        )

    def _take_text(self, target: Target, cell: str) -> bool:
        if target.part == "positions":
            return self._take_positions(cell)
        text = cell if target.part == "note" else cell.strip()
        if target.part == "birthday":
            if is_no_date(text):
                return True
            text = birthday(text, self._layout.dates)
        if target.part == "kind":
            text = _kind(text).value
        text = one_line_breaks(text)
        return self._single.setdefault((target.thing, target.part), text) == text

    def _take_positions(self, cell: str) -> bool:
        """Read a job from each line, as an X-MEISHI-POSITION says it; all of them, or none."""
        lines = [line for line in one_line_breaks(cell).split("\n") if line.strip()]
        found = [position for line in lines if (position := read_position(line))]
        if len(found) < len(lines):
            return False
        self._positions += found
        return True

    def _take_custom(self, key: str, cell: str) -> bool:
        """Read a value of a custom field, unless that is gone."""
        if key not in self._fields:
            return False
        value = read(self._fields[key], one_line_breaks(cell.strip()))
        return self._custom.setdefault(key, value) == value

    def _kind(self, *, alike: bool) -> ContactKind:
        said = self._text("kind")
        if said is not None:
            return ContactKind(said)
        return ContactKind.ORG if alike else ContactKind.INDIVIDUAL

    def _name(self, organisation: str | None) -> Name:
        parts = {part: self._single.get((Thing.NAME, part)) for part in _NAME_PARTS}
        spoken = " ".join(filter(None, parts.values()))
        full = self._single.get((Thing.NAME, "full")) or spoken or organisation
        full = full or next(iter(self._lists["nicknames"]), None) or self._channels.first()
        if not full:
            raise NoContact("the row has neither a name nor anything else to call a contact by")
        return Name(full=full, **parts)

    def _text(self, part: str) -> str | None:
        return self._single.get((Thing.TEXT, part))

    def _values(self, cell: str, target: Target) -> list[str]:
        if target.separator is not None:
            values = cell.split(target.separator)
        elif target.thing is Thing.TAGS:
            values = _TAG_SEPARATORS.split(cell)
        else:
            values = cell.split(_SEPARATOR) if self._layout.several else [cell]
        return [one_line_breaks(value.strip()) for value in values]


def _list_name(target: Target) -> str:
    return _TAGS if target.thing is Thing.TAGS else target.part


def _kind(text: str) -> ContactKind:
    """Return the kind that a word stands for."""
    word = text.casefold()
    try:
        return _KINDS.get(word) or ContactKind(word)
    except ValueError as error:
        raise UnfitValue(f"One of: {', '.join(ContactKind)}.") from error


def one_line_breaks(text: str) -> str:
    """Return `text` with every line break written as a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
