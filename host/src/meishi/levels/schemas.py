"""Settings over HTTP."""

from __future__ import annotations

from typing import Any

import msgspec
from marshmallow import fields

from meishi.levels.interface import SettableLevel, ValueSource
from meishi.sdk.http import ResourceSchema

_VALUES = {"default_region": "SE"}


class JsonField(fields.Field[Any]):
    """JSON text inside, what it says outside."""

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> Any:  # noqa: ARG002
        return None if value is None else msgspec.json.decode(value)


class SettingValueSchema(ResourceSchema):
    """One setting, as it holds for who asked."""

    key = fields.String(required=True, metadata={"example": "default_region"})
    level = fields.Enum(
        SettableLevel,
        by_value=True,
        required=True,
        metadata={"description": "Who may set it: the workspace, or also each user."},
    )
    value = JsonField(
        required=True, allow_none=True, metadata={"description": "What holds.", "example": "SE"}
    )
    source = fields.Enum(
        ValueSource,
        by_value=True,
        required=True,
        metadata={"description": "Who set it.", "example": ValueSource.WORKSPACE.value},
    )
    default = JsonField(
        required=True,
        allow_none=True,
        metadata={"description": "What holds if nobody sets it.", "example": None},
    )
    refused = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Why the value that was set here is not used; null if it is.",
            "example": None,
        },
    )
    schema = JsonField(
        required=True,
        metadata={"description": "What may stand here (JSON schema).", "example": {}},
    )


class PluginSettingsSchema(ResourceSchema):
    """The settings of one module that are not the deployment's alone."""

    plugin = fields.String(required=True, metadata={"example": "crm_contacts"})
    title = fields.String(required=True, metadata={"example": "Contacts"})
    level = fields.Enum(
        SettableLevel,
        by_value=True,
        required=True,
        metadata={"description": "At which level `values` are set."},
    )
    values = JsonField(
        attribute="own",
        required=True,
        metadata={"description": "What is set at just this level.", "example": _VALUES},
    )
    settings = fields.List(fields.Nested(SettingValueSchema), required=True)


class PluginSettingsListSchema(ResourceSchema):
    """The settings of all modules that are not the deployment's alone."""

    items = fields.List(fields.Nested(PluginSettingsSchema), required=True)


class PluginSettingsPatchSchema(ResourceSchema):
    """What to set; null gives a setting back to the level above."""

    values = fields.Dict(
        keys=fields.String(),
        values=fields.Raw(allow_none=True),
        required=True,
        metadata={"example": _VALUES},
    )


RESOURCES = (PluginSettingsSchema, PluginSettingsListSchema, PluginSettingsPatchSchema)
