"""Every SQL statement of the QR generator; row security shows the current workspace only."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Row, insert, select

from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection
from qr.contract import Card, Code, CodeKind, ErrorCorrection
from qr.models import card, code


def add_card(new: Card) -> None:
    """Insert a card."""
    current_connection().execute(
        insert(card).values(
            workspace_id=current_workspace(),
            id=new.id,
            contact_id=new.contact_id,
            title=new.title,
            version=new.version,
            created_at=new.created_at,
        )
    )


def get_card(card_id: UUID) -> Card | None:
    """Return one card."""
    row = current_connection().execute(select(card).where(card.c.id == card_id)).first()
    return None if row is None else _card(row)


def cards(after: UUID | None, limit: int) -> list[Card]:
    """Return cards in order of creation."""
    statement = select(card).order_by(card.c.id).limit(limit)
    if after is not None:
        statement = statement.where(card.c.id > after)
    return [_card(row) for row in current_connection().execute(statement)]


def add_code(new: Code) -> None:
    """Insert a code."""
    current_connection().execute(
        insert(code).values(
            workspace_id=current_workspace(),
            id=new.id,
            card_id=new.card_id,
            kind=new.kind.value,
            error_correction=new.error_correction.value,
            content=new.content,
            created_at=new.created_at,
        )
    )


def get_code(code_id: UUID) -> Code | None:
    """Return one code."""
    row = current_connection().execute(select(code).where(code.c.id == code_id)).first()
    if row is None:
        return None
    return Code(
        id=row.id,
        card_id=row.card_id,
        kind=CodeKind(row.kind),
        error_correction=ErrorCorrection(row.error_correction),
        content=row.content,
        created_at=row.created_at,
    )


def _card(row: Row[tuple[object, ...]]) -> Card:
    return Card(
        id=row.id,
        contact_id=row.contact_id,
        title=row.title,
        version=row.version,
        created_at=row.created_at,
    )
