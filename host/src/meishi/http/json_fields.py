"""Fields whose values JSON has a type for: no other value passes for one."""

from __future__ import annotations

from typing import Any

from marshmallow import fields


class TruthField(fields.Boolean):
    """True or false, as JSON writes them: neither 0 and 1, nor words."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:  # noqa: ARG002
        if not isinstance(value, bool):
            raise self.make_error("invalid", input=value)
        return value
