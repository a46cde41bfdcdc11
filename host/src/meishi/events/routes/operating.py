"""Operating on events over the web: who decides, where, and what is said of a refusal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from meishi.core.identity.contract import Workspaces
from meishi.events.operations.decisions import Verdict
from meishi.events.operations.errors import OperationRefused
from meishi.sdk.context import current_actor, service

#: What hints call by the words of the command line, and how the same is said here.
_COMMANDS = (
    (
        re.compile(r"`meishi events resume (\S+) --workspace (\S+)`"),
        r"`POST /api/v1/events/subscriptions/\1/resume` with the `workspace` \2",
    ),
    (re.compile(r"`meishi events parked`"), "`GET /api/v1/events/parked`"),
    (re.compile(r"`meishi events status`"), "`GET /api/v1/events/subscriptions`"),
)
_OPTION = re.compile(r"--([a-z]+(?:-[a-z]+)*)(?: [A-Z]+\b)?")


class UnknownWorkspace(OperationRefused):
    """The deployment has no such workspace."""

    code = "unknown-workspace"
    title = "No such workspace"
    status = 404


@contextmanager
def operating() -> Iterator[None]:
    """Run a block as one operation; a refusal says what to do instead, in the words of the API."""
    try:
        yield
    except OperationRefused as error:
        hint = _in_words_of_the_api(error.hint)
        raise type(error)(f"{error.detail} {hint}".rstrip()) from error


def _in_words_of_the_api(hint: str) -> str:
    for command, here in _COMMANDS:
        hint = command.sub(here, hint)
    return _OPTION.sub(lambda option: f"`{option[1].replace('-', '_')}`", hint)


def verdict(reason: str = "") -> Verdict:
    """Return who decides, and why."""
    actor = current_actor()
    return Verdict(by=f"user {actor.user_id}, token {actor.token_id}", reason=reason)


def require_workspace(workspace: UUID | None) -> None:
    """Raise `UnknownWorkspace` unless there is one of that id, or none is meant."""
    known = {item.id for item in service(Workspaces).all()} if workspace else {None}
    if workspace not in known:
        raise UnknownWorkspace(f"There is no workspace {workspace}.")
