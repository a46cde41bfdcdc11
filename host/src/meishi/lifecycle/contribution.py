"""What one plugin supplies: the results of its hooks, collected and held against its manifest."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pluggy
from sqlalchemy.exc import NoReferenceError

from meishi.calls.contract_modules import contract_events, contract_module_faults
from meishi.calls.event_versions import is_retired
from meishi.calls.rules import contract_faults
from meishi.declarations import (
    EventHandler,
    Exporter,
    HealthCheck,
    HookSpec,
    Importer,
    Job,
    Lifecycle,
    MergeHandler,
    Metric,
    Migrations,
    NavigationEntry,
    Page,
    Panel,
    Permission,
    PersonalData,
    PluginSettings,
    PublicPage,
    Schemas,
    SearchProvider,
    Service,
    Subscription,
)
from meishi.lifecycle.deadline import Deadline
from meishi.lifecycle.event_versions import event_type_faults
from meishi.lifecycle.extension_faults import extension_faults
from meishi.lifecycle.hook_results import ContributionError, call_hooks, foreign_hooks
from meishi.lifecycle.hookspec_faults import hookspec_faults
from meishi.lifecycle.leveled_settings import LeveledSettings
from meishi.lifecycle.manifest import Manifest
from meishi.lifecycle.merge_faults import merge_faults
from meishi.lifecycle.page_faults import page_faults
from meishi.lifecycle.plugin_settings import WrongSettings, load_plugin_settings
from meishi.lifecycle.provider_faults import provider_faults
from meishi.lifecycle.unserved import unserved_faults
from meishi.placement import Placement
from meishi.sdk.contract import Event

if TYPE_CHECKING:
    import click
    from sqlalchemy import MetaData

    from meishi.http.blueprint import Blueprint


#: Hooks whose results are kept as they are, under their own names.
_AS_SUPPLIED = (
    *("routes", "public_pages", "pages", "navigation", "panels", "event_types", "event_handlers"),
    *("services", "permissions", "jobs", "cli", "data_subject", "search_providers", "importers"),
    *("exporters", "health", "metrics", "lifecycle", "hookspecs"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """Everything that one plugin supplies to this application object.

    With a `placement` it runs elsewhere, and what is here stands for it.
    """

    plugin: str
    package: str
    manifest: Manifest
    routes: tuple[Blueprint, ...] = ()
    public_pages: tuple[PublicPage, ...] = ()
    pages: tuple[Page, ...] = ()
    navigation: tuple[NavigationEntry, ...] = ()
    panels: tuple[Panel, ...] = ()
    schemas: Schemas = field(default_factory=Schemas)
    versions: Path | None = None
    event_types: tuple[type[Event], ...] = ()
    event_handlers: tuple[EventHandler, ...] = ()
    services: tuple[Service, ...] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    settings_schema: PluginSettings | None = None
    configured: Mapping[str, Any] = field(default_factory=dict)
    permissions: tuple[Permission, ...] = ()
    jobs: tuple[Job, ...] = ()
    cli: click.Group | None = None
    data_subject: PersonalData | None = None
    merge_handlers: tuple[MergeHandler, ...] = ()
    search_providers: tuple[SearchProvider, ...] = ()
    importers: tuple[Importer, ...] = ()
    exporters: tuple[Exporter, ...] = ()
    health: tuple[HealthCheck, ...] = ()
    metrics: tuple[Metric, ...] = ()
    lifecycle: Lifecycle | None = None
    hookspecs: tuple[HookSpec, ...] = ()
    implementations: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    placement: Placement | None = None

    def leveled_settings(self) -> LeveledSettings | None:
        """Return the settings that workspaces and users set too, None if there are no such."""
        declared = self.settings_schema
        if declared is None:
            return None
        leveled = LeveledSettings(
            plugin=self.plugin,
            title=self.manifest.title,
            declared=declared,
            configured=self.configured,
        )
        return leveled if leveled.names() else None

    def permission_names(self) -> tuple[str, ...]:
        """Return the full names of the plugin's permissions: `<prefix>.<name>`."""
        return tuple(f"{self.manifest.prefix}.{item.name}" for item in self.permissions)


def collect(
    manager: pluggy.PluginManager,
    plugin: ModuleType,
    manifest: Manifest,
    values: Mapping[str, Any],
    limit: Deadline,
) -> Contribution:
    """Call the hooks of one plugin; raise `ContributionError` naming the hook or the key.

    What this version does not serve is refused last: its author reads first what is theirs to
    mend, and an operator, that nothing but the host's version is in the way.
    """
    supplied = call_hooks(manager, plugin, limit)
    limit.step = "checking what it supplies"
    contribution = Contribution(
        plugin=manifest.name,
        package=_package(plugin, manifest),
        manifest=manifest,
        schemas=supplied.get("schemas") or Schemas(),
        versions=_versions_folder(supplied.get("migrations")),
        settings=_settings(manifest.name, supplied.get("settings"), values),
        settings_schema=supplied.get("settings"),
        configured=values,
        merge_handlers=supplied.get("merge_entities", ()),
        implementations=foreign_hooks(manager, plugin),
        **{name: supplied[name] for name in _AS_SUPPLIED if name in supplied},
    )
    for fault in _all_faults(contribution, supplied):
        raise ContributionError(fault)
    return contribution


