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
