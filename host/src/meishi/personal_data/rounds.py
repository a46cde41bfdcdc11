"""Asking one plugin after the other, place by place: one failure costs nobody else their turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

from meishi.declarations import DataSubject, PersonalData
from meishi.host import Host
from meishi.lifecycle.raised import raised
from meishi.personal_data.report import PersonalDataReport, PluginOutcome
from meishi.sdk.contract import DomainError

#: What a plugin does for a person in the place where it runs.
Answer = Callable[[PersonalData, DataSubject], PluginOutcome]


@dataclass(frozen=True, slots=True)
class Holder:
    """A plugin that may hold something about people, and how it answers them."""

    plugin: str
    declared: PersonalData


@dataclass(frozen=True, slots=True)
class Place:
    """A workspace, or the deployment itself, with the person as they are known there."""

    workspace_id: UUID | None
    slug: str | None
    subject: DataSubject


def holders(host: Host) -> list[Holder]:
    """Return who may hold something about people, in the order of their dependencies."""
    return [
        Holder(item.plugin, item.data_subject)
        for item in host.plugins.active()
        if item.data_subject is not None
    ]


def export_from(host: Host, places: Sequence[Place], answer: Answer) -> PersonalDataReport:
    """Have `answer` take what each plugin yields, in the order of their dependencies."""
    return _round(host, holders(host), places, answer)


def erase_from(host: Host, places: Sequence[Place], asked: Sequence[Holder]) -> PersonalDataReport:
    """Have plugins erase the person, dependents first, each in a transaction of its own."""
    return _round(host, asked[::-1], places, _erased)


def outcome(**values: Any) -> PluginOutcome:
    """Return what was done, of which the round knows where and by whom."""
    return PluginOutcome(plugin="", workspace_id=None, workspace=None, **values)


def _round(
    host: Host, asked: Sequence[Holder], places: Sequence[Place], answer: Answer
) -> PersonalDataReport:
    outcomes = [_outcome(host, holder, place, answer) for holder in asked for place in places]
    return PersonalDataReport(outcomes=tuple(item for item in outcomes if not item.is_empty))


def _outcome(host: Host, holder: Holder, place: Place, answer: Answer) -> PluginOutcome:
    """Return what a plugin did in a place; whatever it raises is its own failure."""
    try:
        with host.scope(workspace=place.workspace_id, plugin=holder.plugin):
            found = answer(holder.declared, place.subject)
    except Exception as error:  # noqa: BLE001 (another plugin's turn comes all the same)
        found = outcome(failed=_sentence(error))
    return replace(
        found, plugin=holder.plugin, workspace_id=place.workspace_id, workspace=place.slug
    )


def _erased(declared: PersonalData, subject: DataSubject) -> PluginOutcome:
    done = declared.erase(subject)
    return outcome(erased=done.erased, anonymised=done.anonymised, retained=done.retained)


def _sentence(error: Exception) -> str:
    return error.detail if isinstance(error, DomainError) else raised(error)
