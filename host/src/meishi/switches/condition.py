"""How a plugin stands in the database: its revisions, and what waits for its subscriptions."""

from __future__ import annotations

from meishi.context import current_scope
from meishi.database.revisions import RevisionError
from meishi.events.log import DB_SCHEMA as EVENTS
from meishi.events.operations.status import SubscriptionStatus, SubscriptionStatuses
from meishi.lifecycle.states import PluginState
from meishi.switches import repository
from meishi.switches.environment import environment
from meishi.switches.interface import PluginChange, PluginCondition, PluginSubscription

#: How many changes are shown.
_CHANGES = 20


def condition_of(plugin: str) -> PluginCondition:
    """Return how a plugin stands; of one that is not loaded, what waits for it."""
    revision, pending = _revisions(plugin)
    changes = repository.changes(current_scope().work, plugin, _CHANGES)
    with current_scope().work.entered(EVENTS):
        found = SubscriptionStatuses(environment().statuses()).all()
    return PluginCondition(
        placement=environment().plugins.url_of(plugin),
        revision=revision,
        pending=pending,
        subscriptions=tuple(_shown(item) for item in found if item.plugin == plugin),
        changes=tuple(
            PluginChange(at=at, said=said, workspace=workspace, actor=actor)
            for at, said, workspace, actor in changes
        ),
    )


def _revisions(plugin: str) -> tuple[str | None, tuple[str, ...]]:
    contribution = environment().plugins.contributions.get(plugin)
    if contribution is None:
        return None, ()
    try:
        standing = environment().standing(contribution)
    except RevisionError:
        return None, ()
    return standing.revision, tuple(item.revision for item in standing.pending)


def _shown(found: SubscriptionStatus) -> PluginSubscription:
    parked = found.parked
    return PluginSubscription(
        name=found.name,
        state=found.state if found.active else PluginState.DISABLED.value,
        lag_events=found.lag_events,
        lag_seconds=found.lag_seconds,
        parked=parked.retry + parked.held + parked.dead,
    )
