"""What a plugin offers to others, and what the host hands to its factories."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True, kw_only=True)
class PluginContext:
    """What the host hands to a plugin's factories: its settings, a clock, fresh ids.

    `plugin` is its name, `settings` are its own, validated. `clock` returns the current time in
    UTC, `new_id` a UUIDv7; `public_url` is where people outside reach the deployment, without a
    slash at its end.
    """

    plugin: str
    settings: Mapping[str, Any]
    clock: Callable[[], datetime]
    new_id: Callable[[], UUID]
    public_url: str


class Lifetime(StrEnum):
    """How long what a factory returned is used.

    `unit_of_work`: by one request, delivery, job or block of a command; `application`: by all of
    them in this process, several threads at a time.
    """

    UNIT_OF_WORK = "unit_of_work"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True)
class Service:
    """A `protocol` of the plugin's contract and the `factory` of what implements it.

    The factory is called when the service is first used in its `lifetime`. Where the service runs
    is the deployment's to say, and no part of the declaration: a Protocol with an `@atomic` method
    runs in its caller's process, any other may be moved out.
    """

    protocol: type
    factory: Callable[[PluginContext], object]
    lifetime: Lifetime = Lifetime.UNIT_OF_WORK
