"""What a plugin does once its revisions are applied: when it is installed, and when upgraded."""

from __future__ import annotations

from packaging.version import Version
from psycopg.types.json import Jsonb

from meishi.lifecycle.contribution import Contribution
from meishi.lifecycle.manifest import as_document
from meishi.lifecycle.states import PluginState
from meishi.lifecycle.turns import Turn, TurningHost, call_turn

#: The plugin that stands for the host's own tables.
HOST_PART = "meishi"

REMEMBER = """
INSERT INTO meishi.plugin (name, version, manifest) VALUES (%(name)s, %(version)s, %(manifest)s)
ON CONFLICT (name) DO UPDATE
SET version = excluded.version, manifest = excluded.manifest, upgraded_at = now()
WHERE plugin.manifest IS DISTINCT FROM excluded.manifest
"""

_VERSION = "SELECT version FROM meishi.plugin WHERE name = %(name)s"


def memory_of(contribution: Contribution) -> dict[str, object]:
    """Return what is written down of a plugin that was installed."""
    manifest = contribution.manifest
    return {
        "name": contribution.plugin,
        "version": str(manifest.version),
        "manifest": Jsonb(as_document(manifest)),
    }


def has_step(contribution: Contribution) -> bool:
    """Whether a plugin does anything once its revisions are applied."""
    declared = contribution.lifecycle
    return declared is not None and bool(declared.installed or declared.upgraded)


def pending_step(host: TurningHost, contribution: Contribution) -> Turn | None:
    """Return what a plugin has still to do for the version that is loaded, None if nothing."""
    if not has_step(contribution):
        return None
    with host.scope(plugin=HOST_PART) as scope:
        rows = scope.work.execute(_VERSION, {"name": contribution.plugin})
    return _step(contribution, rows[0][0] if rows else None)


def mark_pending_steps(host: TurningHost) -> None:
    """Take out the plugins that have still to do something before they run as they are loaded."""
    for contribution in list(host.plugins.active()):
        step = pending_step(host, contribution) if host.plugins.is_active(HOST_PART) else None
        if step is not None:
            reason = f"its step `{step}` is pending; run `meishi db upgrade`"
            host.plugins.mark(contribution.plugin, PluginState.NEEDS_MIGRATION, reason)


def take_step(host: TurningHost, contribution: Contribution) -> None:
    """Remember that a plugin was installed, and have it do what it does then; both, or nothing.

    :raises TurnFailed: if it raised
    """
    with host.scope() as scope:
        with scope.work.entered(HOST_PART):
            rows = scope.work.execute(_VERSION, {"name": contribution.plugin})
            scope.work.execute(REMEMBER, memory_of(contribution))
        old = rows[0][0] if rows else None
        step = _step(contribution, old)
        if step is not None:
            call_turn(host, contribution.plugin, step, *(() if step == "installed" else (old,)))


def _step(contribution: Contribution, old: str | None) -> Turn | None:
    declared = contribution.lifecycle
    if declared is None:
        return None
    if old is None:
        return "installed" if declared.installed else None
    newer = Version(old) < contribution.manifest.version
    return "upgraded" if declared.upgraded and newer else None
