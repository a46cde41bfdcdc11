"""Whether a database is ready for the plugins that were loaded, before anything runs on it."""

from __future__ import annotations

from typing import Protocol

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from meishi.database.provision import refuse_privileged_login
from meishi.database.revisions import RevisionError, read_revisions
from meishi.database.standing import (
    DatabaseAhead,
    Reach,
    Standing,
    Stored,
    standing,
    version_row,
)
from meishi.errors import DatabaseUnavailable
from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.orphans import add_orphans, remembered
from meishi.lifecycle.states import PluginState
from meishi.lifecycle.steps import HOST_PART, mark_pending_steps
from meishi.lifecycle.turns import TurningHost
from meishi.settings import Settings

#: What PostgreSQL says of a role, grant, db_schema or table that no upgrade has made yet.
_NOT_THERE_YET = frozenset({"22023", "42501", "42704", "3F000", "42P01"})


class UncheckedHost(TurningHost, Protocol):
    """The host, as far as its database is looked at."""

    settings: Settings


def check(host: UncheckedHost) -> None:
    """Refuse a privileged login; take out plugins whose code and tables do not fit.

    What the database remembers beyond what is installed gets a state, too.
    """
    _refuse_privileged_login(host)
    for contribution in list(host.plugins.active()):
        _check_revisions(host, contribution)
    if host.plugins.is_active(HOST_PART):
        with host.scope(plugin=HOST_PART) as scope:
            add_orphans(host.plugins, remembered(scope.work))
    mark_pending_steps(host)


def standing_of(host: UncheckedHost, contribution: Contribution) -> Standing:
    """Return where a plugin's tables stand; raise if its code cannot run on them."""
    if contribution.versions is None:
        return Standing()
    return standing(read_revisions(contribution.versions), _stored(host, contribution.plugin))


def _check_revisions(host: UncheckedHost, contribution: Contribution) -> None:
    try:
        needed = standing_of(host, contribution).within(Reach.NEEDED)
    except RevisionError as error:
        ahead = isinstance(error, DatabaseAhead)
        state = PluginState.INCOMPATIBLE if ahead else PluginState.BROKEN
        host.plugins.mark(contribution.plugin, state, str(error))
        return
    if needed:
        pending = ", ".join(item.revision for item in needed)
        reason = f"pending: {pending}; run `meishi db upgrade`"
        host.plugins.mark(contribution.plugin, PluginState.NEEDS_MIGRATION, reason)


def _refuse_privileged_login(host: UncheckedHost) -> None:
    """Raise if row security would not hold for the runtime login."""
    try:
        with host.scope() as scope:
            refuse_privileged_login(scope.work.connection())
    except OperationalError as error:
        if host.settings.embedded and _is_not_set_up(error):
            return
        raise _unreachable(error) from error


def _stored(host: UncheckedHost, plugin: str) -> Stored:
    """Read the version table under the plugin's role; no role or table means none yet."""
    try:
        with host.scope(plugin=plugin) as scope:
            row = scope.work.connection().execute(text(version_row(plugin))).scalar()
            return Stored.of(row)
    except OperationalError as error:
        if host.settings.embedded and _is_not_set_up(error):
            return Stored()
        raise _unreachable(error) from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _NOT_THERE_YET:
            return Stored()
        raise


def _unreachable(error: OperationalError) -> DatabaseUnavailable:
    """Return what an operator reads when the database does not answer."""
    reason = " ".join(str(error.orig).split())
    return DatabaseUnavailable(
        f"The database cannot be reached: {reason or error}",
        hint="Check MEISHI_DATABASE_URL; `meishi db upgrade` prepares a new database. "
        "Left empty, the embedded PostgreSQL is used.",
    )


def _is_not_set_up(error: OperationalError) -> bool:
    """Whether a fresh server of our own does not know our login or database yet."""
    message = str(error.orig)
    return "password authentication failed" in message or "does not exist" in message
