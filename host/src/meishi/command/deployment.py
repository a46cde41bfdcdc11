"""What a command works with: settings, database, plugins and host, each made when first needed.

Modules that are slow to import come in with the first use, so that `meishi --help` is quick.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from meishi.settings import Settings, load_settings

if TYPE_CHECKING:
    from meishi.database.location import Location
    from meishi.host import Host
    from meishi.lifecycle.contribution import Contribution
    from meishi.lifecycle.loading import PluginSet


class Deployment:
    """One deployment as seen from the command line; close it at the end."""

    def __init__(
        self, settings_file: Path | None, *, environment: Mapping[str, str] | None = None
    ) -> None:
        self.settings_file = settings_file
        self._environment = environment
        self._settings: Settings | None = None
        self._location: Location | None = None
        self._plugins: PluginSet | None = None
        self._host: Host | None = None
        self._wired = False

    @property
    def settings(self) -> Settings:
        """The deployment's settings."""
        if self._settings is None:
            self._settings = load_settings(file=self.settings_file, environment=self._environment)
        return self._settings

    def environment(self) -> dict[str, str]:
        """Return the environment in which a child process is one of the same deployment."""
        environment = dict(os.environ if self._environment is None else self._environment)
        if self.settings_file is not None:
            environment["MEISHI_SETTINGS"] = str(self.settings_file.absolute())
        return environment

    def limit_to(self, plugins: Sequence[str]) -> None:
        """Go on as a service that has these plugins alone, and so do the processes begun here."""
        self.close()
        self._environment = {**self.environment(), "MEISHI_ONLY": ",".join(plugins)}
        self._settings = self._plugins = None

    @property
    def installed(self) -> PluginSet:
        """The loaded plugins, whatever is wrong with them."""
        if self._plugins is None:
            from meishi.extraction.boot import take_out_pinned
            from meishi.http.mounting import take_out_unservable
            from meishi.lifecycle.loading import load_plugins

            self._plugins = load_plugins(self.settings)
            take_out_unservable(self._plugins)
            take_out_pinned(self._plugins, self.settings)
        return self._plugins

    @property
    def plugins(self) -> PluginSet:
        """The loaded plugins, if the boot policy lets them pass."""
        self.installed.enforce(self.settings.boot_policy)
        return self.installed

    @property
    def location(self) -> Location:
        """The database, started if it is the embedded one."""
        if self._location is None:
            from meishi.database.location import locate

            self._location = locate(self.settings)
        return self._location

    def host(self) -> Host:
        """Return the wired host; an embedded database is brought up to date first."""
        if not self._wired:
            plugins = self.plugins
            self.prepare_embedded()
            self.unwired_host().check_migrations()
            plugins.enforce(self.settings.boot_policy)
            self.unwired_host().wire()
            self._wired = True
        return self.unwired_host()

    def unwired_host(self) -> Host:
        """Return a host that can look into the database, but calls no plugin."""
        if self._host is None:
            from meishi.host import Host

            self._host = Host(self.settings, self.installed, self.location.runtime_url)
        return self._host

    def prepare_embedded(self) -> None:
        """Apply what the code needs, if the database is our own; an operator's is left alone."""
        if not self.settings.embedded:
            return
        pending = [item.plugin for item in self.installed.active() if self._is_behind(item)]
        if pending:
            from meishi.database.migrations import MigrationFailed
            from meishi.database.standing import Reach
            from meishi.lifecycle.installation import upgrade_all

            # Who failed is marked broken by now: the boot policy decides what that means.
            with suppress(MigrationFailed):
                upgrade_all(
                    self.settings, self.location, self.installed, pending, reach=Reach.NEEDED
                )

    def _is_behind(self, contribution: Contribution) -> bool:
        """Whether revisions are pending; one whose files are wrong is reported at the boot."""
        from meishi.database.revisions import RevisionError
        from meishi.database.standing import Reach
        from meishi.lifecycle.steps import pending_step

        host = self.unwired_host()
        try:
            behind = bool(host.standing(contribution).within(Reach.NEEDED))
            return behind or pending_step(host, contribution) is not None
        except RevisionError:
            return False

    def try_plugins(self, names: Sequence[str]) -> None:
        """Load these plugins, too, in this process and for this once."""
        self.close()
        self._settings = replace(self.settings, plugins=(*self.settings.plugins, *names))
        self._plugins = None

    def close(self) -> None:
        """Give connections back and stop using the database."""
        if self._host is not None:
            self._host.close()
            self._host, self._wired = None, False
        if self._location is not None:
            self._location.close()
            self._location = None


def current_deployment() -> Deployment:
    """Return the deployment of the running command."""
    deployment = click.get_current_context().find_object(Deployment)
    if deployment is None:
        raise RuntimeError("this command does not run under `meishi`")
    return deployment
