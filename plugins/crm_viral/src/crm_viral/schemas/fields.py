"""Fields that several resources of the viral engine have."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from marshmallow import fields, validate

#: Times far outside of these cannot be read back with every offset.
_TIMES = validate.Range(datetime(1970, 1, 1, tzinfo=UTC), datetime(2999, 1, 1, tzinfo=UTC))
NAME = validate.Length(1, 200)
AMOUNT = validate.Range(0, 10**12)
WHOLE = "In whole numbers of the smallest unit"
CODE = "7V3K9Q2M4X"


def moment(example: str | None = "2026-12-01T00:00:00Z", **options: Any) -> fields.AwareDateTime:
    """Return a field of a time that every offset can be read back with."""
    return fields.AwareDateTime(
        format="iso", validate=_TIMES, metadata={"example": example}, **options
    )
