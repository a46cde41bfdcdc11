"""Statements about exchanges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Select, func, select
from sqlalchemy.dialects.postgresql import insert

from meishi.sdk.context import current_workspace
from meishi.sdk.database import current_connection, execute
from qr.contract import Consent, Exchange, ExchangeState
from qr.models import exchange
from qr.visitor_details import details_or_none

_SETTLE = """
    UPDATE qr.exchange AS e
    SET state = CASE WHEN s.contact IS NULL THEN 'refused' ELSE 'recorded' END,
        visitor_contact_id = s.contact, settled_at = %(at)s, version = version + 1,
        content = CASE WHEN s.contact IS NULL THEN NULL ELSE content END,
        name = NULL, email = NULL, phone = NULL, organisation = NULL, title = NULL, note = NULL
    FROM unnest(%(ids)s::uuid[], %(contacts)s::uuid[]) AS s (id, contact)
    WHERE e.id = s.id AND e.state = 'received'
    RETURNING e.id, e.card_id, e.visitor_contact_id
"""


def add(new: Exchange, submission_id: UUID, content: bytes) -> bool:
    """Insert an exchange; return False if it has come before, or the same at the same card."""
    details = new.details
    statement = (
        insert(exchange)
        .values(
            workspace_id=current_workspace(),
            id=new.id,
            card_id=new.card_id,
            submission_id=submission_id,
            state=new.state.value,
            name=details and details.name,
            email=details and details.email,
            phone=details and details.phone,
            organisation=details and details.organisation,
            title=details and details.title,
            note=details and details.note,
            content=content,
            consent_version=new.consent.version,
            consent_text=new.consent.text,
            consent_purpose=new.consent.purpose,
            version=new.version,
            created_at=new.created_at,
        )
        .on_conflict_do_nothing()
        .returning(exchange.c.id)
    )
    return current_connection().execute(statement).first() is not None


def has_come(submission_id: UUID) -> bool:
    """Whether a submission was stored."""
    statement = select(exchange.c.id).where(exchange.c.submission_id == submission_id)
    return current_connection().execute(statement).first() is not None


def newest_but(card_id: UUID, places: int) -> datetime | None:
    """Return when the exchange was left that this many newer ones at its card follow."""
    statement = (
        select(exchange.c.created_at)
        .where(exchange.c.card_id == card_id)
        .order_by(exchange.c.id.desc())
        .offset(places)
        .limit(1)
    )
    return current_connection().execute(statement).scalar_one_or_none()


def get(exchange_id: UUID) -> Exchange | None:
    """Return one exchange."""
    row = current_connection().execute(select(exchange).where(exchange.c.id == exchange_id)).first()
    return None if row is None else _exchange(row)


def received(exchange_ids: Sequence[UUID]) -> list[Exchange]:
    """Return those of the exchanges that wait for their contact, in order of arrival, locked."""
    statement = (
        select(exchange)
        .where(exchange.c.id.in_(exchange_ids), exchange.c.state == ExchangeState.RECEIVED.value)
        .order_by(exchange.c.id)
        .with_for_update()
    )
    return [_exchange(row) for row in current_connection().execute(statement)]


def settle(
    contacts: Mapping[UUID, UUID | None], at: datetime
) -> list[tuple[UUID, UUID, UUID | None]]:
    """Decide about exchanges that wait: each is a contact now or, with None, refused.

    Returns exchange, card and contact of those about which nothing was decided before.
    """
    values = {"ids": list(contacts), "contacts": list(contacts.values()), "at": at}
    return [(found, card, contact) for found, card, contact in execute(_SETTLE, values)]


def page(conditions: Mapping[str, object | None], after: UUID | None, limit: int) -> list[Exchange]:
    """Return exchanges, newest first; a condition that is None is none."""
    statement = _where(select(exchange), conditions).order_by(exchange.c.id.desc()).limit(limit)
    if after is not None:
        statement = statement.where(exchange.c.id < after)
    return [_exchange(row) for row in current_connection().execute(statement)]


def count(conditions: Mapping[str, object | None]) -> int:
    """Return how many exchanges there are."""
    statement = _where(select(func.count()).select_from(exchange), conditions)
    return int(current_connection().execute(statement).scalar_one())


def _where(statement: Select[Any], conditions: Mapping[str, object | None]) -> Select[Any]:
    for column, value in conditions.items():
        if value is not None:
            statement = statement.where(exchange.c[column] == value)
    return statement


def _exchange(row: Row[Any]) -> Exchange:
    return Exchange(
        id=row.id,
        card_id=row.card_id,
        state=ExchangeState(row.state),
        details=details_or_none(
            (row.name, row.email, row.phone, row.organisation, row.title, row.note)
        ),
        consent=Consent(
            version=row.consent_version,
            text=row.consent_text,
            purpose=row.consent_purpose,
            given_at=row.created_at,
        ),
        visitor_contact_id=row.visitor_contact_id,
        version=row.version,
        created_at=row.created_at,
        settled_at=row.settled_at,
    )
