"""What goes over the wire beside a call's document: addresses, headers and kinds of answers."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from uuid import UUID

import msgspec

from meishi.calls.elsewhere import CallName
from meishi.context import Actor, Scope
from meishi.reader import Reader
from meishi.visitor import Visitor

#: Under this address processes of one deployment talk to each other, with their token.
INTERNAL = "/internal/v1"

JSON = "application/json"
#: A result, and an error that the contract declares.
RESULT_TYPE, ERROR_TYPE = JSON, "application/vnd.meishi.error+json"

#: Who acts, where and why, as `Acting` in base64url.
ACTING = "Meishi-Acting"
#: Who reads the page that is asked for, as `Reader` in base64url.
READER = "Meishi-Reader"
#: What a page says beside itself: its heading, percent-encoded, and what was just done.
TITLE, TOASTS = "Meishi-Title", "Meishi-Toasts"
#: Who visits the page that is asked for, as `Visitor` in base64url.
VISITOR = "Meishi-Visitor"
#: What the visitor's browser is to remember of a referral, as `KeptReferral` in base64url.
REFERRAL = "Meishi-Referral"
#: On every answer to a visit: it comes from a service, and from nothing that stands before one.
SHOWN = "Meishi-Shown"
#: The version of the contract's plugin that the caller has.
CONTRACT = "Meishi-Contract"
#: Under this a command is done once, however often it is sent.
CALL_KEY = "Meishi-Call-Key"
#: What time it is at the main deployment, as of RFC 3339; services follow its clock.
NOW = "Meishi-Now"
#: How many seconds whoever calls waits for the answer.
SECONDS = "Meishi-Seconds"
#: On every refusal of the service: nothing has happened.
NOTHING_HAPPENED = "Meishi-Nothing-Happened"
#: On a refusal that is about the token alone, which is none of the deployment's.
UNKNOWN_TOKEN = "Meishi-Unknown-Token"  # noqa: S105 (the name of a header)


class UnreadableHeader(ValueError):
    """A header is not what a process of the deployment would send."""


class Acting(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Who acts, in which workspace and for which cause; times of clocks are not part of it."""

    correlation: UUID
    causation: UUID | None = None
    workspace: UUID | None = None
    user: UUID | None = None
    token: UUID | None = None
    session: UUID | None = None
    visitor: bool = False
    silent: bool = False
    permissions: tuple[str, ...] = ()

    @property
    def actor(self) -> Actor:
        """Who acts."""
        return Actor(
            user_id=self.user,
            visitor=self.visitor,
            token_id=self.token,
            session_id=self.session,
            permissions=frozenset(self.permissions),
        )


class KeptReferral(msgspec.Struct, frozen=True, kw_only=True):
    """What a browser is to remember for so many seconds; nothing any more without a `referral`."""

    referral: str | None
    seconds: int = 0


_decoder = msgspec.json.Decoder(Acting)
_readers = msgspec.json.Decoder(Reader)
_visitors = msgspec.json.Decoder(Visitor)
_referrals = msgspec.json.Decoder(KeptReferral)


def call_path(name: CallName) -> str:
    """Return the address of a method."""
    return f"{INTERNAL}/calls/{name.plugin}/{name.protocol}/{name.method}"


def acting_in(scope: Scope) -> str:
    """Return the header that says who acts in a scope."""
    actor = scope.actor
    acting = Acting(
        correlation=scope.correlation,
        causation=scope.causation,
        workspace=scope.workspace_id,
        user=actor.user_id,
        token=actor.token_id,
        session=actor.session_id,
        visitor=actor.visitor,
        silent=scope.silent,
        permissions=tuple(sorted(actor.permissions)),
    )
    return urlsafe_b64encode(msgspec.json.encode(acting)).decode()


def read_acting(header: str) -> Acting:
    """Return who acts; raise `UnreadableHeader` for anything else."""
    try:
        return _decoder.decode(urlsafe_b64decode(header.encode("ascii")))
    except ValueError as error:
        raise UnreadableHeader(f"{ACTING} cannot be read: {error}") from error


def reader_header(reader: Reader) -> str:
    """Return the header that says who reads."""
    return urlsafe_b64encode(msgspec.json.encode(reader)).decode()


def read_reader(header: str) -> Reader:
    """Return who reads; raise `UnreadableHeader` for anything else."""
    try:
        return _readers.decode(urlsafe_b64decode(header.encode("ascii")))
    except ValueError as error:
        raise UnreadableHeader(f"{READER} cannot be read: {error}") from error


def visitor_header(visitor: Visitor) -> str:
    """Return the header that says who visits."""
    return urlsafe_b64encode(msgspec.json.encode(visitor)).decode()


def read_visitor(header: str) -> Visitor:
    """Return who visits; raise `UnreadableHeader` for anything else."""
    try:
        return _visitors.decode(urlsafe_b64decode(header.encode("ascii")))
    except ValueError as error:
        raise UnreadableHeader(f"{VISITOR} cannot be read: {error}") from error


def referral_header(kept: KeptReferral) -> str:
    """Return the header that says what a browser is to remember."""
    return urlsafe_b64encode(msgspec.json.encode(kept)).decode()


def read_referral(header: str) -> KeptReferral:
    """Return what a browser is to remember; raise `UnreadableHeader` for anything else."""
    try:
        return _referrals.decode(urlsafe_b64decode(header.encode("ascii")))
    except ValueError as error:
        raise UnreadableHeader(f"{REFERRAL} cannot be read: {error}") from error
