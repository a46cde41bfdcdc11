"""Answers to commands from elsewhere: kept with what the command has done, to be given again.

What is here runs as this part's code, in the unit of work of the command.
"""

from __future__ import annotations

from uuid import UUID

from meishi.database.unit_of_work import UnitOfWork

#: Days for which the same command is known again: longer than any delivery is tried again, and than
#: a file waits that a service takes in.
KEPT_DAYS = 15

_CLAIM = "SELECT call, document FROM meishi_remote.claim(%(lock)s::bigint, %(key)s::uuid)"
_KEEP = """
    INSERT INTO meishi_remote.answer (key, call, document)
    VALUES ('{key}', convert_from('\\x{call}', 'UTF8'), '\\x{document}')
"""
_FORGET = f"""
    WITH gone AS (
        DELETE FROM meishi_remote.answer
        WHERE at < clock_timestamp() - interval '{KEPT_DAYS} days' RETURNING 1
    )
    SELECT count(*) FROM gone
"""  # noqa: S608 (a constant)


class KeyReused(ValueError):
    """A key comes with another command than the one that it was first used for."""


def claim(work: UnitOfWork, key: UUID, call: str) -> bytes | None:
    """Return the answer that a command has had, None for one that was never done.

    Until the transaction ends nobody else does it; who is at it now is waited for.

    :raises KeyReused: if the key was another command's
    """
    lock = int.from_bytes(key.bytes[-8:], signed=True)
    rows = work.execute(_CLAIM, {"lock": lock, "key": key})
    if not rows:
        return None
    ((known, document),) = rows
    if known != call:
        raise KeyReused("this key was used for another call")
    return bytes(document)


def keep(work: UnitOfWork, key: UUID, call: str, document: bytes) -> None:
    """Keep an answer with the commit of what it answers, or not at all."""
    work.write_last(_KEEP.format(key=key, call=call.encode().hex(), document=document.hex()))


def forget(work: UnitOfWork) -> int:
    """Delete the answers whose time is over; return how many."""
    return int(work.execute(_FORGET)[0][0])
