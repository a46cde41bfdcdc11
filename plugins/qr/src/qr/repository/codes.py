"""Statements about codes."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select, update
from sqlalchemy.dialects.postgresql import insert

from meishi.sdk.changes import changed_rows
from meishi.sdk.context import current_workspace
from meishi.sdk.contract import ChangeQuery
from meishi.sdk.database import current_connection, execute, resolve
from qr.contract import ChangedCodes, Code, CodeKind, CodeTarget, ErrorCorrection
from qr.models import code

_TARGET = """
SELECT code.id, code.card_id, code.deleted_at, card.slug
FROM qr.code code
JOIN qr.card card ON card.workspace_id = code.workspace_id AND card.id = code.card_id
WHERE code.short_code = %(short_code)s
"""


def add(new: Code, short_code: str | None = None) -> bool:
    """Insert a code; return False if its short code is taken anywhere in the deployment."""
    statement = (
        insert(code)
        .values(
            workspace_id=current_workspace(),
            id=new.id,
            card_id=new.card_id,
            kind=new.kind.value,
            error_correction=new.error_correction.value,
            content=new.content,
            short_code=short_code,
            label=new.label,
            version=new.version,
            created_at=new.created_at,
            updated_at=new.updated_at,
        )
        .on_conflict_do_nothing(index_elements=[code.c.short_code])
        .returning(code.c.id)
    )
    return current_connection().execute(statement).first() is not None


def get(code_id: UUID, *, locked: bool = False) -> Code | None:
    """Return one code, deleted or not; `locked` keeps others from changing it."""
    statement = select(code).where(code.c.id == code_id)
    if locked:
        statement = statement.with_for_update()
    row = current_connection().execute(statement).first()
    return None if row is None else _code(row)


def page(card_id: UUID | None, after: UUID | None, limit: int, *, deleted: bool) -> list[Code]:
    """Return codes in order of creation."""
    statement = _of_card(select(code), card_id, deleted=deleted).order_by(code.c.id).limit(limit)
    if after is not None:
        statement = statement.where(code.c.id > after)
    return [_code(row) for row in current_connection().execute(statement)]


def count(card_id: UUID | None, *, deleted: bool) -> int:
    """Return how many codes there are."""
    statement = _of_card(select(func.count()).select_from(code), card_id, deleted=deleted)
    return int(current_connection().execute(statement).scalar_one())


def changes(wanted: ChangeQuery) -> ChangedCodes:
    """Return what has changed; a code that changes between the statements comes later."""
    found = changed_rows(wanted, code)
    statement = select(code).where(code.c.id.in_(found.ids), code.c.deleted_at.is_(None))
    items = [_code(row) for row in current_connection().execute(statement)]
    return ChangedCodes(items=tuple(items), page=found.page)


def update_code(changed: Code) -> None:
    """Write what of a code can change."""
    current_connection().execute(
        update(code)
        .where(code.c.id == changed.id)
        .values(
            card_id=changed.card_id,
            label=changed.label,
            version=changed.version,
            updated_at=changed.updated_at,
            deleted_at=changed.deleted_at,
        )
    )


def workspace_of(short_code: str) -> UUID | None:
    """Return the workspace of a dynamic code, whichever it is."""
    found = resolve("qr.resolve_code", short_code)
    return None if found is None else found.workspace_id


def target(short_code: str) -> tuple[CodeTarget, datetime | None] | None:
    """Return where a dynamic code leads, and since when it is out of use."""
    for code_id, card_id, deleted_at, slug in execute(_TARGET, {"short_code": short_code}):
        return CodeTarget(code_id=code_id, card_id=card_id, slug=slug), deleted_at
    return None


def _of_card(statement: Select[Any], card_id: UUID | None, *, deleted: bool) -> Select[Any]:
    column = code.c.deleted_at
    statement = statement.where(column.is_not(None) if deleted else column.is_(None))
    if deleted:
        # Those that say nothing any more are no one's to bring back.
        statement = statement.where(code.c.content != "")
    return statement if card_id is None else statement.where(code.c.card_id == card_id)


def _code(row: Row[Any]) -> Code:
    return Code(
        id=row.id,
        card_id=row.card_id,
        kind=CodeKind(row.kind),
        error_correction=ErrorCorrection(row.error_correction),
        content=row.content,
        label=row.label,
        version=row.version,
        created_at=row.created_at,
        updated_at=row.updated_at,
        deleted_at=row.deleted_at,
    )
