"""Answers to requests that were made under a key, kept to be given again.

What is here runs as this plugin's code, in the unit of work of the request.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from uuid import UUID

import msgspec

from meishi.database.unit_of_work import UnitOfWork
from meishi.requests.models import DB_SCHEMA

#: What is larger than this many octets is not kept.
MAX_BODY = 4 * 1024 * 1024

#: How many old answers are looked for at a time.
MOST_FORGOTTEN = 10_000

_CLAIM = """
    SELECT claimed, fingerprint, status, headers, body
    FROM meishi_requests.claim(%(lock)s::bigint, %(user)s::uuid, %(key)s)
"""

#: There may be an answer that is older than the time for which it counts.
_KEEP = """
    INSERT INTO meishi_requests.answer (workspace_id, user_id, key, fingerprint, status, headers,
                                        body)
    VALUES ('{workspace}', '{user}', {key}, {fingerprint}, {status}, {headers}::jsonb, {body})
    ON CONFLICT (workspace_id, user_id, key) DO UPDATE SET fingerprint = excluded.fingerprint,
        status = excluded.status, headers = excluded.headers, body = excluded.body,
        at = excluded.at
"""

_OVER = "clock_timestamp() - interval '24 hours'"
_OLD = f"SELECT workspace_id FROM meishi_requests.resolve_old_answers({_OVER}, %(most)s)"  # noqa: S608
_FORGET = f"""
    WITH gone AS (DELETE FROM meishi_requests.answer WHERE at < {_OVER} RETURNING 1)
    SELECT count(*) FROM gone
"""  # noqa: S608 (constants)


class StillRunning(Exception):
    """Another request is at work under the same key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestKey:
    """What a caller calls a request: a key, and whose it is."""

    workspace_id: UUID
    user_id: UUID
    key: str

    def lock(self) -> int:
        """Return the number of the key's advisory lock."""
        name = f"{DB_SCHEMA}:{self.workspace_id}:{self.user_id}:{self.key}".encode()
        return int.from_bytes(blake2b(name, digest_size=8).digest(), signed=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """An answer, and the fingerprint of the request that it was given to."""

    fingerprint: bytes
    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


def claim(work: UnitOfWork, request: RequestKey) -> KeptAnswer | None:
    """Return the answer that a key has, None for who is the first to use it.

    Until the transaction ends nobody else uses it.

    :raises StillRunning: at once, if somebody else does
    """
    values = {"lock": request.lock(), "user": request.user_id, "key": request.key}
    ((claimed, fingerprint, status, headers, body),) = work.execute(_CLAIM, values)
    if not claimed:
        raise StillRunning
    if fingerprint is None:
        return None
    pairs = [(name, value) for name, value in headers]
    return KeptAnswer(fingerprint=fingerprint, status=status, headers=pairs, body=body)


def keep(work: UnitOfWork, request: RequestKey, answer: KeptAnswer) -> None:
    """Keep an answer together with what the request has done: with its commit, or not at all."""
    headers = msgspec.json.encode(answer.headers)
    statement = _KEEP.format(
        workspace=request.workspace_id,
        user=request.user_id,
        key=_text(request.key.encode()),
        fingerprint=_octets(answer.fingerprint),
        status=answer.status,
        headers=_text(headers),
        body=_octets(answer.body),
    )
    work.write_last(statement)


def forget(work: UnitOfWork) -> int:
    """Delete the oldest answers whose time is over, in any workspace; return how many.

    Only where they are is read past row security.
    """
    count = 0
    for (workspace,) in work.execute(_OLD, {"most": MOST_FORGOTTEN}):
        work.bind_workspace(workspace)
        count += int(work.execute(_FORGET)[0][0])
    return count


def _octets(value: bytes) -> str:
    return f"'\\x{value.hex()}'::bytea"


def _text(value: bytes) -> str:
    """Return a text as SQL in which nothing can be read as anything else."""
    return f"convert_from({_octets(value)}, 'UTF8')"
