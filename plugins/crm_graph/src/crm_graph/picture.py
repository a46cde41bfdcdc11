"""The picture as tables: the same people and ties, for who reads instead of looking."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROWS = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """What the layout holds of people and ties, as parallel arrays."""

    version: int
    ids: Sequence[str]
    names: Sequence[str]
    organisations: Sequence[str | None]
    degrees: Sequence[int]
    communities: Sequence[int | None]
    sources: Sequence[int]
    targets: Sequence[int]
    strengths: Sequence[float]
    drawn_version: int | None
    unconnected: int
    nodes_left_out: int
    ties_left_out: int


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRow:
    """A person in the table."""

    id: str
    name: str
    organisation: str | None
    degree: int
    community: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TieRow:
    """A tie in the table; the strength is in percent."""

    source_id: str
    source: str
    target_id: str
    target: str
    percent: int


PEOPLE_SORTS: Mapping[str, Callable[[PersonRow], Any]] = {
    "degree": lambda row: (-row.degree, row.name.casefold()),
    "name": lambda row: row.name.casefold(),
    "organisation": lambda row: (
        row.organisation is None, (row.organisation or "").casefold(), row.name.casefold(),
    ),
    "community": lambda row: (row.community is None, row.community, -row.degree),
}  # fmt: skip
TIE_SORTS: Mapping[str, Callable[[TieRow], Any]] = {
    "strength": lambda row: (-row.percent, row.source.casefold(), row.target.casefold()),
    "name": lambda row: (row.source.casefold(), row.target.casefold()),
}


def people(picture: Picture, sort: str) -> list[PersonRow]:
    """Return everybody who is drawn, in one of the orders of `PEOPLE_SORTS`."""
    columns = (
        picture.ids, picture.names, picture.organisations, picture.degrees, picture.communities,
    )  # fmt: skip
    rows = (
        PersonRow(id=ident, name=name, organisation=organisation, degree=degree, community=group)
        for ident, name, organisation, degree, group in zip(*columns, strict=True)
    )
    return sorted(rows, key=PEOPLE_SORTS[sort])


def ties(picture: Picture, sort: str) -> list[TieRow]:
    """Return all ties that are drawn, in one of the orders of `TIE_SORTS`."""
    ends = zip(picture.sources, picture.targets, picture.strengths, strict=True)
    rows = (
        TieRow(
            source_id=picture.ids[source],
            source=picture.names[source],
            target_id=picture.ids[target],
            target=picture.names[target],
            percent=round(100 * strength),
        )
        for source, target, strength in ends
    )
    return sorted(rows, key=TIE_SORTS[sort])
