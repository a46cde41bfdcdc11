"""Schemas within descriptions of operations: shared by all copies of these."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

from marshmallow import Schema


def share_schemas(description: Any) -> None:
    """Let copies of a description, which flask-smorest makes several of, have the same schemas.

    Nobody changes a schema once it is made; to copy all of its fields takes longer than all else
    that an application does when it is built.
    """
    if isinstance(description, Schema):
        description.__deepcopy__ = lambda _memo: description  # type: ignore[attr-defined]
    elif isinstance(description, dict):
        for value in description.values():
            share_schemas(value)
    elif isinstance(description, list | tuple):
        for value in description:
            share_schemas(value)
    elif is_dataclass(description) and not isinstance(description, type):
        for field in fields(description):
            share_schemas(getattr(description, field.name))
