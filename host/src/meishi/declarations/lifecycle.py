"""What a plugin does at the turns of its life."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Lifecycle:
    """What is called when an operator or a workspace changes the state of a plugin.

    Each is called as the plugin's code in one unit of work, after the change itself; one that
    raises undoes it. `installed` and `upgraded` run in no workspace, once the revisions are
    applied; `upgraded` is given the version that was there before. `enabled` and `disabled` run
    in the workspace that was switched, or in none for the whole deployment; `disabled` touches no
    data. `before_purge` runs last of all: it gives back what lies outside of the database.
    `purge_impact` returns what that would be, one line each, and changes nothing.
    """

    installed: Callable[[], None] | None = None
    upgraded: Callable[[str], None] | None = None
    enabled: Callable[[], None] | None = None
    disabled: Callable[[], None] | None = None
    before_purge: Callable[[], None] | None = None
    purge_impact: Callable[[], Sequence[str]] | None = None
