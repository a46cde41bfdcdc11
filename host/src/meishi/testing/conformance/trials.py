"""A trial of a plugin's revisions: up, down and up again, in a database made for it."""

from __future__ import annotations

from dataclasses import dataclass, field

import psycopg

from meishi.database.location import Location
from meishi.database.migrations import MigratedPlugin, MigrationFailed, MigrationRunner
from meishi.database.revisions import RevisionError, read_revisions
from meishi.database.roles import RoleNames
from meishi.lifecycle.installation import with_migrations
from meishi.lifecycle.loading import PluginSet
from meishi.testing.conformance.catalogue import Catalogue, read_catalogue


@dataclass(slots=True)
class MigrationTrial:
    """What a database held before and after each step, and the step that failed, if one did.

    `differences` are those between models and tables after the first and the second upgrade.
    A step that was not reached holds nothing.
    """

    failed_step: str = ""
    failure: str = ""
    before: Catalogue = frozenset()
    upgraded: Catalogue = frozenset()
    downgraded: Catalogue | None = None
    upgraded_again: Catalogue | None = None
    revisions: list[str] = field(default_factory=list)
    revisions_taken_back: list[str] = field(default_factory=list)
    differences: list[str] = field(default_factory=list)


def tried(plugins: PluginSet, plugin: str, location: Location, roles: RoleNames) -> MigrationTrial:
    """Migrate what is loaded before a plugin in an empty database, and try the plugin itself."""
    runner = MigrationRunner(location.administrator_url(), location.runtime_url, roles)
    try:
        for contribution, subject in with_migrations(plugins):
            if contribution.plugin == plugin:
                return _Trial(runner, subject, location).run()
            runner.upgrade(subject)
    finally:
        runner.close()
    return MigrationTrial()


class _Trial:
    """The steps of one trial."""

    def __init__(self, runner: MigrationRunner, subject: MigratedPlugin, location: Location):
        self._runner = runner
        self._subject = subject
        self._url = location.administrator_url()
        self._found = MigrationTrial()

    def run(self) -> MigrationTrial:
        """Go through the steps until one fails."""
        found = self._found
        found.before = self._catalogue()
        for name, step in (
            ("upgrade", self._up),
            ("downgrade", self._down),
            ("second upgrade", self._up_again),
        ):
            try:
                step()
            except (MigrationFailed, RevisionError) as error:
                found.failed_step, found.failure = name, str(error)
                break
        return found

    def _up(self) -> None:
        read_revisions(self._subject.versions)
        self._found.revisions = self._runner.upgrade(self._subject)
        self._found.upgraded = self._catalogue()
        self._found.differences = self._runner.differences(self._subject)

    def _down(self) -> None:
        self._found.revisions_taken_back = self._runner.downgrade(self._subject)
        self._found.downgraded = self._catalogue()

    def _up_again(self) -> None:
        self._runner.upgrade(self._subject)
        self._found.upgraded_again = self._catalogue()
        for line in self._runner.differences(self._subject):
            if line not in self._found.differences:
                self._found.differences.append(line)

    def _catalogue(self) -> Catalogue:
        with psycopg.connect(self._url) as administrator:
            return read_catalogue(administrator)
