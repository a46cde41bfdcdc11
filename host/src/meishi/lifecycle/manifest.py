"""A plugin's manifest: what can be known of it without running its code."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.version import InvalidVersion, Version

MANIFEST_FILE = "plugin.toml"

#: A name ends up in role names (`meishi_<deployment>_<name>_owner`), which end at 63 characters;
#: the database keeps `pg_` for itself.
_NAME = re.compile(r"(?!pg_)[a-z][a-z0-9_]{0,28}")
_EXTENSION = re.compile(r"[a-z][a-z0-9_-]{0,62}")
_PREFIX = re.compile(r"[a-z][a-z0-9-]{0,29}")
#: The name of an event type, which ends in its version.
EVENT_TYPE = re.compile(r"[a-z_]+(\.[a-z_]+)+\.v[1-9][0-9]*")
_KEYS: dict[str, set[str] | None] = {
    "": {
        "name", "title", "description", "version", "host", "api_prefix", "scope",
        "requires", "after", "events", "database", "capabilities",
    },
    "requires": None,
    "after": None,
    "events": {"emits", "consumes"},
    "database": {"extensions"},
    "capabilities": {"network"},
}  # fmt: skip


class ManifestError(Exception):
    """The manifest is missing, unreadable, or says something that it must not."""


class PluginScope(StrEnum):
    """Whether a plugin's data belong to workspaces or to the deployment as a whole."""

    WORKSPACE = "workspace"
    DEPLOYMENT = "deployment"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a plugin says of itself. `name` is also its package and its db_schema."""

    name: str
    title: str
    version: Version
    host: SpecifierSet
    description: str = ""
    api_prefix: str | None = None
    scope: PluginScope = PluginScope.WORKSPACE
    requires: Mapping[str, SpecifierSet]
    after: tuple[str, ...] = ()
    emits: tuple[str, ...] = ()
    consumes: tuple[str, ...] = ()
    extensions: tuple[str, ...] = ()
    network: bool = False

    @property
    def hook_prefix(self) -> str:
        """How the names of all hooks begin that the plugin adds."""
        return f"{self.prefix}_".replace("-", "_")

    def names(self, plugin: str) -> bool:
        """Whether the plugin knows another one: it needs it, or makes use of it if it is there."""
        return plugin in self.requires or plugin in self.after

    @property
    def prefix(self) -> str:
        """The name space of this plugin's routes, permissions and commands."""
        return self.api_prefix or self.name


def read_manifest(folder: Path) -> Manifest:
    """Read `plugin.toml` of a package folder; raise `ManifestError` naming the key."""
    try:
        values = tomllib.loads((folder / MANIFEST_FILE).read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ManifestError(f"{MANIFEST_FILE} is missing from the package") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, OSError) as error:
        raise ManifestError(f"{MANIFEST_FILE} cannot be read: {error}") from error
    return parse_manifest(values)


def is_plugin_name(name: str) -> bool:
    """Return whether a plugin may be called so, and with it a db_schema and two roles."""
    return _NAME.fullmatch(name) is not None


def parse_manifest(values: Mapping[str, Any]) -> Manifest:
    """Check the values of a manifest and give them their types."""
    for table, known in _KEYS.items():
        part = values if table == "" else values.get(table, {})
        if not isinstance(part, dict):
            raise ManifestError(f"[{table}] must be a table")
        for key in sorted(part.keys() - known) if known is not None else ():
            name = f"{table}.{key}" if table else key
            raise ManifestError(f"{MANIFEST_FILE} has an unknown key `{name}`")
    return Manifest(
        name=_plugin_name(values),
        title=_line(values, "title"),
        description=_line(values, "description", default=""),
        version=_version(values),
        host=_range("host", values.get("host")),
        api_prefix=_matching(values, "api_prefix", _PREFIX) if "api_prefix" in values else None,
        scope=_scope(values),
        requires=_others(values, "requires"),
        after=tuple(_others(values, "after")),
        emits=_texts(values, "events", "emits", EVENT_TYPE),
        consumes=_texts(values, "events", "consumes", EVENT_TYPE),
        extensions=_texts(values, "database", "extensions", _EXTENSION),
        network=_flag(values, "capabilities", "network"),
    )  # fmt: skip


