"""How a table is to be read, as far as somebody said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from crm_contacts.contract import CustomField, ImportMapping


@dataclass(frozen=True, slots=True)
class Headerless:
    """A table of which no row names the columns: how many these are, once they were counted.

    `octets` are those before the first row, such as a byte order mark.
    """

    columns: int | None = None
    octets: int = 0


@dataclass(frozen=True, slots=True)
class TableReading:
    """What was chosen of charset, delimiter and columns; what was not is told by the content.

    Without a `known` header the first row of at least two names is the header, and there is none
    at all if the table is `headerless`. `fields` are the custom fields by their keys;
    values for others are kept as raw properties.
    """

    charset: str | None = None
    delimiter: str | None = None
    known: bool = True
    headerless: Headerless | None = None
    mapping: ImportMapping | None = None
    fields: Mapping[str, CustomField] = field(default_factory=dict)
