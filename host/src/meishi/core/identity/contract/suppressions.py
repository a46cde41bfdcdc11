"""People who were erased, and must not come back with the next address book."""

from __future__ import annotations

from typing import Protocol

from meishi.sdk.contract import command, query


class Suppressions(Protocol):
    """Addresses and numbers of erased people, of which no more is kept than a keyed digest.

    In a workspace these are the ones that were erased in it; without a current workspace, those
    that were erased from the whole deployment, which hold in every workspace. Email addresses
    count without regard to case, phone numbers are in E.164.
    """

    @command()
    def suppress(self, *, emails: frozenset[str], phones: frozenset[str]) -> None:
        """Remember addresses and numbers; known ones stay as they are."""
        ...

    @query()
    def are_suppressed(self, keys: frozenset[str]) -> frozenset[str]:
        """Return those of some addresses and numbers that must not come back, as they were given.

        In a workspace, with those of the whole deployment; one statement, however many.
        """
        ...

    @command()
    def lift(self, *, emails: frozenset[str], phones: frozenset[str]) -> int:
        """Forget addresses and numbers, which may come back then; return how many were there."""
        ...
