"""Notes: what was done by commands, jobs and events, and so by no request."""

from __future__ import annotations

import re
from collections.abc import Sequence

from meishi.audit import writing
from meishi.audit.entry import Action, Resource
from meishi.context import current_scope

_ACTION = re.compile(r"[a-z][a-z0-9-]{0,99}")


def note(action: str, *, resource: Resource | None = None, changed: Sequence[str] = ()) -> None:
    """Write that who acts now has done something, with the commit of the current transaction.

    Requests that change something are written by the host; this is for the rest. The entry's
    action is the running plugin's name and `action`: `identity.token-issued`. `changed` has names
    of fields; no part may hold what says something about a person.

    :raises LookupError: outside of any workspace
    :raises ValueError: if `action` is no name in lower case
    """
    if not _ACTION.fullmatch(action):
        raise ValueError(f"The action must match {_ACTION.pattern}: {action!r}.")
    scope = current_scope()
    plugin = scope.work.plugin
    done = Action(name=f"{plugin}.{action}", plugin=plugin, resource=resource, changed=changed)
    writing.record(scope, done)
