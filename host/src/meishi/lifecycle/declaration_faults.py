"""What is wrong inside a declaration: fields are checked here, as dataclasses take any value."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from marshmallow import Schema
from sqlalchemy import MetaData

from meishi.declarations import (
    DeliveryMode,
    EventHandler,
    Migrations,
    Permission,
    PluginSettings,
    PublicPage,
    Schemas,
    Service,
    SettingsLevel,
)
from meishi.http.blueprint import Blueprint
from meishi.sdk.contract import Event, Role

_NAME = re.compile(r"[a-z][a-z0-9_-]*")
_PERMISSION = re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*")
#: A whole path whose first part is fixed: `/C/<code>`.
_PAGE_RULE = re.compile(r"/[A-Za-z][A-Za-z0-9-]*(/[A-Za-z0-9._~<>:-]+)*")
_PACKAGE = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")


def declaration_faults(declared: object) -> Iterator[str]:
    """Yield one sentence, beginning with the field, for each that has a wrong value."""
    check = _CHECKS.get(type(declared))
    if check is not None:
        yield from check(declared)


def _schemas(declared: Schemas) -> Iterator[str]:
    if declared.db is not None and not isinstance(declared.db, MetaData):
        yield f"`db` must be a MetaData, not {declared.db!r}"
    if not isinstance(declared.resources, list | tuple):
        yield f"`resources` must be a list, not {declared.resources!r}"
    else:
        for item in declared.resources:
            if not _is_class(item, Schema):
                yield f"`resources` must hold Schema classes, not {item!r}"


def _migrations(declared: Migrations) -> Iterator[str]:
    yield from _text("package", declared.package, _PACKAGE)


def _service(declared: Service) -> Iterator[str]:
    if not isinstance(declared.protocol, type):
        yield f"`protocol` must be a class, not {declared.protocol!r}"
    yield from _callable("factory", declared.factory)


def _event_handler(declared: EventHandler) -> Iterator[str]:
    event = declared.event
    if not _is_class(event, Event) or not isinstance(getattr(event, "event_type", None), str):
        yield f"`event` must be an Event class with an `event_type`, not {event!r}"
    yield from _callable("handler", declared.handler)
    yield from _member("mode", declared.mode, DeliveryMode)


def _settings(declared: PluginSettings) -> Iterator[str]:
    if not _is_class(declared.schema, Schema):
        yield f"`schema` must be a Schema class, not {declared.schema!r}"
    yield from _member("level", declared.level, SettingsLevel)


def _permission(declared: Permission) -> Iterator[str]:
    yield from _text("name", declared.name, _PERMISSION)
    yield from _text("title", declared.title)
    if not isinstance(declared.roles, list | tuple | set | frozenset):
        yield f"`roles` must be a list, not {declared.roles!r}"
    else:
        for role in declared.roles:
            yield from _member("roles", role, Role)


def _public_page(declared: PublicPage) -> Iterator[str]:
    yield from _text("rule", declared.rule, _PAGE_RULE)
    yield from _callable("resolve", declared.resolve)
    yield from _callable("view", declared.view)


def _blueprint(declared: Blueprint) -> Iterator[str]:
    yield from _text("name", declared.name, _NAME)
    yield from _text("description", declared.description)


def _text(field: str, value: object, pattern: re.Pattern[str] | None = None) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"`{field}` must be a text, not {value!r}"
    elif pattern is not None and not pattern.fullmatch(value):
        yield f"`{field}` must match {pattern.pattern}: {value!r}"


def _callable(field: str, value: object) -> Iterator[str]:
    if not callable(value):
        yield f"`{field}` must be callable, not {value!r}"


def _member(field: str, value: object, kind: type) -> Iterator[str]:
    if not isinstance(value, kind):
        yield f"`{field}` must be of {kind.__qualname__}, not {value!r}"


def _is_class(value: object, kind: type) -> bool:
    return isinstance(value, type) and issubclass(value, kind)


_CHECKS: Mapping[type, Callable[[Any], Iterator[str]]] = {
    Blueprint: _blueprint,
    EventHandler: _event_handler,
    Migrations: _migrations,
    Permission: _permission,
    PluginSettings: _settings,
    PublicPage: _public_page,
    Schemas: _schemas,
    Service: _service,
}
