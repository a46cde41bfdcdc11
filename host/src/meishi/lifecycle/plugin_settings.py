"""A plugin's settings: the keys of its schema, and their values, held against it at boot."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from marshmallow import Schema, ValidationError

from meishi.declarations import PluginSettings, SettingsLevel

#: What a key looks like: `MEISHI_PLUGIN__<NAME>__<KEY>` is read in lower case.
KEY = re.compile(r"[a-z][a-z0-9_]*")


class WrongSettings(Exception):
    """What a deployment sets for a plugin is not what its schema wants."""


def setting_keys(schema: type[Schema]) -> tuple[str, ...]:
    """Return the keys of a schema as a deployment writes them, one for each field."""
    return tuple(field.data_key or name for name, field in schema._declared_fields.items())


def key_faults(schema: type[Schema]) -> Iterator[str]:
    """Yield one sentence for each key that could not be set, or not without ambiguity."""
    for key, count in Counter(setting_keys(schema)).items():
        if not KEY.fullmatch(key):
            yield f"the setting {key!r} must match {KEY.pattern}"
        elif count > 1:
            yield f"the setting {key!r} is declared twice"


def settings_faults(declared: PluginSettings) -> Iterator[str]:
    """Yield one sentence for each thing that a plugin's settings must not say of their keys."""
    yield from key_faults(declared.schema)
    known = setting_keys(declared.schema)
    for field, names in (("levels", declared.levels), ("secrets", declared.secrets)):
        for name in sorted(set(names) - set(known)):
            yield f"`{field}` names {name!r}, which the schema does not have"
    for name in sorted(set(declared.secrets) & declared.levels.keys()):
        if declared.levels[name] is not SettingsLevel.DEPLOYMENT:
            yield f"`levels` names {name!r}, but a secret is the deployment's alone"


def load_plugin_settings(
    plugin: str, declared: PluginSettings | None, values: Mapping[str, Any]
) -> Mapping[str, Any]:
    """Return a plugin's settings with their types; raise `WrongSettings` naming the key.

    What a schema says of a secret may hold it, and is kept back.
    """
    if declared is None:
        if values:
            raise WrongSettings(f"[plugin.{plugin}] is set, but the plugin has no settings")
        return {}
    try:
        loaded: Mapping[str, Any] = declared.schema().load(dict(values))
    except ValidationError as error:
        messages = _without_secrets(error.messages, declared.secrets)
        raise WrongSettings(f"[plugin.{plugin}] is wrong: {messages}") from error
    return loaded


def _without_secrets(messages: Any, secrets: Collection[str]) -> Any:
    if not isinstance(messages, dict):
        return messages
    return {key: ["Not accepted."] if key in secrets else found for key, found in messages.items()}
