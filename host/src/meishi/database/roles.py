"""Names of PostgreSQL roles. They are cluster-wide, so they carry the deployment's name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

MAX_IDENTIFIER = 63


@dataclass(frozen=True, slots=True)
class RoleNames:
    """The roles of one deployment."""

    deployment: str

    @property
    def runtime(self) -> str:
        """The login of web, worker and command line: without rights until it sets a role."""
        return f"meishi_{self.deployment}_app"

    def owner(self, plugin: str) -> str:
        """The role that owns a plugin's tables and runs its migrations."""
        return _role(self.deployment, plugin, "owner")

    def run(self, plugin: str) -> str:
        """The role under which a plugin's code reads and writes its own db_schema."""
        return _role(self.deployment, plugin, "run")


def quoted(identifier: str) -> str:
    """Return an SQL identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


@lru_cache
def _role(deployment: str, plugin: str, right: str) -> str:
    """Return a role's name; every crossing asks for some."""
    name = f"meishi_{deployment}_{plugin}_{right}"
    if len(name) > MAX_IDENTIFIER:
        raise ValueError(f"the role name {name} is longer than {MAX_IDENTIFIER} characters")
    return name
