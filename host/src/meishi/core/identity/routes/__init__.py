"""The web API of identity: parse, call the contract, serialise."""

from meishi.core.identity.routes import account, invitations, members, roles, tokens, workspace
from meishi.core.identity.routes.blueprint import blueprint

__all__ = ["account", "blueprint", "invitations", "members", "roles", "tokens", "workspace"]
