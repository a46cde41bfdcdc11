"""What a workspace can set."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class SettingsSchema(Schema):
    """Settings of the reminders."""

    days_ahead = fields.Integer(
        load_default=7,
        validate=validate.Range(0, 60),
        metadata={"title": "Days before a birthday", "description": "0 for the day itself alone."},
    )
