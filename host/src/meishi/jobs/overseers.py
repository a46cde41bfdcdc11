"""Who oversees what a plugin keeps from members does so in the jobs they ask for, too."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from meishi.context import Actor, Scope
from meishi.core.identity.contract import MemberNotFound, Members


def with_oversight(scope: Scope, plugin: str, overseers: Mapping[str, str]) -> Scope:
    """Return a job's scope in which who asked for it, overseeing, sees what they see by now.

    `overseers` holds the permission of each plugin that keeps rows from members. Nobody is asked
    for other permissions in a job: whoever asked for it had them.
    """
    user, permission = scope.actor.user_id, overseers.get(plugin)
    if user is None or permission is None or scope.workspace_id is None:
        return scope
    try:
        role = scope.host.service(Members).get(user).role
    except MemberNotFound:
        return scope
    held = frozenset({permission}) & scope.host.permissions_of(role)
    return replace(scope, actor=Actor(user_id=user, permissions=held))
