"""Names that only one plugin may use; the second that wants one is refused, by name."""

from __future__ import annotations

from collections.abc import Iterator

from meishi.command import HOST_COMMANDS
from meishi.hookspecs import Hooks
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.hook_results import ContributionError
from meishi.lifecycle.import_jobs import preview_job, run_job
from meishi.lifecycle.metric_names import FAILURES, family_of, full_name
from meishi.lifecycle.resource_names import resource_name

#: First parts of paths that the host serves itself, now or later.
HOST_PATHS = ("", "admin", "api", "health", "metrics", "static")


class Registrations:
    """Who has which name, over all plugins of one application object."""

    def __init__(self) -> None:
        self._owners = {("command", name): "meishi" for name in HOST_COMMANDS}
        self._owners |= {("hook", name): "meishi" for name in vars(Hooks)}
        self._owners["metric", family_of(FAILURES)] = "meishi"
        self._owners |= {("path", f"/{name}"): "meishi" for name in HOST_PATHS}

    def claim(self, contribution: Contribution) -> None:
        """Take all names that a plugin uses, or none: raise `ContributionError` on a clash."""
        wanted: dict[tuple[str, str], str] = {}
        for kind, name in _names(contribution):
            owner = self._owners.get((kind, name))
            if owner is not None:
                raise ContributionError(f"{kind} {name!r} belongs to the plugin {owner!r}")
            if (kind, name) in wanted:
                raise ContributionError(f"{kind} {name!r} is declared twice")
            wanted[kind, name] = contribution.plugin
        self._owners |= wanted


def _names(contribution: Contribution) -> Iterator[tuple[str, str]]:
    prefix = contribution.manifest.api_prefix
    if prefix is not None:
        yield "api_prefix", prefix
        if contribution.cli is not None:
            yield "command", prefix
    for event in contribution.event_types:
        yield "event type", event.event_type
    declared = contribution.schemas
    added = dict.fromkeys(item.schema for item in declared.extensions)
    for schema in (
        *declared.resources,
        *(item for item in added if item not in declared.resources),
    ):
        yield "schema", resource_name(schema)
    for name in contribution.permission_names():
        yield "permission", name
    for job in contribution.jobs:
        yield "job", f"{contribution.plugin}.{job.name}"
    yield from _provider_names(contribution)
    for service in contribution.services:
        yield "service", f"{service.protocol.__module__}.{service.protocol.__qualname__}"
    for name in sorted(_path_roots(contribution)):
        yield "path", f"/{name}"
    for blueprint in contribution.routes:
        yield "blueprint", blueprint.mounted_name
    yield from _named_besides(contribution)


def _named_besides(contribution: Contribution) -> Iterator[tuple[str, str]]:
    for spec in contribution.hookspecs:
        yield "hook", spec.function.__name__
    for check in contribution.health:
        yield "health check", f"{contribution.plugin}.{check.name}"
    for metric in contribution.metrics:
        yield "metric", family_of(full_name(contribution.plugin, metric))


def _provider_names(contribution: Contribution) -> Iterator[tuple[str, str]]:
    for provider in contribution.search_providers:
        yield "search provider", provider.name
    for exporter in contribution.exporters:
        yield "exporter", exporter.name
    for importer in contribution.importers:
        yield "importer", importer.name
        for job in (preview_job(importer), run_job(importer)):
            yield "job", f"{contribution.plugin}.{job}"


def _path_roots(contribution: Contribution) -> set[str]:
    """Return the first parts of the paths of a plugin's pages."""
    roots = {page.rule.split("/")[1] for page in contribution.public_pages}
    if contribution.pages:
        roots.add(str(contribution.manifest.api_prefix))
    return roots
