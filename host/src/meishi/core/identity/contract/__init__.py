"""Identity's contract: who is who, and in which workspace."""

from meishi.core.identity.contract.errors import (
    InvalidAccount,
    NotAMember,
    SlugTaken,
    TokenNotFound,
)
from meishi.core.identity.contract.tokens import IssuedToken, Principal, Token, Tokens
from meishi.core.identity.contract.workspaces import User, Workspace, Workspaces

__all__ = [
    "InvalidAccount",
    "IssuedToken",
    "NotAMember",
    "Principal",
    "SlugTaken",
    "Token",
    "TokenNotFound",
    "Tokens",
    "User",
    "Workspace",
    "Workspaces",
]
