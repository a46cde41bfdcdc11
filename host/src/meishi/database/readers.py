"""As whom code reads: what a plugin keeps from some members is shown by who acts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Protocol
from uuid import UUID

from meishi.database.identity import EVERYTHING


class Acting(Protocol):
    """Who acts, as far as it decides what they see."""

    @property
    def user_id(self) -> UUID | None:
        """The user, if it is one."""
        ...

    @property
    def is_system(self) -> bool:
        """Whether nobody acts but the deployment itself."""
        ...

    @property
    def permissions(self) -> Collection[str]:
        """The full names of what they may do."""
        ...


class Readers:
    """Who reads in a unit of work.

    `overseers` holds, of each plugin that keeps rows from members, the full name of the permission
    to see them all. The code of other plugins reads as nobody.
    """

    def __init__(self, overseers: Mapping[str, str]) -> None:
        self.overseers = overseers
        self.acting: Acting | None = None
        self._past = 0

    def of(self, plugin: str) -> str:
        """Return the value of the setting: a user's id, `EVERYTHING`, or nothing for nobody."""
        permission = self.overseers.get(plugin)
        if permission is None or self.acting is None:
            return ""
        if self._past or self.acting.is_system or permission in self.acting.permissions:
            return EVERYTHING
        return str(self.acting.user_id or "")

    @contextmanager
    def passed(self) -> Iterator[None]:
        """Read everything in a block, whoever acts."""
        self._past += 1
        try:
            yield
        finally:
            self._past -= 1
