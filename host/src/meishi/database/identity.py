"""Which role and workspace a transaction acts for, and what only the host may do to it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from uuid import UUID

from sqlalchemy import Transaction

from meishi.database.roles import quoted

#: The setting that tells policies in which workspace a transaction is.
WORKSPACE_SETTING = "meishi.workspace"

#: The setting that tells them who reads: a user's id, `EVERYTHING`, or nothing for nobody.
READER_SETTING = "meishi.reader"

#: Who reads what is kept from others, too: the system, and who oversees what a plugin holds.
EVERYTHING = "all"

_TRANSACTION_CONTROL = re.compile(
    r"(?:\s|;|--[^\n]*(?:\n|$)|/\*.*?\*/)*"
    r"(?:COMMIT|ROLLBACK|BEGIN|END|ABORT|START|SAVEPOINT|RELEASE|PREPARE|DEALLOCATE)\b",
    re.IGNORECASE | re.DOTALL,
)
#: The same behind another command; a block of code may have its own BEGIN and END there.
_HIDDEN_CONTROL = re.compile(
    r";(?:\s|;|--[^\n]*(?:\n|$)|/\*.*?\*/)*"
    r"(?:COMMIT|ROLLBACK|ABORT|START\s+TRANSACTION|SAVEPOINT|RELEASE|PREPARE|DEALLOCATE)\b",
    re.IGNORECASE | re.DOTALL,
)


class TransactionUndone(RuntimeError):
    """The transaction, or the savepoint in it, was ended by an error that somebody caught.

    What was done before is gone, so nothing done after may be kept.
    """


class CommitMisplaced(RuntimeError):
    """Something other than the host tried to begin, to commit or to undo."""


class SavepointMisplaced(RuntimeError):
    """A savepoint was opened past the unit of work: undone with it, its events would stay."""


#: A role, a workspace, and who reads.
Identity = tuple[str | None, UUID | None, str]


@dataclass(slots=True)
class TransactionIdentity:
    """Which role, workspace and reader a transaction should have, and which it was last given.

    `transaction` is the innermost savepoint, or the transaction itself once it has begun.
    """

    role: str | None = None
    workspace: UUID | None = None
    reader: str = ""
    applied: Identity | None = None
    read_before: bool = False
    transaction: Transaction | None = None
    ending: bool = False
    nesting: bool = False

    def in_step(self) -> bool:
        """Whether the server already has what is wanted."""
        return self.applied == self.wanted

    @property
    def wanted(self) -> Identity:
        """What the server should have."""
        return self.role, self.workspace, self.reader

    def statements(self) -> str:
        """Return the SQL that brings the server in step.

        Always role and workspace: a plugin's own statements may have changed either. The reader
        only where one is or was wanted; plugins that keep nothing from members have none.
        """
        workspace = f"{_set_role(self.role)} = '{self.workspace or ''}'"
        if not self.reader and not self.read_before:
            return workspace
        return f"{workspace}; SET LOCAL {READER_SETTING} = '{self.reader}'"

    def first_statements(self) -> str:
        """Return the same for the beginning, when no workspace is set yet."""
        if self.workspace or self.reader:
            return self.statements()
        return f"SET LOCAL ROLE {_quoted(self.role)}"

    def note_applied(self) -> None:
        """Remember that the server is in step now."""
        self.applied = self.wanted
        self.read_before = self.read_before or bool(self.reader)

    def forget(self) -> None:
        """Go back to where no transaction has begun."""
        self.applied = self.transaction = None

    def check_open(self) -> None:
        """Raise `TransactionUndone` if what is innermost has ended already."""
        if self.transaction is not None and not self.transaction.is_active:
            raise TransactionUndone("an error has undone this unit of work; it cannot go on")


@lru_cache(maxsize=256)
def _set_role(role: str | None) -> str:
    """Return what sets a role, and then a workspace that is to be added."""
    return f"SET LOCAL ROLE {_quoted(role)}; SET LOCAL {WORKSPACE_SETTING}"


def _quoted(role: str | None) -> str:
    return quoted(role) if role else "NONE"


@lru_cache(maxsize=1024)
def begins_or_ends(statement: str) -> bool:
    """Whether a text begins with a command for transactions, savepoints or prepared statements."""
    return _TRANSACTION_CONTROL.match(statement) is not None


@lru_cache(maxsize=1024)
def is_misplaced(statement: str) -> bool:
    """Whether any command in a text begins or ends a transaction, or outlives it."""
    if _TRANSACTION_CONTROL.match(statement) is not None:
        return True
    return _HIDDEN_CONTROL.search(statement) is not None


def misplaced() -> CommitMisplaced:
    """Return what a plugin is told that wrote such a statement."""
    return CommitMisplaced("the host begins and ends the transaction and its savepoints")
