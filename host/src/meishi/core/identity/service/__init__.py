"""Identity's rules."""

from meishi.core.identity.service.account_mails import AccountMailService
from meishi.core.identity.service.accounts import AccountService
from meishi.core.identity.service.invitations import InvitationService
from meishi.core.identity.service.members import MemberService
from meishi.core.identity.service.passwords import Passwords
from meishi.core.identity.service.people import PeopleService
from meishi.core.identity.service.sessions import SessionService
from meishi.core.identity.service.setup import SetupService
from meishi.core.identity.service.suppressions import SuppressionService
from meishi.core.identity.service.tokens import TokenService
from meishi.core.identity.service.workspaces import WorkspaceService

__all__ = [
    "AccountMailService",
    "AccountService",
    "InvitationService",
    "MemberService",
    "Passwords",
    "PeopleService",
    "SessionService",
    "SetupService",
    "SuppressionService",
    "TokenService",
    "WorkspaceService",
]
