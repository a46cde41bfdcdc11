"""Sessions: opened, found out, and ended."""

from __future__ import annotations

import unicodedata
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network
from uuid import UUID

import msgspec

from meishi.core.identity.contract import (
    AccountNotFound,
    EmailNotVerified,
    InvalidAccount,
    NotAMember,
    OpenedSession,
    Session,
    SessionNotFound,
    SessionPrincipal,
    SignInRefused,
)
from meishi.core.identity.repository import Record, accounts, sessions
from meishi.core.identity.service.attempts import counted_attempt
from meishi.core.identity.service.names import normalised_email
from meishi.core.identity.service.passwords import Passwords
from meishi.core.identity.service.secrets import new_secret, secret_hash
from meishi.sdk.context import current_settings
from meishi.sdk.plugin import PluginContext

#: How long the use of a session is not noted again.
NOTED = timedelta(minutes=1)

_MAX_AGENT = 200
#: Bits of an address that are kept: its network, and not the line of one household.
_KEPT_BITS = {4: 24, 6: 48}


class SessionService:
    """Implements `Sessions`."""

    def __init__(self, context: PluginContext, passwords: Passwords) -> None:
        self._clock = context.clock
        self._new_id = context.new_id
        self._settings = context.settings
        self._passwords = passwords

    def sign_in(self, *, email: str, password: str, user_agent: str, address: str) -> OpenedSession:
        """Open a session; unknown and known accounts cost the same."""
        try:
            written = normalised_email(email)
        except InvalidAccount:
            written = ""
        # What is no address is nobody's, and makes nobody else wait who has mistyped another one.
        counted = written or email.strip().casefold()
        with counted_attempt(email=counted, address=address, now=self._clock()):
            found = accounts.by_email(written)
            stored = None if found is None else found.password_hash
            if not self._passwords.matches(stored, password, current_settings()) or found is None:
                raise SignInRefused("Address or password is wrong.")
        if self._passwords.is_outdated(found.password_hash, current_settings()):
            hashed = self._passwords.hash(password, current_settings())
            accounts.change(found.id, password_hash=hashed)
        if found.verified_at is None:
            raise EmailNotVerified("Open the link in the mail that was sent to this address first.")
        return self._open(found.id, user_agent, address)

    def open(self, *, user_id: UUID, user_agent: str, address: str) -> OpenedSession:
        """Open a session."""
        if accounts.by_id(user_id) is None:
            raise AccountNotFound("There is no such account.")
        return self._open(user_id, user_agent, address)

    def _open(self, user_id: UUID, user_agent: str, address: str) -> OpenedSession:
        now, session_id, secret = self._clock(), self._new_id(), new_secret()
        expires_at = now + timedelta(days=self._settings["session_days"])
        sessions.add(
            id=session_id,
            user_id=user_id,
            secret_hash=secret_hash(secret),
            user_agent=_shown(user_agent),
            address=network_of(address),
            created_at=now,
            last_seen_at=now,
            expires_at=expires_at,
        )
        return OpenedSession(id=session_id, secret=secret, expires_at=expires_at)

    def resolve(self, secret: str) -> SessionPrincipal | None:
        """Return whose session it is."""
        now = self._clock()
        found = sessions.resolve_session(
            secret_hash(secret), now, seen_after=self._idle_since(now), noted_after=now - NOTED
        )
        return None if found is None else msgspec.json.decode(found, type=SessionPrincipal)

    def switch(self, *, session_id: UUID, user_id: UUID, workspace_id: UUID) -> None:
        """Have a session look at another workspace."""
        if all(row.id != workspace_id for row, _ in accounts.memberships_of(user_id)):
            raise NotAMember("You are not a member of this workspace.")
        sessions.look_at(session_id, user_id, workspace_id)

    def touch(self, session_id: UUID) -> None:
        """Note that a session is in use."""
        now = self._clock()
        sessions.touch(session_id, now, noted_before=now - NOTED)

    def of_user(self, user_id: UUID) -> tuple[Session, ...]:
        """Return the sessions of a person."""
        now = self._clock()
        found = sessions.of_user(user_id, now, seen_after=self._idle_since(now))
        return tuple(_as_session(row) for row in found)

    def revoke(self, *, user_id: UUID, session_id: UUID) -> None:
        """End a session."""
        if not sessions.end(user_id, session_id):
            raise SessionNotFound("There is no such session.")

    def revoke_others(self, *, user_id: UUID, session_id: UUID) -> int:
        """End all sessions but one."""
        return sessions.end_all(user_id, but=session_id)

    def _idle_since(self, now: datetime) -> datetime:
        return now - timedelta(days=self._settings["session_idle_days"])


def network_of(address: str) -> str:
    """Return the network that an address is in; nothing for what is no address."""
    try:
        host = ip_address(address.partition("/")[0])
    except ValueError:
        return ""
    return str(ip_network((host, _KEPT_BITS[host.version]), strict=False))


def _shown(user_agent: str) -> str:
    """Return a program's own words as one short line."""
    kept = "".join(
        character for character in user_agent if unicodedata.category(character)[0] != "C"
    )
    return kept[:_MAX_AGENT]


def _as_session(row: Record) -> Session:
    return Session(
        id=row.id,
        user_agent=row.user_agent,
        address=row.address,
        created_at=row.created_at,
        last_seen_at=row.last_seen_at,
        expires_at=row.expires_at,
    )
