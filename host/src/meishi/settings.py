"""Settings of a deployment: `meishi.toml`, then `MEISHI_*` variables, which win."""

from __future__ import annotations

import difflib
import os
import re
import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

import platformdirs

from meishi.admitted_plugins import admitted
from meishi.errors import SettingsError
from meishi.placement import Placement, checked_url, take_placements
from meishi.setting_values import (
    BootPolicy,
    CallMode,
    LogLevel,
    RateLimitStore,
    converted_value,
)

__all__ = ["BootPolicy", "CallMode", "LogLevel", "RateLimitStore", "Settings", "load_settings"]

ENVIRONMENT_PREFIX = "MEISHI_"
SETTINGS_FILE = "meishi.toml"

#: The plugins that a deployment runs, beside those that were installed, unless its settings list
#: others.
FIRST_PARTY_PLUGINS = ("crm_contacts", "crm_enrichment", "crm_graph", "crm_viral", "qr")

#: The host's own parts of which there is one in a deployment, whatever runs as a service.
AT_MAIN = frozenset({"identity", "meishi_plugins", "meishi_settings"})

_CONSTRUCTED = frozenset({"plugin_settings", "plugins_listed", "placements", "movable"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Everything that a deployment can set; built by `load_settings`, never changed.

    `plugins_listed` is whether `plugins` was set: then what `meishi plugins install` admitted does
    not count. `placements` says which plugins run elsewhere, `movable` by which token the services
    are known to which others may be moved. A service has `only` its plugins, and `main_url` is
    where all others are.
    """

    home: Path
    deployment: str = "default"
    database_url: str | None = field(default=None, repr=False)
    database_admin_url: str | None = field(default=None, repr=False)
    database_pool: int = 8
    plugins: tuple[str, ...] = FIRST_PARTY_PLUGINS
    plugins_listed: bool = False
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
    worker_niceness: int = 10
    worker_jobs: int = 4
    worker_queues: tuple[str, ...] = ()
    public_url: str | None = None
    max_body_bytes: int = 64 * 1024 * 1024
    max_json_bytes: int = 1024 * 1024
    token_memory_milliseconds: int = 500
    rate_limit_per_minute: int = 600
    rate_limit_burst: int = 600
    rate_limit_workspace_per_minute: int = 3000
    rate_limit_address_per_minute: int = 300
    rate_limit_forms_per_minute: int = 20
    rate_limit_store: RateLimitStore = RateLimitStore.MEMORY
    trusted_proxies: int = 0
    cors_origins: tuple[str, ...] = ()
    outgoing_hosts: tuple[str, ...] = ()
    events_retention_days: int = 90
    events_retention_cap_days: int = 365
    jobs_retention_days: int = 14
    mail_url: str | None = field(default=None, repr=False)
    mail_from: str | None = None
    log_level: LogLevel = LogLevel.INFO
    metrics_token: str | None = field(default=None, repr=False)
    only: tuple[str, ...] = ()
    main_url: str | None = None
    service_tokens: tuple[str, ...] = field(default=(), repr=False)
    service_database_admin_url: str | None = field(default=None, repr=False)
    plugin_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict, repr=False)
    placements: Mapping[str, Placement] = field(default_factory=dict)
    movable: Mapping[str, Placement] = field(default_factory=dict)

    @property
    def embedded(self) -> bool:
        """Whether this deployment runs on its own PostgreSQL."""
        return self.database_url is None

    @property
    def reachable_url(self) -> str:
        """Where people outside reach the deployment, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.public_url or self.main_url or f"http://{host}:{self.port}"

    def placement_of(self, plugin: str, *, built_in: bool = False) -> Placement | None:
        """Return where a plugin is that runs elsewhere; None for one that runs here.

        A service has the host's own parts for itself, but for those that know who is who, and
        what was switched and set.
        """
        if not self.only:
            return self.placements.get(plugin)
        if plugin in self.only or (built_in and plugin not in AT_MAIN):
            return None
        return self.main_placement

    @property
    def main_placement(self) -> Placement:
        """Where the main deployment is, for a service."""
        assert self.main_url is not None, "it is a service"
        first, *more = self.service_tokens
        return Placement(url=self.main_url, token=first, more_tokens=tuple(more))

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
    converted = {key: converted_value(key, value) for key, value in values.items()}
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
    inside = converted.get("outgoing_hosts", ())
    placements, movable = take_placements(plugin_settings, inside)
    _check_service(converted, placements, inside)
    listed = "plugins" in converted
    if not listed:
        converted["plugins"] = tuple(dict.fromkeys((*FIRST_PARTY_PLUGINS, *admitted(home))))
    return Settings(
        home=home,
        plugin_settings=plugin_settings,
        plugins_listed=listed,
        placements=placements,
        movable=movable,
        **converted,
    )


def _check_service(
    values: dict[str, Any], placements: Mapping[str, Placement], inside: Collection[str]
) -> None:
    """Raise unless a service has what it needs, and the main deployment nothing of a service."""
    if not values.get("only"):
        for key in ("main_url", "service_tokens"):
            if values.get(key):
                raise SettingsError(
                    f"`{key}` is set, but `only` is not.",
                    hint="It is for services of single plugins: `meishi serve --only NAME`.",
                )
        return
    for key in ("main_url", "service_tokens"):
        if not values.get(key):
            raise SettingsError(
                f"`only` is set, but `{key}` is not.",
                hint="A service needs to know where the main deployment is, and their token.",
            )
    if placements:
        raise SettingsError(
            f"`only` is set, and so is `plugin.{next(iter(placements))}.placement`.",
            hint="A service asks the main deployment for all other plugins.",
        )
    values["main_url"] = checked_url("main_url", values["main_url"], inside)


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
    return frozenset(item.name for item in fields(Settings)) - _CONSTRUCTED


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
