"""What a plugin's commands need: a workspace to work in, and one way to end with an error."""

from __future__ import annotations

from meishi.command.interruption import Interruption
from meishi.command.session import WorkspaceSession, working_in, workspace_option
from meishi.errors import OperatorError

__all__ = ["Interruption", "OperatorError", "WorkspaceSession", "working_in", "workspace_option"]
