"""What the states of plugins say: faults, pending upgrades, unknown revisions, orphans."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from meishi.doctor.findings import Finding, error, warning
from meishi.doctor.stored import StoredSchema
from meishi.lifecycle.loading import PluginSet
from meishi.lifecycle.states import FAULTS, PluginState, PluginStatus

_UPGRADE = "meishi db upgrade"


def state_findings(
    statuses: Iterable[PluginStatus], stored: dict[str, StoredSchema]
) -> Iterator[Finding]:
    """Yield what is wrong with plugins, as far as loading them and their revisions tells."""
    for status in statuses:
        if status.state is PluginState.ORPHANED:
            yield _orphan(status.name, stored)
        elif status.state in FAULTS:
            yield _fault(status, stored)


def schema_findings(plugins: PluginSet, stored: dict[str, StoredSchema]) -> Iterator[Finding]:
    """Yield db_schemas of plugins that nothing remembers: an installation was interrupted."""
    for name, schema in stored.items():
        if schema.remembered:
            continue
        status = plugins.statuses.get(name)
        if status is not None and status.state is PluginState.ACTIVE:
            message = f"The installation of {name} was interrupted: nothing remembers it."
            yield warning("interrupted-upgrade", name, message, f"{_UPGRADE} --plugin {name}")
        elif status is not None and status.state is PluginState.DISABLED:
            message = f"The installation of {name} has failed or was interrupted, and left tables."
            yield warning("interrupted-install", name, message, f"meishi plugins purge {name}")
        elif status is None:
            message = (
                f"The db_schema {name} is at revision {schema.revision or 'none'}, and neither "
                "a package nor the list of plugins knows it."
            )
            yield warning("unknown-tables", name, message, f"meishi plugins purge {name}")


def _orphan(name: str, stored: dict[str, StoredSchema]) -> Finding:
    at = stored[name].revision if name in stored else None
    tables = f"its tables are at revision {at}" if at else "it has no tables"
    message = f"The package of {name} is not installed; {tables}."
    return warning("orphaned", name, message, f"meishi plugins purge {name}")


def _fault(status: PluginStatus, stored: dict[str, StoredSchema]) -> Finding:
    name = status.name
    if status.state is PluginState.NEEDS_MIGRATION:
        message = f"{name} is behind its package, so it does not run: {status.reason}."
        return error("pending-upgrade", name, message, f"{_UPGRADE} --plugin {name}")
    if name in stored and stored[name].revision_unknown:
        message = (
            f"The database of {name} is at revision {stored[name].revision}, which its package "
            "does not have: the package is older than the database."
        )
        return error("unknown-revision", name, message, f"pip install --upgrade {name}")
    message = f"{name} is {status.state.value}: {status.reason}."
    return error("plugin-fault", name, message, "meishi plugins")
