"""What running jobs needs of the host around it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Protocol
from uuid import UUID

from meishi.context import Scope, current_scope, substitute_scope
from meishi.events.environment import Environment
from meishi.grants import Grants
from meishi.jobs.book import JobBook


class JobEnvironment(Environment, Protocol):
    """The host, as far as jobs know it."""

    jobs: JobBook
    grants: Grants


@contextmanager
def in_workspace(workspace: UUID | None) -> Iterator[Scope]:
    """Run a block of the current unit of work in a workspace, and go back where it was."""
    scope = current_scope()
    scope.work.move_to(workspace)
    try:
        with substitute_scope(replace(scope, workspace_id=workspace)) as inner:
            yield inner
    finally:
        scope.work.move_to(scope.workspace_id)
