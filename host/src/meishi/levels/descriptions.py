"""What may stand in a setting, as JSON schema and as a form's fields."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields

from meishi.declarations import SettingsLevel
from meishi.lifecycle.leveled_settings import LeveledSettings


def setting_schema(field: fields.Field[Any]) -> dict[str, Any]:
    """Return what a field says of its values as JSON schema."""
    from apispec import APISpec
    from apispec.ext.marshmallow import MarshmallowPlugin

    described = MarshmallowPlugin()
    APISpec(title="", version="", openapi_version="3.1.0", plugins=[described])
    assert described.converter is not None
    found: dict[str, Any] = described.converter.field2property(field)
    found.pop("default", None)
    return found


def settings_form(leveled: LeveledSettings, level: SettingsLevel) -> type[Schema]:
    """Return a schema of just the settings of a level, each of which may be absent.

    What the plugin's schema says of several values together is checked when they are changed.
    """
    names, declared = leveled.names(), leveled.declared.schema._declared_fields
    chosen = {names[key]: declared[names[key]] for key in leveled.keys(level)}
    name = f"{leveled.declared.schema.__name__}For{level.value.title()}"
    return _Form.from_dict(chosen, name=name)


class _Form(Schema):
    """Base of forms: what is not sent is not set."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"partial": True} | options)
