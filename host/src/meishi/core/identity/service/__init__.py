"""Identity's rules."""

from meishi.core.identity.service.tokens import TokenService
from meishi.core.identity.service.workspaces import WorkspaceService

__all__ = ["TokenService", "WorkspaceService"]
