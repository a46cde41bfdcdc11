"""Why a move is refused, or given up: nothing has changed then."""

from __future__ import annotations

from meishi.errors import OperatorError


class MoveRefused(OperatorError):
    """A move cannot be done as things are; the plugin goes on where it is."""


class MoveFailed(OperatorError):
    """A move was given up; the plugin goes on where it was."""