def _all_faults(contribution: Contribution, supplied: Mapping[str, Any]) -> Iterator[str]:
    """Yield everything that is wrong with what a plugin supplies, the gravest first."""
    yield from _ownership_faults(contribution, contribution.package)
    yield from _contract_faults(contribution, contribution.package)
    yield from _faults(contribution)
    yield from page_faults(contribution)
    yield from extension_faults(contribution)
    yield from merge_faults(contribution, contribution.event_types, contribution.event_handlers)
    yield from provider_faults(contribution)
    yield from hookspec_faults(
        contribution.hookspecs,
        prefix=contribution.manifest.hook_prefix,
        contract=f"{contribution.package}.contract",
    )
    yield from unserved_faults(supplied)


def _settings(
    plugin: str, declared: PluginSettings | None, values: Mapping[str, Any]
) -> Mapping[str, Any]:
    try:
        return load_plugin_settings(plugin, declared, values)
    except WrongSettings as error:
        raise ContributionError(str(error)) from error


def _versions_folder(declared: Migrations | None) -> Path | None:
    if declared is None:
        return None
    try:
        spec = find_spec(declared.package)
    except ImportError:
        spec = None
    locations = spec.submodule_search_locations if spec else None
    if not locations:
        raise ContributionError(f"hook `migrations` names no package: {declared.package!r}")
    return Path(next(iter(locations)))


def _package(plugin: ModuleType, manifest: Manifest) -> str:
    """Return a plugin's own package: that of its name, or where a part of the host is."""
    top = plugin.__name__.partition(".")[0]
    return top if top == manifest.name else plugin.__name__.rpartition(".")[0]


def _ownership_faults(contribution: Contribution, package: str) -> Iterator[str]:
    """Yield one sentence for each offered class that belongs to somebody else's contract."""
    for kind, offered in (
        ("services", [service.protocol for service in contribution.services]),
        ("event_types", contribution.event_types),
    ):
        for item in offered:
            if not f"{item.__module__}.".startswith(f"{package}."):
                yield (
                    f"hook `{kind}`: {item.__module__}.{item.__qualname__} "
                    f"is not of the plugin's own package {package!r}"
                )


def _contract_faults(contribution: Contribution, package: str) -> Iterator[str]:
    """Yield what must not be in the package's contract, or in a Protocol offered beside it."""
    name = f"{package}.contract"
    if find_spec(name) is not None:
        contract = import_module(name)
        items = frozenset(spec.item for spec in contribution.hookspecs)
        yield from (f"contract {fault}" for fault in contract_module_faults(contract, items))
        for event in contract_events(contract):
            if event not in contribution.event_types:
                yield f"contract {event.__qualname__}: `event_types` does not return this event"
    for service in contribution.services:
        if not f"{service.protocol.__module__}.".startswith(f"{name}."):
            for fault in contract_faults(service.protocol):
                yield f"contract {service.protocol.__qualname__}: {fault}"


def _faults(contribution: Contribution) -> Iterator[str]:
    """Yield one sentence for each thing that the manifest or the host does not allow."""
    manifest = contribution.manifest
    faults = [f"hook `event_types`: {item}" for item in event_type_faults(contribution.event_types)]
    yield from faults
    if faults:
        return
    emitted = {event.event_type for event in contribution.event_types if not is_retired(event)}
    if emitted != set(manifest.emits):
        names = ", ".join(sorted(emitted ^ set(manifest.emits)))
        yield f"`events.emits` of the manifest and hook `event_types` differ: {names}"
    yield from _subscription_faults(contribution.event_handlers)
    consumed = {item.event.event_type for item in contribution.event_handlers}
    if consumed != set(manifest.consumes):
        names = ", ".join(sorted(consumed ^ set(manifest.consumes)))
        yield f"`events.consumes` of the manifest and hook `event_handlers` differ: {names}"
    needs_prefix = contribution.routes or contribution.cli or contribution.pages
    if needs_prefix and manifest.api_prefix is None:
        yield "routes, pages and commands need `api_prefix` in the manifest"
    turns = contribution.lifecycle
    if turns and (turns.installed or turns.upgraded) and contribution.versions is None:
        yield "hook `lifecycle`: `installed` and `upgraded` need hook `migrations`"
    if contribution.schemas.db is not None:
        yield from _table_faults(contribution.plugin, contribution.schemas.db)


def _subscription_faults(handlers: Iterable[EventHandler]) -> Iterator[str]:
    declared: dict[str, Subscription] = {}
    for handler in handlers:
        mine = handler.subscription
        if mine is not None and declared.setdefault(mine.name, mine) != mine:
            yield f"hook `event_handlers`: the subscription {mine.name!r} is declared in two ways"


def _table_faults(plugin: str, metadata: MetaData) -> Iterator[str]:
    for table in metadata.tables.values():
        if table.schema != plugin:
            yield f"table {table.name!r} is in the db_schema {table.schema!r}, not in {plugin!r}"
        for key in table.foreign_keys:
            try:
                inside = key.column.table.schema == plugin
            except NoReferenceError:
                inside = False
            if not inside:
                yield (
                    f"foreign key of table {table.name!r} leaves the db_schema: "
                    f"{key.target_fullname}"
                )
