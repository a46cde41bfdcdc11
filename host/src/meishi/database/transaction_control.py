"""Keeping revisions from ending the host's transaction, in which all of an upgrade run."""

from __future__ import annotations

from typing import Any, NoReturn

from sqlalchemy import Connection
from sqlalchemy.engine.interfaces import DBAPICursor

from meishi.database.engine import controls_transaction


class TransactionLeft(RuntimeError):
    """A revision tried to end the transaction in which all revisions of an upgrade run."""


def refuse_control(
    _connection: Connection,
    _cursor: DBAPICursor,
    statement: str,
    _parameters: Any,
    context: Any,
    _many: bool,
) -> None:
    """Keep a revision from ending the transaction with a statement of its own."""
    if controls_transaction(statement, context):
        raise TransactionLeft("the host begins and commits, once for all revisions")


def refuse_autocommit() -> NoReturn:
    """Refuse what Alembic would answer with a bare assertion."""
    raise TransactionLeft("all revisions of an upgrade are one transaction: no autocommit_block()")