def as_document(manifest: Manifest) -> dict[str, Any]:
    """Return the manifest as plain values, the form in which the host remembers it."""
    return {
        "name": manifest.name,
        "title": manifest.title,
        "description": manifest.description,
        "version": str(manifest.version),
        "host": str(manifest.host),
        "api_prefix": manifest.api_prefix,
        "scope": manifest.scope.value,
        "requires": {name: str(spec) for name, spec in manifest.requires.items()},
        "after": list(manifest.after),
        "emits": list(manifest.emits),
        "consumes": list(manifest.consumes),
        "extensions": list(manifest.extensions),
        "network": manifest.network,
    }


def from_document(document: Mapping[str, Any]) -> Manifest:
    """Return the manifest that the host remembers; raise `ManifestError` if it is none."""
    values = {key: value for key, value in document.items() if value is not None}
    events = {key: values.pop(key) for key in ("emits", "consumes") if key in values}
    tables: dict[str, Any] = {"events": events}
    for table, key in (("database", "extensions"), ("capabilities", "network")):
        if key in values:
            tables[table] = {key: values.pop(key)}
    after = values.pop("after", [])
    if not isinstance(after, list) or not all(isinstance(name, str) for name in after):
        raise ManifestError("`after` must be a list of names")
    return parse_manifest(values | tables | {"after": dict.fromkeys(after, "*")})


def _text(values: Mapping[str, Any], key: str, *, default: str | None = None) -> str:
    value = values.get(key, default)
    if not isinstance(value, str):
        raise ManifestError(f"`{key}` is missing or not text")
    return value


def _line(values: Mapping[str, Any], key: str, *, default: str | None = None) -> str:
    """Read what is shown in lists, on pages and in terminals."""
    line = _text(values, key, default=default)
    if not line.isprintable():
        raise ManifestError(f"`{key}` must be one line of printable characters: {line!r}")
    return line


def _plugin_name(values: Mapping[str, Any]) -> str:
    name = _matching(values, "name", _NAME)
    if "__" in name or name.endswith("_"):
        raise ManifestError(
            f"`name` must not end in an underscore, nor have two in a row: {name!r}; "
            "in MEISHI_PLUGIN__<NAME>__<KEY> two of them end the name"
        )
    return name


def _matching(values: Mapping[str, Any], key: str, pattern: re.Pattern[str]) -> str:
    value = _text(values, key)
    if not pattern.fullmatch(value):
        raise ManifestError(f"`{key}` must match {pattern.pattern}: {value!r}")
    return value


def _version(values: Mapping[str, Any]) -> Version:
    try:
        return Version(_text(values, "version"))
    except InvalidVersion as error:
        raise ManifestError(f"`version` is not a version (PEP 440): {error}") from error


def _range(key: str, value: Any) -> SpecifierSet:
    if not isinstance(value, str):
        raise ManifestError(f"`{key}` is missing or not text")
    try:
        return SpecifierSet("" if value == "*" else value)
    except InvalidSpecifier as error:
        raise ManifestError(f"`{key}` is not a version range (PEP 440): {error}") from error


def _others(values: Mapping[str, Any], table: str) -> dict[str, SpecifierSet]:
    """Read a table of other plugins' names with version ranges."""
    others = values.get(table, {})
    for name in others:
        if not _NAME.fullmatch(name):
            raise ManifestError(f"`{table}.{name}` is not a plugin's name")
    return {name: _range(f"{table}.{name}", wanted) for name, wanted in others.items()}


def _scope(values: Mapping[str, Any]) -> PluginScope:
    try:
        return PluginScope(values.get("scope", "workspace"))
    except ValueError as error:
        raise ManifestError("`scope` must be workspace or deployment") from error


def _texts(
    values: Mapping[str, Any], table: str, key: str, pattern: re.Pattern[str]
) -> tuple[str, ...]:
    items = values.get(table, {}).get(key, [])
    if not isinstance(items, list):
        raise ManifestError(f"`{table}.{key}` must be a list")
    for item in items:
        if not isinstance(item, str) or not pattern.fullmatch(item):
            raise ManifestError(f"`{table}.{key}` must match {pattern.pattern}: {item!r}")
    return tuple(items)


def _flag(values: Mapping[str, Any], table: str, key: str) -> bool:
    value = values.get(table, {}).get(key, False)
    if not isinstance(value, bool):
        raise ManifestError(f"`{table}.{key}` must be true or false")
    return value
