"""Plugins and their switches, as the API shows them."""

from __future__ import annotations

from marshmallow import fields

from meishi.sdk.http import ResourceSchema, TruthField
from meishi.switches.state import WorkspaceDefault

_NAMES = {"example": ["crm_contacts"]}


class PluginSchema(ResourceSchema):
    """A plugin that is installed."""

    name = fields.String(required=True, metadata={"example": "qr"})
    title = fields.String(required=True, metadata={"example": "Cards"})
    description = fields.String(required=True)
    version = fields.String(required=True, allow_none=True, metadata={"example": "0.1.0"})
    state = fields.String(
        required=True,
        metadata={
            "description": "`active`, or why it is not: `disabled`, `incompatible`, "
            "`missing_dependency`, `broken`, `needs_migration`, `orphaned`.",
            "example": "active",
        },
    )
    reason = fields.String(required=True, metadata={"description": "What the state is due to."})
    built_in = fields.Boolean(
        required=True, metadata={"description": "Whether it is a part of the host."}
    )
    requires = fields.List(fields.String(), required=True, metadata=_NAMES)
    required_by = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Directly or through others.", **_NAMES},
    )
    enabled = fields.Boolean(
        required=True, metadata={"description": "The switch of the deployment."}
    )
    workspaces = fields.Enum(
        WorkspaceDefault,
        by_value=True,
        required=True,
        metadata={"description": "What holds in workspaces that have chosen nothing."},
    )
    chosen = fields.Boolean(
        required=True,
        allow_none=True,
        metadata={"description": "What your workspace has chosen."},
    )
    on = fields.Boolean(
        required=True, metadata={"description": "Whether it is on in your workspace."}
    )
    elsewhere = fields.Boolean(
        required=True, metadata={"description": "Whether it runs as a service of its own."}
    )


class PluginSubscriptionSchema(ResourceSchema):
    """A subscription of a plugin."""

    name = fields.String(required=True, metadata={"example": "qr.main"})
    state = fields.String(required=True, metadata={"example": "live"})
    lag_events = fields.Integer(
        required=True, metadata={"description": "How many events wait for it.", "example": 0}
    )
    lag_seconds = fields.Float(
        required=True, metadata={"description": "How long the oldest has waited.", "example": 0.0}
    )
    parked = fields.Integer(
        required=True, metadata={"description": "How many failed, or wait behind one that did."}
    )


class PluginChangeSchema(ResourceSchema):
    """What was switched."""

    at = fields.AwareDateTime(required=True, format="iso")
    said = fields.String(
        required=True, metadata={"description": "`on`, `off` or `default …`.", "example": "off"}
    )
    workspace = fields.UUID(
        required=True, allow_none=True, metadata={"description": "Null for the deployment."}
    )
    actor = fields.UUID(
        required=True, allow_none=True, metadata={"description": "Null for the command line."}
    )


class PluginConditionSchema(ResourceSchema):
    """How a plugin stands in the database."""

    placement = fields.String(
        required=True,
        allow_none=True,
        metadata={
            "description": "Where its service is, if it runs elsewhere; the rest is told there.",
            "example": None,
        },
    )
    revision = fields.String(
        required=True, allow_none=True, metadata={"description": "The newest that is applied."}
    )
    pending = fields.List(
        fields.String(), required=True, metadata={"description": "Revisions to be applied."}
    )
    subscriptions = fields.List(fields.Nested(PluginSubscriptionSchema), required=True)
    changes = fields.List(
        fields.Nested(PluginChangeSchema),
        required=True,
        metadata={"description": "The last 20 of its switches, the newest first."},
    )


class PluginListSchema(ResourceSchema):
    """All plugins."""

    items = fields.List(fields.Nested(PluginSchema), required=True)


class PluginSwitchSchema(ResourceSchema):
    """How a plugin is switched."""

    cascade = TruthField(
        load_default=False,
        metadata={"description": "Switch those along that would be in the way."},
    )


class SwitchedPluginsSchema(ResourceSchema):
    """What was switched."""

    changed = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "In order; empty if nothing had to be done.", **_NAMES},
    )


class PluginDefaultSchema(ResourceSchema):
    """What holds in workspaces that have chosen nothing."""

    workspaces = fields.Enum(WorkspaceDefault, by_value=True, required=True)


RESOURCES = (
    PluginSchema,
    PluginListSchema,
    PluginSubscriptionSchema,
    PluginChangeSchema,
    PluginConditionSchema,
    PluginSwitchSchema,
    SwitchedPluginsSchema,
    PluginDefaultSchema,
)
