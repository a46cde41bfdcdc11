"""From the cells of a row to a contact: every value ends up in a field or in the raw bag."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from crm_contacts.contract import ContactDraft, ContactKind, Name, RawProperty
from crm_contacts.tables.channels import Channels, Described
from crm_contacts.tables.dates import birthday, is_no_date
from crm_contacts.tables.targets import CHANNELS, Layout, Target, Thing
from crm_contacts.vcard import escape

COLUMN = "X-MEISHI-COLUMN"
#: What stands between several values in one cell of Google's.
_SEPARATOR = ":::"
_NAME_PARTS = ("prefix", "given", "additional", "family", "suffix")


class NoContact(ValueError):
    """A row says nothing that could stand for a contact; the message says so."""


class RowMapping:
    """Makes contacts of the rows of one table."""

    def __init__(self, columns: Sequence[str], layout: Layout) -> None:
        self._columns = columns
        self._layout = layout

    def draft(self, cells: Sequence[str]) -> ContactDraft:
        """Return the contact that a row describes, with what no field stands for in `raw`.

        The first of several texts for one field fills it, the others go to `raw`.

        :raises NoContact: if there is nothing to call the contact by
        """
        row = _Row(self._layout)
        targets = self._layout.targets
        for place, cell in enumerate(cells):
            if not cell or cell.isspace():
                continue
            target = targets[place] if place < len(targets) else None
            if target is None or not row.take(target, cell, place):
                row.keep(self._column(place), cell)
        for place in row.finish():
            row.keep(self._column(place), cells[place])
        return row.draft()

    def _column(self, place: int) -> str:
        return self._columns[place] if place < len(self._columns) else f"Column {place + 1}"


class _Row:
    """The fields of one contact as they fill up."""

    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._single: dict[tuple[Thing, str], str] = {}
        self._lists: dict[str, dict[str, None]] = defaultdict(dict)
        self._described: dict[tuple[Thing, str], Described] = {}
        self._channels = Channels()
        self._raw: list[RawProperty] = []

    def take(self, target: Target, cell: str, place: int) -> bool:
        """Put the value of one cell into its field; False if the field holds another."""
        if target.thing in CHANNELS:
            described = self._described.setdefault(
                (target.thing, target.place), Described(target.thing, target.kind)
            )
            described.parts[target.part] = (place, self._values(cell))
            return True
        if target.thing is Thing.LIST:
            self._lists[target.part].update((value, None) for value in self._values(cell) if value)
            return True
        text = cell if target.part == "note" else cell.strip()
        if target.part == "birthday":
            if is_no_date(text):
                return True
            text = birthday(text, self._layout.dates)
        text = one_line_breaks(text)
        return self._single.setdefault((target.thing, target.part), text) == text

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
            kind=ContactKind.ORG if alike and not parts else ContactKind.INDIVIDUAL,
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
            raw=tuple(self._raw),
        )

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

    def _values(self, cell: str) -> list[str]:
        values = cell.split(_SEPARATOR) if self._layout.several else [cell]
        return [one_line_breaks(value.strip()) for value in values]


def one_line_breaks(text: str) -> str:
    """Return `text` with every line break written as a line feed."""
    return text.replace("\r\n", "\n").replace("\r", "\n") if "\r" in text else text
