"""How a call fails that raises none of the errors of its contract."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import SQLAlchemyError


class CallFailed(Exception):
    """A call raised something that its contract does not declare; the cause is attached."""

    def __init__(self, plugin: str, method: str) -> None:
        super().__init__(f"{plugin}: {method} failed")
        self.plugin = plugin
        self.method = method


class ServiceUnavailable(LookupError):
    """No active plugin offers the service that was asked for."""


@contextmanager
def as_the_database_says() -> Iterator[None]:
    """Raise the database's error in place of a call that failed by it.

    Parts of the host that work until they are stopped know what to do about a database that is
    away, whomever they ask meanwhile.

    :raises SQLAlchemyError: if that is why a call failed
    """
    try:
        yield
    except CallFailed as error:
        if isinstance(error.__cause__, SQLAlchemyError):
            raise error.__cause__ from None
        raise
