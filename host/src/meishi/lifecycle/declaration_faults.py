"""What is wrong inside a declaration: fields are checked here, as dataclasses take any value."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from marshmallow import Schema
from sqlalchemy import MetaData

from meishi.declarations import (
    Aggregation,
    DeliveryMode,
    EventHandler,
    Exporter,
    Extension,
    HealthCheck,
    HookSpec,
    Importer,
    Job,
    JobScope,
    Lifecycle,
    Lifetime,
    Merge,
    MergeHandler,
    Meter,
    Metric,
    MetricKind,
    Migrations,
    NavigationEntry,
    Page,
    Panel,
    Permission,
    PersonalData,
    PlanFeature,
    PluginSettings,
    PublicPage,
    ReplayPolicy,
    RetryPolicy,
    Schemas,
    SearchProvider,
    Service,
    SettingsLevel,
    Subscription,
)
from meishi.declarations.events import SLOTS
from meishi.http.blueprint import Blueprint
from meishi.lifecycle.cron import schedule_fault
from meishi.lifecycle.field_relations import TOGETHER
from meishi.lifecycle.plugin_settings import KEY
from meishi.lifecycle.value_rules import (
    Rule,
    function,
    member,
    number,
    optional,
    several,
    subclass,
    table,
    text,
    whole_number,
)
from meishi.sdk.contract import Event, Role

_NAME = text(re.compile(r"[a-z][a-z0-9_-]*"))
_PERMISSION = text(re.compile(r"[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)*"))
_SETTING = text(KEY)
_IDENTIFIER = text(re.compile(r"[a-z][a-z0-9_]*"))
_PACKAGE = text(re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*"))
#: A whole path whose first part is fixed: `/C/<code>`.
_PUBLIC_RULE = text(re.compile(r"/[A-Za-z][A-Za-z0-9-]*(/[A-Za-z0-9._~<>:-]+)*"))
_PAGE_RULE = text(re.compile(r"(/[A-Za-z0-9._~<>:-]+)*"))
_HTTP_METHOD = text(re.compile(r"GET|POST|PUT|PATCH|DELETE"))
#: Another plugin's page or resource: `crm_contacts.contact`, `crm_contacts.Contact`.
_FULL_NAME = text(re.compile(r"[a-z][a-z0-9_]*\.[A-Za-z][A-Za-z0-9_-]*"))
_MEDIA_TYPE = text(re.compile(r"[a-z]+/[a-z0-9.+-]+"))
_SUFFIX = text(re.compile(r"\.[a-z0-9.]+"))
_LINE = text(re.compile(r".+"))
_SECONDS = number(0.001, 86_400)


def declaration_faults(declared: object) -> Iterator[str]:
    """Yield one sentence, beginning with the field, for each that has a wrong value."""
    sound = True
    for field, rule in _RULES.get(type(declared), {}).items():
        fault = rule(getattr(declared, field))
        if fault:
            sound = False
            yield f"`{field}` {fault}"
    together = TOGETHER.get(type(declared))
    if sound and together is not None:
        yield from together(declared)


def _record(kind: type) -> Rule:
    """Return the rule of a field that holds a declaration of its own."""

    def rule(value: object) -> str:
        nested = "" if member(kind)(value) else next(declaration_faults(value), "")
        return member(kind)(value) or (nested and f"is wrong: {nested}")

    return rule


def _event(value: object) -> str:
    if subclass(Event)(value) or not isinstance(getattr(value, "event_type", None), str):
        return f"must be an Event class with an `event_type`, not {value!r}"
    return ""


def _granted(value: object) -> str:
    right = value is None or (isinstance(value, int) and value >= 0)
    return "" if right else f"must be True, False, a whole number from 0, or None, not {value!r}"


_RULES: Mapping[type, Mapping[str, Rule]] = {
    Blueprint: {"name": _NAME, "description": text()},
    EventHandler: {
        "event": _event,
        "handler": function,
        "mode": member(DeliveryMode),
        "subscription": optional(_record(Subscription)),
    },
    Exporter: {
        "name": _NAME,
        "title": _LINE,
        "resource": _FULL_NAME,
        "media_type": _MEDIA_TYPE,
        "suffix": _SUFFIX,
        "write": function,
        "permission": _PERMISSION,
    },
    Extension: {
        "target": _FULL_NAME,
        "schema": subclass(Schema),
        "load": function,
        "permission": _PERMISSION,
    },
    HealthCheck: {
        "name": _NAME,
        "title": _LINE,
        "check": function,
        "limit_seconds": _SECONDS,
        "fresh_seconds": number(0, 86_400),
    },
    HookSpec: {
        "function": function,
        "item": member(type),
        "unique": optional(_IDENTIFIER),
        "listens": optional(function),
    },
    Importer: {
        "name": _NAME,
        "title": _LINE,
        "resource": _FULL_NAME,
        "media_types": several(_MEDIA_TYPE),
        "suffixes": several(_SUFFIX),
        "preview": function,
        "run": function,
        "permission": _PERMISSION,
        "detect": optional(function),
        "max_bytes": whole_number(1, 1024**3),
        "limit_seconds": number(0.001, 600),
    },
    Job: {
        "name": _NAME,
        "run": function,
        "schedule": optional(schedule_fault),
        "scope": member(JobScope),
        "queue": _NAME,
        "priority": whole_number(-100, 100),
        "key": optional(_IDENTIFIER),
        "limit_seconds": _SECONDS,
        "retry": _record(RetryPolicy),
    },
    Lifecycle: dict.fromkeys(
        ("installed", "upgraded", "enabled", "disabled", "before_purge", "purge_impact"),
        optional(function),
    ),
    Merge: {
        "resource": subclass(Schema),
        "event": _event,
        "sources": _IDENTIFIER,
        "target": _IDENTIFIER,
        "undone": optional(_event),
    },
    MergeHandler: {
        "kind": _FULL_NAME,
        "handler": function,
        "retry": _record(RetryPolicy),
        "undo": optional(function),
    },
    Meter: {
        "name": _PERMISSION,
        "title": _LINE,
        "unit": _LINE,
        "aggregation": member(Aggregation),
        "measure": optional(function),
    },
    Metric: {
        "name": _IDENTIFIER,
        "title": _LINE,
        "kind": member(MetricKind),
        "collect": function,
        "labels": several(_IDENTIFIER),
    },
    Migrations: {"package": _PACKAGE},
    NavigationEntry: {
        "page": _NAME,
        "title": _LINE,
        "icon": _NAME,
        "section": text(),
        "order": whole_number(0, 10_000),
    },
    Page: {
        "name": _NAME,
        "rule": _PAGE_RULE,
        "view": function,
        "title": _LINE,
        "permission": optional(_PERMISSION),
        "methods": several(_HTTP_METHOD),
    },
    Panel: {
        "page": _FULL_NAME,
        "name": _NAME,
        "title": _LINE,
        "render": function,
        "permission": _PERMISSION,
        "order": whole_number(0, 10_000),
    },
    Permission: {
        "name": _PERMISSION,
        "title": text(),
        "roles": several(member(Role)),
        "operators": member(bool),
        "oversees": member(bool),
    },
    PersonalData: {"export": function, "erase": function, "identify": optional(function)},
    PlanFeature: {
        "name": _PERMISSION,
        "title": _LINE,
        "default": _granted,
        "unit": text(),
        "description": text(),
    },
    PluginSettings: {
        "schema": subclass(Schema),
        "levels": table(_SETTING, member(SettingsLevel)),
        "secrets": several(_SETTING),
    },
    PublicPage: {
        "rule": _PUBLIC_RULE,
        "resolve": optional(function),
        "view": function,
        "methods": several(_HTTP_METHOD),
    },
    RetryPolicy: {
        "attempts": whole_number(1, 1000),
        "first_wait_seconds": _SECONDS,
        "factor": number(1, 100),
        "longest_wait_seconds": number(0.001, 30 * 86_400),
        "fatal": several(subclass(Exception)),
    },
    Schemas: {
        "db": optional(member(MetaData)),
        "resources": several(subclass(Schema)),
        "extensions": several(_record(Extension)),
        "merges": several(_record(Merge)),
    },
    SearchProvider: {
        "name": _NAME,
        "title": _LINE,
        "search": function,
        "permission": _PERMISSION,
        "limit_seconds": number(0.001, 60),
    },
    Service: {"protocol": member(type), "factory": function, "lifetime": member(Lifetime)},
    Subscription: {
        "name": _NAME,
        "retry": _record(RetryPolicy),
        "replay": member(ReplayPolicy),
        "slots": whole_number(1, SLOTS),
        "batch": whole_number(1, 10_000),
        "limit_seconds": _SECONDS,
        "reset": optional(function),
        "backfill": optional(function),
    },
}
