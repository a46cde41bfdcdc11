"""The rights that a plugin's routes and pages ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from meishi.sdk.contract import Role


@dataclass(frozen=True, slots=True, kw_only=True)
class Permission:
    """A right to grant.

    The host puts the plugin's prefix before `name`: `contacts.read`. People read `title`; members
    with one of the `roles` have the right. With `operators` no role has it: it is for whoever runs
    the deployment, and `roles` is empty. Who has the one that `oversees` sees every row of the
    plugin's tables, also those with `readers`; a plugin with such tables declares one.
    """

    name: str
    title: str
    roles: Sequence[Role] = (Role.OWNER, Role.ADMIN)
    operators: bool = False
    oversees: bool = False
