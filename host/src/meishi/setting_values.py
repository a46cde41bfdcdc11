"""The values of settings: what each may be, and how a text becomes one."""

from __future__ import annotations

import re
from enum import StrEnum
from typing import Any

from meishi.errors import SettingsError
from meishi.placement import TOKEN, TOKEN_HINT


class BootPolicy(StrEnum):
    """What happens when something is wrong with a plugin at boot."""

    STRICT = "strict"
    DEGRADE = "degrade"


class LogLevel(StrEnum):
    """The least important messages that are logged."""

    DEBUG = "debug"
    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


class RateLimitStore(StrEnum):
    """Where is counted how many requests somebody has made."""

    MEMORY = "memory"
    DATABASE = "database"


class CallMode(StrEnum):
    """How calls between plugins run in this process."""

    LOCAL = "local"
    CODEC = "codec"


_DEPLOYMENT = re.compile(r"[a-z][a-z0-9_]{0,19}")
_ANY_TEXT = re.compile(r".*", re.DOTALL)
_TEXTS = {
    "deployment": (_DEPLOYMENT, "It becomes part of the names of PostgreSQL roles."),
    "public_url": (
        re.compile(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?/?"),
        "For example https://cards.example.com, without a path behind it.",
    ),
    "mail_url": (
        re.compile(
            r"smtp(s|\+plain)?://([^\s/?#@:]+:[^\s/?#@]+@)?"
            r"([A-Za-z0-9.-]+|\[[0-9A-Fa-f:]+\])(:[0-9]{1,5})?/?"
        ),
        "For example smtp://user:password@mail.example.com:587, special characters as %2F.",
    ),
    "mail_from": (
        re.compile(r"([^\x00-\x1f\x7f<>\",]*<)?[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+(?(1)>)"),
        "For example Meishi <cards@example.com>.",
    ),
    "metrics_token": (
        re.compile(r"[!-~]{16,200}"),
        "16 to 200 characters of ASCII without spaces, which nobody can guess.",
    ),
}
_NUMBERS = {
    "database_pool": (1, 500),
    "plugin_load_seconds": (1, 3600),
    "port": (1, 65535),
    "workers": (1, 64),
    "threads": (1, 256),
    "worker_processes": (1, 64),
    "worker_threads": (1, 64),
    "worker_memory_mb": (0, 1024**2),
    "worker_niceness": (0, 19),
    "worker_jobs": (0, 64),
    "max_body_bytes": (1024, 1024**3),
    "max_json_bytes": (1024, 1024**3),
    "token_memory_milliseconds": (0, 1000),
    "rate_limit_per_minute": (0, 6_000_000),
    "rate_limit_burst": (1, 1_000_000),
    "rate_limit_workspace_per_minute": (0, 6_000_000),
    "rate_limit_address_per_minute": (0, 6_000_000),
    "rate_limit_forms_per_minute": (0, 6_000_000),
    "trusted_proxies": (0, 10),
    "events_retention_days": (1, 36_500),
    "events_retention_cap_days": (1, 36_500),
    "jobs_retention_days": (1, 36_500),
}
#: Megabytes that a worker process needs before any handler is called.
_LEAST_MEMORY = 256

#: Settings whose values are never shown, not even wrong ones.
_SECRETS = frozenset(
    {
        "database_url",
        "database_admin_url",
        "mail_url",
        "metrics_token",
        "service_tokens",
        "service_database_admin_url",
    }
)
_CHOICES: dict[str, type[StrEnum]] = {
    "boot_policy": BootPolicy,
    "calls": CallMode,
    "log_level": LogLevel,
    "rate_limit_store": RateLimitStore,
}
_LISTS = {
    "plugins": "plugin names",
    "worker_queues": "queues: `plugin.queue`, or `plugin.*`",
    "cors_origins": "origins",
    "outgoing_hosts": "hosts",
    "only": "plugin names",
    "service_tokens": "tokens",
}
#: A name or an address, with a port or without.
_OUTGOING_HOST = re.compile(r"([a-z0-9_.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")
_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")


def converted_value(key: str, value: Any) -> Any:
    """Return a value from a file or a variable as its setting has it.

    :raises SettingsError: if it is none that the setting may have; secrets are not repeated
    """
    if key in _NUMBERS:
        low, high = _NUMBERS[key]
        if isinstance(value, bool) or not str(value).isdecimal() or not low <= int(value) <= high:
            raise SettingsError(f"`{key}` must be a whole number from {low} to {high}: {value!r}.")
        if key == "worker_memory_mb" and 0 < int(value) < _LEAST_MEMORY:
            raise SettingsError(f"`{key}` must be 0, or at least {_LEAST_MEMORY}: {value!r}.")
        return int(value)
    if key in _CHOICES:
        names = [choice.value for choice in _CHOICES[key]]
        if value not in names:
            raise SettingsError(f"`{key}` must be one of {', '.join(names)}: {value!r}.")
        return _CHOICES[key](value)
    if key in _LISTS:
        return _names(key, value)
    shown = "" if key in _SECRETS else f": {value!r}"
    if not isinstance(value, str):
        raise SettingsError(f"`{key}` must be text{shown}.")
    pattern, hint = _TEXTS.get(key, (_ANY_TEXT, ""))
    if not pattern.fullmatch(value):
        raise SettingsError(f"`{key}` must match {pattern.pattern}{shown}.", hint=hint)
    return value.rstrip("/") if key == "public_url" else value


def _names(key: str, value: Any) -> tuple[str, ...]:
    """Return the names in a list, or in a text with commas."""
    given = value.split(",") if isinstance(value, str) else value
    if not isinstance(given, list | tuple) or not all(isinstance(name, str) for name in given):
        raise SettingsError(f"`{key}` must be a list of {_LISTS[key]}.")
    names = tuple(name.strip() for name in given if name.strip())
    for name in names if key == "cors_origins" else ():
        if not _ORIGIN.fullmatch(name):
            raise SettingsError(
                f"`{key}` has a value that is no origin: {name!r}.",
                hint="Write each as browsers send it, https://app.example.com: in lower case, "
                "without a path; `*` is not possible.",
            )
    for name in names if key == "outgoing_hosts" else ():
        if not _OUTGOING_HOST.fullmatch(name):
            raise SettingsError(
                f"`{key}` has a value that is no host: {name!r}.",
                hint="Write each in lower case, models.internal or 10.0.0.7:8080, without a path.",
            )
    if key == "service_tokens" and not all(TOKEN.fullmatch(name) for name in names):
        raise SettingsError(f"`{key}` has a value that is no token.", hint=TOKEN_HINT)
    return names
