"""Names of PostgreSQL roles. They are cluster-wide, so they carry the deployment's name."""

from __future__ import annotations

from dataclasses import dataclass

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
        return _checked(f"meishi_{self.deployment}_{plugin}_owner")

    def run(self, plugin: str) -> str:
        """The role under which a plugin's code reads and writes its own db_schema."""
        return _checked(f"meishi_{self.deployment}_{plugin}_run")


def quoted(identifier: str) -> str:
    """Return an SQL identifier, quoted."""
    return '"' + identifier.replace('"', '""') + '"'


def _checked(name: str) -> str:
    if len(name) > MAX_IDENTIFIER:
        raise ValueError(f"the role name {name} is longer than {MAX_IDENTIFIER} characters")
    return name
