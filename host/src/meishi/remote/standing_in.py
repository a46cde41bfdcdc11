"""What stands here for the hooks of a plugin that runs elsewhere: declarations that ask there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, cast
from uuid import UUID

from meishi.context import Surroundings, current_scope
from meishi.declarations import (
    DataSubject,
    ErasureReport,
    Extension,
    HealthCheck,
    HealthReport,
    HealthStatus,
    Lifecycle,
    Metric,
    Panel,
    PersonalData,
    PersonalRecord,
    Sample,
    SearchHit,
    SearchProvider,
    SearchQuery,
)
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.loading import PluginSet
from meishi.placement import Placement
from meishi.reader import current_reader
from meishi.remote.errors import RemoteCallError
from meishi.remote.hooked import HookedPlugins, LoadedValues, WorkspaceTurn, path_values
from meishi.remote.way import Ways
from meishi.sdk.contract import DomainError
from meishi.settings import Settings

#: The name of the check that every plugin has which runs elsewhere, besides its own.
ANSWERS = "meishi_service"
#: Seconds that a service has for a person, and at most for values that others' resources wait for.
_FOR_PEOPLE, _FOR_VALUES = 60.0, 2.0


class ServiceSilent(DomainError):
    """A service did not do what the main deployment needs of it."""

    code = "service-silent"
    title = "A service does not answer"
    status = 503


class _Deployment(Surroundings, Protocol):
    ways: Ways


def stand_in(plugins: PluginSet, settings: Settings) -> None:
    """Have plugins that run elsewhere be asked there; a service asks nobody for hooks."""
    if not settings.only:
        plugins.replace_each(standing_in)


def standing_in(contribution: Contribution) -> Contribution:
    """Return a placed plugin whose hooks are asked where it runs.

    People are asked for there in any case, as parts of the host keep something there, too.
    """
    placement = contribution.placement
    if placement is None:
        return contribution
    return _StandIns(contribution, placement).all()


class _StandIns:
    """The stand-ins of one plugin; the way to it is found where they are called."""

    def __init__(self, contribution: Contribution, placement: Placement) -> None:
        self._contribution = contribution
        self._placement = placement
        self._plugin = contribution.plugin

    def all(self) -> Contribution:
        """Return the plugin with all of them."""
        item = self._contribution
        extensions = [
            replace(one, load=partial(self._values, one)) for one in item.schemas.extensions
        ]
        identify = item.data_subject is not None and item.data_subject.identify is not None
        answers = HealthCheck(
            name=ANSWERS, title="Answers as a service of its own", check=self._answers
        )
        return replace(
            item,
            panels=tuple(replace(one, render=partial(self._panel, one)) for one in item.panels),
            schemas=replace(item.schemas, extensions=extensions),
            search_providers=tuple(
                replace(one, search=partial(self._search, one)) for one in item.search_providers
            ),
            data_subject=PersonalData(
                export=self._export,
                erase=self._erase,
                identify=self._identify if identify else None,
            ),
            health=(
                *(
                    replace(one, check=partial(self._health, one))
                    for one in item.health
                    if one.name != ANSWERS
                ),
                answers,
            ),
            lifecycle=self._turns(),
            metrics=tuple(replace(one, collect=partial(self._metric, one)) for one in item.metrics),
        )

    def _turns(self) -> Lifecycle | None:
        """Return what is done when the plugin is switched; it is installed where it runs."""
        declared = self._contribution.lifecycle
        if declared is None:
            return None
        return Lifecycle(
            enabled=declared.enabled and partial(self._turn, WorkspaceTurn.ENABLED),
            disabled=declared.disabled and partial(self._turn, WorkspaceTurn.DISABLED),
        )

    def _turn(self, turn: WorkspaceTurn) -> None:
        try:
            self._there().turn(self._plugin, turn)
        except RemoteCallError as error:
            raise self._silent() from error

    def _there(self, seconds: float | None = None) -> HookedPlugins:
        host = cast("_Deployment", current_scope().host)
        return host.ways.hooked(self._placement, seconds)

    def _panel(self, panel: Panel, **values: Any) -> str | None:
        reader = current_reader()
        assert reader is not None, "a panel is shown to somebody"
        return self._there().panel(self._plugin, panel.name, path_values(values), reader)

    def _values(self, extension: Extension, ids: Sequence[UUID]) -> Mapping[UUID, LoadedValues]:
        there = self._there(min(_FOR_VALUES, self._placement.seconds))
        found = there.extension(self._plugin, extension.target, tuple(ids))
        return {item.id: item for item in found}

    def _search(self, provider: SearchProvider, wanted: SearchQuery) -> Sequence[SearchHit]:
        seconds = provider.limit_seconds
        return self._there(seconds).search(
            self._plugin, provider.name, wanted.text, wanted.limit, seconds
        )

    def _identify(self, subject: DataSubject) -> Iterable[UUID]:
        try:
            return self._there(_FOR_PEOPLE).identify_person(self._plugin, subject)
        except RemoteCallError as error:
            raise self._silent() from error

    def _export(self, subject: DataSubject) -> Iterable[PersonalRecord]:
        try:
            return self._there(_FOR_PEOPLE).export_person(self._plugin, subject)
        except RemoteCallError as error:
            raise self._silent() from error

    def _erase(self, subject: DataSubject) -> ErasureReport:
        try:
            return self._there(_FOR_PEOPLE).erase_person(self._plugin, subject)
        except RemoteCallError as error:
            raise self._silent() from error

    def _silent(self) -> ServiceSilent:
        return ServiceSilent(f"The service of {self._plugin} does not answer; ask again later.")

    def _answers(self) -> HealthReport:
        try:
            self._there().answers(self._plugin)
        except RemoteCallError as error:
            return HealthReport(status=HealthStatus.FAILING, message=f"{error.reason}.")
        return HealthReport(status=HealthStatus.OK)

    def _health(self, check: HealthCheck) -> HealthReport:
        try:
            return self._there(check.limit_seconds).health(self._plugin, check.name)
        except RemoteCallError as error:
            return HealthReport(status=HealthStatus.FAILING, message=f"{error.reason}.")

    def _metric(self, metric: Metric) -> Iterable[Sample]:
        return self._there().metric(self._plugin, metric.name)
