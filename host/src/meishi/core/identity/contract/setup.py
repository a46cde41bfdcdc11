"""The first start: the owner of a deployment that nobody can sign in to."""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

from meishi.core.identity.contract.errors import (
    AccountNotFound,
    AlreadySetUp,
    InvalidAccount,
    LinkInvalid,
    SlugTaken,
    WeakPassword,
)
from meishi.sdk.contract import command, query


class Setup(Protocol):
    """Makes the first owner, who also runs the deployment; there is no default password."""

    @query()
    def needed(self) -> bool:
        """Whether nobody who runs the deployment can sign in yet."""
        ...

    @command(errors=(AlreadySetUp,))
    def link(self) -> str:
        """Return the address of the page that sets the deployment up, good for a day.

        It is for who starts the server: a stranger who finds the page first has no such link.
        """
        ...

    @query()
    def is_open(self, secret: str) -> bool:
        """Whether a link can still be used; looking does not use it."""
        ...

    @command(errors=(AlreadySetUp, InvalidAccount, LinkInvalid, SlugTaken, WeakPassword))
    def complete(
        self, secret: str, *, email: str, name: str, password: str, slug: str, workspace: str
    ) -> UUID:
        """Make the owner, and the workspace unless they have one; return the owner's id.

        Of several at once one wins; the others find it done.
        """
        ...

    @command(errors=(AccountNotFound, InvalidAccount, WeakPassword))
    def give_password(self, *, email: str, password: str) -> None:
        """Give the account of an address a password, on an operator's word that it is theirs.

        The first who can sign in runs the deployment.
        """
        ...
