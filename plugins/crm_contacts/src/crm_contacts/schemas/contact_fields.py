"""Fields of contacts whose shape here is not the one in the contract."""

from __future__ import annotations

from typing import Any

from marshmallow import ValidationError, fields

# ruff: noqa: ARG002 (the methods have marshmallow's signatures)


class ParametersField(fields.Dict):
    """Parameters of a vCard property: an object of lists here, pairs in the contract."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            keys=fields.String(),
            values=fields.List(fields.String()),
            load_default=dict,
            metadata={"example": {"PREF": ["1"]}},
            **kwargs,
        )

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        document = {name: list(items) for name, items in value}
        return super()._serialize(document, attr, obj, **kwargs)  # type: ignore[no-untyped-call]

    def _deserialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        try:
            return super()._deserialize(value, *args, **kwargs)  # type: ignore[no-untyped-call]
        except ValidationError as error:
            if not isinstance(error.messages, dict):
                raise
            # marshmallow says `key` and `value` where the document has nothing of the sort.
            found = {name: list(wrong.values()) for name, wrong in error.messages.items()}
            raise ValidationError(found) from error


class CustomValueField(fields.Field[Any]):
    """A value of a custom field; null takes it away."""

    def __init__(self, **kwargs: Any) -> None:
        described = {"type": ["string", "number", "boolean"], "example": "x"}
        super().__init__(allow_none=True, metadata=described, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:
        if not isinstance(value, str | int | float):
            raise ValidationError("A text, a number, true or false.")
        return value


class CustomValuesField(fields.Dict):
    """Values of custom fields by their keys: an object here, pairs in the contract."""

    def __init__(self, **kwargs: Any) -> None:
        described = {
            "description": "By the keys of the workspace's custom fields; null takes one away.",
            "example": {},
        }
        super().__init__(
            keys=fields.String(), values=CustomValueField(), metadata=described, **kwargs
        )

    def _serialize(self, value: Any, attr: str | None, obj: Any, **kwargs: Any) -> Any:
        return None if value is None else dict(value)
