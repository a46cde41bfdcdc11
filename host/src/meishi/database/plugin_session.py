"""One plugin's session: it works while that plugin's code runs, and at no other time."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import Connection, event
from sqlalchemy.orm import Session, SessionTransaction

from meishi.database.identity import SavepointMisplaced


class SessionMisplaced(RuntimeError):
    """A session was used while another plugin's code was running."""


class PluginSession(Session):
    """A session in a transaction, and in savepoints, of the host's."""

    def begin_nested(self) -> SessionTransaction:
        """Refuse: events published inside would outlive what is undone."""
        raise SavepointMisplaced("use meishi.sdk.database.savepoint, not begin_nested()")


def plugin_session(
    connection: Connection, plugin: str, running: Callable[[], str | None]
) -> Session:
    """Return a plugin's session in the connection's transaction; it never ends that itself.

    `running` tells whose code runs. What a session undoes after a failed flush is the innermost
    savepoint or, outside of any, the transaction.
    """
    session = PluginSession(
        bind=connection, expire_on_commit=False, join_transaction_mode="rollback_only"
    )

    def check(*_: object) -> None:
        if running() != plugin:
            raise SessionMisplaced(
                f"a session of {plugin} was used while code of {running()} was running"
            )

    event.listen(session, "do_orm_execute", check)
    event.listen(session, "before_flush", check)
    return session
