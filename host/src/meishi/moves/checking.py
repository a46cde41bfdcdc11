"""Checking, before anything is moved, that the other side is what it must be."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from psycopg import Connection, sql

from meishi.events.subscriptions import Subscriber
from meishi.lifecycle.contribution import Contribution
from meishi.moves.refusals import MoveFailed, MoveRefused
from meishi.moves.side import Side
from meishi.moves.tables import MovedTable, revision, tables
from meishi.placement import Placement
from meishi.remote.asking import Refused, told_by
from meishi.remote.line import NoAnswer
from meishi.remote.plugins import database_mark, differences
from meishi.remote.way import Ways
from meishi.signing import Signer

#: Parts of the host that keep something of a plugin, besides itself.
_PARTS = ("meishi", "meishi_events", "meishi_jobs", "meishi_operations", "meishi_remote")

_KEY = "SELECT value FROM meishi.secret WHERE name = 'signing'"

_RECEIVED = "SELECT EXISTS (SELECT FROM meishi_remote.received WHERE plugin = %s)"


def check_service(ways: Ways, placement: Placement, here: Contribution, service: Side) -> None:
    """Raise `MoveRefused` unless a plugin's service answers, is the same, and has that database."""
    url, name = placement.url, here.plugin
    try:
        found = told_by(ways, placement)
    except Refused as error:
        raise MoveRefused(
            f"The service at {url} does not accept our token.",
            hint=f"Set the same `service_tokens` there as `placement_token` of {name} here.",
        ) from error
    except NoAnswer as failure:
        raise MoveRefused(
            f"The service does not answer: {failure.reason}.",
            hint=f"Start it: `meishi serve --only {name}`.",
        ) from failure
    there = next((item for item in found.plugins if item.name == name), None)
    if there is None:
        raise MoveRefused(
            f"{url} answers, and {name} does not run there.",
            hint=f"Start the service with `meishi serve --only {name}`.",
        )
    for difference in differences(here, there):
        raise MoveRefused(
            f"{name} at {url} {difference.text}.", hint="Install the same packages on both sides."
        )
    with service.connected() as connection:
        row = connection.execute(_KEY).fetchone()
    if row is None or database_mark(Signer(bytes(row[0]))) != found.database:
        raise MoveRefused(
            f"The database that was named is not the one of the service at {url}.",
            hint="Name the data folder, or the database, with which that service was started.",
        )


def same_tables(source: Connection[Any], target: Connection[Any], plugin: str) -> list[MovedTable]:
    """Return a plugin's tables; raise `MoveRefused` unless both sides have the same."""
    for part in (*_PARTS, plugin):
        one, two = revision(source, part), revision(target, part)
        if one != two:
            raise MoveRefused(
                f"The tables of {part} are at {one or 'no revision'} on one side, and at "
                f"{two or 'none'} on the other.",
                hint="Run `meishi db upgrade` on both sides.",
            )
    found = tables(source, plugin)
    if [(item.name, item.types) for item in found] != [
        (item.name, item.types) for item in tables(target, plugin)
    ]:
        raise MoveRefused(
            f"The tables of {plugin} are not the same on both sides.",
            hint="Run `meishi db upgrade` on both sides.",
        )
    return found


def refuse_own_events(here: Contribution, subscribers: Iterable[Subscriber]) -> None:
    """Raise for a plugin that hears what it says itself: it would be on the other side."""
    own = {event.event_type for event in here.event_types}
    for item in subscribers:
        if item.plugin == here.plugin and own & item.types:
            raise MoveRefused(
                f"{here.plugin} hears its own {', '.join(sorted(own & item.types))}.",
                hint="A plugin whose handlers hear others' events alone can be moved.",
            )


def was_received(connection: Connection[Any], plugin: str) -> bool:
    """Whether a move has brought a plugin here before."""
    row = connection.execute(_RECEIVED, (plugin,)).fetchone()
    return bool(row and row[0])


def refuse_rows(connection: Connection[Any], plugin: str, found: Sequence[MovedTable]) -> None:
    """Raise if a service has rows of its own, that no move has brought there."""
    for table in found:
        query = sql.SQL("SELECT EXISTS (SELECT FROM {})").format(table.named)
        row = connection.execute(query).fetchone()
        if row and row[0]:
            raise MoveRefused(
                f"The service has rows of its own in {plugin}.{table.name}.",
                hint="A plugin can be moved to a service that has stored nothing.",
            )


def require(fact: bool, message: str) -> None:
    """Give the move up unless something is as it must be."""
    if not fact:
        raise MoveFailed(message, hint="The plugin goes on where it was; try again.")
