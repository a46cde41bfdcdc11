"""Statements of the event log's own code, in the unit of work that is current."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from meishi.context import current_scope
from meishi.events.operations.errors import UnknownSubscription, unknown_name

Row = tuple[Any, ...]

_LOCK_SUBSCRIPTION = """
    SELECT state FROM meishi_events.subscription WHERE name = %(subscription)s
    FOR NO KEY UPDATE
"""

_LOCK_CURSORS = """
    SELECT slot FROM meishi_events.cursor
    WHERE subscription = %(subscription)s ORDER BY slot FOR UPDATE
"""


def rows(statement: str, **values: object) -> list[Row]:
    """Return the rows of a statement with `%(name)s` for values."""
    return current_scope().work.execute(statement, values)


def subscription_names() -> list[str]:
    """Return the names of all subscriptions, sorted."""
    found = rows("SELECT name FROM meishi_events.subscription ORDER BY name")
    return [name for (name,) in found]


def require_subscription(name: str) -> None:
    """Raise `UnknownSubscription` unless the database knows it."""
    names = subscription_names()
    if name not in names:
        raise unknown_subscription(name, names)


def lock_subscription(name: str) -> str:
    """Lock a subscription and all of its cursors, and return its state.

    What is parked, and where cursors stand, is changed under these locks only, by operators and
    by delivery alike. The statements that follow see what whoever had the locks before has kept.
    The subscription comes first, as where it is registered: who locks both does it in this order.
    """
    found = rows(_LOCK_SUBSCRIPTION, subscription=name)
    if not found:
        raise unknown_subscription(name, subscription_names())
    rows(_LOCK_CURSORS, subscription=name)
    return str(found[0][0])


def unknown_subscription(name: str, known: Sequence[str]) -> UnknownSubscription:
    """Return the error for a name that no subscription has."""
    listing = "`meishi events status` lists them."
    if not known:
        listing = "There are none yet: `meishi worker` registers those of active plugins."
    return UnknownSubscription(
        f"There is no subscription {name!r}.", hint=unknown_name(name, known, listing)
    )
