"""What hooks return: frozen records that say what a plugin supplies. The host acts on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from uuid import UUID

from meishi.sdk.contract import Event, Role

if TYPE_CHECKING:
    from marshmallow import Schema
    from sqlalchemy import MetaData


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginContext:
    """What the host hands to a plugin's factories: its settings, a clock, fresh ids.

    `clock` returns the current time in UTC, `new_id` a UUIDv7; `public_url` is where people
    outside reach the deployment, without a slash at its end.
    """

    plugin: str
    settings: Mapping[str, Any]
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    public_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Schemas:
    """The plugin's tables, and the marshmallow schemas that it shows in the OpenAPI document."""

    db: MetaData | None = None
    resources: Sequence[type[Schema]] = ()


@dataclass(frozen=True, slots=True)
class Migrations:
    """The package that holds the plugin's Alembic revisions: `<plugin>.migrations.versions`."""

    package: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicPage:
    """A page that anybody may open, without a token.

    `rule` is its whole path (`/C/<code>`). `resolve` is given the path's values outside of any
    workspace and says in whose the page is shown, or None if there is no such page; `view` is
    given the same values inside that workspace, and returns a Flask response.
    """

    rule: str
    resolve: Callable[..., UUID | None]
    view: Callable[..., Any]


@dataclass(frozen=True, slots=True)
class Service:
    """A Protocol of the plugin's contract and the factory of what implements it.

    The factory is called once per unit of work in which the service is used.
    """

    protocol: type
    factory: Callable[[PluginContext], object]


class DeliveryMode(StrEnum):
    """When an event handler runs: inside the publisher's transaction, or after its commit."""

    IN_TRANSACTION = "in_transaction"
    DURABLE = "durable"


@dataclass(frozen=True, slots=True)
class EventHandler:
    """A subscription: the event's class, and what takes the list of its occurrences."""

    event: type[Event]
    handler: Callable[[Sequence[Any]], None]
    mode: DeliveryMode


def on(
    event: type[Event],
    handler: Callable[[Sequence[Any]], None],
    *,
    mode: DeliveryMode | str = DeliveryMode.DURABLE,
) -> EventHandler:
    """Declare that `handler` wants every `event`; it is given a list, in order."""
    return EventHandler(event, handler, DeliveryMode(mode))


class SettingsLevel(StrEnum):
    """Who sets a plugin's settings."""

    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginSettings:
    """The schema of a plugin's settings, read from `[plugin.<name>]` and validated at boot."""

    schema: type[Schema]
    level: SettingsLevel = SettingsLevel.DEPLOYMENT


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """A right to grant. The host puts the plugin's prefix before `name`: `contacts.read`."""

    name: str
    title: str
    roles: Sequence[Role] = (Role.OWNER, Role.ADMIN)
