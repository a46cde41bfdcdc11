"""What can be set."""

from __future__ import annotations

from marshmallow import Schema, fields, validate


class SettingsSchema(Schema):
    """Settings of the social graph."""

    own_contact = fields.UUID(
        load_default=None,
        metadata={
            "title": "My own contact",
            "description": "The id of the contact that is you: introductions begin with it.",
        },
    )
    max_ties = fields.Integer(
        load_default=2_000_000,
        validate=validate.Range(1_000, 50_000_000),
        metadata={
            "title": "Ties of a workspace",
            "description": "Questions about larger graphs are refused.",
        },
    )
    memory_mb = fields.Integer(
        load_default=512,
        validate=validate.Range(16, 65_536),
        metadata={
            "title": "Memory for graphs (MiB)",
            "description": "What each process keeps of graphs; those longest unused go first.",
        },
    )
    draw_delay_seconds = fields.Integer(
        load_default=60,
        validate=validate.Range(0, 86_400),
        metadata={
            "title": "Seconds until communities are computed",
            "description": "After a change, so that many changes are followed once.",
        },
    )
    draw_rest_seconds = fields.Integer(
        load_default=10,
        validate=validate.Range(0, 86_400),
        metadata={
            "title": "Seconds without a change before communities are computed",
            "description": "While many contacts come in, they wait; at most the delay.",
        },
    )
    draw_longest_wait_seconds = fields.Integer(
        load_default=600,
        validate=validate.Range(0, 86_400),
        metadata={
            "title": "Seconds after which communities are computed anyway",
            "description": "After a change, though others go on following it; at least the delay.",
        },
    )
