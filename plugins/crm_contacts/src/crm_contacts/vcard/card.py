"""What a vCard is once read: a version and its properties in order."""

from __future__ import annotations

from dataclasses import dataclass

#: (upper-case name, values) pairs; a name occurs once, its values in the order of the source.
Parameters = tuple[tuple[str, tuple[str, ...]], ...]

#: Name given to a line that is no property, so that its text is kept.
UNPARSED = "X-MEISHI-UNPARSED"

#: Text even if it comes as base64; other base64 is a picture, a sound or a key.
TEXT = frozenset({"FN", "N", "NICKNAME", "ORG", "TITLE", "ROLE", "EMAIL", "TEL", "ADR", "LABEL"})
TEXT |= {"URL", "BDAY", "NOTE", "CATEGORIES", "IMPP"}


class VCardError(ValueError):
    """The source cannot be read as a card; `reason` says why in plain English."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Property:
    r"""One property: its value is decoded text on one line, with its escapes as written.

    Line breaks that a transfer encoding carried are written as `\n`. A binary value stays
    base64 and keeps its ENCODING parameter; ENCODING and CHARSET are otherwise used up.
    """

    name: str
    value: str
    group: str | None = None
    parameters: Parameters = ()

    def parameter(self, name: str) -> tuple[str, ...]:
        """Return the values of the parameter `name`, which is given in upper case."""
        for key, values in self.parameters:
            if key == name:
                return values
        return ()


@dataclass(frozen=True, slots=True)
class VCard:
    """A card as it was written; BEGIN, END and VERSION are not among its properties."""

    version: str
    properties: tuple[Property, ...]
