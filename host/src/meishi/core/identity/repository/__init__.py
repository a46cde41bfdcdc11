"""Every SQL statement of identity."""

from __future__ import annotations

from typing import Any, TypeAlias

from sqlalchemy import Row

#: A row as it was read, for who makes something of it.
Record: TypeAlias = Row[Any]
