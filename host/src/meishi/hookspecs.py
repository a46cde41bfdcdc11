"""Every extension point of Meishi: what a plugin can supply, and what the host does with it.

Hooks return declarations (`meishi.declarations`); the host acts on them. They are called once
per application object, so they build what they return and keep nothing. A plugin implements
the hooks that it needs as functions of its `plugin.py`, marked with `meishi.sdk.plugin.hookimpl`.
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
        Migrations,
        Permission,
        PluginSettings,
        PublicPage,
        Schemas,
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

        The host mounts them under `/api/v1/<api_prefix>`, checks the permission of every
        operation, runs each request in one unit of work and documents it in OpenAPI. A route
        without a permission is refused at boot.
        """

    @hookspec
    def public_pages(self) -> Sequence[PublicPage]:  # type: ignore[empty-body]
        """Pages that anybody may open, such as the landing page of a card.

        The host asks `resolve` for the workspace, outside of any, then runs `view` inside it as
        one unit of work without an acting user. What is not found, or fails, is answered with a
        plain page. The first part of a path belongs to one plugin.
        """

    @hookspec
    def schemas(self) -> Schemas:  # type: ignore[empty-body]
        """The plugin's tables and resource schemas.

        The host refuses tables outside the plugin's own db_schema and resource names that
        another plugin uses.
        """

    @hookspec
    def migrations(self) -> Migrations:  # type: ignore[empty-body]
        """Where the plugin's Alembic revisions are.

        The host creates db_schema, roles, extensions and version table first, runs revisions
        under an advisory lock as the plugin's owner role, and sets grants and policies after.
        """

    @hookspec
    def event_types(self) -> Sequence[type[Event]]:  # type: ignore[empty-body]
        """The event classes that the plugin publishes; they must equal `emits` of the manifest."""

    @hookspec
    def event_handlers(self) -> Sequence[EventHandler]:  # type: ignore[empty-body]
        """What the plugin wants to hear, made with `meishi.sdk.plugin.on`.

        The event types must equal `consumes` of the manifest. `in_transaction` handlers run in
        the order of plugin dependencies, each in a savepoint of its own: a declared error is a
        veto, any other error fails the request and names the plugin.
        """

    @hookspec
    def services(self) -> Sequence[Service]:  # type: ignore[empty-body]
        """The Protocols of the plugin's contract with the factories that implement them."""

    @hookspec
    def settings(self) -> PluginSettings:  # type: ignore[empty-body]
        """The schema of the plugin's settings; a wrong value is refused at boot, by its key."""

    @hookspec
    def permissions(self) -> Sequence[Permission]:  # type: ignore[empty-body]
        """The rights that the plugin's routes ask for, and the roles that have them."""

    @hookspec
    def cli(self) -> click.Group:  # type: ignore[empty-body]
        """Commands for operators, mounted as `meishi <api_prefix> …`."""
