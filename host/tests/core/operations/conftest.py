"""Operations of one workspace, each call in a unit of work of its own."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from uuid import UUID

import pytest

from meishi.core.operations.contract import Operation, Operations
from meishi.host import Host
from meishi.testing.fixtures import WorkspaceUnderTest


class Desk:
    """Where the operations of a workspace are looked after."""

    def __init__(self, host: Host, workspace: UUID) -> None:
        self.host = host
        self.operations = host.service(Operations)
        self._workspace = workspace

    def scope(self) -> AbstractContextManager[object]:
        """Return a unit of work."""
        return self.host.scope(workspace=self._workspace)

    def call(self, action: Callable[[Operations], Operation]) -> Operation:
        """Do something, and commit it."""
        with self.scope():
            return action(self.operations)

    def begin(self, operation_id: UUID | None = None) -> Operation:
        """Note that an import was asked for."""
        new = operation_id or self.host.new_id()
        return self.call(lambda found: found.begin(new, kind="crm_contacts.run_import"))

    def start(self, operation_id: UUID, attempt: int) -> Operation:
        """Begin an attempt."""
        return self.call(lambda found: found.start(operation_id, attempt=attempt))

    def get(self, operation_id: UUID) -> Operation:
        """Return an operation."""
        return self.call(lambda found: found.get(operation_id))


@pytest.fixture
def desk(host: Host, workspace: WorkspaceUnderTest) -> Desk:
    """The operations of the workspace."""
    return Desk(host, workspace.id)
