"""Settings of identity, in `[plugin.identity]`."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class IdentitySettingsSchema(Schema):
    """What an operator can set."""

    sign_up = fields.String(
        load_default="open",
        validate=validate.OneOf(("open", "invited")),
        metadata={"description": "Who may open an account: anybody, or who was invited."},
    )
    session_days = fields.Integer(
        load_default=30,
        validate=validate.Range(1, 365),
        metadata={"description": "Days after which a session ends, however much it is used."},
    )
    session_idle_days = fields.Integer(
        load_default=7,
        validate=validate.Range(1, 365),
        metadata={"description": "Days after which a session ends that nobody has used."},
    )
    password_memory_kib = fields.Integer(
        load_default=65536,
        validate=validate.Range(64, 4 * 1024 * 1024),
        metadata={"description": "KiB of memory for hashing a password (argon2id)."},
    )
    password_passes = fields.Integer(
        load_default=3,
        validate=validate.Range(1, 20),
        metadata={"description": "How often that memory is gone over."},
    )
    password_lanes = fields.Integer(
        load_default=4,
        validate=validate.Range(1, 8),
        metadata={"description": "Lanes of that memory; all of them take part in a hash."},
    )
