"""Statements about participants, their links, and who followed them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crm_viral.codes import LINK_PATH
from crm_viral.contract import Link, Participant, Touch
from crm_viral.repository.paging import Found, page
from meishi.sdk.context import current_workspace
from meishi.sdk.database import execute, resolve

#: Who already takes part is locked: nobody else gives them a link meanwhile.
_JOIN = """
    INSERT INTO crm_viral.participant
        (workspace_id, id, programme_id, user_id, earned, joined_at)
    VALUES (%(workspace_id)s, %(id)s, %(programme_id)s, %(user_id)s, 0, %(at)s)
    ON CONFLICT (workspace_id, programme_id, user_id) DO UPDATE SET user_id = excluded.user_id
    RETURNING id
"""
#: A statement of its own: one that has waited for the lock counts what was there before it waited.
_HAD = "SELECT count(*) FROM crm_viral.link WHERE participant_id = %(id)s"
_ADD_LINK = """
    INSERT INTO crm_viral.link
        (workspace_id, id, programme_id, participant_id, code, label, created_at)
    VALUES (%(workspace_id)s, %(id)s, %(programme_id)s, %(participant_id)s, %(code)s, %(label)s,
        %(created_at)s)
    ON CONFLICT (code) DO NOTHING RETURNING id
"""
_USER = "(SELECT user_id FROM crm_viral.participant p WHERE p.id = t.participant_id)"
_LINK = f"t.id, t.programme_id, t.participant_id, {_USER}, t.code, t.label, t.created_at"
_BY_ID = f"SELECT {_LINK} FROM crm_viral.link t WHERE t.id = ANY(%(ids)s)"
_OF_USERS = f"""
    SELECT DISTINCT ON (u.user_id) {_LINK} FROM crm_viral.participant u
    JOIN crm_viral.programme p ON p.id = u.programme_id AND (
        p.id = %(programme_id)s OR %(programme_id)s::uuid IS NULL AND p.state = 'live'
        AND p.starts_at <= %(now)s AND (p.ends_at IS NULL OR p.ends_at > %(now)s))
    JOIN crm_viral.link t ON t.participant_id = u.id
    WHERE u.user_id = ANY(%(user_ids)s) ORDER BY u.user_id, t.id
"""
_RESOLVE = """
    SELECT w.code, f.workspace_id, f.id FROM unnest(%(codes)s::text[]) AS w(code)
    CROSS JOIN LATERAL crm_viral.resolve_link(w.code) AS f
"""
_FOLLOW = """
    INSERT INTO crm_viral.touch
        (workspace_id, id, programme_id, link_id, visitor, channel, placement, at)
    SELECT l.workspace_id, %(id)s, l.programme_id, l.id, %(visitor)s, %(channel)s, %(placement)s,
        %(at)s
    FROM crm_viral.link l
    JOIN crm_viral.programme p ON p.id = l.programme_id AND p.state = 'live'
        AND p.starts_at <= %(at)s AND (p.ends_at IS NULL OR p.ends_at > %(at)s)
    WHERE l.code = %(code)s
    RETURNING programme_id, link_id,
        (SELECT window_days FROM crm_viral.programme p WHERE p.id = programme_id)
"""
_EARN = """
    UPDATE crm_viral.participant p SET earned = p.earned + w.amount
    FROM unnest(%(ids)s::uuid[], %(amounts)s::bigint[]) AS w(id, amount) WHERE p.id = w.id
"""


@dataclass(frozen=True, slots=True)
class FoundLink:
    """Whose a code is."""

    workspace_id: UUID
    link_id: UUID


@dataclass(frozen=True, slots=True)
class NewTouch:
    """A touch that was written: of which link and programme, and how long it counts."""

    programme_id: UUID
    link_id: UUID
    window_days: int


def join(participant_id: UUID, programme_id: UUID, user_id: UUID, at: datetime) -> tuple[UUID, int]:
    """Let somebody take part; return the id under which they do, and how many links they have."""
    values = {
        "workspace_id": current_workspace(),
        "id": participant_id,
        "programme_id": programme_id,
        "user_id": user_id,
        "at": at,
    }
    ((found,),) = execute(_JOIN, values)
    ((had,),) = execute(_HAD, {"id": found})
    return found, had


def add(new: Link) -> bool:
    """Insert a link; return False if its code is taken anywhere in the deployment."""
    values = {
        name: getattr(new, name)
        for name in ("id", "programme_id", "participant_id", "code", "label", "created_at")
    }
    return bool(execute(_ADD_LINK, {"workspace_id": current_workspace(), **values}))


def of_ids(ids: Sequence[UUID], public_url: str) -> dict[UUID, Link]:
    """Return the links that have one of the ids."""
    found = [_link(public_url, *row) for row in execute(_BY_ID, {"ids": list(ids)})]
    return {item.id: item for item in found}


def of_users(
    user_ids: Sequence[UUID], programme_id: UUID | None, now: datetime, public_url: str
) -> tuple[Link, ...]:
    """Return the first link of each of these users in one programme, or in any that runs."""
    values = {"user_ids": list(user_ids), "programme_id": programme_id, "now": now}
    rows = execute(_OF_USERS, values)
    return tuple(_link(public_url, *row) for row in rows)


def workspace_of(code: str) -> UUID | None:
    """Return the workspace of a link, whichever it is."""
    found = resolve("crm_viral.resolve_link", code)
    return None if found is None else found.workspace_id


def resolved(codes: Sequence[str]) -> dict[str, FoundLink]:
    """Return whose codes are, outside of any workspace."""
    rows = execute(_RESOLVE, {"codes": list(codes)})
    return {code: FoundLink(workspace, link) for code, workspace, link in rows}


def follow(code: str, *, touch_id: UUID, at: datetime, **values: Any) -> NewTouch | None:
    """Insert a touch, if the programme of the link runs."""
    for row in execute(_FOLLOW, {"code": code, "id": touch_id, "at": at, **values}):
        return NewTouch(*row)
    return None


def earn(amounts: Mapping[UUID, int]) -> None:
    """Add to what participants have got, or take away; their programmes' rows are locked."""
    if amounts:
        execute(_EARN, {"ids": list(amounts), "amounts": list(amounts.values())})


def links(public_url: str, **wanted: Any) -> Found[Link]:
    """Return a page of links."""
    return page("crm_viral.link", _LINK, lambda *row: _link(public_url, *row), **wanted)


def participants(**wanted: Any) -> Found[Participant]:
    """Return a page of participants."""
    columns = "t.id, t.programme_id, t.user_id, t.earned, t.joined_at"
    names = ("id", "programme_id", "user_id", "earned", "joined_at")
    return page(
        "crm_viral.participant",
        columns,
        lambda *row: Participant(**dict(zip(names, row, strict=True))),
        **wanted,
    )


def touches(**wanted: Any) -> Found[Touch]:
    """Return a page of touches."""
    columns = "t.id, t.programme_id, t.link_id, t.channel, t.placement, t.at"
    names = ("id", "programme_id", "link_id", "channel", "placement", "at")
    return page(
        "crm_viral.touch",
        columns,
        lambda *row: Touch(**dict(zip(names, row, strict=True))),
        **wanted,
    )


def _link(public_url: str, *row: Any) -> Link:
    link_id, programme_id, participant_id, user_id, code, label, created_at = row
    return Link(
        id=link_id,
        programme_id=programme_id,
        participant_id=participant_id,
        user_id=user_id,
        code=code,
        url=f"{public_url}{LINK_PATH}{code}",
        label=label,
        created_at=created_at,
    )
