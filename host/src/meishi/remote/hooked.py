"""What the main deployment asks the plugins of a service, as it asks those that run with it.

These are the hooks that are asked while somebody waits: each method stands for one of them, and is
called over the same wire as a contract.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol
from uuid import UUID

import msgspec

from meishi.declarations import (
    DataSubject,
    ErasureReport,
    HealthReport,
    PersonalRecord,
    Sample,
    SearchHit,
)
from meishi.reader import Reader
from meishi.sdk.contract import DomainError, command, query


class ValueKind(StrEnum):
    """What a value of a page's path is."""

    TEXT = "text"
    ID = "id"
    INTEGER = "integer"
    NUMBER = "number"


@dataclass(frozen=True, slots=True, kw_only=True)
class PathValue:
    """A value of a page's path, as text."""

    name: str
    kind: ValueKind
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LoadedValues:
    """What a plugin adds to one resource: a JSON object as its schema writes it, or a `fault`."""

    id: UUID
    document: bytes = b"null"
    fault: str = ""

    def read(self) -> Any:
        """Return the values; raise `ValueError` if the plugin's schema refused them."""
        if self.fault:
            raise ValueError(self.fault)
        return msgspec.json.decode(self.document)


class WorkspaceTurn(StrEnum):
    """A turn of a plugin's life that the main deployment decides on."""

    ENABLED = "enabled"
    DISABLED = "disabled"


class TurnRefused(DomainError):
    """The plugin refuses to be switched."""

    code = "turn-refused"
    title = "Refused"


class HookedPlugins(Protocol):
    """The hooks of the plugins that a service has; `plugin` says of which one."""

    @query()
    def panel(
        self, plugin: str, name: str, values: tuple[PathValue, ...], reader: Reader
    ) -> str | None:
        """Return a panel's HTML, None where it has nothing to show or fails."""

    @query()
    def extension(
        self, plugin: str, target: str, ids: tuple[UUID, ...]
    ) -> tuple[LoadedValues, ...]:
        """Return what a plugin adds to resources, of those that have anything."""

    @query()
    def search(
        self, plugin: str, provider: str, text: str, limit: int, seconds: float
    ) -> tuple[SearchHit, ...]:
        """Return a provider's best hits; each statement has so many seconds."""

    @query()
    def identify_person(self, plugin: str, subject: DataSubject) -> tuple[UUID, ...]:
        """Return the contacts of the workspace that describe a person."""

    @query()
    def export_person(self, plugin: str, subject: DataSubject) -> tuple[PersonalRecord, ...]:
        """Return what the plugin holds about a person, and the service's own parts with it."""

    @command()
    def erase_person(self, plugin: str, subject: DataSubject) -> ErasureReport:
        """Erase that; all of it, or none if any of them fails."""

    @command(errors=(TurnRefused,))
    def turn(self, plugin: str, turn: WorkspaceTurn) -> None:
        """Have the plugin do what it does when it is switched, where the caller is."""

    @query()
    def answers(self, plugin: str) -> bool:
        """Return whether the plugin is active in the service."""

    @query()
    def health(self, plugin: str, name: str) -> HealthReport:
        """Return what a check of the plugin finds."""

    @query()
    def metric(self, plugin: str, name: str) -> tuple[Sample, ...]:
        """Return the samples of a metric."""


def path_values(values: Mapping[str, Any]) -> tuple[PathValue, ...]:
    """Return the values of a page's path as they cross."""
    return tuple(
        PathValue(name=name, kind=_kind(value), text=str(value)) for name, value in values.items()
    )


def read_values(values: tuple[PathValue, ...]) -> dict[str, Any]:
    """Return the values of a page's path as views are given them."""
    return {item.name: _READ[item.kind](item.text) for item in values}


_READ: Mapping[ValueKind, type] = {
    ValueKind.TEXT: str,
    ValueKind.ID: UUID,
    ValueKind.INTEGER: int,
    ValueKind.NUMBER: float,
}


def _kind(value: object) -> ValueKind:
    return next(kind for kind, type_ in _READ.items() if isinstance(value, type_))
