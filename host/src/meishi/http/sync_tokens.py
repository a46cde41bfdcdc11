"""Tokens of changes feeds: signed texts that say where their holder is."""

from __future__ import annotations

from uuid import UUID

import msgspec

from meishi.sdk.contract import ChangeMark, ChangeQuery, DomainError, SyncTokenExpired
from meishi.signing import ForgedText, Signer


class InvalidSyncToken(DomainError):
    """The token was not given by this feed, of this workspace."""

    code = "invalid-sync-token"
    title = "Not a token of this feed"
    status = 400


class _Mark(msgspec.Struct, array_like=True, frozen=True):
    """A mark in few octets: open transactions are counted back from the next one."""

    cluster: str
    at: int
    next_transaction: int
    back: tuple[int, ...]


class _Token(msgspec.Struct, array_like=True, frozen=True):
    """What its holder asks for next."""

    since: _Mark | None
    until: _Mark | None
    after: tuple[str, ...] | None


def purpose_of(workspace: UUID | None, path: str) -> str:
    """Return the purpose of the tokens of a workspace's feed, which is served at a path."""
    return f"changes:{workspace}:{path}"


def write_token(wanted: ChangeQuery, signer: Signer, purpose: str) -> str:
    """Return the token of who is to ask for this next, however many items."""
    token = _Token(_packed(wanted.since), _packed(wanted.until), wanted.after)
    return signer.sign(purpose, msgspec.msgpack.encode(token))


def read_token(text: str, signer: Signer, purpose: str) -> ChangeQuery:
    """Return what the holder of a token asks for.

    Raises `InvalidSyncToken`, or `SyncTokenExpired` if another version of the host wrote it.
    """
    try:
        content = signer.read(purpose, text)
    except ForgedText as error:
        raise InvalidSyncToken("Send `next` of this feed's last answer as `since`.") from error
    try:
        token = msgspec.msgpack.decode(content, type=_Token)
    except msgspec.DecodeError as error:
        raise expired("The token is of another version.") from error
    return ChangeQuery(
        since=_unpacked(token.since), until=_unpacked(token.until), after=token.after
    )


def expired(reason: str) -> SyncTokenExpired:
    """Return the error that says why a token is good no more, and what to do."""
    return SyncTokenExpired(
        f"{reason} Read the feed again without `since`, and keep nothing that it does not tell."
    )


def _packed(mark: ChangeMark | None) -> _Mark | None:
    if mark is None:
        return None
    following = mark.next_transaction
    back = tuple(following - number for number in mark.open_transactions)
    return _Mark(mark.cluster, mark.at, following, back)


def _unpacked(mark: _Mark | None) -> ChangeMark | None:
    if mark is None:
        return None
    return ChangeMark(
        cluster=mark.cluster,
        at=mark.at,
        next_transaction=mark.next_transaction,
        open_transactions=tuple(mark.next_transaction - number for number in mark.back),
    )
