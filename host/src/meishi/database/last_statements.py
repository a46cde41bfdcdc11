"""Statements that go out with the commit, as long as what they belong to is not undone."""

from __future__ import annotations


class LastStatements:
    """The statements that a unit of work runs last, in their order.

    Those that are `lasting` are run even if the savepoint is undone in which they were added.
    """

    def __init__(self) -> None:
        self._statements: list[tuple[str, bool]] = []

    def __len__(self) -> int:
        return len(self._statements)

    def add(self, statement: str, *, lasting: bool) -> None:
        """Run a statement last."""
        self._statements.append((statement, lasting))

    def undo(self, mark: int) -> None:
        """Forget what was added since there were `mark` statements, unless it is lasting."""
        self._statements[mark:] = [item for item in self._statements[mark:] if item[1]]

    def clear(self) -> None:
        """Forget all."""
        self._statements.clear()

    def text(self) -> str:
        """Return all statements as one text."""
        return "".join(f"{statement}; " for statement, _ in self._statements)
