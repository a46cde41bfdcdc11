"""Settings of a deployment: `meishi.toml`, then `MEISHI_*` variables, which win."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum
from pathlib import Path
from typing import Any

import platformdirs

from meishi.errors import SettingsError

ENVIRONMENT_PREFIX = "MEISHI_"
SETTINGS_FILE = "meishi.toml"

#: The plugins that a deployment runs unless its settings name others.
FIRST_PARTY_PLUGINS = ("crm_contacts", "crm_enrichment", "crm_graph", "crm_viral", "qr")


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a deployment can set; built by `load_settings`, never changed."""

    home: Path
    deployment: str = "default"
    database_url: str | None = field(default=None, repr=False)
    database_admin_url: str | None = field(default=None, repr=False)
    database_pool: int = 8
    plugins: tuple[str, ...] = FIRST_PARTY_PLUGINS
    boot_policy: BootPolicy = BootPolicy.DEGRADE
    plugin_load_seconds: int = 30
    calls: CallMode = CallMode.LOCAL
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    threads: int = 4
    worker_processes: int = 1
    worker_threads: int = 4
    worker_memory_mb: int = 2048
    worker_jobs: int = 4
    worker_queues: tuple[str, ...] = ()
    public_url: str | None = None
    max_body_bytes: int = 16 * 1024 * 1024
    max_json_bytes: int = 1024 * 1024
    token_memory_milliseconds: int = 500
    rate_limit_per_minute: int = 600
    rate_limit_burst: int = 600
    rate_limit_workspace_per_minute: int = 3000
    rate_limit_address_per_minute: int = 300
    rate_limit_store: RateLimitStore = RateLimitStore.MEMORY
    trusted_proxies: int = 0
    cors_origins: tuple[str, ...] = ()
    events_retention_days: int = 90
    events_retention_cap_days: int = 365
    jobs_retention_days: int = 14
    mail_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    log_level: LogLevel = LogLevel.INFO
    metrics_token: str | None = field(default=None, repr=False)
    plugin_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)

    @property
    def embedded(self) -> bool:
        """Whether this deployment runs on its own PostgreSQL."""
        return self.database_url is None

    @property
    def reachable_url(self) -> str:
        """Where people outside reach the deployment, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or f"http://{host}:{self.port}"

    def with_policy(self, policy: BootPolicy) -> Settings:
        """Return the same settings under another boot policy."""
        return replace(self, boot_policy=policy)


def load_settings(
    *,
    file: Path | None = None,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Settings:
    """Read the settings file and the environment; raise `SettingsError` naming the key.

    `file` defaults to `MEISHI_SETTINGS`, then to `meishi.toml` in the working directory. A
    missing default file is fine, a missing named one is not.
    """
    env = os.environ if environment is None else environment
    values = _read_file(file, env)
    plugin_settings = values.pop("plugin_settings")
    values |= _from_environment(env, plugin_settings)
    values |= overrides or {}
    converted = {key: _convert(key, value) for key, value in values.items()}
    home = Path(converted.pop("home", "") or _default_home()).expanduser().absolute()
    if converted.get("database_admin_url") and not converted.get("database_url"):
        raise SettingsError(
            "`database_admin_url` is set, but `database_url` is not.",
            hint="Set both for a database of your own, or none for the embedded PostgreSQL.",
        )
    if converted.get("mail_url") and not converted.get("mail_from"):
        raise SettingsError(
            "`mail_url` is set, but `mail_from` is not.",
            hint="Name the address that mails come from: Meishi <cards@example.com>.",
        )
    return Settings(home=home, plugin_settings=plugin_settings, **converted)


def _default_home() -> Path:
    checkout = Path.cwd()
    if (checkout / "host" / "src" / "meishi").is_dir():
        return checkout / ".meishi"
    return Path(platformdirs.user_data_dir("meishi", appauthor=False))


def _read_file(file: Path | None, env: Mapping[str, str]) -> dict[str, Any]:
    named = file or (Path(env["MEISHI_SETTINGS"]) if env.get("MEISHI_SETTINGS") else None)
    path = named or Path(SETTINGS_FILE)
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        if named:
            raise SettingsError(f"The settings file {path} does not exist.") from error
        return {"plugin_settings": {}}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise SettingsError(f"{path} cannot be read: {error}") from error
    tables = values.pop("plugin", {})
    for key in values:
        if key not in _known_keys():
            raise _unknown_key(str(path), key)
    if not isinstance(tables, dict) or not all(isinstance(t, dict) for t in tables.values()):
        raise SettingsError(f"{path}: [plugin.NAME] must be a table of settings per plugin.")
    return values | {"plugin_settings": tables}


def _from_environment(
    env: Mapping[str, str], plugin_settings: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    """Take `MEISHI_<KEY>`, and put `MEISHI_PLUGIN__<NAME>__<KEY>` into `plugin_settings`.

    Other variables that begin alike may be somebody else's: only near misses are refused, and
    whatever seems to name a database, as the embedded one would silently take its place.
    """
    values: dict[str, Any] = {}
    named: dict[str, str] = {}
    for variable, text in env.items():
        if not variable.startswith(ENVIRONMENT_PREFIX) or not text:
            continue
        key = variable.removeprefix(ENVIRONMENT_PREFIX).lower()
        if named.setdefault(key, variable) != variable:
            raise SettingsError(f"{named[key]} and {variable} set the same; remove one of them.")
        if key.startswith("plugin__"):
            _, plugin, name = (*key.split("__", 2), "")[:3]
            if not plugin or not name:
                raise SettingsError(f"{variable} must be MEISHI_PLUGIN__<NAME>__<KEY>.")
            plugin_settings.setdefault(plugin, {})[name] = text
        elif key in _known_keys():
            values[key] = text
        elif key.startswith(("db", "database")) or _close_keys(key, cutoff=0.85):
            raise _unknown_key("The environment", key)
    return values


def _known_keys() -> frozenset[str]:
    return frozenset(item.name for item in fields(Settings)) - {"plugin_settings"}


def _close_keys(key: str, *, cutoff: float = 0.6) -> list[str]:
    """Return the settings whose names are nearly this, nearest first."""
    spelt_out = re.sub(r"^db(?=_|$)", "database", key)
    if spelt_out == "database":
        return ["database_url"]
    return difflib.get_close_matches(spelt_out, sorted(_known_keys()), cutoff=cutoff)


def _unknown_key(where: str, key: str) -> SettingsError:
    close = _close_keys(key)
    hint = f"Did you mean `{close[0]}`?" if close else f"Known: {', '.join(sorted(_known_keys()))}."
    return SettingsError(f"{where} has an unknown setting `{key}`.", hint=hint)


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
    "worker_jobs": (0, 64),
    "max_body_bytes": (1024, 1024**3),
    "max_json_bytes": (1024, 1024**3),
    "token_memory_milliseconds": (0, 1000),
    "rate_limit_per_minute": (0, 6_000_000),
    "rate_limit_burst": (1, 1_000_000),
    "rate_limit_workspace_per_minute": (0, 6_000_000),
    "rate_limit_address_per_minute": (0, 6_000_000),
    "trusted_proxies": (0, 10),
    "events_retention_days": (1, 36_500),
    "events_retention_cap_days": (1, 36_500),
    "jobs_retention_days": (1, 36_500),
}
#: Megabytes that a worker process needs before any handler is called.
_LEAST_MEMORY = 256

#: Settings whose values are never shown, not even wrong ones.
_SECRETS = frozenset({"database_url", "database_admin_url", "mail_url", "metrics_token"})
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
}
_ORIGIN = re.compile(r"https?://([a-z0-9.-]+|\[[0-9a-f:]+\])(:[0-9]{1,5})?")


def _convert(key: str, value: Any) -> Any:
    """Give a value from a file or a variable the type that its setting has."""
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
    return names
