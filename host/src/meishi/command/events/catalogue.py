"""`meishi events catalogue`: every event type, who publishes it and who listens."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from meishi.command.deployment import current_deployment
from meishi.command.output import print_json, print_table

if TYPE_CHECKING:
    from meishi.events.event_map import EventMap, MappedType


@click.command()
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "asyncapi", "mermaid", "json"]),
    default="table",
    help="A table, an AsyncAPI 3.0 document, a Mermaid flowchart, or one line of JSON.",
)
def catalogue(*, form: str) -> None:
    """List the event types of the active plugins, with who listens.

    It is read from what plugins declare; no database is needed, and none is started.
    """
    found = _event_map()
    if form == "asyncapi":
        _print_asyncapi(found)
    elif form == "mermaid":
        from meishi.events.flowchart import flowchart

        click.echo(flowchart(found), nl=False)
    elif form == "json":
        print_json([_as_document(item) for item in found.types])
    else:
        print_table(
            ("type", "owner", "state", "listeners"),
            [
                (item.name, item.owner or "", _state(item), ", ".join(map(str, item.listeners)))
                for item in found.types
            ],
        )


def _event_map() -> EventMap:
    """Return the map of what the active plugins declare, whether or not they are migrated."""
    from meishi.events.event_map import declared_events, event_map

    plugins = current_deployment().plugins
    return event_map(declared_events(plugins.active(), plugins.extensions))


def _print_asyncapi(found: EventMap) -> None:
    import msgspec

    from meishi.events.asyncapi import asyncapi_document

    document = msgspec.json.encode(asyncapi_document(found))
    click.echo(msgspec.json.format(document, indent=2).decode())


def _state(item: MappedType) -> str:
    if item.owner is None:
        return "declared by no active plugin"
    return f"retired, read as {item.read_as}" if item.read_as else "published"


def _as_document(item: MappedType) -> dict[str, object]:
    return {
        "type": item.name,
        "owner": item.owner,
        "subject": item.event.subject,
        "description": item.description,
        "read_as": item.read_as,
        "listeners": [
            {
                "plugin": listener.plugin,
                "mode": listener.mode.value,
                "subscription": listener.subscription or None,
            }
            for listener in item.listeners
        ],
    }
