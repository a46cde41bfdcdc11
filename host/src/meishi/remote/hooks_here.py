"""The side that is asked: the hooks of a service's own plugins, each as its plugin's code."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Protocol, TypeVar, cast
from uuid import UUID

import msgspec

from meishi.context import Surroundings, current_scope
from meishi.database.statement_limits import limited_statements
from meishi.declarations import (
    DataSubject,
    ErasureReport,
    Extension,
    HealthReport,
    PersonalData,
    PersonalRecord,
    PluginContext,
    Sample,
    SearchHit,
    SearchQuery,
)
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.raised import raised
from meishi.logs import logger
from meishi.reader import Reader, reading
from meishi.remote.hooked import (
    LoadedValues,
    PathValue,
    TurnRefused,
    WorkspaceTurn,
    read_values,
)
from meishi.sdk.contract import DomainError
from meishi.settings import Settings

T = TypeVar("T")


class _Plugins(Protocol):
    def active(self) -> Iterator[Contribution]: ...


class _Service(Surroundings, Protocol):
    settings: Settings
    plugins: _Plugins


class HooksHere:
    """Answers for the plugins that run here as a service; any other is unknown."""

    def __init__(self, _: PluginContext) -> None:
        """Be made for one unit of work."""

    def panel(
        self, plugin: str, name: str, values: tuple[PathValue, ...], reader: Reader
    ) -> str | None:
        """Return a panel's HTML; one that fails is its plugin's fault, and shows nothing."""
        panel = _one(item for item in _own(plugin).panels if item.name == name)
        with reading(reader):
            try:
                with _as(plugin):
                    return panel.render(**read_values(values))
            except Exception as error:  # noqa: BLE001 (a plugin's fault, whatever it is)
                told, full_name = raised(error), f"{plugin}.{name}"
                logger("error").error("panel_failed", panel=full_name, error=told)
                return None

    def extension(
        self, plugin: str, target: str, ids: tuple[UUID, ...]
    ) -> tuple[LoadedValues, ...]:
        """Return what a plugin adds to resources; what its schema refuses costs only itself."""
        extensions = _own(plugin).schemas.extensions
        extension = _one(item for item in extensions if item.target == target)
        with _as(plugin):
            found = extension.load(ids)
            return tuple(
                _loaded(extension, key, value) for key, value in found.items() if value is not None
            )

    def search(
        self, plugin: str, provider: str, text: str, limit: int, seconds: float
    ) -> tuple[SearchHit, ...]:
        """Return a provider's best hits."""
        found = _one(item for item in _own(plugin).search_providers if item.name == provider)
        with limited_statements(current_scope().work, seconds), _as(plugin):
            return tuple(found.search(SearchQuery(text=text, limit=limit))[:limit])

    def identify_person(self, plugin: str, subject: DataSubject) -> tuple[UUID, ...]:
        """Return the contacts that describe a person."""
        declared = _own(plugin).data_subject
        if declared is None or declared.identify is None:
            return ()
        with _as(plugin):
            return tuple(declared.identify(subject))

    def export_person(self, plugin: str, subject: DataSubject) -> tuple[PersonalRecord, ...]:
        """Return what the plugin holds, then what parts of the host do for it, by their names."""
        found: list[PersonalRecord] = []
        for owner, declared in _holders(plugin):
            with _as(owner):
                for record in declared.export(subject):
                    kind = record.kind if owner == plugin else f"{owner}.{record.kind}"
                    found.append(replace(record, kind=kind))
        return tuple(found)

    def erase_person(self, plugin: str, subject: DataSubject) -> ErasureReport:
        """Erase what the plugin holds, and what parts of the host do for it."""
        reports: list[ErasureReport] = []
        for owner, declared in _holders(plugin):
            with _as(owner):
                reports.append(declared.erase(subject))
        return ErasureReport(
            erased=sum(item.erased for item in reports),
            anonymised=sum(item.anonymised for item in reports),
            retained=tuple(kept for item in reports for kept in item.retained),
        )

    def turn(self, plugin: str, turn: WorkspaceTurn) -> None:
        """Call what the plugin does when it is switched; its refusal is told in its own words."""
        function = getattr(_own(plugin).lifecycle, turn.value, None)
        if function is None:
            return
        try:
            with _as(plugin):
                function()
        except DomainError as error:
            raise TurnRefused(error.detail or error.title) from error

    def answers(self, plugin: str) -> bool:
        """Return that the plugin is active; one that is not is unknown."""
        return _own(plugin).plugin == plugin

    def health(self, plugin: str, name: str) -> HealthReport:
        """Return what a check finds."""
        check = _one(item for item in _own(plugin).health if item.name == name)
        with _as(plugin):
            return check.check()

    def metric(self, plugin: str, name: str) -> tuple[Sample, ...]:
        """Return the samples of a metric."""
        metric = _one(item for item in _own(plugin).metrics if item.name == name)
        with _as(plugin):
            return tuple(metric.collect())


def _host() -> _Service:
    return cast("_Service", current_scope().host)


def _own(plugin: str) -> Contribution:
    """Return what a plugin supplies that runs here; raise `LookupError` for any other."""
    only = _host().settings.only
    return _one(i for i in _host().plugins.active() if i.plugin == plugin and plugin in only)


def _one(found: Iterable[T]) -> T:
    for item in found:
        return item
    raise LookupError("there is none; this service may be of another version")


def _holders(plugin: str) -> Sequence[tuple[str, PersonalData]]:
    """Return who holds something about people: a plugin, and the parts of the host around it."""
    own, host = _own(plugin), _host()
    parts = [
        item
        for item in host.plugins.active()
        if item.placement is None and item.plugin not in host.settings.only
    ]
    return [
        (item.plugin, item.data_subject) for item in (own, *parts) if item.data_subject is not None
    ]


@contextmanager
def _as(plugin: str) -> Iterator[None]:
    work = current_scope().work
    with work.savepoint(), work.entered(plugin):
        yield


def _loaded(extension: Extension, key: UUID, value: Any) -> LoadedValues:
    try:
        return LoadedValues(id=key, document=msgspec.json.encode(extension.schema().dump(value)))
    except Exception as error:  # noqa: BLE001 (a plugin's fault; other values are sound)
        return LoadedValues(id=key, fault=raised(error))
