"""Every extension point of Meishi: what a plugin can supply, and what the host does with it.

Hooks return declarations (`meishi.declarations`); the host acts on them. They are called once
per application object, so they build what they return and keep nothing. A plugin implements
the hooks that it needs as functions of its `plugin.py`, marked with `meishi.sdk.plugin.hookimpl`.

`meishi.lifecycle.unserved` lists those that are specified ahead of what this version can do: a
plugin that implements one of them is refused, by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pluggy

from meishi.sdk.contract import Event

if TYPE_CHECKING:
    import click

    from meishi.declarations import (
        EventHandler,
        Exporter,
        HealthCheck,
        HookSpec,
        Importer,
        Job,
        Lifecycle,
        MergeHandler,
        Meter,
        Metric,
        Migrations,
        NavigationEntry,
        Page,
        Panel,
        Permission,
        PersonalData,
        PlanFeature,
        PluginSettings,
        PublicPage,
        Schemas,
        SearchProvider,
        Service,
    )
    from meishi.http.blueprint import Blueprint

PROJECT = "meishi"

hookspec = pluggy.HookspecMarker(PROJECT)


class Hooks:
    """The specification that pluggy holds every plugin against."""

    @hookspec
    def routes(self) -> Sequence[Blueprint]:  # type: ignore[empty-body]
        """Blueprints of the web API.

        The host mounts them under `/api/v<version>/<api_prefix>`, checks the permission of every
        operation, runs each request in one unit of work and documents it in OpenAPI. A route
        without a permission is refused at boot.
        """

    @hookspec
    def pages(self) -> Sequence[Page]:  # type: ignore[empty-body]
        """Pages for people who are signed in.

        The host mounts them under `/<api_prefix>`, checks the permission, guards forms against
        forgery, puts the shell with navigation and panels around what the view returns, and
        answers 404 where the plugin is disabled.
        """

    @hookspec
    def public_pages(self) -> Sequence[PublicPage]:  # type: ignore[empty-body]
        """Pages that anybody may open, such as the landing page of a card.

        The host asks `resolve` for the workspace, outside of any, then runs `view` inside it as
        one unit of work without an acting user. What is not found, or fails, is answered with a
        plain page. The first part of a path belongs to one plugin.
        """

    @hookspec
    def navigation(self) -> Sequence[NavigationEntry]:  # type: ignore[empty-body]
        """Entries of the main navigation.

        Each leads to a page of the plugin, and is shown to those who may open it.
        """

    @hookspec
    def panels(self) -> Sequence[Panel]:  # type: ignore[empty-body]
        """Cards on other plugins' pages, such as the contact page or the dashboard.

        The host shows those that the reader may see, in order, and renders each as its plugin's
        code: one that fails or is slow is left out, and the page stands.
        """

    @hookspec
    def schemas(self) -> Schemas:  # type: ignore[empty-body]
        """The plugin's tables and resource schemas, and what it adds to others' resources.

        The host refuses tables outside the plugin's own db_schema and resource names that
        another plugin uses. It asks for extensions once per answer, never once per resource.
        """

    @hookspec
    def migrations(self) -> Migrations:  # type: ignore[empty-body]
        """Where the plugin's Alembic revisions are.

        The host creates db_schema, roles, extensions and version table first, runs revisions
        under an advisory lock as the plugin's owner role, and sets grants and policies after.
        """

    @hookspec
    def event_types(self) -> Sequence[type[Event]]:  # type: ignore[empty-body]
        """The event classes of the plugin: those that it publishes, and retired versions of them.

        The former must equal `emits` of the manifest. A retired class says by `upcast` what it
        becomes; the host reads old events as the newest version.
        """

    @hookspec
    def event_handlers(self) -> Sequence[EventHandler]:  # type: ignore[empty-body]
        """What the plugin wants to hear, made with `meishi.sdk.plugin.on`.

        The event types must equal `consumes` of the manifest. `in_transaction` handlers run in
        the order of plugin dependencies, each in a savepoint of its own: a declared error is a
        veto, any other error fails the request and names the plugin. `durable` ones run after
        the commit, apart from the publisher and from each other, and are tried again.
        """

    @hookspec
    def services(self) -> Sequence[Service]:  # type: ignore[empty-body]
        """The Protocols of the plugin's contract with the factories that implement them."""

    @hookspec
    def settings(self) -> PluginSettings:  # type: ignore[empty-body]
        """The schema of the plugin's settings; a wrong value is refused at boot, by its key."""

    @hookspec
    def permissions(self) -> Sequence[Permission]:  # type: ignore[empty-body]
        """The rights that the plugin's routes and pages ask for, and the roles that have them."""

    @hookspec
    def jobs(self) -> Sequence[Job]:  # type: ignore[empty-body]
        """Work that a worker does later: on request, or by a schedule.

        The host runs each job as the plugin's code in its workspace, where the plugin is enabled,
        ends it at its limit, tries it again by its policy and counts it in the metrics.
        """

    @hookspec
    def cli(self) -> click.Group:  # type: ignore[empty-body]
        """Commands for operators, mounted as `meishi <api_prefix> …`."""

    @hookspec
    def plan_features(self) -> Sequence[PlanFeature]:  # type: ignore[empty-body]
        """Entitlements that a plan can grant; billing answers whether a workspace has them."""

    @hookspec
    def meters(self) -> Sequence[Meter]:  # type: ignore[empty-body]
        """What of the plugin's use is counted, per workspace and billing period."""

    @hookspec
    def importers(self) -> Sequence[Importer]:  # type: ignore[empty-body]
        """Formats that can be read; the host keeps the files and does the work in the background.

        It calls an importer as the plugin's code, chunk by chunk: what a chunk stores and how far
        it came are committed together.
        """

    @hookspec
    def exporters(self) -> Sequence[Exporter]:  # type: ignore[empty-body]
        """Formats that can be written; the host streams what they yield."""

    @hookspec
    def search_providers(self) -> Sequence[SearchProvider]:  # type: ignore[empty-body]
        """What the search box on every page finds; a provider that is slow is left out."""

    @hookspec
    def data_subject(self) -> PersonalData:  # type: ignore[empty-body]
        """What the plugin knows about a person.

        The host calls it for every request to export or erase, in each workspace concerned, and
        puts the answers of all plugins into one report.
        """

    @hookspec
    def merge_entities(self) -> Sequence[MergeHandler]:  # type: ignore[empty-body]
        """What follows in the plugin when resources of another one are merged.

        The host calls the handlers after the merge has been committed, until each has succeeded,
        and keeps their reports of what moved.
        """

    @hookspec
    def health(self) -> Sequence[HealthCheck]:  # type: ignore[empty-body]
        """What shows whether the plugin can work; the host asks within a limit of time."""

    @hookspec
    def metrics(self) -> Sequence[Metric]:  # type: ignore[empty-body]
        """Numbers for `/metrics`; the host adds the prefix, and leaves out what raises."""

    @hookspec
    def lifecycle(self) -> Lifecycle:  # type: ignore[empty-body]
        """What happens when the plugin is installed, upgraded, switched or purged; audited."""

    @hookspec
    def hookspecs(self) -> Sequence[HookSpec]:  # type: ignore[empty-body]
        """Hooks of the plugin's own, by which others extend it.

        The host holds the implementations against them, and hands the results to this plugin
        with the name of the plugin that each comes from.
        """
