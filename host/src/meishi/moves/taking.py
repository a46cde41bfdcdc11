"""Taking up: what stands for a plugin in this process, once it is known where it was moved to."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Protocol

from sqlalchemy.exc import DBAPIError, OperationalError

from meishi.context import Scope
from meishi.errors import SettingsError
from meishi.extraction.boot import take_out_pinned
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.placing import placed
from meishi.remote.standing_in import standing_in
from meishi.settings import Settings
from meishi.switches.models import DB_SCHEMA
from meishi.switches.places import Charge, StoredPlace, read_places

#: What PostgreSQL says of a role, grant, db_schema or table that no upgrade has made yet.
_NOT_THERE_YET = frozenset({"22023", "42501", "42704", "3F000", "42P01"})


class BootingHost(Protocol):
    """The host, before it is known where its plugins are."""

    settings: Settings
    plugins: PluginSet

    def within(self, plugin: str) -> AbstractContextManager[Scope]:
        """Run a block as one unit of work of a part of the host."""
        ...


def take_up_places(host: BootingHost) -> None:
    """Have what was moved stand there as what runs elsewhere; what settings say counts more.

    What is pinned by now is marked broken, as it is where settings place it.

    :raises SettingsError: if the token of a moved plugin is missing
    """
    if host.settings.only:
        return
    urls = {
        plugin: stored.url
        for plugin, stored in _stored(host).items()
        if stored.url is not None and plugin not in host.settings.placements
    }

    def made(contribution: Contribution) -> Contribution:
        url = urls.get(contribution.plugin)
        if url is None or contribution.placement is not None:
            return contribution
        known = host.settings.movable.get(contribution.plugin)
        if known is None:
            raise SettingsError(
                f"{contribution.plugin} was moved to {url}, and its token is not set.",
                hint=f"Set `placement_token` in [plugin.{contribution.plugin}] again.",
            )
        return standing_in(placed(contribution, replace(known, url=url), hooked=True))

    host.plugins.replace_each(made)
    if urls:
        take_out_pinned(host.plugins, host.settings)


def expected_charges(plugins: PluginSet, settings: Settings) -> Mapping[str, Charge]:
    """Return for whom a process works that has these plugins, and for whom it asks a service."""
    if settings.only:
        return dict.fromkeys(settings.only, Charge.SERVICE)
    return {
        item.plugin: Charge.MAIN if item.placement is None else Charge.SERVICE
        for item in plugins.active()
        if not plugins.statuses[item.plugin].built_in
    }


def _stored(host: BootingHost) -> Mapping[str, StoredPlace]:
    try:
        with host.within(DB_SCHEMA) as scope:
            return read_places(scope.work)
    except OperationalError:
        # The checks that follow say better why the database cannot be reached.
        return {}
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _NOT_THERE_YET:
            return {}
        raise
